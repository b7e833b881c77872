#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "http/client_message.h"

namespace signet::http {

// How the end of an answer's body is found (RFC 9112 6.3).
enum class BodyEnd : std::uint8_t {
  None,     // there is no body
  Counted,  // after Content-Length bytes
  Chunked,
  Closed,  // where the server closes the connection
};

// The head of an answer.
struct AnswerHead {
  ClientResponse response;  // without its body
  BodyEnd end = BodyEnd::None;
  std::uint64_t length = 0;  // of a counted body
  bool keeps_open = false;   // the connection may be used again
};

// Reads status line and fields: `head` is everything before the blank line, each line with its end.
// `method` is that of the request. What two readers could take for bodies of different lengths is
// refused, and so are control characters; the error is a sentence.
[[nodiscard]] std::expected<AnswerHead, std::string> parse_answer_head(std::string_view head,
                                                                       std::string_view method);

}  // namespace signet::http
