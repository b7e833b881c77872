#include "ctl/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <utility>

#include <fcntl.h>

#include "base/errno_text.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "codec/json_writer.h"
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

void print_credentials(const server::Credentials& made) {
  for (const identity::CreatedKey& key : made.keys) {
    std::printf("  account %s, %s\n    access key  %s\n    secret key  %s\n",
                key.account.c_str(),
                owner_of(key).c_str(),
                key.access_key_id.c_str(),
                clear_text(key.secret_access_key).c_str());
  }
  if (!made.password.empty()) {
    std::printf("    console     user %s, password %s\n",
                made.user.c_str(),
                clear_text(made.password).c_str());
  }
}

Status save_credentials(const std::string& path, const server::Credentials& made) {
  std::string text;
  bool has_default = false;
  for (const identity::CreatedKey& key : made.keys) {
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
  if (!made.password.empty() && !made.keys.empty()) {
    text += concat("# console: account ",
                   made.keys.front().account,
                   ", user ",
                   made.user,
                   ", password ",
                   made.password.reveal(secret_access()),
                   "\n");
  }
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const int reason = fd.valid() ? write_all(fd.get(), text) : errno;
  explicit_bzero(text.data(), text.size());
  if (reason != 0) {
    return std::unexpected(facts::service_failure(
        concat("cannot write the credentials file ", path, ": ", errno_text(reason))));
  }
  return {};
}

int show_credentials(const server::Credentials& made, const std::string& file) {
  if (file.empty()) {
    std::printf("These credentials are shown once and stored nowhere in clear:\n");
    print_credentials(made);
    return kOk;
  }
  if (const Status saved = save_credentials(file, made); !saved) {
    print_credentials(made);  // made and stored by now: nowhere else would anybody ever see them
    return report(saved.error());
  }
  std::printf("credentials written to %s\n", file.c_str());
  return kOk;
}

Result<std::string> context_json(std::string_view flag, const std::vector<std::string>& pairs) {
  std::map<std::string, std::vector<std::string>> keys;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(ErrorCode::InvalidInput, concat(flag, " ", pair, ": expected KEY=VALUE"));
    }
    keys[pair.substr(0, equals)].push_back(pair.substr(equals + 1));
  }
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object();
  for (const auto& [key, values] : keys) {
    json.key(key);
    if (values.size() == 1) {
      json.string(values.front());
      continue;
    }
    json.begin_array();
    for (const std::string& value : values) {
      json.string(value);
    }
    json.end_array();
  }
  json.end_object();
  return out;
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
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

}  // namespace signet::ctl
