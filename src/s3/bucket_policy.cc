// GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy.
#include <utility>

#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "identity/principals.h"
#include "policy_writing/pins.h"
#include "s3/declared_buckets.h"
#include "s3/operations.h"
#include "s3/public_access.h"
#include "s3/typed.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

constexpr std::size_t kBodyMax = 128UL * 1024;

Error no_policy(const identity::Bucket& bucket) {
  Error error = facts::make_error(ErrorCode::NoSuchBucketPolicy);
  error.fields.emplace_back("BucketName", bucket.name);
  return error;
}

class BucketPolicyOperation : public S3Invocation {
 public:
  using S3Invocation::S3Invocation;

  Result<CheckList> checks(const CheckContext& context) override {
    return only(own_check(context));
  }

 protected:
  // Only identities of the owner's account manage a bucket's policy, whatever they are allowed (S3
  // PutBucketPolicy).
  [[nodiscard]] Result<const identity::Bucket*> own_bucket(const identity::Snapshot& snapshot,
                                                           const model::Caller& caller) const {
    const identity::Bucket* bucket = TRY(require_bucket(snapshot));
    if (bucket->account != caller.account) {
      return std::unexpected(facts::make_error(ErrorCode::MethodNotAllowed));
    }
    return bucket;
  }
};

class GetBucketPolicy final : public BucketPolicyOperation {
 public:
  using BucketPolicyOperation::BucketPolicyOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(own_bucket(context.snapshot, context.caller));
    if (!bucket->policy) {
      return std::unexpected(no_policy(*bucket));
    }
    response_.headers.add("Content-Type", "application/json");
    const policy::PolicyRef& compiled = bucket->policy->policy();
    response_.body = compiled
                         ? policy::show_document(policy::document_of(*compiled),
                                                 bucket->policy_pins,
                                                 identity::SnapshotPrincipals(context.snapshot))
                         : bucket->policy->text();
    return {};
  }
};

class PutBucketPolicy final : public BucketPolicyOperation {
 public:
  using BucketPolicyOperation::BucketPolicyOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Write; }

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Buffer; }

  [[nodiscard]] std::size_t body_limit() const override { return kBodyMax; }

  Status body(std::string_view bytes) override {
    TRY_STATUS(check_document_digests(headers(), bytes, false));
    text_ = bytes;
    return {};
  }

  void append_parameters(codec::JsonWriter& json) const override {
    json.member("bucketPolicy", text_);
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Snapshot& now = context.transaction->view();
    const identity::Bucket* bucket = TRY(own_bucket(now, context.caller));
    identity::Bucket changed = *bucket;
    TRY_STATUS(set_policy(changed, text_, now));
    if (blocks_public_policy(changed) && has_public_policy(changed)) {
      return public_policy_blocked(context.caller.arn,
                                   arn_of({.bucket = bucket_name(), .key = {}}));
    }
    context.transaction->put(std::move(changed));
    response_.status = 204;
    return {};
  }

 private:
  std::string text_;
};

class DeleteBucketPolicy final : public BucketPolicyOperation {
 public:
  using BucketPolicyOperation::BucketPolicyOperation;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Write; }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(own_bucket(context.transaction->view(), context.caller));
    identity::Bucket changed = *bucket;
    changed.policy = nullptr;
    changed.policy_pins.clear();
    context.transaction->put(std::move(changed));
    response_.status = 204;
    return {};
  }
};

class GetBucketPolicyStatus final : public Typed<S3Invocation,
                                                 shapes::GetBucketPolicyStatusRequest,
                                                 shapes::GetBucketPolicyStatusResponse> {
 public:
  using Typed::Typed;

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

 protected:
  Result<shapes::GetBucketPolicyStatusResponse> answer_to(
      const shapes::GetBucketPolicyStatusRequest& /*request*/,
      const identity::Bucket* bucket,
      HandlerContext& /*context*/) override {
    if (!bucket->policy) {
      return std::unexpected(no_policy(*bucket));
    }
    return shapes::GetBucketPolicyStatusResponse{
        .policy_status = shapes::PolicyStatus{.is_public = has_public_policy(*bucket)}};
  }
};

}  // namespace

SIGNET_S3_MAKE(GetBucketPolicy)
SIGNET_S3_MAKE(GetBucketPolicyStatus)
SIGNET_S3_MAKE(PutBucketPolicy)
SIGNET_S3_MAKE(DeleteBucketPolicy)

}  // namespace signet::s3
