#include "http/impl/tls.h"

#include <algorithm>
#include <climits>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace signet::http {
namespace {

std::string last_error() {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return text;
}

// The only protocol spoken over this connection; clients that offer others get no answer to the
// offer.
int choose_protocol(SSL* /*session*/,
                    const unsigned char** out,
                    unsigned char* out_size,
                    const unsigned char* offered,
                    unsigned int offered_size,
                    void* /*argument*/) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::expected<std::shared_ptr<TlsContext>, std::string> TlsContext::load(
    const std::string& chain_file, const std::string& key_file) {
  ERR_clear_error();
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::shared_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
  SSL_CTX* context = made->context_;
  if (context == nullptr) {
    return std::unexpected("cannot set up TLS: " + last_error());
  }
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                       SSL_MODE_RELEASE_BUFFERS);
  // One ticket is enough: keep-alive matters more than resumption (performance.md, trap 6).
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context, chain_file.c_str()) != 1) {
    return std::unexpected("cannot use the certificate file " + chain_file + ": " + last_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return std::unexpected("cannot use the key file " + key_file + ": " + last_error());
  }
  return made;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

TlsSession::TlsSession(const TlsContext& context, int fd) : session_(SSL_new(context.context_)) {
  is_broken_ = session_ == nullptr || SSL_set_fd(session_, fd) != 1;
  if (!is_broken_) {
    SSL_set_accept_state(session_);
  }
}

TlsSession::~TlsSession() {
  SSL_free(session_);
}

TlsSession::Result TlsSession::result_of(int returned) {
  if (returned > 0) {
    return {.outcome = Outcome::Done, .bytes = static_cast<std::size_t>(returned)};
  }
  switch (SSL_get_error(session_, returned)) {
    case SSL_ERROR_WANT_READ:
      return {.outcome = Outcome::NeedsRead};
    case SSL_ERROR_WANT_WRITE:
      return {.outcome = Outcome::NeedsWrite};
    case SSL_ERROR_ZERO_RETURN:
      return {.outcome = Outcome::Ended};
    default:
      is_broken_ = true;  // SSL_shutdown must not be called any more
      return {.outcome = Outcome::Ended};
  }
}

TlsSession::Result TlsSession::read(std::span<char> into) {
  if (is_broken_) {
    return {};
  }
  ERR_clear_error();
  const auto size = static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX));
  return result_of(SSL_read(session_, into.data(), size));
}

TlsSession::Result TlsSession::write(std::string_view bytes) {
  if (is_broken_) {
    return {};
  }
  ERR_clear_error();
  const auto size = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
  return result_of(SSL_write(session_, bytes.data(), size));
}

void TlsSession::say_goodbye() {
  if (!is_broken_ && SSL_is_init_finished(session_) == 1) {
    ERR_clear_error();
    SSL_shutdown(session_);
  }
}

}  // namespace signet::http
