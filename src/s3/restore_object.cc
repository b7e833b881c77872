// RestoreObject.
#include <cstdint>
#include <utility>

#include "base/strings.h"
#include "codec/xml_reader.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/archive.h"
#include "s3/lifecycle_rules.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

constexpr std::size_t kRequestBytes = 64UL * 1024;
constexpr std::int64_t kDaysMax = INT32_MAX;

// AWS-DIFF: archived objects lie on the same disk as all others; they are restored at once, where
// S3 takes minutes to days (test_s3_archive.py).
class RestoreObject final : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Buffer; }

  [[nodiscard]] std::size_t body_limit() const override { return kRequestBytes; }

  Status body(std::string_view bytes) override {
    TRY_STATUS(check_document_digests(headers(), bytes, false));
    request_ = codec::read_xml(bytes);
    return {};
  }

  Result<CheckList> checks(const CheckContext& context) override {
    static_cast<void>(TRY(named_version()));
    return only(own_check(context, version_keys(request())));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    const std::int64_t days = TRY(wanted_days());
    const std::string bucket_id = store_id(*bucket);
    static_cast<void>(TRY(find_present(context, *bucket)));
    const std::string version = TRY(named_version());
    TRY_STATUS(still_allowed(context, bucket_id));
    const Instant now = context.request.now;
    return store().amend(bucket_id, key(), version, [&](objects::ObjectInfo& info) -> Status {
      const std::string_view storage_class = storage_class_of(info.headers);
      if (info.is_marker || !is_archive_class(storage_class)) {
        Failure refusal = restore_not_allowed();
        refusal.error().fields.emplace_back("StorageClass", storage_class);
        return refusal;
      }
      // Of one that is restored already only the day moves.
      response_.status = check_readable(info.headers, now) ? 200 : 202;
      set_restored(info.headers, due_after(now, days));
      return {};
    });
  }

 private:
  [[nodiscard]] Result<std::int64_t> wanted_days() const {
    const auto malformed = [] {
      return std::unexpected(facts::make_error(ErrorCode::MalformedXML));
    };
    if (!request_ || request_->name != "RestoreRequest") {
      return malformed();
    }
    if (request_->find("Type") != nullptr || request_->find("SelectParameters") != nullptr) {
      return select_not_implemented();
    }
    const auto text = request_->text_of("Days");
    const auto days = parse_decimal(trimmed(text.value_or(""), kWhiteSpace));
    if (!days || *days < 1 || *days > kDaysMax) {
      return malformed();
    }
    const codec::XmlElement* job = request_->find("GlacierJobParameters");
    const std::string_view tier = job == nullptr ? request_->text_of("Tier").value_or("Standard")
                                                 : job->text_of("Tier").value_or("");
    return tier == "Standard" || tier == "Bulk" || tier == "Expedited" ? Result<std::int64_t>(*days)
                                                                       : malformed();
  }

  std::optional<codec::XmlElement> request_;
};

}  // namespace

SIGNET_S3_MAKE(RestoreObject)

}  // namespace signet::s3
