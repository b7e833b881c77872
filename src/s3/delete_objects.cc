// DeleteObject and DeleteObjects.
#include <functional>
#include <span>
#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "s3/object_lock.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/upload_headers.h"
#include "s3/upstream_calls.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

class DeleteObject final : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

  Result<CheckList> checks(const CheckContext& context) override {
    version_ = TRY(named_version());
    std::vector<authz::ContextEntry> keys = version_keys(request());
    if (const auto match = header("if-match")) {
      keys.push_back({.key = "s3:if-match", .values = {std::string(*match)}});
    }
    return only(check_of(context.snapshot,
                         context.caller,
                         context.request,
                         version_action(request(), "s3:DeleteObject"),
                         Address{.bucket = bucket_name(), .key = key()},
                         std::move(keys)));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    TRY_STATUS(check_bypass(headers(), *bucket));
    objects::Deletion deletion{
        .key = key(), .version = version_, .condition = TRY(write_condition_of(headers()))};
    deletion.keeps =
        keeps_locked(*bucket, context.request.now, bypass_of(context, context.snapshot, key()));
    const std::vector<objects::Deleted> deleted = TRY(store().erase(
        store_id(*bucket), std::span(&deletion, 1), versioning_of(*bucket), context.request.now));
    if (deleted.front().is_kept) {
      return std::unexpected(object_locked());
    }
    if (deleted.front().is_marker) {
      response_.headers.add("x-amz-delete-marker", "true");
    }
    if (!deleted.front().version.empty()) {
      response_.headers.add("x-amz-version-id", deleted.front().version);
    }
    response_.status = 204;
    return {};
  }

 private:
  std::string version_;  // that the request names
};

// Each key is decided by itself and answered by itself (policy-semantics 8.4): the call as such
// needs no permission of a caller who signed it. Erasing a key with an ETag waits for the disk, so
// what comes after it is decided on the newest state.
class DeleteObjects : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Buffer; }

  [[nodiscard]] std::size_t body_limit() const override { return kDeleteListBytes; }

  Status body(std::string_view bytes) override {
    TRY_STATUS(check_document_digests(headers(), bytes, true));
    list_ = TRY(read_delete_list(bytes));
    return {};
  }

  Result<CheckList> checks(const CheckContext& context) override {
    authz::Check check = own_check(context);
    check.resource = concat("arn:aws:s3:::", bucket_name(), "/*");
    check.wording.resource = check.resource;
    // For a bucket that is not there nothing is decided later, so the caller must be allowed to
    // know.
    if (context.snapshot.find<identity::Bucket>(bucket_name()) != nullptr) {
      check.grant = authz::Grant::ToSignedIn;
    }
    return only(std::move(check));
  }

  void append_parameters(codec::JsonWriter& json) const override {
    json.key("delete");
    json.begin_object();
    json.key("objects");
    json.begin_array();
    for (const DeleteEntry& entry : list_.entries) {
      json.begin_object();
      json.member("key", entry.key);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    const std::string bucket_id = store_id(*bucket);
    TRY_STATUS(check_bypass(headers(), *bucket));
    std::vector<Outcome> results(list_.entries.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!list_.entries[i].etag.empty()) {
        results[i] = erase_if_matching(context, bucket_id, list_.entries[i]);
      }
    }
    TRY_STATUS(erase_others(context, bucket_id, results));
    write(results);
    return {};
  }

 protected:
  using Outcome = Result<objects::Deleted>;

  // Carries deletions out; what became of each, in order.
  [[nodiscard]] virtual Result<std::vector<Outcome>> erase(
      std::string_view bucket_id,
      std::span<const objects::Deletion> deletions,
      objects::Versioning versioning,
      Instant now) const {
    std::vector<Outcome> outcomes;
    for (objects::Deleted& one : TRY(store().erase(bucket_id, deletions, versioning, now))) {
      outcomes.push_back(one.is_kept ? Outcome(std::unexpected(object_locked()))
                                     : Outcome(std::move(one)));
    }
    return outcomes;
  }

 private:
  [[nodiscard]] Outcome erase_if_matching(const HandlerContext& context,
                                          const std::string& bucket_id,
                                          const DeleteEntry& entry) const {
    const auto newest = TRY(still_allowed(context, bucket_id));
    TRY_STATUS(decide(context, *newest, entry));
    const identity::Bucket& bucket = *TRY(require_bucket(*newest));
    const objects::Deletion deletion = deletion_of(context, *newest, bucket, entry);
    const objects::Versioning versioning = versioning_of(bucket);
    std::vector<Outcome> deleted =
        TRY(erase(bucket_id, std::span(&deletion, 1), versioning, context.request.now));
    return std::move(deleted.front());
  }

  // Those without an ETag go at once.
  [[nodiscard]] Status erase_others(const HandlerContext& context,
                                    const std::string& bucket_id,
                                    std::vector<Outcome>& results) const {
    const auto newest = TRY(still_allowed(context, bucket_id));
    const identity::Bucket& bucket = *TRY(require_bucket(*newest));
    std::vector<objects::Deletion> deletions;
    std::vector<std::size_t> places;  // of each, among the results
    for (std::size_t i = 0; i < results.size(); ++i) {
      const DeleteEntry& entry = list_.entries[i];
      if (!entry.etag.empty()) {
        continue;
      }
      if (Status allowed = decide(context, *newest, entry); !allowed) {
        results[i] = std::unexpected(std::move(allowed).error());
        continue;
      }
      deletions.push_back(deletion_of(context, *newest, bucket, entry));
      places.push_back(i);
    }
    std::vector<Outcome> deleted =
        TRY(erase(bucket_id, deletions, versioning_of(bucket), context.request.now));
    for (std::size_t i = 0; i < places.size(); ++i) {
      results[places[i]] = std::move(deleted[i]);
    }
    return {};
  }

  [[nodiscard]] objects::Deletion deletion_of(const HandlerContext& context,
                                              const identity::Snapshot& newest,
                                              const identity::Bucket& bucket,
                                              const DeleteEntry& entry) const {
    return {
        .key = entry.key,
        .version = entry.version_id,
        .condition = objects::WriteCondition{.must_match = entry.etag},
        .only_file = {},
        .keeps = keeps_locked(bucket, context.request.now, bypass_of(context, newest, entry.key))};
  }

  [[nodiscard]] Status decide(const HandlerContext& context,
                              const identity::Snapshot& snapshot,
                              const DeleteEntry& entry) const {
    std::vector<authz::ContextEntry> keys;
    if (!entry.version_id.empty()) {
      if (!is_version_id(entry.version_id, version_ids())) {
        return std::unexpected(facts::make_error(ErrorCode::S3NoSuchVersion));
      }
      keys.push_back({.key = "s3:VersionId", .values = {entry.version_id}});
    }
    if (!entry.etag.empty()) {
      keys.push_back({.key = "s3:if-match", .values = {entry.etag}});
    }
    const std::string_view action =
        entry.version_id.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
    const authz::Check check = check_of(snapshot,
                                        context.caller,
                                        context.request,
                                        action,
                                        Address{.bucket = bucket_name(), .key = entry.key},
                                        std::move(keys));
    const authz::AuthzContext authz_context{
        .snapshot = snapshot, .caller = context.caller, .request = context.request};
    auto allowed = context.authorizer->authorize(authz_context, {check});
    return allowed ? Status() : std::unexpected(std::move(allowed).error());
  }

  void write(const std::vector<Outcome>& results) {
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("DeleteResult", kXmlNamespace);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!results[i]) {
        write_error(xml, list_.entries[i], results[i].error());
      } else if (!list_.is_quiet) {
        write_deleted(xml, list_.entries[i], *results[i]);
      }
    }
    xml.close("DeleteResult");
    answer_xml(std::move(document));
  }

  static void write_deleted(codec::XmlWriter& xml,
                            const DeleteEntry& entry,
                            const objects::Deleted& deleted) {
    xml.open("Deleted");
    if (deleted.is_marker) {
      xml.element("DeleteMarker", "true");
      xml.element("DeleteMarkerVersionId", deleted.version);
    }
    xml.element("Key", entry.key);
    if (!entry.version_id.empty()) {
      xml.element("VersionId", entry.version_id);
    }
    xml.close("Deleted");
  }

  static void write_error(codec::XmlWriter& xml, const DeleteEntry& entry, const Error& error) {
    xml.open("Error");
    xml.element("Key", entry.key);
    if (!entry.version_id.empty()) {
      xml.element("VersionId", entry.version_id);
    }
    xml.element("Code", facts::error_row(error.code).wire_code);
    xml.element("Message", error.message);
    xml.close("Error");
  }

  DeleteList list_;
};

// Of objects that an upstream holds: what is allowed of a list goes there as one list.
class UpstreamDeleteObjects final : public DeleteObjects {
 public:
  using DeleteObjects::DeleteObjects;

 protected:
  [[nodiscard]] Result<std::vector<Outcome>> erase(std::string_view /*bucket_id*/,
                                                   std::span<const objects::Deletion> deletions,
                                                   objects::Versioning /*versioning*/,
                                                   Instant /*now*/) const override {
    std::vector<Outcome> outcomes(deletions.size());
    std::vector<objects::Deletion> sent;
    for (std::size_t i = 0; i < deletions.size(); ++i) {
      if (Status good = check_upstream_key(deletions[i].key); !good) {
        outcomes[i] = std::unexpected(std::move(good).error());
      } else {
        sent.push_back(deletions[i]);
      }
    }
    if (sent.empty()) {
      return outcomes;
    }
    const objects::WriteCondition& condition = deletions.front().condition;
    if (condition.is_set()) {  // it is the only one then
      TRY_STATUS(check_upstream(*upstream(), bucket_name(), deletions.front().key, condition));
    }
    const codec::XmlElement answer = TRY(delete_upstream(*upstream(), bucket_name(), sent));
    for (std::size_t i = 0; i < deletions.size(); ++i) {
      if (outcomes[i]) {
        outcomes[i] = upstream_outcome(answer, deletions[i]);
      }
    }
    return outcomes;
  }
};

}  // namespace

SIGNET_S3_MAKE(DeleteObject)
SIGNET_S3_MAKE(DeleteObjects)

InvocationPtr make_upstream_delete_objects(InvocationParts parts) {
  return std::make_unique<UpstreamDeleteObjects>(std::move(parts));
}

}  // namespace signet::s3
