#include "http/impl/tls_client.h"

#include <algorithm>
#include <climits>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include "base/clock.h"
#include "base/strings.h"

namespace signet::http {
namespace {

using Failure = std::unexpected<TlsFailure>;

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

bool trust(SSL_CTX* context, const std::string& ca_file) {
  return ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                         : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
}

// The client's own certificate, for servers that ask for one.
bool show_own(SSL_CTX* context, const TlsClientOptions& options) {
  return options.certificate_file.empty() ||
         (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) == 1 &&
          SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) == 1 &&
          SSL_CTX_check_private_key(context) == 1);
}

TlsFailure why(const SSL* session) {
  if (const auto verified = SSL_get_verify_result(session); verified != X509_V_OK) {
    return {.text = concat("its certificate is not accepted: ",
                           X509_verify_cert_error_string(verified)),
            .is_certificate = true};
  }
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return {.text = concat("no TLS handshake: ",
                         reason != nullptr ? reason : "the connection was closed")};
}

Failure failure(std::string text) {
  return Failure(TlsFailure{.text = std::move(text)});
}

}  // namespace

std::expected<std::unique_ptr<TlsClient>, TlsFailure> TlsClient::connect(
    int fd, const TlsClientOptions& options) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, ContextDeleter> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) {
    return failure("cannot set up TLS");
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!trust(context.get(), options.ca_file)) {
    return failure(concat("no certificates can be read from ", options.ca_file));
  }
  if (!show_own(context.get(), options)) {
    return failure(concat("no certificate and key that belong together can be read from ",
                          options.certificate_file,
                          " and ",
                          options.key_file));
  }
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::unique_ptr<TlsClient> client(new TlsClient(SSL_new(context.get()), fd, options.deadline_ms));
  SSL* session = client->session_;
  if (session == nullptr || SSL_set_fd(session, fd) != 1 || !expect_name(session, options.name)) {
    return failure("cannot set up TLS");
  }
  if (options.deadline_ms != 0 && ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) {
    return failure("cannot set up the socket");
  }
  int result = 0;
  while ((result = SSL_connect(session)) != 1) {
    if (!client->waited(result)) {
      return Failure(why(session));
    }
  }
  return client;
}

bool TlsClient::waited(int result) const {
  if (deadline_ms_ == 0) {
    return false;
  }
  const int wanted = SSL_get_error(session_, result);
  if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) {
    return false;
  }
  const std::int64_t left = deadline_ms_ - monotonic_ms();
  pollfd wait{.fd = fd_,
              .events = static_cast<short>(wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT),
              .revents = 0};
  return left > 0 && ::poll(&wait, 1, static_cast<int>(left)) == 1;
}

TlsClient::~TlsClient() {
  SSL_free(session_);
}

std::ptrdiff_t TlsClient::read(char* into, std::size_t size) {
  int got = 0;
  do {
    got = SSL_read(session_, into, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  } while (got <= 0 && waited(got));
  return got;
}

std::ptrdiff_t TlsClient::write(std::string_view bytes) {
  int sent = 0;
  do {
    sent = SSL_write(
        session_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
  } while (sent <= 0 && waited(sent));
  return sent;
}

}  // namespace signet::http
