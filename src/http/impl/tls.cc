#include "http/impl/tls.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "base/errno_text.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/unique_fd.h"

namespace signet::http {
namespace {

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Freer<&BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<&X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<&EVP_PKEY_free>>;

// Why OpenSSL failed, in its own words.
std::string last_error() {
  const unsigned long code = ERR_peek_last_error();  // NOLINT(google-runtime-int): OpenSSL's type
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown reason";
}

std::unexpected<std::string> unusable(std::string_view what,
                                      const std::string& file,
                                      std::string_view reason) {
  return std::unexpected(concat("cannot use the ", what, " file ", file, ": ", reason));
}

// Why the file cannot be opened; empty: it can.
std::string open_error(const std::string& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return fd.valid() ? std::string() : errno_text(errno);
}

void warn_of_readers(const std::string& key_file) {
  struct stat status{};
  if (::stat(key_file.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0) {
    log(LogLevel::Warning,
        "tls_key_readable",
        {{"file", key_file}, {"reason", "everybody on this machine may read it: chmod o-rwx"}});
  }
}

// A server has nobody to ask for a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*argument*/) {
  return -1;
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

// Without a certificate.
std::expected<std::shared_ptr<TlsContext>, std::string> TlsContext::begin() {
  ERR_clear_error();
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::shared_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
  SSL_CTX* context = made->context_;
  if (context == nullptr) {
    return std::unexpected("cannot set up TLS: " + last_error());
  }
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");  // of TLS 1.2
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                       SSL_MODE_RELEASE_BUFFERS);
  // One ticket is enough: keep-alive matters more than resumption (measurements 10).
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  return made;
}

std::expected<std::shared_ptr<TlsContext>, std::string> TlsContext::of_pem(const std::string& chain,
                                                                           const std::string& key) {
  auto made = begin();
  if (!made) {
    return made;
  }
  SSL_CTX* context = (*made)->context_;
  const BioPtr certificates(BIO_new_mem_buf(chain.data(), static_cast<int>(chain.size())));
  const BioPtr keys(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
  const X509Ptr leaf(PEM_read_bio_X509(certificates.get(), nullptr, no_passphrase, nullptr));
  const KeyPtr own(PEM_read_bio_PrivateKey(keys.get(), nullptr, no_passphrase, nullptr));
  if (leaf == nullptr || own == nullptr || SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, own.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return std::unexpected("cannot use a certificate: " + last_error());
  }
  return made;
}

std::expected<std::shared_ptr<TlsContext>, std::string> TlsContext::load(
    const std::string& chain_file, const std::string& key_file) {
  auto begun = begin();
  if (!begun) {
    return begun;
  }
  std::shared_ptr<TlsContext> made = *std::move(begun);
  SSL_CTX* context = made->context_;
  if (const std::string reason = open_error(chain_file); !reason.empty()) {
    return unusable("certificate", chain_file, reason);
  }
  if (SSL_CTX_use_certificate_chain_file(context, chain_file.c_str()) != 1) {
    return unusable("certificate", chain_file, last_error());
  }
  if (const std::string reason = open_error(key_file); !reason.empty()) {
    return unusable("key", key_file, reason);
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return unusable("key", key_file, last_error());
  }
  warn_of_readers(key_file);
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

std::string_view TlsSession::version() const {
  if (is_broken_ || SSL_is_init_finished(session_) != 1) {
    return {};
  }
  switch (SSL_version(session_)) {
    case TLS1_2_VERSION:
      return "1.2";
    case TLS1_3_VERSION:
      return "1.3";
    default:
      return {};
  }
}

void TlsSession::say_goodbye() {
  if (!is_broken_ && SSL_is_init_finished(session_) == 1) {
    ERR_clear_error();
    SSL_shutdown(session_);
  }
}

}  // namespace signet::http
