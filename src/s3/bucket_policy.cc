// GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy.
#include <utility>

#include "facts/errors.h"
#include "identity/principals.h"
#include "policy_writing/pins.h"
#include "s3/declared_buckets.h"
#include "s3/operations.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

constexpr std::size_t kBodyMax = 128UL * 1024;

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
      Error error = facts::make_error(ErrorCode::NoSuchBucketPolicy);
      error.fields.emplace_back("BucketName", bucket_name());
      return std::unexpected(std::move(error));
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

}  // namespace

SIGNET_S3_MAKE(GetBucketPolicy)
SIGNET_S3_MAKE(PutBucketPolicy)
SIGNET_S3_MAKE(DeleteBucketPolicy)

}  // namespace signet::s3
