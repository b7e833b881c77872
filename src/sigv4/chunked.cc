#include "sigv4/chunked.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "codec/base64.h"
#include "facts/errors.h"

namespace signet::sigv4 {
namespace {

// Longest line: a chunk header is at most 16 digits and the signature extension; a trailer line
// holds one checksum.
constexpr std::size_t kMaxLine = 1024;
constexpr std::size_t kMaxTrailer = 4096;
// Least size of every chunk but the last that holds data.
constexpr std::uint64_t kMinChunk = 8192;
constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kSignatureExtension = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

std::unexpected<Error> malformed(std::string message) {
  return fail(ErrorCode::InvalidRequest, std::move(message));
}

std::unexpected<Error> malformed_trailer() {
  return malformed(
      "The request contained trailing data that was not well-formed or did not conform to our "
      "published schema.");
}

std::unexpected<Error> short_chunk(std::uint64_t number, std::uint64_t size) {
  Error error = facts::make_error(ErrorCode::InvalidChunkSizeError);
  error.fields.emplace_back("Chunk", std::to_string(number));
  error.fields.emplace_back("BadChunkSize", std::to_string(size));
  return std::unexpected(std::move(error));
}

std::string hex_of(const crypto::Sha256Digest& digest) {
  std::string text(64, '\0');
  crypto::write_hex(digest, text.data());
  return text;
}

// Characters of a chunk's signature. One of ECDSA is as long as the longest, padded with '*'.
std::size_t signature_size(Algorithm algorithm) {
  return algorithm == Algorithm::HmacSha256 ? 64 : 144;
}

std::string_view without_padding(std::string_view signature) {
  return signature.substr(0, signature.find_last_not_of('*') + 1);
}

// Hexadecimal chunk size; nothing if empty, not hexadecimal or over 2^60.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (text.empty() || text.size() > 15) {
    return std::nullopt;
  }
  std::uint64_t size = 0;
  for (const char c : text) {
    const char lower = to_lower(c);
    if (is_digit(c)) {
      size = size * 16 + static_cast<std::uint64_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      size = size * 16 + static_cast<std::uint64_t>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return size;
}

}  // namespace

ChunkDecoder::ChunkDecoder(const ParsedAuth& parsed, const SigningKey& signing_key, Options options)
    : key_(signing_key),
      algorithm_(parsed.algorithm),
      amz_date_(parsed.amz_date),
      scope_(parsed.scope),
      previous_signature_(parsed.signature),
      kind_(options.kind),
      expected_(options.decoded_length),
      trailer_header_(std::move(options.trailer_header)) {
  if (const auto algorithm = crypto::checksum_of_header(trailer_header_)) {
    checksum_.emplace(*algorithm);
  }
}

Result<ChunkDecoder::Step> ChunkDecoder::next(std::string_view input) {
  const std::size_t whole = input.size();
  std::string_view data;
  while (!input.empty() && data.empty() && state_ != State::Done) {
    if (const Status status = step(input, data); !status) {
      state_ = State::Failed;
      return std::unexpected(status.error());
    }
  }
  if (state_ == State::Done && !input.empty()) {
    state_ = State::Failed;
    return malformed("The request body goes on after its last chunk.");
  }
  return Step{.consumed = whole - input.size(), .data = data};
}

Status ChunkDecoder::finish() const {
  if (state_ == State::Done) {
    return {};
  }
  return std::unexpected(facts::make_error(ErrorCode::IncompleteBody));
}

// One move of the machine: consumes a line or a run of data.
Status ChunkDecoder::step(std::string_view& input, std::string_view& data) {
  if (state_ == State::Data) {
    data = input.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, input.size())));
    input.remove_prefix(data.size());
    chunk_left_ -= data.size();
    decoded_ += data.size();
    if (is_signed()) {
      chunk_hash_.update(data);
    }
    if (checksum_) {
      checksum_->update(data);
    }
    if (chunk_left_ == 0) {
      state_ = State::DataEnd;
    }
    return {};
  }
  if (state_ == State::Failed) {
    return malformed("The request body was refused already.");
  }
  bool is_complete = false;
  TRY_STATUS(take_line(input, is_complete));
  if (!is_complete) {
    return {};
  }
  const std::string line = std::exchange(line_, {});
  switch (state_) {
    case State::ChunkHeader:
      return read_chunk_header(line);
    case State::DataEnd:
      return line.empty() ? end_chunk()
                          : Status(malformed("A chunk is longer than its header says."));
    case State::Trailer:
      return read_trailer_line(line);
    default:
      return malformed("Unexpected data in the request body.");
  }
}

// Moves input into line_ up to and without CR LF.
Status ChunkDecoder::take_line(std::string_view& input, bool& is_complete) {
  const std::size_t end = input.find('\n');
  const std::string_view piece = input.substr(0, end);
  if (line_.size() + piece.size() > kMaxLine) {
    return malformed("A chunk header or trailer line is too long.");
  }
  line_.append(piece);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  is_complete = end != std::string_view::npos;
  if (is_complete) {
    if (!line_.ends_with('\r')) {
      // A trailer may end its lines by LF alone: that is how some SDKs canonicalise and send it.
      return state_ == State::Trailer ? Status()
                                      : Status(malformed("A chunk header must end with CR LF."));
    }
    line_.pop_back();
  }
  return {};
}

// <hex size>;chunk-signature=<64 hex digits>, or <hex size> alone when chunks are unsigned.
Status ChunkDecoder::read_chunk_header(std::string_view line) {
  const std::size_t semicolon = line.find(';');
  const std::optional<std::uint64_t> size = parse_size(line.substr(0, semicolon));
  if (!size) {
    return malformed("A chunk header does not begin with a size in hexadecimal.");
  }
  if (is_signed()) {
    const std::string_view extension =
        semicolon == std::string_view::npos ? std::string_view() : line.substr(semicolon + 1);
    if (!extension.starts_with(kSignatureExtension) ||
        extension.size() != kSignatureExtension.size() + signature_size(algorithm_)) {
      return malformed(concat("A chunk header has no chunk-signature of ",
                              std::to_string(signature_size(algorithm_)),
                              " characters."));
    }
    chunk_signature_ = without_padding(extension.substr(kSignatureExtension.size()));
  } else if (semicolon != std::string_view::npos) {
    return malformed("An unsigned chunk carries an extension.");
  }
  if (*size > expected_ - decoded_) {
    return std::unexpected(facts::make_error(ErrorCode::IncompleteBody));
  }
  if (*size > 0 && chunks_ > 0 && chunk_size_ < kMinChunk) {
    return short_chunk(chunks_, chunk_size_);
  }
  chunks_ += 1;
  chunk_size_ = *size;
  chunk_left_ = *size;
  chunk_hash_ = crypto::Sha256();
  is_last_chunk_ = *size == 0;
  if (is_last_chunk_) {
    return end_chunk();
  }
  state_ = State::Data;
  return {};
}

Status ChunkDecoder::end_chunk() {
  if (is_signed()) {
    const std::string text = concat(name_of(algorithm_),
                                    "-PAYLOAD\n",
                                    amz_date_,
                                    "\n",
                                    scope_,
                                    "\n",
                                    previous_signature_,
                                    "\n",
                                    kEmptyHash,
                                    "\n",
                                    hex_of(chunk_hash_.finish()));
    if (!is_signed_by(key_, text, chunk_signature_)) {
      return std::unexpected(facts::make_error(ErrorCode::S3SignatureDoesNotMatch));
    }
    previous_signature_ = chunk_signature_;
    verified_ = decoded_;
  }
  if (!is_last_chunk_) {
    state_ = State::ChunkHeader;
    return {};
  }
  if (decoded_ != expected_) {
    return std::unexpected(facts::make_error(ErrorCode::IncompleteBody));
  }
  // After the last chunk: the trailer lines, or nothing, and in both cases an empty line.
  state_ = State::Trailer;
  return {};
}

Status ChunkDecoder::read_trailer_line(std::string_view line) {
  if (line.empty()) {
    // Written as in AWS's example ("name:value LF CR LF"), the checksum line is followed by an
    // empty one before the signature.
    const bool awaits_signature =
        kind_ == PayloadKind::StreamSignedTrailer && trailer_value_ && trailer_signature_.empty();
    return awaits_signature ? Status() : end_trailer();
  }
  const std::size_t colon = line.find(':');
  if (!has_trailer() || colon == std::string_view::npos ||
      trailer_text_.size() + line.size() > kMaxTrailer) {
    return malformed_trailer();
  }
  const std::string name = to_lower(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == kTrailerSignature) {
    if (!is_signed() || !trailer_signature_.empty()) {
      return malformed_trailer();
    }
    trailer_signature_ = without_padding(value);
    return {};
  }
  if (name != trailer_header_ || trailer_value_ || !trailer_signature_.empty()) {
    return malformed_trailer();
  }
  trailer_value_ = value;
  trailer_text_.append(name).append(":").append(value).append("\n");
  return {};
}

Status ChunkDecoder::end_trailer() {
  if (has_trailer() && !trailer_header_.empty() && !trailer_value_) {
    return malformed_trailer();
  }
  if (kind_ == PayloadKind::StreamSignedTrailer) {
    const std::string text = concat(name_of(algorithm_),
                                    "-TRAILER\n",
                                    amz_date_,
                                    "\n",
                                    scope_,
                                    "\n",
                                    previous_signature_,
                                    "\n",
                                    crypto::sha256_hex(trailer_text_));
    if (!is_signed_by(key_, text, trailer_signature_)) {
      return std::unexpected(facts::make_error(ErrorCode::S3SignatureDoesNotMatch));
    }
  }
  if (trailer_value_) {
    TRY_STATUS(check_checksum(*trailer_value_));
  }
  verified_ = decoded_;
  state_ = State::Done;
  return {};
}

Status ChunkDecoder::check_checksum(std::string_view value) {
  if (!checksum_) {
    return {};
  }
  const crypto::ChecksumAlgorithm algorithm = checksum_->algorithm();
  const std::optional<std::string> given = codec::decode_base64(value);
  if (!given || given->size() != crypto::checksum_size(algorithm)) {
    return malformed(
        concat("Value for ", crypto::checksum_header(algorithm), " trailing header is invalid."));
  }
  if (*given != checksum_->finish()) {
    return fail(ErrorCode::BadDigest,
                concat("The ",
                       crypto::checksum_name(algorithm),
                       " you specified did not match the calculated checksum."));
  }
  trailer_checksum_ = TrailerChecksum{.algorithm = algorithm, .value = std::string(value)};
  return {};
}

}  // namespace signet::sigv4
