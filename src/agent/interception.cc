#include "agent/interception.h"

#include <array>
#include <fstream>
#include <iterator>
#include <optional>

#include "agent/aws_hosts.h"
#include "agent/trust_store.h"
#include "base/strings.h"
#include "crypto/authority.h"
#include "http/connect_proxy.h"

namespace signet::agent {
namespace {

constexpr int kDays = 30;

// Where systems keep the authorities that everybody trusts.
constexpr std::array<std::string_view, 3> kSystemBundles = {
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

std::string system_authorities() {
  for (const std::string_view name : kSystemBundles) {
    std::ifstream in{std::string(name), std::ios::binary};
    if (in) {
      return std::string(std::istreambuf_iterator<char>(in), {});
    }
  }
  return {};
}

bool write_file(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  return static_cast<bool>(out.flush());
}

std::string bundle_name(const std::string& folder) {
  return folder + "/authorities.pem";
}

std::string java_name(const std::string& folder) {
  return folder + "/authorities.jks";
}

// The one setting file of the folder that PHP is told to read besides its own.
std::string php_name(const std::string& folder) {
  return folder + "/authorities.ini";
}

}  // namespace

Interception::Interception() = default;
Interception::~Interception() = default;

std::expected<std::unique_ptr<Interception>, std::string> Interception::start(Options options,
                                                                              const Clock& clock) {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::unique_ptr<Interception> made(new Interception());
  auto authority = crypto::Authority::make("signet run", kDays);
  if (!authority) {
    return std::unexpected("no authority could be made");
  }
  made->authority_ = std::make_unique<crypto::Authority>(*std::move(authority));
  made->options_ = std::move(options);
  const Options& own = made->options_;
  // Where no other host can be reached, no other authority is trusted.
  const std::string others = own.allows_others ? system_authorities() : std::string();
  if (!write_file(bundle_name(own.folder), others + made->authority_->pem()) ||
      !write_file(java_name(own.folder),
                  java_trust_store(made->authority_->der(), clock.now().unix_ms)) ||
      !write_file(php_name(own.folder),
                  concat("curl.cainfo=\"", bundle_name(own.folder), "\"\n"))) {
    return std::unexpected(concat("cannot write into ", own.folder));
  }
  auto proxy = http::ConnectProxy::start(
      {.upstream_address = own.server_address,
       .upstream_port = own.server_port,
       .is_intercepted = is_aws_host,
       .certificate_for = [authority_of = made->authority_.get()](std::string_view host)
           -> std::expected<http::CertificateAndKey, std::string> {
         auto issued = authority_of->issue(host);
         if (!issued) {
           return std::unexpected(concat("no certificate for ", host));
         }
         return http::CertificateAndKey{.certificate = std::move(issued->certificate),
                                        .key = std::move(issued->key)};
       },
       .allows_others = own.allows_others,
       .on_refused = own.on_refused});
  if (!proxy) {
    return std::unexpected(proxy.error());
  }
  made->proxy_ = std::move(*proxy);
  return made;
}

std::uint16_t Interception::port() const {
  return proxy_->port();
}

Interception::Variables authority_variables(const std::string& file) {
  Interception::Variables variables;
  for (const char* name : {"AWS_CA_BUNDLE",
                           "REQUESTS_CA_BUNDLE",
                           "CURL_CA_BUNDLE",
                           "NODE_EXTRA_CA_CERTS",
                           "SSL_CERT_FILE",
                           "GIT_SSL_CAINFO",
                           "PIP_CERT",
                           "DENO_CERT",
                           "PERL_LWP_SSL_CA_FILE"}) {
    variables.emplace_back(name, file);
  }
  return variables;
}

Interception::Variables Interception::variables(std::string_view java_options,
                                                std::string_view php_folders) const {
  Variables variables = authority_variables(bundle_name(options_.folder));
  const std::string port = std::to_string(proxy_->port());
  const std::string url = concat("http://127.0.0.1:", port);
  for (const char* name : {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"}) {
    variables.emplace_back(name, url);
  }
  // Nothing goes past the proxy, since botocore looks at the endpoint that it is given for every
  // call of a client, also for those that it sends to AWS's own hosts all the same (signin-api 1).
  for (const char* name : {"NO_PROXY", "no_proxy"}) {
    variables.emplace_back(name, "");
  }

  variables.emplace_back("NODE_USE_ENV_PROXY", "1");
  // PHP's curl is built with a file of authorities and reads no variable; its empty first folder
  // stands for the built-in one.
  variables.emplace_back("PHP_INI_SCAN_DIR", concat(php_folders, ":", options_.folder));
  std::string java = concat(java_options, java_options.empty() ? "" : " ");
  for (const std::string_view scheme : {"http", "https"}) {
    java += concat("-D", scheme, ".proxyHost=127.0.0.1 -D", scheme, ".proxyPort=", port, " ");
  }
  java += concat("-Dhttp.nonProxyHosts=localhost|127.* -Djavax.net.ssl.trustStore=",
                 java_name(options_.folder),
                 " -Djavax.net.ssl.trustStoreType=JKS -Djavax.net.ssl.trustStorePassword=",
                 kJavaStorePassword);
  variables.emplace_back("JAVA_TOOL_OPTIONS", java);
  return variables;
}

}  // namespace signet::agent
