// fuzz-deps: base sigv4
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"
#include "sigv4/chunked.h"
#include "sigv4/signing_key.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

namespace {

struct Outcome {
  bool is_finished = false;
  std::string data;
  std::uint64_t verified = 0;

  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view body, sigv4::ChunkDecoder::Options options, std::size_t piece) {
  static const crypto::HmacKey key = sigv4::derive_signing_key(
      "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3");
  sigv4::ParsedAuth auth;
  auth.scope = "20130524/us-east-1/s3/aws4_request";
  auth.amz_date = "20130524T000000Z";
  auth.signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const std::uint64_t limit = options.decoded_length;
  sigv4::ChunkDecoder decoder(auth, key, std::move(options));
  Outcome outcome;
  while (!body.empty()) {
    std::string_view input = body.substr(0, piece);
    body.remove_prefix(input.size());
    while (!input.empty()) {
      const auto step = decoder.next(input);
      if (!step) {
        return {.is_finished = false, .data = {}, .verified = decoder.verified_bytes()};
      }
      SIGNET_ASSERT(step->consumed > 0 && step->consumed <= input.size());
      SIGNET_ASSERT(step->data.empty() ||
                    (step->data.data() >= input.data() &&
                     step->data.data() + step->data.size() <= input.data() + input.size()));
      outcome.data.append(step->data);
      input.remove_prefix(step->consumed);
    }
    SIGNET_ASSERT(outcome.data.size() <= limit && decoder.verified_bytes() <= outcome.data.size());
  }
  outcome.is_finished = decoder.finish().has_value();
  outcome.verified = decoder.verified_bytes();
  SIGNET_ASSERT(!outcome.is_finished || outcome.verified == limit);
  return outcome;
}

}  // namespace

// First byte: kind of stream, piece size and announced length. However a body is cut, the answer is
// the same; never more data than announced; never finished before all of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  constexpr sigv4::PayloadKind kKinds[] = {sigv4::PayloadKind::StreamSigned,
                                           sigv4::PayloadKind::StreamSignedTrailer,
                                           sigv4::PayloadKind::StreamUnsignedTrailer,
                                           sigv4::PayloadKind::StreamUnsignedTrailer};
  const sigv4::ChunkDecoder::Options options{
      .kind = kKinds[data[0] & 3],
      .decoded_length = data[1],
      .trailer_header = (data[0] & 4) != 0 ? "x-amz-checksum-crc32" : ""};
  const Outcome whole = decode(body, options, body.size() + 1);
  SIGNET_ASSERT(decode(body, options, 1 + (data[0] >> 3)) == whole);
  return 0;
}
