// Operations that put, get, delete and list documents of a bucket (facts/s3_bucket_documents.tsv).
// The documents are kept among the bucket's settings.
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "identity/settings.h"
#include "s3/access_list.h"
#include "s3/answers.h"
#include "s3/document_form.h"
#include "s3/document_rules.h"
#include "s3/operations.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;
using facts::BucketDocumentRow;

class DocumentOperation : public S3Invocation {
 public:
  DocumentOperation(facts::BucketDocument document, InvocationParts parts)
      : DocumentOperation(document,
                          parts.service.upstream_of(parts.address.bucket) != nullptr,
                          std::move(parts)) {}

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

 protected:
  [[nodiscard]] const BucketDocumentRow& row() const { return row_; }

  // Whether the objects of the bucket lie with an upstream.
  [[nodiscard]] bool is_at_upstream() const { return is_at_upstream_; }

  [[nodiscard]] bool is_ownership() const {
    return row_.id == facts::BucketDocument::OwnershipControls;
  }

  // The header of answers that goes with the document, as it was put; else its usual value.
  void add_header(const identity::Bucket& bucket) {
    if (!row_.header.empty()) {
      const std::string* kept = identity::find_setting(bucket.settings, row_.header);
      response_.headers.add(row_.header,
                            kept == nullptr ? row_.header_value : std::string_view(*kept));
    }
  }

  // Which of several documents the request is about; empty where there is one at most.
  [[nodiscard]] std::string_view id() const {
    return row_.list_root.empty() ? std::string_view() : param("id").value_or("");
  }

  // Replaces the document of the bucket, or takes it away: null.
  [[nodiscard]] Status keep(HandlerContext& context, const std::string* text) const {
    identity::Bucket changed = *TRY(require_bucket(context.transaction->view()));
    keep_document(changed, row_, text, id());
    if (!row_.header.empty()) {
      const std::string value(header(row_.header).value_or(row_.header_value));
      const bool is_kept = text != nullptr && value != row_.header_value;
      identity::set_setting(
          changed.settings, row_.header, is_kept ? std::optional(value) : std::nullopt);
    }
    context.transaction->put(std::move(changed));
    return {};
  }

  [[nodiscard]] Error absent() const {
    Error error = facts::make_error(row_.absent);
    if (row_.list_root.empty()) {  // of configurations with an id S3 does not say which bucket's
      error.fields.emplace_back("BucketName", bucket_name());
    }
    return error;
  }

 private:
  DocumentOperation(facts::BucketDocument document, bool is_at_upstream, InvocationParts&& parts)
      : S3Invocation(std::move(parts)),
        row_(facts::bucket_document_row(document)),
        is_at_upstream_(is_at_upstream) {}

  const BucketDocumentRow& row_;
  bool is_at_upstream_;
};

class GetDocument final : public DocumentOperation {
 public:
  using DocumentOperation::DocumentOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    if (is_ownership() && lacks_ownership_controls(*bucket)) {
      Error error = facts::make_error(ErrorCode::OwnershipControlsNotFound);
      error.fields.emplace_back("BucketName", bucket_name());
      return std::unexpected(std::move(error));
    }
    if (const std::string* kept = kept_document(*bucket, row(), id())) {
      add_header(*bucket);
      answer_xml(*kept);
      return {};
    }
    if (row().has_preset) {
      answer_xml(preset_text(row()));
      return {};
    }
    return std::unexpected(absent());
  }
};

class PutDocument final : public DocumentOperation {
 public:
  using DocumentOperation::DocumentOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Write; }

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Buffer; }

  [[nodiscard]] std::size_t body_limit() const override { return row().max_bytes; }

  Status body(std::string_view bytes) override {
    TRY_STATUS(check_document_digests(headers(), bytes, row().needs_digest));
    document_ = read_document(row(), bytes);
    return {};
  }

  [[nodiscard]] Status check_document(const HandlerContext& context,
                                      const identity::Snapshot& now) override {
    const identity::Bucket* bucket = TRY(require_bucket(now));
    if (row().id == facts::BucketDocument::Accelerate && bucket->name.contains('.')) {
      return acceleration_of_dots();  // whatever the document says (recorded)
    }
    if (!document_) {
      return std::unexpected(facts::make_error(ErrorCode::MalformedXML));
    }
    if (row().id == facts::BucketDocument::ObjectLock && is_at_upstream()) {
      return object_lock_not_implemented();
    }
    return complete_document(
        row().id,
        *document_,
        {.random = context.deps.random,
         .bucket = bucket,
         .snapshot = &now,
         .id = id(),
         .takes_lists = !is_at_upstream(),
         .skips_destinations =
             equals_ignore_case(header("x-amz-skip-destination-validation").value_or(""), "true")});
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Snapshot& now = context.transaction->view();
    const identity::Bucket* bucket = TRY(require_bucket(now));
    TRY_STATUS(check_document(context, now));
    if (!row().list_root.empty() && kept_document(*bucket, row(), id()) == nullptr &&
        kept_documents(*bucket, row()).size() >= facts::kConfigurationsPerBucket) {
      return std::unexpected(facts::make_error(ErrorCode::TooManyConfigurations));
    }
    const std::string text = document_text(row(), *document_);
    TRY_STATUS(check_transition_size());
    TRY_STATUS(keep(context, says_nothing(row().id, *document_) ? nullptr : &text));
    add_header(*TRY(require_bucket(context.transaction->view())));
    response_.status = row().put_status;
    return {};
  }

 private:
  [[nodiscard]] Status check_transition_size() const {
    constexpr std::string_view kName = "x-amz-transition-default-minimum-object-size";
    const auto size = header(kName);
    return row().header != kName || !size || *size == row().header_value ||
                   *size == "varies_by_storage_class"
               ? Status()
               : transition_size_unknown(*size);
  }

  std::optional<codec::XmlElement> document_;  // nothing: it does not have the form that it must
};

class DeleteDocument final : public DocumentOperation {
 public:
  using DocumentOperation::DocumentOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Write; }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.transaction->view()));
    if (!row().list_root.empty() && kept_document(*bucket, row(), id()) == nullptr) {
      return std::unexpected(absent());
    }
    response_.status = 204;
    if (is_ownership()) {
      if (is_at_upstream()) {
        return std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
      }
      // A bucket that has none is another one than a bucket that was never told.
      identity::Bucket changed = *bucket;
      delete_ownership_controls(changed);
      context.transaction->put(std::move(changed));
      return {};
    }
    TRY_STATUS(keep(context, nullptr));
    return {};
  }
};

// All documents of a kind that a bucket may have several of, by their ids.
class ListDocument final : public DocumentOperation {
 public:
  using DocumentOperation::DocumentOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    const std::string after = TRY(start());
    std::string page;
    std::string last;
    std::size_t count = 0;
    bool is_truncated = false;
    for (const auto& [id, text] : kept_documents(*bucket, row())) {
      if (id <= after) {
        continue;
      }
      is_truncated = count == facts::kConfigurationsPerPage;
      if (is_truncated) {
        break;
      }
      page += *text;
      last = id;
      count += 1;
    }
    write(page, is_truncated ? last : std::string());
    return {};
  }

 private:
  [[nodiscard]] Result<std::string> start() const {
    const std::string_view token = param("continuation-token").value_or("");
    std::optional<std::string> after = codec::decode_base64url(token);
    if (!after) {
      return about(continuation_token_incorrect(), "continuation-token", token);
    }
    return *std::move(after);
  }

  void write(std::string_view page, std::string_view last) {
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open(row().list_root, kXmlNamespace);
    if (const auto token = param("continuation-token")) {
      xml.element("ContinuationToken", *token);
    }
    document += page;
    xml.element("IsTruncated", last.empty() ? "false" : "true");
    if (!last.empty()) {
      xml.element("NextContinuationToken", codec::encode_base64url(last));
    }
    xml.close(row().list_root);
    answer_xml(std::move(document));
  }
};

}  // namespace

InvocationPtr make_document_operation(InvocationParts& parts) {
  using facts::BucketDocument;
  switch (parts.row.id) {
#define SIGNET_S3_DOCUMENT(operation, Verb, document) \
  case facts::S3Operation::operation:                 \
    return std::make_unique<Verb##Document>(BucketDocument::document, std::move(parts));
#include "s3/document_dispatch.inc"
#undef SIGNET_S3_DOCUMENT
    default:
      return nullptr;
  }
}

}  // namespace signet::s3
