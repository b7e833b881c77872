#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "http/limits.h"
#include "http/message.h"

namespace signet::http {

// Why a request is not served: the status of the answer and a sentence for its body.
struct Refusal {
  int status = 0;
  std::string_view message;
};

// Reads the head of one HTTP/1.x request (RFC 9112), strictly: where two readers could disagree
// about where a request ends, it refuses. Lines end in CR LF only; no folding, no space before a
// colon, no control byte in a value; exactly one Host in HTTP/1.1; one Content-Length or one
// `Transfer-Encoding: chunked`, never both.
class RequestParser {
 public:
  explicit RequestParser(const Limits& limits);

  enum class Outcome : std::uint8_t { NeedMore, Complete, Refused };

  // `input` starts at the same request each time and only grows, though it may move in memory.
  // After Complete, the views of head() point into it.
  Outcome parse(std::string_view input);

  [[nodiscard]] const RequestHead& head() const { return head_; }

  [[nodiscard]] RequestHead& head() { return head_; }

  // Bytes of the head, blank line included.
  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] Refusal refusal() const { return refusal_; }

  // Ready for the next request.
  void reset();

  // Memory for the fields of a head, which a parser that waits for one does without.
  void lend(std::vector<HeaderView> fields) { headers_ = std::move(fields); }

  // The head is forgotten.
  [[nodiscard]] std::vector<HeaderView> take_back() {
    head_ = RequestHead{};
    return std::exchange(headers_, {});
  }

 private:
  enum class Line : std::uint8_t { Ok, NeedMore, Refused };

  Outcome refuse(Refusal why);
  Outcome too_long(std::string_view input);
  Line request_line(std::string_view input, std::size_t& at);
  Line field_line(std::string_view input, std::size_t& at);
  Line bad(Refusal why);
  bool split_target(std::string_view target);
  bool interpret(std::string_view name, std::string_view value);
  bool interpret_host(std::string_view value);
  bool interpret_content_length(std::string_view value);
  bool interpret_transfer_encoding(std::string_view value);
  void interpret_connection(std::string_view value);
  bool complete();

  const Limits& limits_;
  RequestHead head_;
  std::vector<HeaderView> headers_;
  std::string_view authority_;
  std::size_t size_ = 0;
  // How much of the input is known to hold no end of the head.
  std::size_t searched_ = 0;
  int hosts_ = 0;
  int transfer_encodings_ = 0;
  bool is_kept_alive_ = false;
  Refusal refusal_;
};

// True for an RFC 9110 5.6.2 token.
[[nodiscard]] bool is_token(std::string_view text);

// Takes a chunked body apart (RFC 9112 7.1). Trailer fields are checked and dropped.
class ChunkDecoder {
 public:
  explicit ChunkDecoder(const Limits& limits) : limits_(limits) {}

  enum class Step : std::uint8_t { Data, NeedMore, End, Refused };

  // Consumes from the front of `input`. Data: `piece` is a part of the body, inside the input. End:
  // `input` starts after the body.
  Step next(std::string_view& input, std::string_view& piece);

  void reset();

 private:
  enum class State : std::uint8_t {
    SizeFirst,
    Size,
    ExtensionNameFirst,
    ExtensionName,
    ExtensionValueFirst,
    ExtensionValue,
    ExtensionQuoted,
    ExtensionEscape,
    ExtensionAfterQuoted,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerFirst,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
    Bad,
  };

  State size_line(char c);
  State extension(char c);
  State trailer(char c);
  State step(char c);

  const Limits& limits_;
  State state_ = State::SizeFirst;
  std::uint64_t left_ = 0;
  int digits_ = 0;
  std::size_t line_bytes_ = 0;
};

}  // namespace signet::http
