#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace signet::http {

// Bytes received and not yet used: a window [begin, end) in one block.
class Buffer {
 public:
  [[nodiscard]] std::string_view data() const { return {block_.get() + begin_, end_ - begin_}; }

  [[nodiscard]] bool empty() const { return begin_ == end_; }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  // Free bytes behind the window.
  [[nodiscard]] std::span<char> room() { return {block_.get() + end_, capacity_ - end_}; }

  // How long the window may become without moving anything.
  [[nodiscard]] std::size_t reach() const { return capacity_ - begin_; }

  void commit(std::size_t n) { end_ += n; }

  void consume(std::size_t n) {
    begin_ += n;
    if (begin_ == end_) {
      begin_ = end_ = 0;
    }
  }

  // Moves the window to the front; grows the block to at least `capacity`. Views into it become
  // invalid.
  void make_room(std::size_t capacity) {
    if (capacity > capacity_) {
      auto block = std::make_unique_for_overwrite<char[]>(capacity);
      if (!empty()) {
        std::memcpy(block.get(), block_.get() + begin_, end_ - begin_);
      }
      block_ = std::move(block);
      capacity_ = capacity;
    } else if (begin_ != 0) {
      std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
    }
    end_ -= begin_;
    begin_ = 0;
  }

  void append(std::string_view bytes) {
    if (bytes.empty()) {
      return;
    }
    if (room().size() < bytes.size()) {
      make_room(std::max(capacity_, data().size() + bytes.size()));
    }
    std::memcpy(block_.get() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
  }

  // Gives the memory back; the content is lost.
  void release() {
    block_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace signet::http
