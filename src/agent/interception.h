#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace signet::crypto {
class Authority;
}

namespace signet::http {
class ConnectProxy;
}

namespace signet::agent {

// What makes a program that has AWS's hosts in its source reach a server of ours: a proxy on
// loopback that answers for them (aws_hosts.h), with certificates of an authority that exists as
// long as this object, and files and variables by which programs of all languages find both.
class Interception {
 public:
  struct Options {
    std::string server_address = "127.0.0.1";  // plain HTTP
    std::uint16_t server_port = 0;
    std::string folder;  // for the files; it is there, and somebody else removes it
    bool allows_others = false;
    std::function<void(std::string_view host)> on_refused;  // on threads of the proxy
  };

  // The error is a sentence.
  static std::expected<std::unique_ptr<Interception>, std::string> start(Options options,
                                                                         const Clock& clock);

  Interception(const Interception&) = delete;
  Interception& operator=(const Interception&) = delete;
  Interception(Interception&&) = delete;
  Interception& operator=(Interception&&) = delete;
  ~Interception();

  using Variables = std::vector<std::pair<std::string, std::string>>;

  // What JAVA_TOOL_OPTIONS and PHP_INI_SCAN_DIR hold already.
  [[nodiscard]] Variables variables(std::string_view java_options,
                                    std::string_view php_folders) const;

  [[nodiscard]] std::uint16_t port() const;

 private:
  Interception();

  Options options_;
  std::unique_ptr<crypto::Authority> authority_;
  std::unique_ptr<http::ConnectProxy> proxy_;
};

// The variables by which languages find authorities: AWS's SDKs, Python, curl, Node.js, OpenSSL
// (which Go, Ruby, Rust and .NET look for too), git, pip, Deno, Perl.
[[nodiscard]] Interception::Variables authority_variables(const std::string& file);

}  // namespace signet::agent
