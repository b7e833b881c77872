// GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl. Where the owner is enforced, lists give
// nobody anything (access_list.h): they can be read, and be "set" to what they are.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/fail_because.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/access_list.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/typed.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;

constexpr std::array kAllPermissions = {AclPermission::FullControl,
                                        AclPermission::Read,
                                        AclPermission::Write,
                                        AclPermission::ReadAcp,
                                        AclPermission::WriteAcp};

template <class Response>
Response shown(const AccessList& list) {
  Response answer{.owner = shapes::Owner{.id = list.owner}, .grants = std::vector<shapes::Grant>()};
  for (const AclEntry& entry : list.grants) {
    shapes::Grantee grantee{.type = entry.is_group() ? "Group" : "CanonicalUser"};
    (entry.is_group() ? grantee.uri : grantee.id) = entry.grantee;
    answer.grants->push_back(
        {.grantee = std::move(grantee), .permission = std::string(name_of(entry.permission))});
  }
  return answer;
}

// Context keys of requests that set an ACL.
std::vector<authz::ContextEntry> acl_keys(const RequestHeaders& headers) {
  std::vector<authz::ContextEntry> keys;
  for (const std::string_view name : {"x-amz-acl",
                                      "x-amz-grant-full-control",
                                      "x-amz-grant-read",
                                      "x-amz-grant-read-acp",
                                      "x-amz-grant-write",
                                      "x-amz-grant-write-acp"}) {
    if (const auto value = headers.find(name)) {
      keys.push_back({.key = concat("s3:", name), .values = {std::string(*value)}});
    }
  }
  return keys;
}

Failure malformed_list() {
  return std::unexpected(facts::make_error(ErrorCode::MalformedACLError));
}

// Whether the kind of grantee that the attribute xsi:type tells is the one that is named.
// AWS-DIFF: S3 asks for xsi:type; here the element that names a grantee is enough
// (test_s3_acls.py).
bool has_its_type(const shapes::Grantee& grantee) {
  const std::string_view type = grantee.uri  ? "Group"
                                : grantee.id ? "CanonicalUser"
                                             : "AmazonCustomerByEmail";
  return !grantee.type || *grantee.type == type;
}

Result<AclEntry> read_grant(const shapes::Grant& grant, const identity::Snapshot& snapshot) {
  const auto permission = std::ranges::find_if(
      kAllPermissions, [&](AclPermission one) { return grant.permission == name_of(one); });
  if (permission == kAllPermissions.end() || !grant.grantee) {
    return malformed_list();
  }
  const shapes::Grantee& grantee = *grant.grantee;
  const int names = (grantee.uri ? 1 : 0) + (grantee.id ? 1 : 0) + (grantee.email_address ? 1 : 0);
  if (names != 1 || !has_its_type(grantee)) {
    return malformed_list();
  }
  if (grantee.email_address) {
    return std::unexpected(grantee_by_email());
  }
  AclEntry entry{.grantee = grantee.uri ? *grantee.uri : *grantee.id, .permission = *permission};
  if (grantee.uri && !is_group_uri(entry.grantee)) {
    return about(acl_group_unknown(), "Group/URI", entry.grantee);
  }
  if (grantee.id && snapshot.find_account_by_canonical_id(entry.grantee) == nullptr) {
    return about(acl_canonical_id_invalid(), "CanonicalUser/ID", entry.grantee);
  }
  return entry;
}

// The list of a document, which names its owner.
Result<AccessList> read_list(const shapes::AccessControlPolicy& document,
                             const identity::Snapshot& snapshot,
                             std::string_view owner) {
  if (!document.owner || !document.owner->id) {
    return malformed_list();
  }
  if (snapshot.find_account_by_canonical_id(*document.owner->id) == nullptr &&
      document.owner->id != owner) {
    return about(acl_canonical_id_invalid(), "CanonicalUser/ID", *document.owner->id);
  }
  AccessList list{.owner = std::string(owner), .grants = {}};
  for (const shapes::Grant& grant : document.grants) {
    list.grants.push_back(TRY(read_grant(grant, snapshot)));
  }
  if (list.grants.size() > facts::kGrantsPerAcl) {
    return too_many_grants(facts::kGrantsPerAcl);
  }
  // Nobody gives an object away.
  return document.owner->id == owner
             ? Result<AccessList>(std::move(list))
             : fail_because(ErrorCode::AccessDenied,
                            "Access Denied",
                            "the access control list names another owner than there is");
}

// What a request that sets a list is about.
struct Target {
  const identity::Snapshot& snapshot;
  const identity::Bucket& bucket;
  AclOf of;
  std::string owner;
};

// The list that a request sets, which comes in one of three ways. InvalidRequest and
// UnexpectedContent for several, MissingSecurityHeader for none; the errors of asked_list().
Result<AccessList> wanted_list(const std::optional<shapes::AccessControlPolicy>& document,
                               const RequestHeaders& headers,
                               const Target& target) {
  const std::string bucket_owner = canonical_id(target.snapshot, target.bucket.account);
  const AskedList asked = TRY(asked_list(headers, target.snapshot, target.of));
  if (asked.is_empty() && !document) {
    Error error = facts::make_error(ErrorCode::MissingSecurityHeader);
    error.fields.emplace_back("MissingHeaderName", "x-amz-acl");
    return std::unexpected(std::move(error));
  }
  if (!asked.is_empty() && document) {
    return std::unexpected(facts::make_error(ErrorCode::UnexpectedContent));
  }
  AccessList list = document ? TRY(read_list(*document, target.snapshot, target.owner))
                             : list_asked_for(asked, target.owner, bucket_owner);
  const bool is_so_anyway =
      document ? list == own_list(bucket_owner) : asks_for_enforced(asked, bucket_owner);
  if (ownership_of(target.bucket) == Ownership::BucketOwnerEnforced && !is_so_anyway) {
    return std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
  }
  return list;
}

// What the two that set a list have in common. x-amz-acl has values that the model does not list
// for each, and a document that is none has an error of its own.
template <class Base>
class PutAcl : public Base {
 public:
  using Base::Base;

  Status serve(const authz::Authorized& proof, HandlerContext& context) final {
    Status done = Base::serve(proof, context);
    return !done && done.error().code == ErrorCode::MalformedXML ? malformed_list()
                                                                 : std::move(done);
  }

 protected:
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const final {
    return name == "x-amz-acl" ? std::nullopt : Base::field(name);
  }
};

class GetBucketAcl final
    : public Typed<S3Invocation, shapes::GetBucketAclRequest, shapes::GetBucketAclResponse> {
 public:
  using Typed::Typed;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

 protected:
  Result<shapes::GetBucketAclResponse> answer_to(const shapes::GetBucketAclRequest& /*request*/,
                                                 const identity::Bucket* bucket,
                                                 HandlerContext& context) override {
    return shown<shapes::GetBucketAclResponse>(TRY(list_of_bucket(context.snapshot, *bucket)));
  }
};

class PutBucketAcl final
    : public PutAcl<
          Typed<S3Invocation, shapes::PutBucketAclRequest, shapes::PutBucketAclResponse>> {
 public:
  using PutAcl::PutAcl;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Write; }

 protected:
  Result<CheckList> checks_of(const CheckContext& context) override {
    return only(own_check(context, acl_keys(headers())));
  }

  Result<shapes::PutBucketAclResponse> answer_to(const shapes::PutBucketAclRequest& request,
                                                 const identity::Bucket* bucket,
                                                 HandlerContext& context) override {
    const identity::Snapshot& now = context.transaction->view();
    const AccessList list = TRY(wanted_list(request.access_control_policy,
                                            headers(),
                                            {.snapshot = now,
                                             .bucket = *bucket,
                                             .of = AclOf::Bucket,
                                             .owner = canonical_id(now, bucket->account)}));
    TRY_STATUS(check_public_list(*bucket,
                                 list,
                                 context.caller,
                                 "s3:PutBucketAcl",
                                 arn_of({.bucket = bucket_name(), .key = {}})));
    if (ownership_of(*bucket) != Ownership::BucketOwnerEnforced) {
      identity::Bucket changed = *bucket;
      set_bucket_list(changed, list);
      context.transaction->put(std::move(changed));
    }
    return shapes::PutBucketAclResponse();
  }
};

// What the two of objects have in common.
template <class Request, class Response>
class ObjectAcl : public Typed<ObjectInvocation, Request, Response> {
 public:
  using Typed<ObjectInvocation, Request, Response>::Typed;

 protected:
  Result<CheckList> checks_of(const CheckContext& context) override {
    static_cast<void>(TRY(this->named_version()));
    return only(this->check_on_tags(context, question()));
  }

  [[nodiscard]] ObjectQuestion question() const {
    ObjectQuestion asked{.action = this->action_of_version(),
                         .on = {.bucket = this->bucket_name(), .key = this->key()},
                         .keys = acl_keys(this->headers())};
    for (authz::ContextEntry& key : version_keys(this->request())) {
      asked.keys.push_back(std::move(key));
    }
    return asked;
  }
};

class GetObjectAcl final
    : public ObjectAcl<shapes::GetObjectAclRequest, shapes::GetObjectAclResponse> {
 public:
  using ObjectAcl::ObjectAcl;

 protected:
  Result<shapes::GetObjectAclResponse> answer_to(const shapes::GetObjectAclRequest& /*request*/,
                                                 const identity::Bucket* bucket,
                                                 HandlerContext& context) override {
    const objects::ObjectInfo info = TRY(find_allowed(context, *bucket, {question()}));
    return shown<shapes::GetObjectAclResponse>(
        TRY(list_of_object(context.snapshot, *bucket, info.headers)));
  }
};

class PutObjectAcl final
    : public PutAcl<ObjectAcl<shapes::PutObjectAclRequest, shapes::PutObjectAclResponse>> {
 public:
  using PutAcl::PutAcl;

 protected:
  Result<shapes::PutObjectAclResponse> answer_to(const shapes::PutObjectAclRequest& request,
                                                 const identity::Bucket* bucket,
                                                 HandlerContext& context) override {
    const objects::ObjectInfo found = TRY(find_allowed_or_marker(context, *bucket, question()));
    const AccessList before = TRY(list_of_object(context.snapshot, *bucket, found.headers));
    const AccessList list = TRY(wanted_list(request.access_control_policy,
                                            headers(),
                                            {.snapshot = context.snapshot,
                                             .bucket = *bucket,
                                             .of = AclOf::Object,
                                             .owner = before.owner}));
    TRY_STATUS(
        check_public_list(*bucket, list, context.caller, question().action, arn_of(question().on)));
    if (ownership_of(*bucket) != Ownership::BucketOwnerEnforced) {
      TRY_STATUS(keep(*bucket, context, found, list));
    }
    return shapes::PutObjectAclResponse();
  }

 private:
  [[nodiscard]] Status keep(const identity::Bucket& bucket,
                            const HandlerContext& context,
                            const objects::ObjectInfo& found,
                            const AccessList& list) {
    if (upstream() != nullptr) {  // which keeps none
      return std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
    }
    const std::string bucket_id = store_id(bucket);
    const auto newest = TRY(still_allowed(context, bucket_id));
    // What was decided on the bucket as it was must hold now.
    const identity::Bucket& bucket_now = *TRY(require_bucket(*newest));
    if (ownership_of(bucket_now) == Ownership::BucketOwnerEnforced) {
      return std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
    }
    TRY_STATUS(check_public_list(
        bucket_now, list, context.caller, question().action, arn_of(question().on)));
    const std::string text =
        list == own_list(canonical_id(*newest, bucket.account)) ? std::string() : encode_list(list);
    const auto change = [&](objects::ObjectInfo& info) -> Status {
      const bool is_same = info.file == found.file && info.headers == found.headers;
      if (!is_same) {  // the call was decided on another list, or other tags
        return std::unexpected(facts::make_error(ErrorCode::OperationAborted));
      }
      set_stored_list(info.headers, text);
      return {};
    };
    return store().amend(bucket_id, key(), param("versionId").value_or(""), change);
  }
};

}  // namespace

SIGNET_S3_MAKE(GetBucketAcl)
SIGNET_S3_MAKE(PutBucketAcl)
SIGNET_S3_MAKE(GetObjectAcl)
SIGNET_S3_MAKE(PutObjectAcl)

}  // namespace signet::s3
