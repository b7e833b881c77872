#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "crypto/checksum.h"
#include "crypto/sha256.h"
#include "sigv4/request.h"
#include "sigv4/verify.h"

namespace signet::sigv4 {

// Decodes an aws-chunked body (S3 PUT) piece by piece, in constant memory: checks the chain of
// chunk signatures, the trailer's signature and checksum, and the decoded length. Data comes out as
// views into the caller's input, before its chunk is verified: write it where nobody sees it, and
// publish only after is_finished(). verified_bytes() says how much of it is already authentic.
class ChunkDecoder {
 public:
  struct Options {
    PayloadKind kind = PayloadKind::StreamSigned;
    std::uint64_t decoded_length = 0;  // x-amz-decoded-content-length
    std::string trailer_header;        // x-amz-trailer, lower case; empty: none announced
  };

  // `signing_key`, date, scope and seed signature of the verified request; the key is copied and
  // wiped at the end.
  ChunkDecoder(const ParsedAuth& parsed, const SigningKey& signing_key, Options options);

  struct Step {
    std::size_t consumed = 0;  // bytes of the input used up
    std::string_view data;     // decoded bytes, a view into the input; may be empty
  };

  // Takes as much as it can of `input` up to the end of one run of data. Call again with the rest
  // until it is consumed. Errors (nothing may be used after one): S3SignatureDoesNotMatch;
  // IncompleteBody (length); InvalidRequest (syntax, size bounds); InvalidChunkSizeError; BadDigest
  // (checksum).
  [[nodiscard]] Result<Step> next(std::string_view input);

  // The final chunk and the trailer were read and everything checked.
  [[nodiscard]] bool is_finished() const { return state_ == State::Done; }

  // Error if the body ended before it was finished.
  [[nodiscard]] Status finish() const;

  [[nodiscard]] std::uint64_t verified_bytes() const { return verified_; }

  // The checksum the trailer carried (and that was checked), for the object's record: algorithm and
  // base64 value.
  struct TrailerChecksum {
    crypto::ChecksumAlgorithm algorithm;
    std::string value;
  };

  [[nodiscard]] const std::optional<TrailerChecksum>& trailer_checksum() const {
    return trailer_checksum_;
  }

 private:
  enum class State : std::uint8_t { ChunkHeader, Data, DataEnd, Trailer, Done, Failed };

  Status take_line(std::string_view& input, bool& is_complete);
  Status read_chunk_header(std::string_view line);
  Status end_chunk();
  Status read_trailer_line(std::string_view line);
  Status end_trailer();
  Status check_checksum(std::string_view value);
  Status step(std::string_view& input, std::string_view& data);

  [[nodiscard]] bool is_signed() const { return kind_ != PayloadKind::StreamUnsignedTrailer; }

  [[nodiscard]] bool has_trailer() const { return kind_ != PayloadKind::StreamSigned; }

  SigningKey key_;
  Algorithm algorithm_;
  std::string amz_date_;
  std::string scope_;
  std::string previous_signature_;
  PayloadKind kind_;
  std::uint64_t expected_;
  std::string trailer_header_;
  std::optional<crypto::Checksum> checksum_;

  State state_ = State::ChunkHeader;
  std::string line_;
  std::string chunk_signature_;
  std::string trailer_text_;  // canonical trailer lines, for its signature
  std::string trailer_signature_;
  std::optional<std::string> trailer_value_;
  crypto::Sha256 chunk_hash_;
  std::uint64_t chunks_ = 0;      // headers read
  std::uint64_t chunk_size_ = 0;  // of the latest
  std::uint64_t chunk_left_ = 0;
  std::uint64_t decoded_ = 0;
  std::uint64_t verified_ = 0;
  bool is_last_chunk_ = false;
  std::optional<TrailerChecksum> trailer_checksum_;
};

}  // namespace signet::sigv4
