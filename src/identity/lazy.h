#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace signet::identity {

// A value that is made of the rest of its object when it is first asked for, and kept as long as
// the object. Copies of the object start without it. Safe to ask from any thread: two may both make
// it at first; one result stays.
template <class T>
class Lazy {
 public:
  Lazy() = default;

  Lazy(const Lazy& /*other*/) {}

  Lazy(Lazy&& other) noexcept : made_(other.made_.exchange(nullptr, std::memory_order_acq_rel)) {}

  Lazy& operator=(const Lazy& other) {
    if (this != &other) {
      drop();
    }
    return *this;
  }

  Lazy& operator=(Lazy&& other) noexcept {
    if (this != &other) {
      drop();
      made_.store(other.made_.exchange(nullptr, std::memory_order_acq_rel));
    }
    return *this;
  }

  ~Lazy() { drop(); }

  // What `make()` made, now or before.
  template <class Make>
  const T& get(const Make& make) const {
    const T* known = made_.load(std::memory_order_acquire);
    if (known != nullptr) {
      return *known;
    }
    auto made = std::make_unique<const T>(make());
    if (made_.compare_exchange_strong(
            known, made.get(), std::memory_order_acq_rel, std::memory_order_acquire)) {
      return *made.release();
    }
    return *known;
  }

 private:
  void drop() {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): an atomic pointer owns it
    delete made_.exchange(nullptr, std::memory_order_acq_rel);
  }

  mutable std::atomic<const T*> made_ = nullptr;
};

}  // namespace signet::identity
