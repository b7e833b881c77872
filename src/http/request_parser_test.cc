#include "http/request_parser.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace signet::http {
namespace {

using Outcome = RequestParser::Outcome;

struct Case {
  std::string_view name;
  std::string_view input;
  int status;  // 0: accepted
};

// What a request line or a field may not look like, and the odd things that are fine. The smuggling
// cases are the families of RFC 9112 11.2: two lengths, a length and a coding, hidden codings, odd
// line ends, odd white space.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"plain", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"one blank line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"two blank lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no space after colon", "GET / HTTP/1.1\r\nHost:a\r\n\r\n", 0},
      {"tab in value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\r\n\r\n", 0},
      {"empty value", "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", 0},
      {"high bytes in value", "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa4\r\n\r\n", 0},
      {"1.0 without host", "GET / HTTP/1.0\r\n\r\n", 0},
      {"unknown method", "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"absolute", "GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"absolute, empty path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", 0},
      {"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", 0},

      {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: a\r\nX: yyyyyyyyyyyyy\r\n\r\n", 400},
      {"version 2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"version 1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"space after version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"tab for space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"leading space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no method", "/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"method with colon", "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"long method", "ABCDEFGHIJABCDEFGHIJABCDEFGHIJABC / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"connect", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501},
      {"asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"relative", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"other scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute, no authority", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute, user info", "GET http://u@a/ HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"absolute, other host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute, no host", "GET http://b/ HTTP/1.1\r\n\r\n", 400},
      {"fragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"raw UTF-8 target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"DEL in target", "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"NUL in target", std::string_view("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28), 400},

      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"two hosts, 1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400},
      {"host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"host with user info", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},

      {"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"tab before colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", 400},
      {"no name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400},
      {"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
      {"folded", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400},
      {"folded with tab", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", 400},
      {"folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"bare LF after request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"bare LF after field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
      {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"bare CR in value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},
      {"CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400},
      {"NUL in value", std::string_view("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 35), 400},
      {"DEL in value", "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", 400},
      {"ESC in value", "GET / HTTP/1.1\r\nHost: a\r\nX: 12345678\x1b\r\n\r\n", 400},
      {"high byte in name", "GET / HTTP/1.1\r\nHost: a\r\nX\xc3: b\r\n\r\n", 400},

      {"length and chunked",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"chunked and length",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
       400},
      {"two lengths",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
       400},
      {"two equal lengths",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
       400},
      {"length list", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 400},
      {"signed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400},
      {"negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400},
      {"hex length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", 400},
      {"empty length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400},
      {"inner space length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n", 400},
      {"huge length",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n",
       400},
      {"two codings",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
       "chunked\r\n\r\n",
       400},
      {"hidden coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
      {"coding list",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
       501},
      {"identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501},
      {"quoted coding",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n",
       501},
      {"vertical tab coding",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b"
       "chunked\r\n\r\n",
       400},
      {"empty coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 501},
      {"1.0 chunked", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"other expectation", "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417},
  };
  return all;
}

TEST(RequestParser, JudgesTheTable) {
  const Limits limits;
  for (const Case& c : cases()) {
    RequestParser parser(limits);
    const Outcome outcome = parser.parse(c.input);
    if (c.status == 0) {
      EXPECT_EQ(outcome, Outcome::Complete) << c.name;
      EXPECT_EQ(parser.size(), c.input.size()) << c.name;
    } else {
      EXPECT_EQ(outcome, Outcome::Refused) << c.name;
      EXPECT_EQ(parser.refusal().status, c.status) << c.name;
      EXPECT_FALSE(parser.refusal().message.empty()) << c.name;
    }
  }
}

// However the bytes are cut, the verdict is the same.
TEST(RequestParser, JudgesTheTableByteByByteTheSame) {
  const Limits limits;
  for (const Case& c : cases()) {
    RequestParser parser(limits);
    Outcome outcome = Outcome::NeedMore;
    std::string moved;
    for (std::size_t n = 1; n <= c.input.size() && outcome == Outcome::NeedMore; ++n) {
      moved = std::string(c.input.substr(0, n));
      outcome = parser.parse(moved);
    }
    if (c.status == 0) {
      EXPECT_EQ(outcome, Outcome::Complete) << c.name;
    } else if (outcome == Outcome::Refused) {
      EXPECT_EQ(parser.refusal().status, c.status) << c.name;
    } else {
      // Without the end of a head there is nothing to judge; the head timeout ends it.
      EXPECT_EQ(outcome, Outcome::NeedMore) << c.name;
      EXPECT_EQ(c.input.find("\r\n\r\n"), std::string_view::npos) << c.name;
    }
  }
}

TEST(RequestParser, GivesRawViews) {
  const Limits limits;
  RequestParser parser(limits);
  const std::string_view input =
      "PUT /b/k%2Fx//../%61?a=%20&A+b HTTP/1.1\r\nhOST: s3.local:90\r\nX-A:  1 2 \r\nx-a: 3\r\n"
      "content-LENGTH: 007\r\n\r\nBODY";

  ASSERT_EQ(parser.parse(input), Outcome::Complete);

  const RequestHead& head = parser.head();
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.target, "/b/k%2Fx//../%61?a=%20&A+b");
  EXPECT_EQ(head.path(), "/b/k%2Fx//../%61");
  EXPECT_EQ(head.query(), "a=%20&A+b");
  EXPECT_EQ(head.host, "s3.local:90");
  EXPECT_EQ(head.find("X-a"), "1 2");
  EXPECT_EQ(head.count("x-A"), 2U);
  EXPECT_EQ(head.find("absent"), std::nullopt);
  EXPECT_EQ(head.headers[1].name, "X-A");
  EXPECT_EQ(head.content_length, 7U);
  EXPECT_EQ(parser.size(), input.size() - 4);
  EXPECT_GE(head.target.data(), input.data());
  EXPECT_LE(head.target.data(), input.data() + input.size());
}

TEST(RequestParser, ReducesTheAbsoluteForm) {
  const Limits limits;
  RequestParser parser(limits);

  ASSERT_EQ(parser.parse("GET HTTP://A.b:80/x?y HTTP/1.1\r\nHost: a.B:80\r\n\r\n"),
            Outcome::Complete);

  EXPECT_EQ(parser.head().target, "/x?y");
  EXPECT_EQ(parser.head().host, "A.b:80");
}

TEST(RequestParser, KnowsWhenTheClientCloses) {
  const Limits limits;
  const auto closes = [&limits](std::string_view input) {
    RequestParser parser(limits);
    EXPECT_EQ(parser.parse(input), Outcome::Complete);
    return parser.head().wants_close;
  };

  EXPECT_FALSE(closes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(closes("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(closes("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n"));
  EXPECT_TRUE(closes("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(closes("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
  EXPECT_TRUE(closes("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"));
}

TEST(RequestParser, HoldsItsLimits) {
  Limits limits;
  limits.head_bytes = 200;
  limits.header_count = 3;
  const auto status = [&limits](const std::string& input) {
    RequestParser parser(limits);
    return parser.parse(input) == Outcome::Refused ? parser.refusal().status : 0;
  };
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";

  EXPECT_EQ(status(head + "A: 1\r\nB: 2\r\n\r\n"), 0);
  EXPECT_EQ(status(head + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n"), 431);
  EXPECT_EQ(status(head + "A: " + std::string(168, 'x') + "\r\n\r\n"), 0);
  EXPECT_EQ(status(head + "A: " + std::string(169, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(status(head + "A: " + std::string(300, 'x')), 431);
  EXPECT_EQ(status("GET /" + std::string(300, 'x')), 414);
  // The same, all of it there at once.
  EXPECT_EQ(status("GET /" + std::string(300, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(status("\r\nGET /" + std::string(300, 'x') + " HTTP/1.1\r\nHost: a\r\n"), 414);
  EXPECT_EQ(status("GET /" + std::string(100, 'x') +
                   " HTTP/1.1\r\nHost: a\r\nA: " + std::string(100, 'x') + "\r\n\r\n"),
            431);
}

struct Decoded {
  ChunkDecoder::Step end;
  std::string body;
  std::string rest;
};

Decoded decode(std::string_view input, std::size_t step, const Limits& limits = Limits{}) {
  ChunkDecoder decoder(limits);
  Decoded out{ChunkDecoder::Step::NeedMore, {}, {}};
  while (!input.empty()) {
    std::string_view part = input.substr(0, step);
    input.remove_prefix(part.size());
    std::string_view piece;
    do {
      out.end = decoder.next(part, piece);
      if (out.end == ChunkDecoder::Step::Data) {
        out.body += piece;
      }
    } while (out.end == ChunkDecoder::Step::Data);
    if (out.end != ChunkDecoder::Step::NeedMore) {
      out.rest = std::string(part) + std::string(input);
      return out;
    }
  }
  return out;
}

TEST(ChunkDecoder, JoinsChunksHoweverTheyAreCut) {
  const std::string_view input =
      "5\r\nhello\r\n00A;x=1;y=\"q;\\\"\"\r\n, chunked!\r\n0\r\nTrailer: v\r\n\r\nGET";
  for (std::size_t step = 1; step <= input.size(); ++step) {
    const Decoded decoded = decode(input, step);
    EXPECT_EQ(decoded.end, ChunkDecoder::Step::End) << step;
    EXPECT_EQ(decoded.body, "hello, chunked!") << step;
    EXPECT_EQ(decoded.rest, "GET") << step;
  }
}

TEST(ChunkDecoder, RefusesWhatTwoReadersCouldReadDifferently) {
  for (const std::string_view input : {
           "\r\n",                     // no size
           "x\r\n",                    // not a number
           "-1\r\n",                   // signed
           "0x5\r\n",                  // prefixed
           "5 \r\nhello\r\n",          // space after the size
           "5\nhello\r\n",             // bare LF
           "5\r\nhelloX\r\n",          // longer than it says
           "5\r\nhello\n0\r\n\r\n",    // bare LF after the data
           "5\r\rhello",               // CR CR
           "5;\r\nhello\r\n",          // empty extension
           "5;a=\r\nhello\r\n",        // empty extension value
           "5;a=\"\n\"\r\nhello\r\n",  // LF in a quoted string
           "5;a\nb\r\nhello\r\n",      // LF in an extension
           "5;a=\"x\"y\r\nhello\r\n",  // text after a quoted string
           "1000000000000000\r\n",     // 2^60
           "0\r\nT : v\r\n\r\n",       // space before the colon of a trailer
           "0\r\n T: v\r\n\r\n",       // folded trailer
           "0\r\nT: v\n\r\n",          // bare LF in a trailer
           "0\r\nT\r\n\r\n",           // trailer without a colon
           "0\r\n\rx",                 // bare CR at the end
       }) {
    EXPECT_EQ(decode(input, input.size()).end, ChunkDecoder::Step::Refused) << input;
    EXPECT_EQ(decode(input, 1).end, ChunkDecoder::Step::Refused) << input;
  }
}

TEST(ChunkDecoder, BoundsLinesAndTrailers) {
  Limits limits;
  limits.chunk_line_bytes = 100;
  const std::string big(200, 'a');

  EXPECT_EQ(decode("1;" + big + "\r\n", 7, limits).end, ChunkDecoder::Step::Refused);
  EXPECT_EQ(decode("0\r\nA: " + big, 7, limits).end, ChunkDecoder::Step::Refused);
  EXPECT_EQ(decode("c8\r\n" + big + "\r\n0\r\n\r\n", 7, limits).end, ChunkDecoder::Step::End);
}

}  // namespace
}  // namespace signet::http
