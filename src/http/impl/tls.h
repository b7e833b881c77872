#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace signet::http {

// A certificate chain with its key, ready for sessions. TLS 1.2 (ciphers with forward secrecy and
// authenticated encryption only) and 1.3, no renegotiation. A session keeps what it needs of it.
class TlsContext {
 public:
  // PEM files; a key with a passphrase is refused. The error says which file was not usable and
  // why. A key file that everybody on the machine may read is told in the log.
  static std::expected<std::shared_ptr<TlsContext>, std::string> load(const std::string& chain_file,
                                                                      const std::string& key_file);

  // The same from PEM texts.
  static std::expected<std::shared_ptr<TlsContext>, std::string> of_pem(const std::string& chain,
                                                                        const std::string& key);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  TlsContext(TlsContext&&) = delete;
  TlsContext& operator=(TlsContext&&) = delete;
  ~TlsContext();

 private:
  friend class TlsSession;

  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  static std::expected<std::shared_ptr<TlsContext>, std::string> begin();

  ssl_ctx_st* context_;
};

// The server's side of one TLS connection on a non-blocking socket, which it does not own. The
// handshake happens within the first read.
class TlsSession {
 public:
  TlsSession(const TlsContext& context, int fd);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  TlsSession(TlsSession&&) = delete;
  TlsSession& operator=(TlsSession&&) = delete;
  ~TlsSession();

  enum class Outcome : std::uint8_t { Done, NeedsRead, NeedsWrite, Ended };

  struct Result {
    Outcome outcome = Outcome::Ended;
    std::size_t bytes = 0;
  };

  Result read(std::span<char> into);
  // After NeedsWrite the next call must begin with the same bytes.
  Result write(std::string_view bytes);
  // 1.2 or 1.3; empty before the handshake is over.
  [[nodiscard]] std::string_view version() const;
  // Tells the peer that nothing follows; does not wait for its reply.
  void say_goodbye();

 private:
  Result result_of(int returned);

  ssl_st* session_;
  bool is_broken_ = false;
};

}  // namespace signet::http
