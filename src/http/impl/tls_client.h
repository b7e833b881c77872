#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;

namespace signet::http {

// Why there is no session.
struct TlsFailure {
  std::string text;             // a sentence
  bool is_certificate = false;  // the server's certificate is not accepted
};

// What a session is made with; files are PEM.
struct TlsClientOptions {
  const std::string& name;              // that the server's certificate must have: address or host
  const std::string& ca_file;           // of the authorities that are trusted; empty: the system's
  const std::string& certificate_file;  // the client's own, with its chain; empty: none
  const std::string& key_file;
  std::int64_t deadline_ms = 0;  // monotonic; 0: none
};

// The client's side of TLS over a blocking socket, which it does not own.
class TlsClient {
 public:
  // Shakes hands. The server's certificate must be valid, of the name, and of an authority that is
  // trusted. With a deadline the socket no longer blocks, and nothing here lasts longer.
  static std::expected<std::unique_ptr<TlsClient>, TlsFailure> connect(
      int fd, const TlsClientOptions& options);

  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  TlsClient(TlsClient&&) = delete;
  TlsClient& operator=(TlsClient&&) = delete;
  ~TlsClient();

  // How many bytes; 0 or less at the end and on an error.
  [[nodiscard]] std::ptrdiff_t read(char* into, std::size_t size);
  [[nodiscard]] std::ptrdiff_t write(std::string_view bytes);

 private:
  TlsClient(ssl_st* session, int fd, std::int64_t deadline_ms)
      : session_(session), fd_(fd), deadline_ms_(deadline_ms) {}

  // Whether what the session waits for came before the deadline.
  [[nodiscard]] bool waited(int result) const;

  ssl_st* session_;
  int fd_;
  std::int64_t deadline_ms_;
};

}  // namespace signet::http
