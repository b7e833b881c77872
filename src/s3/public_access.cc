#include "s3/public_access.h"

#include "policy_writing/pins.h"
#include "policy_writing/public_access.h"
#include "s3/document_form.h"

namespace signet::s3 {
namespace {

constexpr facts::BucketDocument kBlock = facts::BucketDocument::PublicAccessBlock;

}  // namespace

void block_public_access(identity::Bucket& bucket) {
  codec::XmlElement root;
  for (const std::string_view setting : kPublicAccessSettings) {
    root.children.push_back({.name = std::string(setting), .text = "true", .children = {}});
  }
  const facts::BucketDocumentRow& row = facts::bucket_document_row(kBlock);
  const std::string text = document_text(row, root);
  keep_document(bucket, row, &text);
}

bool has_public_policy(const identity::Bucket& bucket) {
  if (!bucket.policy) {
    return false;
  }
  // One that cannot be read grants nothing, and might be anything.
  const policy::PolicyRef& compiled = bucket.policy->policy();
  return !compiled || policy::is_public(policy::document_of(*compiled));
}

bool blocks_public_policy(const identity::Bucket& bucket) {
  return has_flag(bucket, kBlock, "BlockPublicPolicy");
}

bool is_restricted(const identity::Bucket& bucket) {
  return has_flag(bucket, kBlock, "RestrictPublicBuckets") && has_public_policy(bucket);
}

}  // namespace signet::s3
