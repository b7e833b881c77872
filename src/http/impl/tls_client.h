#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;

namespace signet::http {

// The client's side of TLS over a blocking socket, which it does not own. For the command line.
class TlsClient {
 public:
  // Shakes hands. The server's certificate must be valid, of the name (an address or a host name),
  // and of an authority in `ca_file` (PEM; empty: the system's). The error is a sentence.
  static std::expected<std::unique_ptr<TlsClient>, std::string> connect(int fd,
                                                                        const std::string& name,
                                                                        const std::string& ca_file);

  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  TlsClient(TlsClient&&) = delete;
  TlsClient& operator=(TlsClient&&) = delete;
  ~TlsClient();

  // How many bytes; 0 or less at the end and on an error.
  [[nodiscard]] std::ptrdiff_t read(char* into, std::size_t size);
  [[nodiscard]] std::ptrdiff_t write(std::string_view bytes);

 private:
  explicit TlsClient(ssl_st* session) : session_(session) {}

  ssl_st* session_;
};

}  // namespace signet::http
