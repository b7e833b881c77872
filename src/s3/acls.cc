// GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl. Every bucket is as new ones are on AWS:
// its owner owns all objects, and ACLs give nobody anything (Object Ownership BucketOwnerEnforced).
// They can be read, and be "set" to what they are.
#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/typed.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;

constexpr std::string_view kFullControl = "FULL_CONTROL";
constexpr std::string_view kOwnersAcl = "bucket-owner-full-control";

// The list that every bucket and object has: its owner may do everything.
template <class Response>
Response owners_list(const identity::Snapshot& snapshot, const identity::Bucket& bucket) {
  const std::string id = canonical_id(snapshot, bucket.account);
  return Response{.owner = shapes::Owner{.id = id},
                  .grants = std::vector<shapes::Grant>{
                      shapes::Grant{.grantee = shapes::Grantee{.id = id, .type = "CanonicalUser"},
                                    .permission = std::string(kFullControl)}}};
}

bool is_owners_list(const shapes::AccessControlPolicy& list, const std::string& owner) {
  const bool is_owners = !list.owner || !list.owner->id || list.owner->id == owner;
  return is_owners && list.grants.size() == 1 &&
         std::ranges::all_of(list.grants, [&](const shapes::Grant& grant) {
           return grant.permission == kFullControl && grant.grantee && grant.grantee->id == owner &&
                  !grant.grantee->uri && !grant.grantee->email_address;
         });
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

// An ACL comes in one of three ways. InvalidRequest for several, MissingSecurityHeader for none;
// AccessControlListNotSupported for any but the owner's.
template <class Request>
Status check_acl(const Request& request, const std::string& owner) {
  const bool has_grants = request.grant_full_control || request.grant_read ||
                          request.grant_read_acp || request.grant_write || request.grant_write_acp;
  const int ways =
      (request.acl ? 1 : 0) + (has_grants ? 1 : 0) + (request.access_control_policy ? 1 : 0);
  if (ways == 0) {
    Error error = facts::make_error(ErrorCode::MissingSecurityHeader);
    error.fields.emplace_back("MissingHeaderName", "x-amz-acl");
    return std::unexpected(std::move(error));
  }
  if (request.acl && has_grants) {
    return acl_and_grants();
  }
  if (ways > 1) {
    return std::unexpected(facts::make_error(ErrorCode::UnexpectedContent));
  }
  const bool is_owners = request.access_control_policy
                             ? is_owners_list(*request.access_control_policy, owner)
                             : request.acl && *request.acl == kOwnersAcl;
  return is_owners ? Status()
                   : std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
}

class GetBucketAcl final
    : public Typed<S3Invocation, shapes::GetBucketAclRequest, shapes::GetBucketAclResponse> {
 public:
  using Typed::Typed;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

 protected:
  Result<shapes::GetBucketAclResponse> answer_to(const shapes::GetBucketAclRequest& /*request*/,
                                                 const identity::Bucket* bucket,
                                                 HandlerContext& context) override {
    return owners_list<shapes::GetBucketAclResponse>(context.snapshot, *bucket);
  }
};

class PutBucketAcl final
    : public Typed<S3Invocation, shapes::PutBucketAclRequest, shapes::PutBucketAclResponse> {
 public:
  using Typed::Typed;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

 protected:
  Result<CheckList> checks_of(const CheckContext& context) override {
    return only(own_check(context, acl_keys(headers())));
  }

  Result<shapes::PutBucketAclResponse> answer_to(const shapes::PutBucketAclRequest& request,
                                                 const identity::Bucket* bucket,
                                                 HandlerContext& context) override {
    TRY_STATUS(check_acl(request, canonical_id(context.snapshot, bucket->account)));
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

  // The object is there, and the call allowed on its tags.
  [[nodiscard]] Status require_object(const identity::Bucket& bucket,
                                      const HandlerContext& context) {
    static_cast<void>(TRY(this->find_allowed(context, bucket, {question()})));
    return {};
  }

 private:
  [[nodiscard]] ObjectQuestion question() const {
    const std::string_view verb = this->name().substr(0, this->name().find("Object"));
    ObjectQuestion asked{
        .action = concat("s3:", verb, this->param("versionId") ? "ObjectVersionAcl" : "ObjectAcl"),
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
    TRY_STATUS(require_object(*bucket, context));
    return owners_list<shapes::GetObjectAclResponse>(context.snapshot, *bucket);
  }
};

class PutObjectAcl final
    : public ObjectAcl<shapes::PutObjectAclRequest, shapes::PutObjectAclResponse> {
 public:
  using ObjectAcl::ObjectAcl;

 protected:
  Result<shapes::PutObjectAclResponse> answer_to(const shapes::PutObjectAclRequest& request,
                                                 const identity::Bucket* bucket,
                                                 HandlerContext& context) override {
    TRY_STATUS(require_object(*bucket, context));
    TRY_STATUS(check_acl(request, canonical_id(context.snapshot, bucket->account)));
    return shapes::PutObjectAclResponse();
  }
};

}  // namespace

SIGNET_S3_MAKE(GetBucketAcl)
SIGNET_S3_MAKE(PutBucketAcl)
SIGNET_S3_MAKE(GetObjectAcl)
SIGNET_S3_MAKE(PutObjectAcl)

}  // namespace signet::s3
