// fuzz-deps: http
//
// The request reader against Boost.Beast's: whatever ours accepts, Beast must accept, and both must
// see the same method, target, fields, body and end. (The other way round is not demanded: ours is
// the stricter.)
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/request_parser.h"

namespace {

using signet::http::ChunkDecoder;
using signet::http::HeaderView;
using signet::http::Limits;
using signet::http::RequestHead;
using signet::http::RequestParser;
namespace beast = boost::beast;

[[noreturn]] void differ(const char* what, std::string_view input) {
  std::fprintf(stderr, "differs in %s: %.*s\n", what, static_cast<int>(input.size()), input.data());
  std::abort();
}

void demand(bool condition, const char* what, std::string_view input) {
  if (!condition) {
    differ(what, input);
  }
}

enum class End : std::uint8_t { Complete, NeedMore, Refused };

struct Reading {
  End end = End::NeedMore;
  std::string body;
  std::size_t used = 0;
};

// The body of an accepted head, by our own means.
Reading read_body(const RequestHead& head, std::string_view rest, std::size_t step) {
  static const Limits limits;
  Reading out;
  if (!head.chunked) {
    const std::uint64_t length = head.content_length.value_or(0);
    if (length <= rest.size()) {
      out = {.end = End::Complete,
             .body = std::string(rest.substr(0, static_cast<std::size_t>(length))),
             .used = static_cast<std::size_t>(length)};
    }
    return out;
  }
  ChunkDecoder decoder(limits);
  for (std::size_t at = 0; at < rest.size(); at += step) {
    std::string_view part = rest.substr(at, step);
    const std::size_t whole = part.size();
    std::string_view piece;
    ChunkDecoder::Step result{};
    while ((result = decoder.next(part, piece)) == ChunkDecoder::Step::Data) {
      out.body += piece;
    }
    if (result != ChunkDecoder::Step::NeedMore) {
      out.end = result == ChunkDecoder::Step::End ? End::Complete : End::Refused;
      out.used = at + whole - part.size();
      return out;
    }
  }
  return out;
}

void same_head(const RequestHead& head,
               const beast::http::request<beast::http::string_body>& theirs,
               std::string_view input) {
  demand(theirs.method_string() == beast::string_view(head.method.data(), head.method.size()),
         "method",
         input);
  const auto target = theirs.target();
  demand(std::string_view(target.data(), target.size()).ends_with(head.target) ||
             (head.target == "/" && !target.starts_with('/')),
         "target",
         input);
  demand(theirs.version() == static_cast<unsigned>(10 + head.minor_version), "version", input);
  std::size_t count = 0;
  for (const auto& field : theirs) {
    (void)field;
    ++count;
  }
  // Beast adds the trailer fields of a chunked body.
  demand(head.chunked ? count >= head.headers.size() : count == head.headers.size(),
         "number of fields",
         input);
  for (const HeaderView& header : head.headers) {
    bool is_found = false;
    const auto range =
        theirs.equal_range(beast::string_view(header.name.data(), header.name.size()));
    for (auto at = range.first; at != range.second; ++at) {
      is_found =
          is_found || std::string_view(at->value().data(), at->value().size()) == header.value;
    }
    demand(is_found, "a field", input);
  }
}

void compare(const RequestParser& parser, std::string_view input) {
  const RequestHead& head = parser.head();
  const std::string_view rest = input.substr(parser.size());
  const Reading ours = read_body(head, rest, rest.size() + 1);
  const Reading cut = read_body(head, rest, 1);
  demand(ours.end == cut.end && (ours.end != End::Complete || ours.used == cut.used) &&
             (ours.end != End::Complete || ours.body == cut.body),
         "cutting the body",
         input);

  const std::string_view shown = input.starts_with("\r\n") ? input.substr(2) : input;
  const std::size_t skipped = input.size() - shown.size();
  beast::http::request_parser<beast::http::string_body> oracle;
  oracle.header_limit(1 << 20);
  oracle.body_limit(1 << 20);  // it reserves what Content-Length promises
  oracle.eager(true);
  beast::error_code error;
  std::size_t used = 0;
  while (!error && !oracle.is_done() && used < shown.size()) {
    used += oracle.put(boost::asio::buffer(shown.data() + used, shown.size() - used), error);
  }
  // Beast reads the lists of these fields strictly; options that we do not know mean nothing to us.
  // And it takes framing fields in a trailer for real ones, where we drop the trailer unseen (RFC
  // 9110 6.5.1).
  const bool has_lists =
      head.count("Connection") + head.count("Proxy-Connection") + head.count("Upgrade") > 0;
  if ((error == beast::http::error::bad_value && (has_lists || head.chunked)) ||
      (head.chunked && (error == beast::http::error::bad_transfer_encoding ||
                        error == beast::http::error::bad_content_length))) {
    return;
  }
  if (error == beast::http::error::body_limit) {
    demand(ours.end != End::Complete, "a body above the limit", input);
    return;
  }
  const bool needs_more = error == beast::http::error::need_more || (!error && !oracle.is_done());
  if (ours.end == End::Complete) {
    demand(!error && oracle.is_done(), error.message().c_str(), input);
    demand(used + skipped == parser.size() + ours.used, "the end of the request", input);
    demand(oracle.get().body() == ours.body, "the body", input);
    same_head(head, oracle.get(), input);
  } else if (ours.end == End::NeedMore) {
    demand(needs_more, "a body that is not complete", input);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Limits limits;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  RequestParser parser(limits);
  const auto outcome = parser.parse(input);
  if (outcome == RequestParser::Outcome::Complete) {
    for (const HeaderView& header : parser.head().headers) {
      demand(header.name.data() >= input.data() &&
                 header.value.data() + header.value.size() <= input.data() + parser.size(),
             "views",
             input);
    }
    compare(parser, input);
  }

  // Cut into single bytes the verdict is the same, save that a hopeless head may be seen later.
  RequestParser slow(limits);
  auto slow_outcome = RequestParser::Outcome::NeedMore;
  for (std::size_t n = 1; n <= size && slow_outcome == RequestParser::Outcome::NeedMore; ++n) {
    slow_outcome = slow.parse(input.substr(0, n));
  }
  if (outcome == RequestParser::Outcome::Complete) {
    demand(slow_outcome == outcome && slow.size() == parser.size(), "cutting the head", input);
  } else {
    demand(slow_outcome != RequestParser::Outcome::Complete, "cutting a bad head", input);
  }
  return 0;
}
