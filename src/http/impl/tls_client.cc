#include "http/impl/tls_client.h"

#include <algorithm>
#include <climits>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/strings.h"

namespace signet::http {
namespace {

using Failure = std::unexpected<std::string>;

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

bool is_address(const std::string& name) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, name.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &ignored) == 1;
}

// The name that the certificate must have.
bool expect_name(SSL* session, const std::string& name) {
  if (is_address(name)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name.c_str()) == 1;
  }
  std::string wire = name;  // what SSL_set_tlsext_host_name() does, whose macro casts in C's way
  return SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, wire.data()) ==
             1 &&
         SSL_set1_host(session, name.c_str()) == 1;
}

std::string why(const SSL* session) {
  if (const auto verified = SSL_get_verify_result(session); verified != X509_V_OK) {
    return concat("its certificate is not accepted: ", X509_verify_cert_error_string(verified));
  }
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return concat("no TLS handshake: ", reason != nullptr ? reason : "the connection was closed");
}

}  // namespace

std::expected<std::unique_ptr<TlsClient>, std::string> TlsClient::connect(
    int fd, const std::string& name, const std::string& ca_file) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, ContextDeleter> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) {
    return Failure("cannot set up TLS");
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool has_authorities =
      ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                      : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) == 1;
  if (!has_authorities) {
    return Failure(concat("no certificates can be read from ", ca_file));
  }
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::unique_ptr<TlsClient> client(new TlsClient(SSL_new(context.get())));
  SSL* session = client->session_;
  if (session == nullptr || SSL_set_fd(session, fd) != 1 || !expect_name(session, name)) {
    return Failure("cannot set up TLS");
  }
  if (SSL_connect(session) != 1) {
    return Failure(why(session));
  }
  return client;
}

TlsClient::~TlsClient() {
  SSL_free(session_);
}

std::ptrdiff_t TlsClient::read(char* into, std::size_t size) {
  return SSL_read(session_, into, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
}

std::ptrdiff_t TlsClient::write(std::string_view bytes) {
  return SSL_write(
      session_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
}

}  // namespace signet::http
