#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace signet {

// The right to read secrets: made by secret_access() alone.
class SecretAccess {
  SecretAccess() = default;
  friend constexpr SecretAccess secret_access();
};

// Bytes that must not be copied, printed or compared carelessly: access-key secrets, passwords,
// TOTP seeds, cookies, sealing keys. Move-only; the buffer is wiped before it is freed. Only files
// that may include base/secret_access.h can read them.
class Secret {
 public:
  Secret() = default;

  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}

  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.wipe(); }

  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      bytes_ = std::move(other.bytes_);
      other.wipe();
    }
    return *this;
  }

  ~Secret() { wipe(); }

  [[nodiscard]] std::string_view reveal(SecretAccess) const { return bytes_; }

  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  // An explicit copy, for the rare place that must hold its own.
  [[nodiscard]] Secret clone() const { return Secret(bytes_); }

  // Constant time in the length of the longer value.
  [[nodiscard]] bool equals(std::string_view other) const;

 private:
  void wipe();

  std::string bytes_;
};

}  // namespace signet
