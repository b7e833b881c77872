#include "signin/destination.h"

#include <algorithm>

#include "base/strings.h"

namespace signet::signin {
namespace {

constexpr std::string_view kConsole = "/_console/";

bool has_odd_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u <= 0x20 || u >= 0x7F || c == '\\' || c == '"' || c == '<' || c == '>';
  });
}

bool is_aws_console_host(std::string_view host) {
  for (const std::string_view suffix : {std::string_view("aws.amazon.com"),
                                        std::string_view("amazonaws.cn"),
                                        std::string_view("amazonaws-us-gov.com")}) {
    if (host.size() >= suffix.size() &&
        equals_ignore_case(host.substr(host.size() - suffix.size()), suffix)) {
      const bool is_whole_label =
          host.size() == suffix.size() || host[host.size() - suffix.size() - 1] == '.';
      return is_whole_label;
    }
  }
  return false;
}

std::optional<std::string> own_path(std::string_view path) {
  if (path.empty() || path == "/" || path == "/_console") {
    return std::string(kConsole);
  }
  if (!path.starts_with(kConsole) || path.find("//") != std::string_view::npos ||
      path.find("..") != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(path);
}

}  // namespace

std::optional<std::string> console_path_of(std::string_view destination, std::string_view host) {
  if (has_odd_character(destination)) {
    return std::nullopt;
  }
  if (destination.starts_with('/')) {
    return destination.starts_with("//") ? std::nullopt : own_path(destination);
  }
  std::string_view rest = destination;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const std::size_t end = rest.find_first_of("/?#");
  const std::string_view authority = rest.substr(0, end);
  const std::string_view path =
      end == std::string_view::npos ? std::string_view() : rest.substr(end);
  if (authority.find('@') != std::string_view::npos) {
    return std::nullopt;
  }
  if (equals_ignore_case(authority, host)) {
    return own_path(path);
  }
  return is_aws_console_host(authority) ? std::optional<std::string>(kConsole) : std::nullopt;
}

std::optional<std::string> way_back(std::string_view destination, std::string_view host) {
  constexpr std::size_t kMaxSize = 2'048;  // what a step has room for
  if (destination.size() > kMaxSize) {
    return std::nullopt;
  }
  if (destination.starts_with("/v1/authorize?") && !has_odd_character(destination)) {
    return std::string(destination);
  }
  return console_path_of(destination, host);
}

}  // namespace signet::signin
