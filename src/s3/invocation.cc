#include "s3/invocation.h"

#include <algorithm>
#include <utility>

#include "base/fail_because.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "crypto/sha256.h"
#include "facts/condition_key_ids.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "model/arn.h"
#include "s3/access_list.h"
#include "s3/bucket_nodes.h"
#include "s3/object_lock.h"
#include "s3/object_request.h"
#include "s3/public_access.h"
#include "s3/regions.h"
#include "s3/tags.h"
#include "s3/upload_headers.h"
#include "s3/upstream_calls.h"
#include "upstream/upstreams.h"

namespace signet::s3 {
namespace {

using authz::ContextEntry;

// Keys that every call to S3 has, as far as the request says something about them
// (policy-semantics 5.4).
void add_common_keys(const api::RestRequest& request,
                     const model::Caller& caller,
                     const authz::RequestInfo& info,
                     authz::Check& check) {
  // Absent without TLS, and behind a proxy, which does not say what its client speaks.
  if (!request.head->tls_version.empty()) {
    check.texts.add(facts::KeyId::S3TlsVersion, request.head->tls_version);
  }
  if (caller.kind == model::CallerKind::Anonymous) {
    return;
  }
  using facts::KeyId;
  check.texts.add(KeyId::S3AuthType,
                  request.is_form        ? "POST"
                  : request.is_presigned ? "REST-QUERY-STRING"
                                         : "REST-HEADER");
  check.texts.add(KeyId::S3Signatureversion, request.is_version_2 ? "AWS" : "AWS4-HMAC-SHA256");
  if (const auto hash = RequestHeaders(request).find("x-amz-content-sha256")) {
    check.texts.add(KeyId::S3XAmzContentSha256, *hash);
  }
  const auto date = request.is_presigned ? request.param("X-Amz-Date") : std::nullopt;
  if (const auto signed_at = codec::parse_amz_date(date.value_or(""))) {
    check.context.push_back(
        ContextEntry{.key = "s3:signatureAge",
                     .values = {std::to_string(info.now.unix_ms - signed_at->unix_ms)}});
  }
}

}  // namespace

upstream::Upstream* ServiceParts::upstream_of(std::string_view bucket) const {
  return upstreams != nullptr ? upstreams->of(bucket) : nullptr;
}

S3Invocation::S3Invocation(InvocationParts parts)
    : row_(parts.row), request_(parts.request), address_(std::move(parts.address)) {}

void S3Invocation::begin_answer(const api::HandlerContext& context) {
  response_ = http::Response();
  rest_.reset();
  response_.headers.add("x-amz-request-id", context.request.request_id);
  response_.headers.add("x-amz-id-2", host_id_of(context.request.request_id));
}

Status S3Invocation::check_asked(const api::HandlerContext& context) const {
  // A name that SDKs have for "no region"; they sign for us-east-1 then.
  if (context.request.region == "aws-global") {
    Failure refusal = wrong_region(context.request.region, kHomeRegion);
    refusal.error().fields.emplace_back("Region", kHomeRegion);
    return refusal;
  }
  return refuse_unsupported_headers(headers());
}

Result<std::unique_ptr<api::BodySink>> S3Invocation::open_sink(const authz::Authorized& proof,
                                                               api::HandlerContext& context) {
  TRY_STATUS(check_asked(context));
  return open_upload(proof, context);
}

Status S3Invocation::handle(const authz::Authorized& proof, api::HandlerContext& context) {
  TRY_STATUS(check_asked(context));
  begin_answer(context);
  return serve(proof, context);
}

std::optional<Status> S3Invocation::try_handle(const authz::Authorized& proof,
                                               api::HandlerContext& context) {
  if (Status asked = check_asked(context); !asked) {
    return asked;
  }
  begin_answer(context);
  return try_serve(proof, context);
}

api::RestResponse S3Invocation::answer() {
  add_safety_headers(response_.headers);
  return api::RestResponse{.response = std::move(response_), .rest = std::move(rest_)};
}

void S3Invocation::add_to_refusal(const identity::Snapshot& snapshot,
                                  http::Response& response) const {
  const identity::Bucket* bucket =
      tells_region() ? snapshot.find<identity::Bucket>(bucket_name()) : nullptr;
  if (bucket != nullptr) {
    add_region_header(response.headers, *bucket);
  }
  for (const auto& [name, value] : refusal_headers_) {
    response.headers.add(name, value);
  }
}

void S3Invocation::add_refusal_header(std::string_view name, std::string_view value) {
  refusal_headers_.emplace_back(name, value);
}

std::optional<std::string_view> S3Invocation::header(std::string_view name) const {
  return headers().find(name);
}

std::optional<std::string_view> S3Invocation::param(std::string_view name) const {
  return request_.param(name);
}

authz::Check S3Invocation::check_of(const identity::Snapshot& snapshot,
                                    const model::Caller& caller,
                                    const authz::RequestInfo& info,
                                    std::string_view action,
                                    const Address& on,
                                    std::vector<ContextEntry> context) const {
  authz::Check check;
  check.action = action;
  check.resource = arn_of(on);
  check.wording.resource = check.resource;
  check.wording.quotes_resource = true;
  check.context = std::move(context);
  add_common_keys(request_, caller, info, check);
  const identity::Bucket* bucket = snapshot.find<identity::Bucket>(on.bucket);
  if (bucket == nullptr) {
    // Nobody's bucket counts as the caller's: who may do this in their own account learns that it
    // is not there, all others are refused.
    return check;
  }
  check.resource_account = bucket->account;
  check.texts.add(facts::KeyId::S3ResourceAccount, bucket->account);
  // The owner's root user can always repair the bucket policy (policy-semantics 7.2).
  const bool is_repair = caller.kind == model::CallerKind::Root &&
                         caller.account == bucket->account &&
                         (action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" ||
                          action == "s3:DeleteBucketPolicy");
  // A public policy of a bucket that is restricted serves nobody else's callers: what it denies
  // them is denied all the same.
  const bool is_shut_out = caller.account != bucket->account && is_restricted(*bucket);
  check.bucket = is_repair || is_shut_out ? nullptr : bucket;
  check.acl = bucket_grant(snapshot, *bucket, caller, action);
  return check;
}

authz::Check S3Invocation::own_check(const api::CheckContext& context,
                                     std::vector<ContextEntry> more) const {
  return check_of(
      context.snapshot, context.caller, context.request, row_.action, address_, std::move(more));
}

void S3Invocation::add_implied_checks(const api::CheckContext& context,
                                      const std::vector<ContextEntry>& keys,
                                      api::CheckList& list) const {
  const identity::Bucket* bucket = context.snapshot.find<identity::Bucket>(address_.bucket);
  for (const std::string_view action : implied_actions(headers())) {
    authz::Check check =
        check_of(context.snapshot, context.caller, context.request, action, address_, keys);
    // Where the owner is not enforced, who writes an object says who may see it, whoever has it
    // then.
    if (action == "s3:PutObjectAcl" && bucket != nullptr && !is_restricted(*bucket) &&
        context.caller.account != bucket->account &&
        ownership_of(*bucket) != Ownership::BucketOwnerEnforced) {
      const bool is_anonymous = context.caller.kind == model::CallerKind::Anonymous;
      check.object_owner = authz::ObjectOwner::Caller;
      check.acl = is_anonymous ? authz::AclGrant::ToEverybody : authz::AclGrant::Nothing;
    }
    list.push_back(std::move(check));
  }
}

Result<const identity::Bucket*> S3Invocation::require_bucket(
    const identity::Snapshot& snapshot) const {
  const identity::Bucket* bucket = snapshot.find<identity::Bucket>(address_.bucket);
  if (bucket == nullptr) {
    return std::unexpected(no_such_bucket(address_.bucket));
  }
  TRY_STATUS(check_owner(*bucket, "x-amz-expected-bucket-owner"));
  return bucket;
}

Status S3Invocation::check_owner(const identity::Bucket& bucket, std::string_view name) const {
  const auto expected = header(name);
  if (expected && !model::is_account_id(*expected)) {
    return bucket_owner_invalid(*expected);
  }
  if (expected && *expected != bucket.account) {
    return fail_because(ErrorCode::AccessDenied,
                        "Access Denied",
                        concat(name, " names another account than the bucket's"));
  }
  return {};
}

Result<const identity::Bucket*> S3Invocation::require_same_bucket(
    const identity::Snapshot& snapshot, std::string_view bucket_id) const {
  const identity::Bucket* bucket = TRY(require_bucket(snapshot));
  return store_id(*bucket) == bucket_id
             ? Result<const identity::Bucket*>(bucket)
             : std::unexpected(facts::make_error(ErrorCode::OperationAborted));
}

Result<std::shared_ptr<const identity::Snapshot>> S3Invocation::still_allowed(
    const api::HandlerContext& context, std::string_view bucket_id) const {
  std::shared_ptr<const identity::Snapshot> newest = TRY(context.decide_again());
  TRY_STATUS(require_same_bucket(*newest, bucket_id));
  TRY_STATUS(decide_rest(context, *newest));
  return newest;
}

Error S3Invocation::missing_key(const api::HandlerContext& context, const Address& address) const {
  const authz::Check list = check_of(context.snapshot,
                                     context.caller,
                                     context.request,
                                     "s3:ListBucket",
                                     Address{.bucket = address.bucket, .key = {}});
  const authz::AuthzContext authz_context{
      .snapshot = context.snapshot, .caller = context.caller, .request = context.request};
  if (const auto allowed = context.authorizer->authorize(authz_context, {list}); !allowed) {
    Error refusal = allowed.error();
    refusal.cause += "; a caller that may list the bucket is told that there is no such key";
    return refusal;
  }
  Error error = facts::make_error(ErrorCode::NoSuchKey);
  error.fields.emplace_back("Key", address.key);
  return error;
}

std::string S3Invocation::own_uri(const api::HandlerContext& context) const {
  return concat(
      context.request.is_secure ? "https://" : "http://", request_.head->host, request_.raw_path);
}

void S3Invocation::answer_xml(std::string document) {
  response_.headers.add("Content-Type", "application/xml");
  document.insert(0, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  response_.body = std::move(document);
}

api::CheckList only(authz::Check check) {
  api::CheckList list;
  list.push_back(std::move(check));
  return list;
}

void add_region_header(http::ResponseHeaders& headers, const identity::Bucket& bucket) {
  headers.add("x-amz-bucket-region", region_of(bucket));
}

authz::Check ObjectInvocation::check_on_tags(const api::CheckContext& context,
                                             const ObjectQuestion& question) {
  authz::Check check = check_of(context.snapshot,
                                context.caller,
                                context.request,
                                question.action,
                                question.on,
                                question.keys);
  const identity::Bucket* bucket = context.snapshot.find<identity::Bucket>(question.on.bucket);
  const bool is_at_upstream = bucket != nullptr && service_.upstream_of(bucket->name) != nullptr;
  // Once: what was not left to decide_on_tags() cannot be when the checks are made again.
  if (!is_left_known_) {
    is_left_known_ = true;
    is_decision_left_ =
        bucket != nullptr && (is_at_upstream || store().may_have_tags(store_id(*bucket)) ||
                              ownership_of(*bucket) != Ownership::BucketOwnerEnforced);
  }
  if (is_at_upstream) {
    const auto is_same = [&](const ObjectQuestion& one) {  // checks() are repeated
      return one.action == question.action && one.on == question.on;
    };
    if (std::ranges::none_of(left_, is_same)) {
      left_.push_back(question);
    }
  }
  if (is_decision_left_) {
    check.grant = authz::Grant::ToEverybody;
  }
  return check;
}

Result<std::string> ObjectInvocation::named_version() const {
  return version_of(request(), version_ids());
}

VersionIds ObjectInvocation::version_ids() const {
  return upstream() != nullptr ? VersionIds::OfUpstream : VersionIds::Own;
}

Status ObjectInvocation::decide_left(const api::HandlerContext& context,
                                     const ObjectQuestion& question,
                                     const objects::StoredHeaders& stored) {
  is_decision_left_ = true;
  return decide_on_tags(context, question, &stored);
}

Status ObjectInvocation::decide_on_tags(const api::HandlerContext& context,
                                        const ObjectQuestion& question,
                                        const objects::StoredHeaders* stored) {
  const bool counts =
      stored != nullptr && (!tags_of(*stored).empty() || !stored_list(*stored).empty());
  if (!is_decision_left_ && !counts) {
    return {};
  }
  decided_.push_back(
      {.question = question, .stored = stored != nullptr ? *stored : objects::StoredHeaders()});
  return decide(context, question, stored);
}

Status ObjectInvocation::decide_rest(const api::HandlerContext& context,
                                     const identity::Snapshot& newest) const {
  const api::HandlerContext now{.snapshot = newest,
                                .transaction = nullptr,
                                .caller = context.caller,
                                .request = context.request,
                                .deps = context.deps,
                                .authorizer = context.authorizer};
  for (const Decided& one : decided_) {
    TRY_STATUS(decide(now, one.question, &one.stored));
  }
  return {};
}

Result<objects::ObjectInfo> ObjectInvocation::find_allowed(
    const api::HandlerContext& context,
    const identity::Bucket& bucket,
    const std::vector<ObjectQuestion>& questions) {
  const std::string version = TRY(named_version());
  std::optional<objects::ObjectInfo> info;
  if (upstream() == nullptr) {
    info = TRY(store().find(store_id(bucket), key(), version));
  } else if (const auto head = TRY(head_upstream(*upstream(), bucket_name(), key(), version))) {
    info = info_of(*head, key());
    info->headers = TRY(demanded_tags(context, questions, version));
  }
  for (const ObjectQuestion& question : questions) {
    TRY_STATUS(decide_on_tags(context, question, info ? &info->headers : nullptr));
  }
  return present(context, std::move(info), version);
}

Result<objects::ObjectInfo> ObjectInvocation::find_present(const api::HandlerContext& context,
                                                           const identity::Bucket& bucket) {
  const std::string version = TRY(named_version());
  return present(context, TRY(store().find(store_id(bucket), key(), version)), version);
}

Result<objects::ObjectInfo> ObjectInvocation::present(const api::HandlerContext& context,
                                                      std::optional<objects::ObjectInfo> info,
                                                      std::string_view version) const {
  if (!info) {
    return std::unexpected(
        missing_version(context, Address{.bucket = bucket_name(), .key = key()}, version));
  }
  if (info->is_marker) {
    return std::unexpected(marker_refused());
  }
  return *std::move(info);
}

std::string ObjectInvocation::action_of_version() const {
  constexpr std::string_view kObject = "Object";
  const std::string_view operation = name();
  const std::size_t behind = operation.find(kObject) + kObject.size();
  return concat("s3:",
                operation.substr(0, behind),
                param("versionId") ? "Version" : "",
                operation.substr(behind));
}

Result<objects::StoredHeaders> ObjectInvocation::demanded_tags(
    const api::HandlerContext& context,
    std::span<const ObjectQuestion> questions,
    std::string_view version) const {
  const authz::AuthzContext authz_context{
      .snapshot = context.snapshot, .caller = context.caller, .request = context.request};
  const bool is_demanded = std::ranges::any_of(questions, [&](const ObjectQuestion& question) {
    return context.authorizer->reads_object_tags(authz_context,
                                                 check_of(context.snapshot,
                                                          context.caller,
                                                          context.request,
                                                          question.action,
                                                          question.on,
                                                          question.keys));
  });
  if (!is_demanded || questions.empty()) {
    return objects::StoredHeaders();
  }
  const Address& on = questions.front().on;
  return tags_upstream(*upstream_of(on.bucket), on.bucket, on.key, version);
}

Error ObjectInvocation::missing_version(const api::HandlerContext& context,
                                        const Address& address,
                                        std::string_view version) const {
  Error missing = missing_key(context, address);
  return !version.empty() && missing.code == ErrorCode::NoSuchKey
             ? no_such_version(address.key, version)
             : std::move(missing);
}

Error ObjectInvocation::marker_refused() const {
  Error error = facts::make_error(ErrorCode::MethodNotAllowed);
  error.fields.emplace_back("Method", request().method);
  error.fields.emplace_back("ResourceType", "DeleteMarker");
  return error;
}

Result<objects::ObjectInfo> ObjectInvocation::find_allowed_or_marker(
    const api::HandlerContext& context,
    const identity::Bucket& bucket,
    const ObjectQuestion& question) {
  Result<objects::ObjectInfo> found = find_allowed(context, bucket, {question});
  if (found || found.error().code != ErrorCode::NoSuchKey || upstream() != nullptr) {
    return found;
  }
  const auto marker = store().find_marker(store_id(bucket), key());
  return marker && *marker ? std::unexpected(marker_refused()) : std::move(found);
}

api::CheckList ObjectInvocation::upload_checks(const api::CheckContext& context,
                                               Creation creation) const {
  const std::vector<ContextEntry> keys = upload_keys(headers(), creation, context.request.now);
  api::CheckList list = only(own_check(context, keys));
  add_implied_checks(context, keys, list);
  return list;
}

void ObjectInvocation::tell_made(const objects::ObjectInfo& info,
                                 bool is_encrypted,
                                 objects::Versioning versioning) {
  add_encryption_header(response_.headers,
                        is_encrypted && objects::stored_mark(info.headers).empty());
  if (versioning == objects::Versioning::Enabled) {
    add_version_header(response_.headers, versioning, info);
  }
}

Status ObjectInvocation::decide(const api::HandlerContext& context,
                                const ObjectQuestion& question,
                                const objects::StoredHeaders* stored) const {
  std::vector<ContextEntry> keys = question.keys;
  if (stored != nullptr) {
    add_existing_tag_keys(tags_of(*stored), keys);
  }
  const authz::AuthzContext authz_context{
      .snapshot = context.snapshot, .caller = context.caller, .request = context.request};
  authz::Check check = check_of(context.snapshot,
                                context.caller,
                                context.request,
                                question.action,
                                question.on,
                                std::move(keys));
  if (const auto* bucket = context.snapshot.find<identity::Bucket>(question.on.bucket)) {
    add_object_list(context.snapshot, *bucket, context.caller, stored, check);
  }
  const auto allowed = context.authorizer->authorize(authz_context, only(std::move(check)));
  return allowed ? Status() : std::unexpected(allowed.error());
}

Bypass ObjectInvocation::bypass_of(const api::HandlerContext& context,
                                   const identity::Snapshot& newest,
                                   std::string_view key) const {
  if (!asks_bypass(headers())) {
    return Bypass::No;
  }
  const authz::AuthzContext authz_context{
      .snapshot = newest, .caller = context.caller, .request = context.request};
  const authz::Check check = check_of(newest,
                                      context.caller,
                                      context.request,
                                      "s3:BypassGovernanceRetention",
                                      Address{.bucket = bucket_name(), .key = std::string(key)});
  return context.authorizer->allows(authz_context, check) ? Bypass::Governance : Bypass::No;
}

Result<std::string> ObjectInvocation::new_list(const api::HandlerContext& context,
                                               const identity::Bucket& bucket) const {
  return list_for_upload(headers(), context.snapshot, bucket, context.caller, own_arn());
}

std::string ObjectInvocation::own_arn() const {
  return arn_of({.bucket = bucket_name(), .key = key()});
}

std::string ObjectInvocation::charged_store_id(const identity::Bucket& bucket) const {
  std::string id = store_id(bucket);
  store().own(id, bucket.account);
  return id;
}

Status ObjectInvocation::store_in(std::string_view bucket_id,
                                  const std::function<Status()>& put) const {
  if (service_.nodes == nullptr) {
    return put();
  }
  TRY_STATUS(service_.nodes->add(bucket_id));
  TRY_STATUS(put());
  return service_.nodes->add(bucket_id);
}

}  // namespace signet::s3
