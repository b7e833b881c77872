#include "ctl/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "ctl/cli.h"
#include "facts/errors.h"

namespace signet::ctl {
namespace {

std::string owner_of(const identity::CreatedKey& key) {
  return key.user.empty() ? std::string("root") : key.user;
}

}  // namespace

std::string clear_text(const Secret& secret) {
  return std::string(secret.reveal(secret_access()));
}

int report(std::string_view what) {
  std::fprintf(stderr, "signet: %.*s\n", static_cast<int>(what.size()), what.data());
  return kFailure;
}

int report(const Error& error) {
  return report(error.cause.empty() ? error.message : error.cause);
}

void print_keys(const std::vector<identity::CreatedKey>& keys, const Secret& admin_password) {
  for (const identity::CreatedKey& key : keys) {
    std::printf("  account %s, %s\n    access key  %s\n    secret key  %s\n",
                key.account.c_str(),
                owner_of(key).c_str(),
                key.access_key_id.c_str(),
                clear_text(key.secret_access_key).c_str());
  }
  if (!admin_password.empty()) {
    std::printf("    console     user admin, password %s\n", clear_text(admin_password).c_str());
  }
}

Status save_credentials(const std::string& path, const std::vector<identity::CreatedKey>& keys) {
  std::string text;
  bool has_default = false;
  for (const identity::CreatedKey& key : keys) {
    const bool is_default = !has_default && !key.user.empty();
    has_default = has_default || is_default;
    text += is_default ? std::string("[default]\n")
                       : concat("[", key.account, "-", owner_of(key), "]\n");
    text += concat("aws_access_key_id = ",
                   key.access_key_id,
                   "\naws_secret_access_key = ",
                   key.secret_access_key.reveal(secret_access()),
                   "\n\n");
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool is_written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int reason = errno;
  explicit_bzero(text.data(), text.size());
  if (fd >= 0) {
    ::close(fd);
  }
  if (!is_written) {
    return std::unexpected(facts::service_failure(
        concat("cannot write the credentials file ", path, ": ", errno_text(reason))));
  }
  return {};
}

Result<std::string> read_text(const std::string& path) {
  if (path == "-") {
    return std::string((std::istreambuf_iterator<char>(std::cin)),
                       std::istreambuf_iterator<char>());
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return std::unexpected(facts::service_failure(concat("cannot read ", path)));
  }
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

}  // namespace signet::ctl
