#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace signet {

// Owns one file descriptor and closes it.
class UniqueFd {
 public:
  UniqueFd() = default;

  explicit UniqueFd(int fd) : fd_(fd) {}

  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }

  [[nodiscard]] bool valid() const { return fd_ >= 0; }

  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  void reset();

 private:
  int fd_ = -1;
};

// Writes all of it, in as many pieces as the kernel takes. 0, or the errno value of what went
// wrong.
[[nodiscard]] int write_all(int fd, std::string_view bytes);

// Makes new names in a folder durable: they are so only when the folder itself was flushed. 0, or
// the errno value of what went wrong.
[[nodiscard]] int sync_folder(const std::string& path);

}  // namespace signet
