#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>
#include <vector>

namespace signet::identity {

// A pointer to a value that never changes and that all copies of the pointer share; null or one
// machine word. Smaller than std::shared_ptr, whose pointer takes two words and whose count takes
// two more: a million roles stand in three tables. Copies may be used from different threads.
template <class T>
class Shared {
 public:
  Shared() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): as std::shared_ptr
  Shared(std::nullptr_t) {}

  [[nodiscard]] static Shared make(T value) {
    Shared made;
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): counted; release() frees it
    made.box_ = new Box{.value = std::move(value)};
    return made;
  }

  Shared(const Shared& other) : box_(other.box_) {
    if (box_ != nullptr) {
      box_->refs.fetch_add(1, std::memory_order_relaxed);
    }
  }

  Shared(Shared&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}

  // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): the copy holds the value meanwhile
  Shared& operator=(const Shared& other) {
    Shared copy(other);
    std::swap(box_, copy.box_);
    return *this;
  }

  Shared& operator=(Shared&& other) noexcept {
    Shared moved(std::move(other));
    std::swap(box_, moved.box_);
    return *this;
  }

  ~Shared() { release(); }

  [[nodiscard]] const T* get() const { return box_ == nullptr ? nullptr : &box_->value; }

  const T& operator*() const { return box_->value; }

  const T* operator->() const { return &box_->value; }

  explicit operator bool() const { return box_ != nullptr; }

  // Whether both are the same value, not equal ones.
  bool operator==(const Shared& other) const = default;

  bool operator==(std::nullptr_t) const { return box_ == nullptr; }

  // How many share the value; exact only where no other thread copies it.
  [[nodiscard]] std::uint32_t use_count() const {
    return box_ == nullptr ? 0 : box_->refs.load(std::memory_order_acquire);
  }

 private:
  struct Box {
    std::atomic<std::uint32_t> refs = 1;
    T value;
  };

  void release() {
    if (box_ != nullptr && box_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete box_;
    }
  }

  Box* box_ = nullptr;
};

// A list inside an entity, read like a std::vector. One machine word; copies share the items, and
// equal lists of entities are one once they went through a transaction or the loader
// (DocumentPool). edit() gives the items for writing, in this list alone.
template <class T>
class SharedList {
 public:
  using Items = std::vector<T>;
  using value_type = T;
  using const_iterator = typename Items::const_iterator;

  SharedList() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): stands where a vector stood
  SharedList(Items items)
      : items_(items.empty() ? nullptr : Shared<Items>::make(std::move(items))) {}

  SharedList(std::initializer_list<T> items) : SharedList(Items(items)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): stands where a vector stood
  operator const Items&() const { return **this; }

  const Items& operator*() const {
    static const Items kNone;
    return items_ == nullptr ? kNone : *items_;
  }

  const Items* operator->() const { return &**this; }

  [[nodiscard]] const_iterator begin() const { return (**this).begin(); }

  [[nodiscard]] const_iterator end() const { return (**this).end(); }

  [[nodiscard]] std::size_t size() const { return (**this).size(); }

  [[nodiscard]] bool empty() const { return items_ == nullptr; }

  const T& operator[](std::size_t index) const { return (**this)[index]; }

  [[nodiscard]] const T& front() const { return (**this).front(); }

  [[nodiscard]] const T& back() const { return (**this).back(); }

  void clear() { items_ = nullptr; }

  // Changes a copy of the items by `change`, which is called with the vector, and keeps it; gives
  // back what `change` returns.
  template <class Change>
  auto edit(Change&& change) {
    Items items = **this;
    if constexpr (std::is_void_v<decltype(change(items))>) {
      change(items);
      *this = SharedList(std::move(items));
    } else {
      auto result = change(items);
      *this = SharedList(std::move(items));
      return result;
    }
  }

  void push_back(T item) {
    edit([&item](Items& items) { items.push_back(std::move(item)); });
  }

  // The same items, or equal ones.
  bool operator==(const SharedList& other) const {
    return items_ == other.items_ || **this == *other;
  }

  bool operator==(const Items& other) const { return **this == other; }

  [[nodiscard]] std::uint32_t use_count() const { return items_.use_count(); }

 private:
  Shared<Items> items_;  // null: empty
};

}  // namespace signet::identity
