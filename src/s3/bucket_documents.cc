// Operations that put, get and delete one document of a bucket (facts/s3_bucket_documents.tsv). The
// documents are kept among the bucket's settings.
#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
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
      : S3Invocation(std::move(parts)), row_(facts::bucket_document_row(document)) {}

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

 protected:
  [[nodiscard]] const BucketDocumentRow& row() const { return row_; }

  void add_header() {
    if (!row_.header.empty()) {
      response_.headers.add(row_.header, row_.header_value);
    }
  }

  // Replaces the document of the bucket, or takes it away: null.
  [[nodiscard]] Status keep(HandlerContext& context, const std::string* text) const {
    identity::Bucket changed = *TRY(require_bucket(context.transaction->view()));
    keep_document(changed, row_, text);
    context.transaction->put(std::move(changed));
    return {};
  }

 private:
  const BucketDocumentRow& row_;
};

class GetDocument final : public DocumentOperation {
 public:
  using DocumentOperation::DocumentOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    if (const std::string* kept = kept_document(*bucket, row())) {
      add_header();
      answer_xml(*kept);
      return {};
    }
    if (!row().preset.empty()) {
      answer_xml(preset_text(row()));
      return {};
    }
    Error error = facts::make_error(row().absent);
    error.fields.emplace_back("BucketName", bucket_name());
    return std::unexpected(std::move(error));
  }
};

class PutDocument final : public DocumentOperation {
 public:
  using DocumentOperation::DocumentOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Write; }

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Buffer; }

  [[nodiscard]] std::size_t body_limit() const override { return row().max_bytes; }

  Status body(std::string_view bytes) override {
    TRY_STATUS(check_document_digests(headers(), bytes, true));
    document_ = read_document(row(), bytes);
    return {};
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    TRY_STATUS(require_bucket(context.transaction->view()));
    if (!document_) {
      return std::unexpected(facts::make_error(ErrorCode::MalformedXML));
    }
    TRY_STATUS(complete_document(row().id, *document_, context.deps.random));
    const std::string text = document_text(row(), *document_);
    TRY_STATUS(keep(context, &text));
    add_header();
    response_.status = row().put_status;
    return {};
  }

 private:
  std::optional<codec::XmlElement> document_;  // nothing: it does not have the form that it must
};

class DeleteDocument final : public DocumentOperation {
 public:
  using DocumentOperation::DocumentOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Write; }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    TRY_STATUS(keep(context, nullptr));
    response_.status = 204;
    return {};
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
