#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace signet::identity {

// A value shared by copying the pointer and copied only when someone edits a shared one. Copying
// the pointer is an atomic increment; edit() works in place while this pointer is the only one.
// Never null except after a move. Distinct CowPtrs to one value may be used from different threads;
// one CowPtr may not.
template <class T>
class CowPtr {
 public:
  CowPtr() : box_(new Box{}) {}

  explicit CowPtr(T value) : box_(new Box{.value = std::move(value)}) {}

  CowPtr(const CowPtr& other) : box_(other.box_) { retain(); }

  CowPtr(CowPtr&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}

  // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): the copy holds the value meanwhile
  CowPtr& operator=(const CowPtr& other) {
    CowPtr copy(other);
    std::swap(box_, copy.box_);
    return *this;
  }

  CowPtr& operator=(CowPtr&& other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }

  ~CowPtr() { release(); }

  const T& operator*() const { return box_->value; }

  const T* operator->() const { return &box_->value; }

  // The value for writing: this very one if nobody shares it, otherwise a copy that replaces it
  // here.
  T& edit() {
    if (box_->refs.load(std::memory_order_acquire) != 1) {
      // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): counted; release() frees it
      Box* copy = new Box{.value = box_->value};
      release();
      box_ = copy;
    }
    return box_->value;
  }

 private:
  struct Box {
    std::atomic<std::uint32_t> refs = 1;
    T value{};
  };

  void retain() {
    if (box_ != nullptr) {
      box_->refs.fetch_add(1, std::memory_order_relaxed);
    }
  }

  void release() {
    if (box_ != nullptr && box_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete box_;
    }
  }

  Box* box_;
};

}  // namespace signet::identity
