#include "server/upstream_options.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

constexpr std::string_view kDefaultSection = "default";

std::unexpected<Error> failure(std::string cause) {
  return std::unexpected(facts::service_failure(std::move(cause)));
}

std::unexpected<Error> in_file(const std::string& file, std::string_view why) {
  return failure(concat(file, ": ", why));
}

Result<std::string> read_private_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!file.valid() || ::fstat(file.get(), &info) != 0) {
    return in_file(path, errno_text(errno));
  }
  if ((info.st_mode & 077U) != 0) {
    return in_file(path, "it may be read by others: run chmod 600 on it");
  }
  std::string text;
  constexpr std::size_t kLongest = 64UL * 1024;
  char block[4096];
  ssize_t got = 0;
  while ((got = ::read(file.get(), block, sizeof block)) > 0 && text.size() < kLongest) {
    text.append(block, static_cast<std::size_t>(got));
  }
  explicit_bzero(block, sizeof block);
  return got == 0 ? Result<std::string>(std::move(text)) : in_file(path, "it cannot be read");
}

using Sections = std::map<std::string, upstream::Keys, std::less<>>;

Status take_setting(upstream::Keys& keys, std::string_view name, std::string_view value) {
  if (name == "aws_access_key_id") {
    keys.access_key_id = value;
  } else if (name == "aws_secret_access_key") {
    keys.secret_access_key = Secret(std::string(value));
  } else if (name == "aws_session_token") {
    keys.session_token = value;
  } else if (name == "region") {
    keys.region = value;
  } else {
    return failure(concat("there is no setting ", name));
  }
  return {};
}

Result<Sections> read_sections(std::string_view text, const std::string& file) {
  Sections sections;
  upstream::Keys* keys = nullptr;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#') || line.starts_with(';')) {
      continue;
    }
    const std::string where = concat("line ", std::to_string(number), ": ");
    if (line.starts_with('[') && line.ends_with(']')) {
      keys = &sections[std::string(trimmed(line.substr(1, line.size() - 2)))];
      continue;
    }
    const std::size_t equals = line.find('=');
    if (keys == nullptr || equals == std::string_view::npos) {
      return in_file(file, where + "expected [SECTION] or NAME = VALUE below one");
    }
    if (const Status taken =
            take_setting(*keys, trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
        !taken) {
      return in_file(file, where + taken.error().cause);
    }
  }
  return sections;
}

std::string variable(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started
  const char* text = std::getenv(name);
  return text != nullptr ? text : "";
}

Sections sections_of_environment() {
  upstream::Keys keys{.access_key_id = variable("SIGNET_UPSTREAM_ACCESS_KEY_ID"),
                      .secret_access_key = Secret(variable("SIGNET_UPSTREAM_SECRET_ACCESS_KEY")),
                      .session_token = variable("SIGNET_UPSTREAM_SESSION_TOKEN")};
  if (std::string region = variable("SIGNET_UPSTREAM_REGION"); !region.empty()) {
    keys.region = std::move(region);
  }
  Sections sections;
  sections.emplace(kDefaultSection, std::move(keys));
  return sections;
}

Result<upstream::Keys> keys_for(const Sections& sections, const std::string& bucket) {
  auto found = sections.find(bucket);
  if (bucket.empty() || found == sections.end()) {
    found = sections.find(kDefaultSection);
  }
  if (found == sections.end() || found->second.access_key_id.empty() ||
      found->second.secret_access_key.empty()) {
    return failure(concat("--upstream: there are no keys for ",
                          bucket.empty() ? "s3" : concat("s3/", bucket),
                          ": give them in a file (--upstream-credentials), or in "
                          "SIGNET_UPSTREAM_ACCESS_KEY_ID and SIGNET_UPSTREAM_SECRET_ACCESS_KEY"));
  }
  const upstream::Keys& keys = found->second;
  return upstream::Keys{.access_key_id = keys.access_key_id,
                        .secret_access_key = keys.secret_access_key.clone(),
                        .session_token = keys.session_token,
                        .region = keys.region};
}

}  // namespace

Result<Secret> read_authorizer_token(const std::string& file) {
  constexpr std::size_t kShortest = 16;
  std::string text =
      file.empty() ? variable("SIGNET_AUTHORIZER_TOKEN") : TRY(read_private_file(file));
  Secret token(std::string(trimmed(std::string_view(text).substr(0, text.find('\n')))));
  explicit_bzero(text.data(), text.size());
  const bool is_asked_for = !file.empty() || !token.empty();
  if (is_asked_for && token.size() < kShortest) {
    return failure("--authorizer-token: a token has 16 characters at least");
  }
  return token;
}

bool add_upstream(UpstreamOptions& options, std::string_view text) {
  const std::size_t equals = text.find('=');
  std::string_view what = text.substr(0, equals);
  if (equals == std::string_view::npos || !upstream::endpoint_of(text.substr(equals + 1))) {
    return false;
  }
  std::string_view bucket;
  if (what.starts_with("s3/") && what.size() > 3) {
    bucket = what.substr(3);
  } else if (what != "s3") {
    return false;
  }
  const bool is_taken =
      std::ranges::any_of(options.urls, [&](const auto& one) { return one.first == bucket; });
  if (is_taken) {
    return false;
  }
  options.urls.emplace_back(bucket, text.substr(equals + 1));
  return true;
}

Result<std::unique_ptr<upstream::Upstreams>> make_upstreams(const UpstreamOptions& options,
                                                            const Clock& clock) {
  if (options.urls.empty()) {
    return nullptr;
  }
  Sections sections = sections_of_environment();
  if (!options.credentials_file.empty()) {
    std::string text = TRY(read_private_file(options.credentials_file));
    sections = TRY(read_sections(text, options.credentials_file));
    explicit_bzero(text.data(), text.size());
  }
  auto upstreams = std::make_unique<upstream::Upstreams>();
  for (const auto& [bucket, url] : options.urls) {
    std::optional<upstream::Endpoint> endpoint = upstream::endpoint_of(url);
    if (!endpoint) {
      return failure(concat("--upstream: ", url, " is no URL of a host"));
    }
    auto made = std::make_unique<upstream::Upstream>(
        upstream::Options{.endpoint = *std::move(endpoint),
                          .keys = TRY(keys_for(sections, bucket)),
                          .ca_file = options.ca_file,
                          .timeout_seconds = options.timeout_seconds},
        clock);
    if (!upstreams->add(bucket, std::move(made))) {
      return failure(concat("--upstream: there are two for ", bucket));
    }
  }
  return upstreams;
}

}  // namespace signet::server
