#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "http/client_message.h"

namespace signet::http {

class ChunkDecoder;
struct AnswerHead;
class TlsClient;

// One HTTP/1.1 connection of a client, for requests that follow each other and whose bodies pass in
// pieces, both ways: what is not read stays with the server. Each call blocks for
// options.timeout_seconds at most without any progress; one thread at a time. Errors are sentences
// for a person, and end the connection.
class ClientStream {
 public:
  // The longest piece that read() answers.
  static constexpr std::size_t kPieceBytes = 256UL * 1024;

  explicit ClientStream(ClientOptions options);
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  ClientStream(ClientStream&&) noexcept;
  ClientStream& operator=(ClientStream&&) noexcept;
  ~ClientStream();

  // Whether a connection stands on which the next request can go: the last answer was read to its
  // end, and the server has not closed meanwhile.
  [[nodiscard]] bool is_kept() const;

  [[nodiscard]] bool is_connected() const { return socket_.valid(); }

  // Sends the head of a request and request.body, the beginning of a body of `body_bytes` bytes.
  // Connects if no connection is kept.
  [[nodiscard]] std::expected<void, std::string> begin(const ClientRequest& request,
                                                       std::uint64_t body_bytes);

  // The next bytes of the body. A server that answers early and closes makes this fail; answer()
  // may still have what it said.
  [[nodiscard]] std::expected<void, std::string> write(std::string_view piece);

  // The head of the answer, without its body; interim answers are passed over.
  [[nodiscard]] std::expected<ClientResponse, std::string> answer();

  // The next bytes of the answer's body; empty at its end. An end that comes too early is an error.
  [[nodiscard]] std::expected<std::string, std::string> read();

  // The same for a chunked body that may never end: what is there, waiting so long at most for it;
  // nothing if nothing came. Empty at its end. From now on no wait for bytes lasts longer, so that
  // the connection is of no use for another request.
  [[nodiscard]] std::expected<std::optional<std::string>, std::string> read_within(
      int milliseconds);

  // Bytes of the answer's body, where the server said so before it.
  [[nodiscard]] std::optional<std::uint64_t> body_length() const;

  // Whether any byte of an answer came since begin().
  [[nodiscard]] bool has_received() const { return has_received_; }

  // Whether the server's certificate was not accepted.
  [[nodiscard]] bool was_certificate_refused() const { return was_certificate_refused_; }

  void close();

 private:
  [[nodiscard]] std::expected<void, std::string> connect();
  [[nodiscard]] bool send_all(std::string_view bytes);
  // False at the end of the stream, on an error, and too late.
  [[nodiscard]] bool receive_more();
  [[nodiscard]] std::string why();
  void finish();
  [[nodiscard]] std::expected<std::string, std::string> read_some();
  [[nodiscard]] std::expected<std::string, std::string> read_chunk();

  ClientOptions options_;
  UniqueFd socket_;
  std::unique_ptr<TlsClient> tls_;  // over the socket; null: plain
  std::string input_;               // received and not used yet
  std::string head_method_;         // of the request
  std::unique_ptr<AnswerHead> head_;
  std::unique_ptr<ChunkDecoder> chunks_;
  std::uint64_t unread_ = 0;  // of a counted body
  std::uint64_t unsent_ = 0;  // of the request's body
  bool is_done_ = true;       // the answer was read to its end
  bool has_received_ = false;
  bool is_timed_out_ = false;
  bool was_certificate_refused_ = false;
};

}  // namespace signet::http
