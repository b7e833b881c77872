#include "sigv4/chunked.h"

#include <string>

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "facts/errors.h"
#include "sigv4/signing_key.h"

namespace signet::sigv4 {
namespace {

// The example of Amazon S3's pages on chunked uploads: 66,560 letters 'a' in chunks of 65,536,
// 1,024 and 0 bytes, with the signatures printed there.
constexpr std::string_view kSeed =
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
constexpr std::string_view kTrailerSeed =
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

const crypto::HmacKey& example_key() {
  static const crypto::HmacKey key =
      derive_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3");
  return key;
}

ParsedAuth example_auth(std::string_view seed) {
  return ParsedAuth{.scope = "20130524/us-east-1/s3/aws4_request",
                    .signed_headers = {},
                    .signature = seed,
                    .amz_date = "20130524T000000Z"};
}

std::string chunk(std::string_view size, std::string_view signature, const std::string& data) {
  return std::string(size) + ";chunk-signature=" + std::string(signature) + "\r\n" + data +
         (data.empty() ? "" : "\r\n");
}

std::string example_body() {
  return chunk("10000",
               "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
               std::string(65536, 'a')) +
         chunk("400",
               "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
               std::string(1024, 'a')) +
         chunk("0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", "") +
         "\r\n";
}

std::string trailer_body(std::string_view line_end) {
  return chunk("10000",
               "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
               std::string(65536, 'a')) +
         chunk("400",
               "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
               std::string(1024, 'a')) +
         chunk("0", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992", "") +
         "x-amz-checksum-crc32c:sOO8/Q==" + std::string(line_end) +
         "x-amz-trailer-signature:"
         "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
}

struct Outcome {
  Status status;
  std::string data;
  std::uint64_t verified = 0;
  std::string checksum;
};

// Feeds `body` in pieces of `piece` bytes.
Outcome decode(const std::string& body,
               std::string_view seed,
               ChunkDecoder::Options options,
               std::size_t piece = std::string::npos) {
  ChunkDecoder decoder(example_auth(seed), example_key(), std::move(options));
  Outcome outcome;
  for (std::size_t at = 0; at < body.size();) {
    std::string_view input = std::string_view(body).substr(at, piece);
    at += input.size();
    while (!input.empty()) {
      const Result<ChunkDecoder::Step> step = decoder.next(input);
      if (!step) {
        outcome.status = std::unexpected(step.error());
        outcome.verified = decoder.verified_bytes();
        EXPECT_FALSE(decoder.is_finished());
        return outcome;
      }
      outcome.data.append(step->data);
      input.remove_prefix(step->consumed);
    }
  }
  outcome.status = decoder.finish();
  outcome.verified = decoder.verified_bytes();
  outcome.checksum = decoder.trailer_checksum() ? decoder.trailer_checksum()->value : "";
  return outcome;
}

ChunkDecoder::Options signed_options(std::uint64_t length = 66560) {
  return {.kind = PayloadKind::StreamSigned, .decoded_length = length, .trailer_header = ""};
}

ChunkDecoder::Options signed_trailer_options() {
  return {.kind = PayloadKind::StreamSignedTrailer,
          .decoded_length = 66560,
          .trailer_header = "x-amz-checksum-crc32c"};
}

ChunkDecoder::Options unsigned_options(std::uint64_t length,
                                       std::string trailer = "x-amz-checksum-crc32") {
  return {.kind = PayloadKind::StreamUnsignedTrailer,
          .decoded_length = length,
          .trailer_header = std::move(trailer)};
}

TEST(ChunkDecoder, VerifiesThePublishedExampleInAnyPieces) {
  for (const std::size_t piece :
       {std::string::npos, std::size_t{1}, std::size_t{7}, std::size_t{65536}}) {
    const Outcome outcome = decode(example_body(), kSeed, signed_options(), piece);

    EXPECT_TRUE(outcome.status.has_value()) << outcome.status.error().message;
    EXPECT_EQ(outcome.data, std::string(66560, 'a'));
    EXPECT_EQ(outcome.verified, 66560U);
  }
}

TEST(ChunkDecoder, VerifiesTheExampleWithASignedTrailer) {
  for (const std::string_view line_end : {"\r\n", "\n", "\n\r\n"}) {
    const Outcome outcome = decode(trailer_body(line_end), kTrailerSeed, signed_trailer_options());

    EXPECT_TRUE(outcome.status.has_value()) << outcome.status.error().message;
    EXPECT_EQ(outcome.checksum, "sOO8/Q==");
  }
}

TEST(ChunkDecoder, ReadsUnsignedChunksAndChecksTheirTrailer) {
  const std::string first(8192, 'a');
  const std::string body =
      "2000\r\n" + first + "\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:dSc5vA==\r\n\r\n";
  for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{3}}) {
    const Outcome outcome = decode(body, kSeed, unsigned_options(8198), piece);

    EXPECT_TRUE(outcome.status.has_value()) << outcome.status.error().message;
    EXPECT_EQ(outcome.data, first + " world");
    EXPECT_EQ(outcome.checksum, "dSc5vA==");
  }
  EXPECT_TRUE(decode("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", kSeed, unsigned_options(0))
                  .status.has_value());
  EXPECT_TRUE(decode("1\r\na\r\n0\r\n\r\n", kSeed, unsigned_options(1, "")).status.has_value());
}

TEST(ChunkDecoder, LetsOnlyTheLastChunkBeShort) {
  const std::string body = "2000\r\n" + std::string(8192, 'a') + "\r\n1fff\r\n" +
                           std::string(8191, 'b') + "\r\n1\r\nc\r\n0\r\n\r\n";

  const Outcome outcome = decode(body, kSeed, unsigned_options(16384, ""));

  ASSERT_FALSE(outcome.status.has_value());
  EXPECT_EQ(outcome.status.error().code, ErrorCode::InvalidChunkSizeError);
  EXPECT_EQ(
      outcome.status.error().fields,
      (std::vector<std::pair<std::string, std::string>>{{"Chunk", "2"}, {"BadChunkSize", "8191"}}));
}

TEST(ChunkDecoder, RefusesAChangedByteAnywhere) {
  const std::string body = trailer_body("\r\n");
  for (std::size_t i = 0; i < body.size(); i += (i > 100 && i < 65500) ? 997 : 1) {
    std::string changed = body;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(decode(changed, kTrailerSeed, signed_trailer_options()).status.has_value())
        << "byte " << i;
  }
}

TEST(ChunkDecoder, RefusesABodyCutAnywhere) {
  const std::string body = example_body();
  for (std::size_t size = body.size() - 1; size > body.size() - 1300; --size) {
    const Outcome outcome = decode(body.substr(0, size), kSeed, signed_options());

    ASSERT_FALSE(outcome.status.has_value()) << size;
    EXPECT_EQ(outcome.status.error().code, ErrorCode::IncompleteBody);
  }
}

TEST(ChunkDecoder, CountsOnlyVerifiedBytesBeforeAForgedChunk) {
  std::string body = example_body();
  body[body.find("400;") + 100] = 'b';

  const Outcome outcome = decode(body, kSeed, signed_options());

  ASSERT_FALSE(outcome.status.has_value());
  EXPECT_EQ(outcome.status.error().code, ErrorCode::S3SignatureDoesNotMatch);
  EXPECT_EQ(outcome.verified, 65536U);
}

TEST(ChunkDecoder, RefusesReorderedAndReplayedChunks) {
  const std::string first =
      chunk("10000",
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            std::string(65536, 'a'));

  EXPECT_EQ(decode(first + first, kSeed, signed_options(200000)).status.error().code,
            ErrorCode::S3SignatureDoesNotMatch);
  EXPECT_EQ(decode(example_body(), kTrailerSeed, signed_options()).status.error().code,
            ErrorCode::S3SignatureDoesNotMatch);
}

TEST(ChunkDecoder, RefusesWhatDoesNotAddUp) {
  struct Case {
    std::string name;
    std::string body;
    ChunkDecoder::Options options;
    ErrorCode code;
  };

  const std::string signature(64, 'a');
  const std::vector<Case> cases{
      {"more than announced", "5\r\nhello\r\n", unsigned_options(4), ErrorCode::IncompleteBody},
      {"less than announced", "1\r\na\r\n0\r\n", unsigned_options(2), ErrorCode::IncompleteBody},
      {"no size", "\r\n", unsigned_options(1), ErrorCode::InvalidRequest},
      {"size not hexadecimal", "g\r\n", unsigned_options(1), ErrorCode::InvalidRequest},
      {"signed size", "-1\r\n", unsigned_options(1), ErrorCode::InvalidRequest},
      {"size of 17 digits",
       "10000000000000000\r\n",
       unsigned_options(1),
       ErrorCode::InvalidRequest},
      {"extension on an unsigned chunk",
       "1;a=b\r\n",
       unsigned_options(1),
       ErrorCode::InvalidRequest},
      {"no signature", "1\r\n", signed_options(1), ErrorCode::InvalidRequest},
      {"short signature", "1;chunk-signature=ab\r\n", signed_options(1), ErrorCode::InvalidRequest},
      {"bare line feed", "1\n", unsigned_options(1), ErrorCode::InvalidRequest},
      {"endless line", std::string(5000, '0'), unsigned_options(1), ErrorCode::InvalidRequest},
      {"chunk longer than it says", "1\r\nab\r\n", unsigned_options(2), ErrorCode::InvalidRequest},
      {"wrong checksum",
       "1\r\na\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
       unsigned_options(1),
       ErrorCode::BadDigest},
      {"checksum of the wrong size",
       "1\r\na\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n",
       unsigned_options(1),
       ErrorCode::InvalidRequest},
      {"checksum not base64",
       "1\r\na\r\n0\r\nx-amz-checksum-crc32:AAAAA===\r\n\r\n",
       unsigned_options(1),
       ErrorCode::InvalidRequest},
      {"announced trailer missing",
       "1\r\na\r\n0\r\n\r\n",
       unsigned_options(1),
       ErrorCode::InvalidRequest},
      {"another trailer",
       "1\r\na\r\n0\r\nx-amz-checksum-crc32c:AAAAAA==\r\n\r\n",
       unsigned_options(1),
       ErrorCode::InvalidRequest},
      {"trailer twice",
       "0\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
       unsigned_options(0),
       ErrorCode::InvalidRequest},
      {"trailer without a colon",
       "0\r\nabc\r\n\r\n",
       unsigned_options(0),
       ErrorCode::InvalidRequest},
      {"something after the end", "0\r\n\r\nx", unsigned_options(0, ""), ErrorCode::InvalidRequest},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : {std::string::npos, std::size_t{1}}) {
      const Outcome outcome = decode(c.body, kSeed, c.options, piece);

      ASSERT_FALSE(outcome.status.has_value()) << c.name;
      EXPECT_EQ(outcome.status.error().code, c.code)
          << c.name << ": " << outcome.status.error().message;
    }
  }
}

TEST(ChunkDecoder, SaysWhichChecksumWasWrong) {
  const Outcome outcome =
      decode("1\r\na\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", kSeed, unsigned_options(1));

  EXPECT_EQ(outcome.status.error().message,
            "The CRC32 you specified did not match the calculated checksum.");
}

TEST(ChunkDecoder, StaysFailed) {
  ChunkDecoder decoder(example_auth(kSeed), example_key(), unsigned_options(1));
  ASSERT_FALSE(decoder.next("zz\r\n").has_value());

  EXPECT_FALSE(decoder.next("1\r\na\r\n0\r\n\r\n").has_value());
  EXPECT_FALSE(decoder.finish().has_value());
}

}  // namespace
}  // namespace signet::sigv4
