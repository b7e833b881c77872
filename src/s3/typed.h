#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "facts/s3_wire.h"
#include "s3/invocation.h"
#include "s3/upload_headers.h"

namespace signet::s3 {

// An operation whose request and answer are made from S3's model (facts/s3_typed.tsv). What a
// person writes is answer_to(), and checks_of() where more is asked than its own permission. Base:
// S3Invocation or ObjectInvocation.
template <class Base, class Request, class Response>
class Typed : public Base {
 public:
  using Base::Base;

  [[nodiscard]] api::BodyUse body_use() const override {
    return kTyped.has_body ? api::BodyUse::Buffer : api::BodyUse::None;
  }

  [[nodiscard]] std::size_t body_limit() const override { return kDocumentBytes; }

  Status body(std::string_view bytes) override {
    TRY_STATUS(
        check_document_digests(this->headers(), bytes, kTyped.needs_digest && !bytes.empty()));
    body_ = bytes;
    return {};
  }

  // Who may not do it is not told what is wrong with the request: that comes with serve().
  Result<api::CheckList> checks(const api::CheckContext& context) override {
    if (!is_decoded_) {
      is_decoded_ = true;
      verdict_ = decode_request();
    }
    return checks_of(context);
  }

  [[nodiscard]] Status check_document(const api::HandlerContext& /*context*/,
                                      const identity::Snapshot& /*now*/) override {
    return verdict_;
  }

  Status serve(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const identity::Bucket* bucket = nullptr;
    if (!this->bucket_name().empty()) {
      bucket = TRY(this->require_bucket(snapshot_of(context)));
    }
    TRY_STATUS(verdict_);
    const Response answer = TRY(answer_to(request_, bucket, context));
    facts::S3Sink sink;
    encode(sink, answer);
    for (const auto& [name, value] : sink.headers) {
      this->response_.headers.add(name, value);
    }
    if (kTyped.has_answer) {
      this->answer_xml(std::move(sink.document));
    }
    return {};
  }

 protected:
  // What the request asks for, as far as it could be read. For checks_of(): a request that could
  // not be read is refused afterwards, whatever was decided.
  [[nodiscard]] const Request& asked() const { return request_; }

  // A header as the request is made from it.
  [[nodiscard]] virtual std::optional<std::string_view> field(std::string_view name) const {
    return this->header(name);
  }

  [[nodiscard]] virtual Result<api::CheckList> checks_of(const api::CheckContext& context) {
    return only(this->own_check(context));
  }

  // The work. `bucket`: of the request, null for the service.
  [[nodiscard]] virtual Result<Response> answer_to(const Request& request,
                                                   const identity::Bucket* bucket,
                                                   api::HandlerContext& context) = 0;

 private:
  static constexpr facts::TypedS3 kTyped = shapes::kTyped<Request>;
  static constexpr std::size_t kDocumentBytes = 256UL * 1024;

  // The state that a write changes.
  [[nodiscard]] static const identity::Snapshot& snapshot_of(const api::HandlerContext& context) {
    return context.transaction != nullptr ? context.transaction->view() : context.snapshot;
  }

  [[nodiscard]] Status decode_request() {
    const facts::S3Input input{.bucket = this->bucket_name(),
                               .key = this->key(),
                               .header = [this](std::string_view name) { return field(name); },
                               .param = [this](std::string_view name) { return this->param(name); },
                               .body = body_};
    return decode(input, request_);
  }

  std::string body_;
  bool is_decoded_ = false;
  Status verdict_;
  Request request_;
};

}  // namespace signet::s3
