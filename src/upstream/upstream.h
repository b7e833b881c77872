#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/client_message.h"
#include "http/client_stream.h"
#include "upstream/endpoint.h"

namespace signet::upstream {

// What requests to an upstream are signed with.
struct Keys {
  std::string access_key_id;
  Secret secret_access_key;
  std::string session_token;  // empty: none
  std::string region = "us-east-1";
};

struct Options {
  Endpoint endpoint;
  Keys keys;
  std::string ca_file = {};     // PEM; empty: the system's authorities
  int timeout_seconds = 30;     // without any progress
  std::size_t calls_max = 512;  // under way at once; more are refused
};

// A request before it is signed. Names and values as they are meant; they are encoded here.
struct Request {
  std::string method = "GET";
  std::string bucket;
  std::string key = {};  // empty: the bucket
  std::vector<std::pair<std::string, std::string>> query = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Why there is no answer.
struct Fault {
  enum class Kind : std::uint8_t {
    Busy,      // too many calls are under way: nothing was sent
    NoAnswer,  // not reached, too slow, cut off, or no HTTP
  };
  Kind kind = Kind::NoAnswer;
  std::string cause;  // for the operator
};

class Upstream;

// One request under way. Dropping it before both bodies have passed whole cuts its connection, so
// that the upstream sees that the request was given up. Calls block; one thread at a time.
class Exchange {
 public:
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  Exchange(Exchange&&) = delete;
  Exchange& operator=(Exchange&&) = delete;
  ~Exchange();

  // The next bytes of the request's body.
  [[nodiscard]] std::expected<void, Fault> write(std::string_view piece);

  // The head of the answer, without its body.
  [[nodiscard]] std::expected<http::ClientResponse, Fault> answer();

  // The next bytes of the answer's body, 256 KiB at most; empty at its end.
  [[nodiscard]] std::expected<std::string, Fault> read();

  // The whole of it. A longer one is NoAnswer.
  [[nodiscard]] std::expected<std::string, Fault> read_all(std::size_t max);

  // Bytes of the answer's body, where the upstream told.
  [[nodiscard]] std::optional<std::uint64_t> body_length() const { return stream_->body_length(); }

 private:
  friend class Upstream;

  Exchange(Upstream& upstream, std::unique_ptr<http::ClientStream> stream)
      : upstream_(upstream), stream_(std::move(stream)) {}

  Upstream& upstream_;
  std::unique_ptr<http::ClientStream> stream_;
};

// An S3 service elsewhere: signs what is sent to it with its own keys, and keeps connections.
// Thread-safe; must outlive its exchanges.
class Upstream {
 public:
  // `clock` says the real time, whatever that of the server is set to.
  Upstream(Options options, const Clock& clock);

  // An answer whose head is there.
  struct Answered {
    http::ClientResponse head;
    std::unique_ptr<Exchange> exchange;
  };

  // Sends a request with its whole body and waits for the head of the answer. A read that a kept
  // connection lost is sent once more.
  [[nodiscard]] std::expected<Answered, Fault> ask(const Request& request,
                                                   std::string_view body = {});

  // Begins a request whose body follows in pieces: `first`, and what Exchange::write() gets, of
  // `body_bytes` in all. `payload` is what x-amz-content-sha256 says of it: UNSIGNED-PAYLOAD or one
  // of the streamed forms.
  [[nodiscard]] std::expected<std::unique_ptr<Exchange>, Fault> begin(const Request& request,
                                                                      std::string_view first,
                                                                      std::uint64_t body_bytes,
                                                                      std::string_view payload);

  [[nodiscard]] const Endpoint& endpoint() const { return options_.endpoint; }

 private:
  friend class Exchange;

  struct Idle {
    std::unique_ptr<http::ClientStream> stream;
    std::int64_t since_ms = 0;  // monotonic
  };

  [[nodiscard]] std::unique_ptr<http::ClientStream> take();
  void give_back(std::unique_ptr<http::ClientStream> stream);
  [[nodiscard]] http::ClientRequest signed_request(const Request& request,
                                                   std::string_view body,
                                                   std::string_view payload) const;
  [[nodiscard]] std::expected<std::unique_ptr<Exchange>, Fault> start(http::ClientRequest request,
                                                                      std::uint64_t body_bytes);

  Options options_;
  const Clock& clock_;
  std::atomic<std::size_t> under_way_ = 0;
  std::mutex mutex_;
  std::vector<Idle> idle_;  // guarded by mutex_; the one used last at the end
};

}  // namespace signet::upstream
