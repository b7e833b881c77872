// PutObject and UploadPart of objects that an upstream holds.
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "s3/forward.h"
#include "s3/multipart.h"
#include "s3/object_request.h"
#include "s3/upload_headers.h"
#include "s3/upstream_calls.h"

namespace signet::s3 {
namespace {

using api::HandlerContext;

// What is held back until the body is known to be what the request promised; and how large the
// pieces of a body with a trailer are.
constexpr std::size_t kHeld = 64UL * 1024;

constexpr std::string_view kTrailerPayload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

std::string chunk_head(std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t rest = size; rest > 0; rest /= kDigits.size()) {
    out.insert(out.begin(), kDigits[rest % kDigits.size()]);
  }
  return (out.empty() ? "0" : out) + "\r\n";
}

std::uint64_t framed(std::uint64_t size) {
  return chunk_head(size).size() + size + std::string_view("\r\n").size();
}

// Sends the body on while it comes. The last bytes go when all of it is verified: an upstream never
// has the whole of a body that is refused here.
class UpstreamSink final : public api::BodySink {
 public:
  UpstreamSink(upstream::Upstream& upstream,
               upstream::Request request,
               std::uint64_t size,
               ExpectedDigests expected)
      : upstream_(upstream),
        request_(std::move(request)),
        size_(size),
        expected_(std::move(expected)) {}

  Status open() override {
    if (expected_.algorithm && (expected_.is_trailing || !expected_.value.empty())) {
      checksum_.emplace(*expected_.algorithm);
    }
    return {};
  }

  Status write(std::span<const char> bytes) override {
    const std::string_view text(bytes.data(), bytes.size());
    if (text.size() > size_ - taken_) {
      return std::unexpected(facts::make_error(ErrorCode::IncompleteBody));
    }
    taken_ += text.size();
    if (checksum_) {
      checksum_->update(text);
    }
    if (expected_.md5) {
      md5_.update(text);
    }
    held_ += text;
    while (held_.size() > kHeld) {
      TRY_STATUS(send(std::string_view(held_).substr(0, kHeld)));
      held_.erase(0, kHeld);
    }
    return {};
  }

  Status trailer(std::string_view name, std::string_view value) override {
    const auto algorithm = crypto::checksum_of_header(name);
    if (algorithm && expected_.is_trailing && algorithm == expected_.algorithm) {
      expected_.value = value;
    }
    return {};
  }

  // The body is all there and what it should be.
  Status verify() {
    if (taken_ != size_) {
      return std::unexpected(facts::make_error(ErrorCode::IncompleteBody));
    }
    if (expected_.md5) {
      const crypto::Md5Digest digest = md5_.finish();
      if (*expected_.md5 != crypto::as_view(digest)) {
        return std::unexpected(facts::make_error(ErrorCode::BadDigest));
      }
    }
    if (expected_.is_trailing && expected_.value.empty()) {
      return std::unexpected(facts::make_error(ErrorCode::MalformedTrailerError));
    }
    return !checksum_ || codec::encode_base64(checksum_->finish()) == expected_.value
               ? Status()
               : std::unexpected(bad_checksum(*expected_.algorithm));
  }

  // Sends the rest, and waits for the answer.
  Result<upstream::Upstream::Answered> finish() {
    if (exchange_ == nullptr) {
      if (expected_.is_trailing) {
        request_.headers.emplace_back(crypto::checksum_header(*expected_.algorithm),
                                      expected_.value);
      }
      auto answered = upstream_.ask(request_, held_);
      return answered ? Result<upstream::Upstream::Answered>(*std::move(answered))
                      : std::unexpected(error_of(answered.error()));
    }
    TRY_STATUS(send(held_));
    if (expected_.is_trailing) {
      TRY_STATUS(pass(trailer_text(expected_.value)));
    }
    return answer();
  }

 private:
  [[nodiscard]] std::string trailer_text(std::string_view value) const {
    return concat("0\r\n", crypto::checksum_header(*expected_.algorithm), ":", value, "\r\n\r\n");
  }

  // Bytes on the wire of the whole body.
  [[nodiscard]] std::uint64_t wire_size() const {
    if (!expected_.is_trailing) {
      return size_;
    }
    const std::uint64_t last = size_ % kHeld == 0 ? kHeld : size_ % kHeld;
    const std::size_t digest = crypto::checksum_size(*expected_.algorithm);
    const std::string value((digest + 2) / 3 * 4, 'A');  // of its length in base64
    return (size_ - last) / kHeld * framed(kHeld) + framed(last) + trailer_text(value).size();
  }

  Status send(std::string_view piece) {
    if (expected_.is_trailing) {
      return pass(concat(chunk_head(piece.size()), piece, "\r\n"));
    }
    return pass(piece);
  }

  Status pass(std::string_view bytes) {
    if (exchange_ == nullptr) {
      auto begun = begin(bytes);
      if (!begun) {
        return std::unexpected(error_of(begun.error()));
      }
      exchange_ = *std::move(begun);
      return {};
    }
    if (exchange_->write(bytes)) {
      return {};
    }
    // It does not want the rest, and may have said why.
    const auto answered = TRY(answer());
    const auto text = answered.exchange->read_all(kUpstreamDocumentBytes);
    return std::unexpected(answered.head.status < 300 || !text
                               ? error_of({.cause = "the upstream answered inside a body"})
                               : upstream_refusal(answered.head.status, *text));
  }

  std::expected<std::unique_ptr<upstream::Exchange>, upstream::Fault> begin(
      std::string_view first) {
    if (!expected_.is_trailing) {
      return upstream_.begin(request_, first, size_, "UNSIGNED-PAYLOAD");
    }
    const auto coding = std::ranges::find_if(
        request_.headers, [](const auto& header) { return header.first == "content-encoding"; });
    if (coding != request_.headers.end()) {
      coding->second.insert(0, "aws-chunked,");
    } else {
      request_.headers.emplace_back("content-encoding", "aws-chunked");
    }
    request_.headers.emplace_back("x-amz-decoded-content-length", std::to_string(size_));
    request_.headers.emplace_back("x-amz-trailer", crypto::checksum_header(*expected_.algorithm));
    return upstream_.begin(request_, first, wire_size(), kTrailerPayload);
  }

  Result<upstream::Upstream::Answered> answer() {
    auto head = exchange_->answer();
    if (!head) {
      return std::unexpected(error_of(head.error()));
    }
    return upstream::Upstream::Answered{.head = *std::move(head), .exchange = std::move(exchange_)};
  }

  upstream::Upstream& upstream_;
  upstream::Request request_;
  std::uint64_t size_;
  ExpectedDigests expected_;
  std::uint64_t taken_ = 0;
  std::string held_;
  std::optional<crypto::Checksum> checksum_;
  crypto::Md5 md5_;
  std::unique_ptr<upstream::Exchange> exchange_;  // since the first bytes that were not held back
};

class ForwardUpload final : public Forward {
 public:
  ForwardUpload(InvocationParts parts, InvocationPtr twin, upstream::Upstream& upstream)
      : Forward(std::move(parts), std::move(twin), upstream), upstream_(upstream) {}

  Result<std::unique_ptr<api::BodySink>> open_upload(const authz::Authorized& /*proof*/,
                                                     HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    bucket_id_ = store_id(*bucket);
    TRY_STATUS(refuse_lists(context, *bucket));
    TRY_STATUS(refuse_local_headers(headers()));
    TRY_STATUS(check_upstream_key(key()));
    if (param("partNumber")) {
      static_cast<void>(TRY(part_number_of(param("partNumber"))));
    }
    static_cast<void>(TRY(write_condition_of(headers())));
    ExpectedDigests expected = TRY(expected_digests_of(headers()));
    const std::int64_t size = request().content_length;
    if (size < 0) {
      return std::unexpected(facts::make_error(ErrorCode::MissingContentLength));
    }
    if (std::cmp_greater(size, facts::kUploadBytesMax)) {
      return std::unexpected(facts::make_error(ErrorCode::EntityTooLarge));
    }
    return std::make_unique<UpstreamSink>(upstream_,
                                          TRY(request_for_upstream()),
                                          static_cast<std::uint64_t>(size),
                                          std::move(expected));
  }

  void take_sink(std::unique_ptr<api::BodySink> sink) override {
    // Only open_upload() makes sinks for this invocation.
    sink_.reset(static_cast<UpstreamSink*>(sink.release()));
  }

 protected:
  Status serve(const authz::Authorized& /*proof*/, HandlerContext& context) override {
    const std::unique_ptr<UpstreamSink> sink = std::move(sink_);
    TRY_STATUS(require_same_bucket(context.snapshot, bucket_id_));
    TRY_STATUS(sink->verify());
    TRY_STATUS(settle(context));
    return take(TRY(sink->finish()), context);
  }

 private:
  upstream::Upstream& upstream_;
  std::string bucket_id_;
  std::unique_ptr<UpstreamSink> sink_;
};

}  // namespace

InvocationPtr make_forward_upload(InvocationParts parts,
                                  InvocationPtr twin,
                                  upstream::Upstream& upstream) {
  return std::make_unique<ForwardUpload>(std::move(parts), std::move(twin), upstream);
}

}  // namespace signet::s3
