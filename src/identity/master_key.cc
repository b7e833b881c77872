#include "identity/master_key.h"

#include <array>
#include <cerrno>
#include <optional>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "crypto/aead.h"
#include "facts/errors.h"

namespace signet::identity {
namespace {

std::unexpected<Error> refuse(std::string_view origin, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("master key ", origin, ": ", why)));
}

std::unexpected<Error> refuse_errno(std::string_view origin, std::string_view doing, int number) {
  return refuse(origin, concat("cannot ", doing, ": ", std::generic_category().message(number)));
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<Secret> read_file(int fd, const std::string& path) {
  struct stat info{};
  if (fstat(fd, &info) != 0) {
    return refuse_errno(path, "look at the file", errno);
  }
  if ((info.st_mode & 077) != 0) {
    return refuse(path, "others may read or write the file; make its mode 0600");
  }
  std::array<char, 256> buffer{};
  const ssize_t size = read(fd, buffer.data(), buffer.size());
  if (size < 0) {
    return refuse_errno(path, "read the file", errno);
  }
  const Secret text(std::string(buffer.data(), static_cast<std::size_t>(size)));
  buffer.fill(0);
  return parse_master_key(text.reveal(secret_access()), path);
}

Status write_all(int fd, const std::string& path, std::string_view text) {
  const ssize_t written = write(fd, text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    return refuse_errno(path, "write the file", written < 0 ? errno : ENOSPC);
  }
  if (fsync(fd) != 0) {
    return refuse_errno(path, "flush the file", errno);
  }
  return {};
}

Result<Secret> create_file(const std::string& path, Random& random) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return refuse_errno(path, "make the file", errno);
  }
  std::array<std::uint8_t, crypto::kAeadKeySize> key{};
  random.fill(key);
  std::string text;
  text.reserve(2 * key.size() + 1);
  codec::append_hex(text, key);
  text.push_back('\n');
  const Secret written(std::move(text));
  const Status status = write_all(fd, path, written.reveal(secret_access()));
  close(fd);
  if (!status) {
    unlink(path.c_str());
    return std::unexpected(status.error());
  }
  Secret result(std::string(reinterpret_cast<const char*>(key.data()), key.size()));
  key.fill(0);
  return result;
}

}  // namespace

Result<Secret> parse_master_key(std::string_view text, std::string_view origin) {
  std::optional<std::string> bytes = codec::decode_hex(trim(text));
  if (!bytes || bytes->size() != crypto::kAeadKeySize) {
    return refuse(origin, "must be 64 hexadecimal digits");
  }
  return Secret(std::move(*bytes));
}

Result<Secret> load_or_create_master_key(const std::string& path, Random& random) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return errno == ENOENT ? create_file(path, random) : refuse_errno(path, "open the file", errno);
  }
  Result<Secret> key = read_file(fd, path);
  close(fd);
  return key;
}

}  // namespace signet::identity
