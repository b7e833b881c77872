#include "server/master_key.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "codec/hex.h"
#include "crypto/random.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

constexpr std::size_t kKeySize = 32;

std::unexpected<Error> failure(std::string cause) {
  return std::unexpected(facts::service_failure(std::move(cause)));
}

std::unexpected<Error> file_failure(std::string_view what, const std::string& path) {
  return failure(concat("cannot ", what, " the master key file ", path, ": ", errno_text(errno)));
}

Result<Secret> decode_key(std::string_view hex, std::string_view origin) {
  while (hex.ends_with('\n')) {
    hex.remove_suffix(1);
  }
  std::optional<std::string> bytes = codec::decode_hex(hex);
  if (!bytes || bytes->size() != kKeySize) {
    return failure(concat(origin, " must hold 64 hexadecimal digits"));
  }
  return Secret(std::move(*bytes));
}

// Under another name until it is whole: half a key would be in the way of the next start.
Status write_key(const std::string& folder, const std::string& path, const Secret& key) {
  const std::string fresh = path + ".new";
  const UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid()) {
    return file_failure("create", path);
  }
  std::string text;
  codec::append_hex(
      text,
      std::span(reinterpret_cast<const std::uint8_t*>(key.reveal(secret_access()).data()),
                key.size()));
  text += '\n';
  // A key that is not on the disk yet must not wrap anything.
  const bool is_written = (errno = write_all(file.get(), text)) == 0 && ::fsync(file.get()) == 0 &&
                          std::rename(fresh.c_str(), path.c_str()) == 0 &&
                          (errno = sync_folder(folder)) == 0;
  explicit_bzero(text.data(), text.size());
  if (!is_written) {
    const int reason = errno;
    ::unlink(fresh.c_str());
    errno = reason;
    return file_failure("write", path);
  }
  return {};
}

Result<Secret> read_file(int fd, const std::string& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    return file_failure("read", path);
  }
  if ((info.st_mode & 077U) != 0) {
    return failure(
        concat("the master key file ", path, " may be read by others: run chmod 600 on it"));
  }
  char buffer[256];
  const ssize_t n = ::read(fd, buffer, sizeof buffer);
  if (n < 0) {
    return file_failure("read", path);
  }
  auto key = decode_key(std::string_view(buffer, static_cast<std::size_t>(n)), path);
  explicit_bzero(buffer, sizeof buffer);
  return key;
}

}  // namespace

Result<Secret> load_master_key(const std::string& data_folder, MissingKey missing, Random& random) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started
  if (const char* from_environment = std::getenv("SIGNET_MASTER_KEY");
      from_environment != nullptr) {
    return decode_key(from_environment, "SIGNET_MASTER_KEY");
  }
  const std::string path = data_folder + "/master.key";
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.valid()) {
    return read_file(file.get(), path);
  }
  if (errno != ENOENT) {
    return file_failure("open", path);
  }
  if (missing == MissingKey::Refuse) {
    return failure(
        concat("the master key file ",
               path,
               " is missing, and the secrets in the store can be opened with that key only: put "
               "the file back (mode 0600), or give the key in SIGNET_MASTER_KEY"));
  }
  Secret key(crypto::random_bytes(random, kKeySize));
  TRY_STATUS(write_key(data_folder, path, key));
  return key;
}

Result<Secret> read_master_key(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.valid() ? read_file(file.get(), path) : file_failure("open", path);
}

Status write_master_key(const std::string& path, const Secret& key) {
  return write_key(path.substr(0, path.rfind('/')), path, key);
}

Result<Secret> key_from_environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets variables
  const char* text = std::getenv(name);
  return decode_key(text != nullptr ? text : "", name);
}

}  // namespace signet::server
