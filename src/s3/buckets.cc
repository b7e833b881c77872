// ListBuckets, CreateBucket, DeleteBucket, HeadBucket, GetBucketLocation.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/access_list.h"
#include "s3/bucket_name.h"
#include "s3/bucket_nodes.h"
#include "s3/declared_buckets.h"
#include "s3/object_lock.h"
#include "s3/operations.h"
#include "s3/public_access.h"
#include "s3/regions.h"
#include "s3/upload_headers.h"
#include "s3/upstream_calls.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;
using authz::ContextEntry;

constexpr std::size_t kConfigurationBytes = 64UL * 1024;

class ListBuckets final : public S3Invocation {
 public:
  using S3Invocation::S3Invocation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

  Result<CheckList> checks(const CheckContext& context) override {
    // Policies name "*" or "arn:aws:s3:::*" here; the denial names no resource.
    authz::Check check = own_check(context);
    check.resource = "arn:aws:s3:::*";
    check.wording.resource.clear();
    return only(std::move(check));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const std::string_view prefix = param("prefix").value_or("");
    const std::int64_t limit = TRY(page_size());
    const std::string after = TRY(start());
    TRY_STATUS(check_region());
    codec::XmlWriter xml(document_, codec::Controls::Reference);
    xml.open("ListAllMyBucketsResult", kXmlNamespace);
    xml.open("Owner");
    xml.element("ID", canonical_id(context.snapshot, context.caller.account));
    xml.close("Owner");
    xml.open("Buckets");
    const std::string last =
        write_buckets(xml, context, BucketPage{.prefix = prefix, .after = after, .limit = limit});
    xml.close("Buckets");
    if (param("prefix")) {
      xml.element("Prefix", prefix);
    }
    if (!last.empty()) {
      xml.element("ContinuationToken", codec::encode_base64url(last));
    }
    xml.close("ListAllMyBucketsResult");
    answer_xml(std::move(document_));
    return {};
  }

 private:
  struct BucketPage {
    std::string_view prefix;
    std::string_view after;
    std::int64_t limit;
  };

  [[nodiscard]] Result<std::int64_t> page_size() const {
    const auto given = param("max-buckets");
    if (!given) {
      return static_cast<std::int64_t>(facts::kBucketsPerAccount);
    }
    const auto limit = parse_decimal(*given);
    if (!limit || *limit < 1 || std::cmp_greater(*limit, facts::kBucketsPerAccount)) {
      return about(max_buckets_invalid(facts::kBucketsPerAccount), "max-buckets", *given);
    }
    return *limit;
  }

  [[nodiscard]] Result<std::string> start() const {
    const auto token = param("continuation-token");
    if (!token || token->empty()) {
      return std::string();
    }
    std::optional<std::string> after = codec::decode_base64url(*token);
    if (!after) {
      return about(continuation_token_incorrect(), "continuation-token", *token);
    }
    return *std::move(after);
  }

  [[nodiscard]] Status check_region() const {
    const auto region = param("bucket-region");
    return !region || is_region(*region) ? Status()
                                         : about(bucket_region_unknown(*region), "bucket-region");
  }

  // Where a bucket is and its ARN are shown to who asks for a page or a choice (S3 ListBuckets).
  [[nodiscard]] bool is_detailed() const {
    return param("bucket-region") || param("prefix") || param("max-buckets") ||
           param("continuation-token");
  }

  // The last name of a page that has another one after it; empty otherwise.
  [[nodiscard]] std::string write_buckets(codec::XmlWriter& xml,
                                          const HandlerContext& context,
                                          const BucketPage& page) const {
    const auto region = param("bucket-region");
    std::int64_t count = 0;
    std::string last;
    for (const auto& entry : context.snapshot.table<identity::Bucket>(context.caller.account)) {
      const identity::Bucket& bucket = *entry.value;
      const bool is_wanted = bucket.name > page.after && bucket.name.starts_with(page.prefix) &&
                             (!region || *region == region_of(bucket));
      if (!is_wanted) {
        continue;
      }
      if (count == page.limit) {
        return last;
      }
      count += 1;
      last = bucket.name;
      xml.open("Bucket");
      xml.element("Name", bucket.name);
      xml.element("CreationDate", s3_time(bucket.created));
      if (is_detailed()) {
        xml.element("BucketRegion", region_of(bucket));
        xml.element("BucketArn", concat("arn:aws:s3:::", bucket.name));
      }
      xml.close("Bucket");
    }
    return {};
  }

  std::string document_;
};

class CreateBucket final : public S3Invocation {
 public:
  explicit CreateBucket(InvocationParts parts)
      : CreateBucket(parts.service.upstream_of(parts.address.bucket), std::move(parts)) {}

  [[nodiscard]] api::RunMode run_mode() const override {
    return upstream_ != nullptr ? api::RunMode::PreparedWrite : api::RunMode::Write;
  }

  // The bucket is made at the upstream first: one that is there and not here is nobody's, and can
  // be told to Signet by its operator alone (decision 0070).
  Status prepare(const CheckContext& context) override {
    TRY_STATUS(check_request());
    static_cast<void>(TRY(chosen_region(context.request.region)));
    return context.snapshot.find<identity::Bucket>(bucket_name()) != nullptr
               ? Status()
               : make_upstream_bucket(*upstream_, bucket_name());
  }

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Buffer; }

  [[nodiscard]] std::size_t body_limit() const override { return kConfigurationBytes; }

  Status body(std::string_view bytes) override {
    TRY_STATUS(check_document_digests(headers(), bytes, false));
    configuration_ = TRY(read_bucket_configuration(bytes));
    return {};
  }

  Result<CheckList> checks(const CheckContext& context) override {
    std::vector<ContextEntry> keys;
    if (!configuration_.location.empty()) {
      keys.push_back({.key = "s3:LocationConstraint", .values = {configuration_.location}});
    }
    for (const std::string_view name : {"x-amz-acl",
                                        "x-amz-grant-full-control",
                                        "x-amz-grant-read",
                                        "x-amz-grant-read-acp",
                                        "x-amz-grant-write",
                                        "x-amz-grant-write-acp",
                                        "x-amz-object-ownership"}) {
      if (const auto value = header(name)) {
        keys.push_back({.key = concat("s3:", name), .values = {std::string(*value)}});
      }
    }
    CheckList list;
    for (const std::string_view action : actions()) {
      authz::Check check = own_check(context, keys);
      check.action = action;
      // Whoever owns the name now, what is asked for is a bucket of the caller's own.
      check.resource_account.clear();
      check.bucket = nullptr;
      check.acl = authz::AclGrant::NoList;
      for (const auto& [key, value] : configuration_.tags) {
        check.request_tags.push_back({.key = key, .value = value});
      }
      list.push_back(std::move(check));
    }
    return list;
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    TRY_STATUS(check_request());
    const std::string region = TRY(chosen_region(context.request.region));
    const AccessList list = TRY(new_list(context));
    if (const identity::Bucket* present =
            context.transaction->view().find<identity::Bucket>(bucket_name())) {
      TRY_STATUS(answer_to_existing(*present, context.caller));
    } else {
      TRY_STATUS(make(context, region, list));
    }
    response_.headers.add("Location", location(region, context));
    response_.headers.add("x-amz-bucket-arn", concat("arn:aws:s3:::", bucket_name()));
    return {};
  }

 private:
  // Its own action, and those that headers imply (S3 CreateBucket, permissions).
  [[nodiscard]] std::vector<std::string_view> actions() const {
    std::vector<std::string_view> out{"s3:CreateBucket"};
    if (header("x-amz-acl").value_or("private") != "private" || has_grant()) {
      out.emplace_back("s3:PutBucketAcl");
    }
    if (!configuration_.tags.empty()) {
      out.emplace_back("s3:TagResource");
    }
    if (header("x-amz-object-ownership")) {
      out.emplace_back("s3:PutBucketOwnershipControls");
    }
    if (wants_lock()) {
      out.emplace_back("s3:PutBucketObjectLockConfiguration");
      out.emplace_back("s3:PutBucketVersioning");
    }
    return out;
  }

  [[nodiscard]] bool has_grant() const {
    bool found = false;
    static_cast<void>(headers().visit("x-amz-grant-", [&](auto, auto) -> Status {
      found = true;
      return {};
    }));
    return found;
  }

  [[nodiscard]] bool wants_lock() const {
    return equals_ignore_case(header("x-amz-bucket-object-lock-enabled").value_or(""), "true");
  }

  // A path in us-east-1, a URL elsewhere (S3 CreateBucket).
  [[nodiscard]] std::string location(std::string_view region, const HandlerContext& context) const {
    if (region == kHomeRegion) {
      return concat("/", bucket_name());
    }
    // With this scheme however it was asked (recorded).
    constexpr std::string_view kSecure = "https://";
    const std::string uri = own_uri(context);
    return concat(uri.starts_with(kSecure) ? "http://" : "",
                  std::string_view(uri).substr(uri.starts_with(kSecure) ? kSecure.size() : 0),
                  uri.ends_with('/') ? "" : "/");
  }

  [[nodiscard]] Status check_request() const {
    if (!is_new_bucket_name(bucket_name())) {
      Error error = facts::make_error(ErrorCode::InvalidBucketName);
      error.fields.emplace_back("BucketName", bucket_name());
      return std::unexpected(std::move(error));
    }
    // AWS-DIFF: S3 has account regional namespaces; here they are NotImplemented (buckets_test.cc).
    const std::string_view name_space = header("x-amz-bucket-namespace").value_or("global");
    if (name_space == "account-regional") {
      return namespace_not_implemented();
    }
    if (name_space != "global") {
      return about(namespace_unknown(), "x-amz-bucket-namespace", name_space);
    }
    if (wants_lock() && upstream_ != nullptr) {
      return object_lock_not_implemented();
    }
    const auto ownership = header("x-amz-object-ownership");
    if (ownership && !ownership_named(*ownership)) {
      Failure refusal = ownership_unknown(*ownership);
      refusal.error().fields.emplace_back("ArgumentName", "x-amz-object-ownership");
      return refusal;
    }
    const bool is_enforced = !ownership || *ownership == "BucketOwnerEnforced";
    return upstream_ == nullptr || is_enforced
               ? Status()
               : std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
  }

  // The access control list that the bucket is to have. New buckets take no public ones.
  [[nodiscard]] Result<AccessList> new_list(const HandlerContext& context) const {
    const AskedList asked = TRY(asked_list(headers(), context.transaction->view(), AclOf::Bucket));
    const std::string owner = canonical_id(context.transaction->view(), context.caller.account);
    AccessList list = list_asked_for(asked, owner, owner);
    const auto ownership = header("x-amz-object-ownership");
    const bool is_enforced = !ownership || *ownership == "BucketOwnerEnforced";
    if (is_enforced && list != own_list(owner)) {
      return std::unexpected(facts::make_error(ErrorCode::InvalidBucketAclWithObjectOwnership));
    }
    if (is_public(list)) {
      return std::unexpected(facts::make_error(ErrorCode::InvalidBucketAclWithBlockPublicAccess));
    }
    return list;
  }

  // Where the bucket is to be: what the body says, or where the request was sent. Only us-east-1
  // makes buckets elsewhere.
  [[nodiscard]] Result<std::string> chosen_region(std::string_view endpoint) const {
    const std::string& location = configuration_.location;
    const bool is_at_home = endpoint.empty() || endpoint == kHomeRegion;
    if (!is_at_home && region_of_constraint(location) != endpoint) {
      return location_constraint_incompatible(location.empty() ? "unspecified"
                                                               : std::string_view(location));
    }
    if (location.empty()) {
      return std::string(kHomeRegion);
    }
    if (location == kHomeRegion || !is_region(region_of_constraint(location))) {
      Error error = facts::make_error(ErrorCode::InvalidLocationConstraint);
      error.fields.emplace_back("LocationConstraint", location);
      return std::unexpected(std::move(error));
    }
    return location;
  }

  // In us-east-1 making one's own bucket again succeeds and changes nothing (S3 CreateBucket).
  [[nodiscard]] Status answer_to_existing(const identity::Bucket& present,
                                          const model::Caller& caller) const {
    const bool is_own = present.account == caller.account;
    if (is_own && present.region == kHomeRegion && configuration_.location.empty() &&
        configuration_.tags.empty()) {
      return {};
    }
    Error error = facts::make_error(is_own ? ErrorCode::BucketAlreadyOwnedByYou
                                           : ErrorCode::BucketAlreadyExists);
    error.fields.emplace_back("BucketName", bucket_name());
    return std::unexpected(std::move(error));
  }

  [[nodiscard]] Status make(HandlerContext& context,
                            const std::string& region,
                            const AccessList& list) const {
    if (context.transaction->view().table<identity::Bucket>(context.caller.account).size() >=
        facts::kBucketsPerAccount) {
      return std::unexpected(facts::make_error(ErrorCode::TooManyBuckets));
    }
    identity::Bucket bucket = new_bucket(
        bucket_name(), context.caller.account, region, context.deps.random, context.request.now);
    block_public_access(bucket);
    if (const auto ownership = header("x-amz-object-ownership")) {
      set_ownership(bucket, *ownership);
    }
    set_bucket_list(bucket, list);
    TRY_STATUS(add_tags(bucket, context.deps.random));
    if (wants_lock()) {
      enable_object_lock(bucket);
    }
    context.transaction->put(std::move(bucket));
    return {};
  }

  [[nodiscard]] Status add_tags(identity::Bucket& bucket, Random& random) const {
    for (const auto& [key, value] : configuration_.tags) {
      if (key.starts_with("aws:")) {
        return system_tag_of_new();
      }
    }
    return configuration_.tags.empty() ? Status() : set_tags(bucket, configuration_.tags, random);
  }

  CreateBucket(upstream::Upstream* upstream, InvocationParts&& parts)
      : S3Invocation(std::move(parts)), upstream_(upstream) {}

  upstream::Upstream* upstream_;  // null: its objects will lie here
  BucketConfiguration configuration_;
};

// Closes the bucket before the directory is asked to let it go. On the worker pool, since the
// object store blocks; handlers that run on the directory's writer have no way to it.
class ClosingInvocation : public S3Invocation {
 public:
  explicit ClosingInvocation(InvocationParts parts)
      : ClosingInvocation(parts.service, std::move(parts)) {}

  [[nodiscard]] api::RunMode run_mode() const final { return api::RunMode::PreparedWrite; }

  Status prepare(const CheckContext& context) final {
    bucket_id_ = store_id(*TRY(require_bucket(context.snapshot)));
    if (upstream::Upstream* upstream = service_.upstream_of(bucket_name())) {
      TRY_STATUS(delete_upstream_bucket(*upstream, bucket_name()));
    }
    Result<objects::BucketHold> hold = service_.store.close(bucket_id_);
    if (!hold) {
      Error error = std::move(hold).error();
      error.fields.emplace_back("BucketName", bucket_name());
      return std::unexpected(std::move(error));
    }
    hold_.emplace(*std::move(hold));
    return service_.nodes == nullptr ? Status() : service_.nodes->remove(bucket_id_);
  }

 protected:
  // The object store's id of the bucket that is closed.
  [[nodiscard]] const std::string& bucket_id() const { return bucket_id_; }

  // Whether other nodes of a cluster may hold objects of the bucket.
  [[nodiscard]] bool is_used_elsewhere(const identity::Bucket& bucket) const {
    return service_.nodes != nullptr && !nodes_of(bucket).empty();
  }

 private:
  ClosingInvocation(const ServiceParts& service, InvocationParts&& parts)
      : S3Invocation(std::move(parts)), service_(service) {}

  const ServiceParts& service_;
  std::string bucket_id_;
  std::optional<objects::BucketHold> hold_;  // until the answer is known
};

// The bucket goes with the commit of the directory; what it leaves is removed afterwards, by nobody
// who is waited for (objects/removal.h). If the commit fails, the bucket is open again.
class DeleteBucket final : public ClosingInvocation {
 public:
  using ClosingInvocation::ClosingInvocation;

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket =
        TRY(require_same_bucket(context.transaction->view(), bucket_id()));
    if (is_used_elsewhere(*bucket)) {
      Error error = facts::make_error(ErrorCode::BucketNotEmpty);
      error.fields.emplace_back("BucketName", bucket_name());
      return std::unexpected(std::move(error));
    }
    context.transaction->erase<identity::Bucket>(bucket_name());
    response_.status = 204;
    return {};
  }
};

class HeadBucket final : public S3Invocation {
 public:
  using S3Invocation::S3Invocation;

  [[nodiscard]] bool tells_region() const override { return true; }

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    response_.headers.add("x-amz-bucket-arn", concat("arn:aws:s3:::", bucket_name()));
    add_region_header(response_.headers, *bucket);
    response_.headers.add("x-amz-access-point-alias", "false");
    response_.headers.add("Content-Type", "application/xml");
    return {};
  }
};

class GetBucketLocation final : public S3Invocation {
 public:
  using S3Invocation::S3Invocation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("LocationConstraint", kXmlNamespace);
    if (bucket->region == kHomeRegion) {
      document.insert(document.size() - 1, "/");  // an empty element, as S3 writes it (recorded)
    } else {
      xml.text(bucket->region);  // as it was asked for: "EU" stays
      xml.close("LocationConstraint");
    }
    answer_xml(std::move(document));
    return {};
  }
};

}  // namespace

SIGNET_S3_MAKE(ListBuckets)
SIGNET_S3_MAKE(CreateBucket)
SIGNET_S3_MAKE(DeleteBucket)
SIGNET_S3_MAKE(HeadBucket)
SIGNET_S3_MAKE(GetBucketLocation)

}  // namespace signet::s3
