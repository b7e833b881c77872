// base64, base32, uri and time: vectors from the RFCs, then what must be refused.
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "codec/base32.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "codec/uri.h"

namespace signet::codec {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Base64, Rfc4648Vectors) {
  const Pairs vectors = {{"", ""},
                         {"f", "Zg=="},
                         {"fo", "Zm8="},
                         {"foo", "Zm9v"},
                         {"foob", "Zm9vYg=="},
                         {"fooba", "Zm9vYmE="},
                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
}

TEST(Base64, UrlAlphabetHasNoPadding) {
  EXPECT_EQ(encode_base64("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(encode_base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(encode_base64url("f"), "Zg");
  EXPECT_EQ(decode_base64url("Zg"), "f");
  EXPECT_FALSE(decode_base64url("Zg=="));
  EXPECT_FALSE(decode_base64url("+//+"));
}

TEST(Base64, RefusesSecondSpellings) {
  for (const char* text : {"Zg",
                           "Zg=",
                           "Zg===",
                           "====",
                           "=",
                           "Zh==",
                           "Zm9=",
                           "Zm 9v",
                           "Zm9v\n",
                           "Zm9v=",
                           "-__-",
                           "Z"}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

TEST(Base64, EveryByteSurvives) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
    EXPECT_EQ(decode_base64(encode_base64(all)), all);
    EXPECT_EQ(decode_base64url(encode_base64url(all)), all);
    EXPECT_EQ(decode_base32(encode_base32(all)), all);
  }
}

TEST(Base32, Rfc4648Vectors) {
  const Pairs vectors = {{"", ""},
                         {"f", "MY======"},
                         {"fo", "MZXQ===="},
                         {"foo", "MZXW6==="},
                         {"foob", "MZXW6YQ="},
                         {"fooba", "MZXW6YTB"},
                         {"foobar", "MZXW6YTBOI======"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base32(bytes), text);
    EXPECT_EQ(decode_base32(text), bytes);
    EXPECT_EQ(decode_base32(text.substr(0, text.find('='))), bytes);
  }
  EXPECT_EQ(decode_base32("mzxw6ytb"), "fooba");
}

TEST(Base32, RefusesNonsense) {
  for (const char* text : {"M",
                           "MZX",
                           "MZXW6Y",
                           "MZ======",
                           "MY=====",
                           "========",
                           "MY======MY======",
                           "M0======",
                           "MZ 6",
                           "1",
                           "MZXW6YTB========"}) {
    EXPECT_FALSE(decode_base32(text)) << text;
  }
}

TEST(Uri, EncodesAllButUnreserved) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode(" +/%\x7f\xc3\xa9"), "%20%2B%2F%25%7F%C3%A9");
  EXPECT_EQ(percent_encode("/a b/", Slash::Keep), "/a%20b/");
  EXPECT_EQ(percent_encode(std::string_view("\0", 1)), "%00");
}

TEST(Uri, Decodes) {
  EXPECT_EQ(percent_decode("a%2fb%2Fc+d"), "a/b/c+d");
  EXPECT_EQ(form_decode("a%2Bb+c"), "a+b c");
  EXPECT_EQ(form_decode("%"), std::nullopt);
  for (const char* text : {"%", "%2", "%2x", "%x2", "a%", "%%20", "%+2"}) {
    EXPECT_FALSE(percent_decode(text)) << text;
    EXPECT_FALSE(form_decode(text)) << text;
  }
}

TEST(Time, FormatsEachForm) {
  const Instant t{1'771'321'482'123};
  EXPECT_EQ(format_iso8601(t), "2026-02-17T09:44:42Z");
  EXPECT_EQ(format_iso8601_ms(t), "2026-02-17T09:44:42.123Z");
  EXPECT_EQ(format_amz_date(t), "20260217T094442Z");
  EXPECT_EQ(format_basic_date(t), "20260217");
  EXPECT_EQ(format_http_date(t), "Tue, 17 Feb 2026 09:44:42 GMT");
  EXPECT_EQ(format_http_date(Instant{784'111'777'000}),
            "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 7231 7.1.1.1
}

TEST(Time, CalendarEdges) {
  EXPECT_EQ(format_iso8601(Instant{0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_iso8601_ms(Instant{-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_iso8601(Instant::from_seconds(951'782'400)), "2000-02-29T00:00:00Z");
  EXPECT_EQ(format_iso8601(Instant::from_seconds(4'107'542'400)), "2100-03-01T00:00:00Z");
  EXPECT_EQ(format_iso8601(Instant{INT64_MAX}), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_iso8601(Instant{INT64_MIN + 1000}), "0000-01-01T00:00:00Z");
}

TEST(Time, RoundTripsEveryDayFromZeroTo9999) {
  for (std::int64_t day = -719'528; day <= 2'932'896; day += 7) {
    const Instant t = Instant::from_seconds(day * 86'400 + (day & 0xFFFF));
    ASSERT_EQ(parse_iso8601(format_iso8601(t)), t);
    ASSERT_EQ(parse_amz_date(format_amz_date(t)), t);
    ASSERT_EQ(parse_http_date(format_http_date(t)), t);
  }
}

TEST(Time, ParsesFractionsAndOffsets) {
  const Instant t = Instant::from_seconds(1'771'321'482);
  EXPECT_EQ(parse_iso8601("2026-02-17T09:44:42.5Z"), Instant{t.unix_ms + 500});
  EXPECT_EQ(parse_iso8601("2026-02-17T09:44:42.123456789Z"), Instant{t.unix_ms + 123});
  EXPECT_EQ(parse_iso8601("2026-02-17T10:44:42+01:00"), t);
  EXPECT_EQ(parse_iso8601("2026-02-17T04:14:42-0530"), t);
}

TEST(Time, RefusesWhatIsNotExact) {
  for (const char* text : {"",
                           "2026-02-17",
                           "2026-02-17T09:44:42",
                           "2026-02-17 09:44:42Z",
                           "2026-02-30T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "2100-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:60Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00ZZ",
                           "2026-1-01T00:00:00Z",
                           "+026-01-01T00:00:00Z",
                           "2026-01-01T00:00:00+1",
                           "x",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00 Z"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
  for (const char* text : {"",
                           "20260217",
                           "20260217T094442",
                           "20260230T000000Z",
                           "20260217T0944422Z",
                           "2026021 T094442Z",
                           "20260217t094442z",
                           "2026-02-17T09:44:42Z"}) {
    EXPECT_FALSE(parse_amz_date(text)) << text;
  }
  for (const char* text : {"",
                           "Wed, 17 Feb 2026 09:44:42 GMT",
                           "Tue, 17 Feb 2026 09:44:42 UTC",
                           "Tuesday, 17-Feb-26 09:44:42 GMT",
                           "Tue Feb 17 09:44:42 2026",
                           "Tue, 17 Feb 2026 09:44:42 GMT "}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

// A plain rendering of RFC 4648 4, to hold the vector path against.
std::string slow_base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<std::uint8_t>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      out += kAlphabet[bits >> static_cast<unsigned>(held) & 63U];
    }
  }
  if (held > 0) {
    out += kAlphabet[bits << static_cast<unsigned>(6 - held) & 63U];
  }
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

TEST(Base64, AgreesWithAPlainRenderingAtEveryLength) {
  std::string bytes;
  std::uint32_t state = 1;
  for (std::size_t size = 0; size <= 300; ++size) {
    const std::string text = encode_base64(bytes);
    ASSERT_EQ(text, slow_base64(bytes)) << size;
    ASSERT_EQ(decode_base64(text), bytes) << size;
    state = state * 1664525U + 1013904223U;
    bytes += static_cast<char>(state >> 24U);
  }
}

TEST(Base64, DecodesIntoGivenMemoryAndNoFurther) {
  constexpr std::size_t kBehind = 32;
  for (std::size_t size = 0; size <= 100; ++size) {
    const std::string bytes(size, 'x');
    const std::string text = encode_base64(bytes);
    const std::size_t room = text.size() / 4 * 3;
    std::string memory(room + kBehind, '#');

    ASSERT_EQ(decode_base64_to(text, std::span(memory).first(room)), size);

    EXPECT_EQ(memory.substr(0, size), bytes) << size;
    EXPECT_EQ(memory.substr(size), std::string(room - size + kBehind, '#')) << size;
  }
  std::string memory(kBehind, '#');
  EXPECT_FALSE(decode_base64_to("Zm9vYm9", memory));
  EXPECT_FALSE(decode_base64_to("Zm9!", memory));
  EXPECT_FALSE(decode_base64_to("Zh==", memory));
}

TEST(Base64, RefusesEveryBadCharacterAtEveryPlace) {
  const std::string good = encode_base64(std::string(60, 'x'));
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = good;
      changed[at] = static_cast<char>(c);
      const bool is_good = kAlphabet.find(changed[at]) != std::string_view::npos;
      const bool is_padding = c == '=' && at + 1 == good.size();
      if (!is_padding) {
        EXPECT_EQ(decode_base64(changed).has_value(), is_good) << at << " " << c;
      }
    }
  }
}

}  // namespace
}  // namespace signet::codec
