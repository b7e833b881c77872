#include "s3/declared_buckets.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/strings.h"
#include "codec/hex.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "identity/principals.h"
#include "policy_writing/pins.h"
#include "policy_writing/validate.h"
#include "s3/bucket_name.h"
#include "s3/document_form.h"
#include "s3/document_rules.h"
#include "s3/regions.h"

namespace signet::s3 {
namespace {

// No two buckets have one, not even those of one name made at one moment.
std::string new_store_id(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  std::string id;
  codec::append_hex(id, bytes);
  return id;
}

}  // namespace

identity::Bucket new_bucket(
    std::string name, std::string account, std::string region, Random& random, Instant now) {
  identity::Bucket bucket;
  bucket.name = std::move(name);
  bucket.account = std::move(account);
  bucket.region = std::move(region);
  bucket.created = now;
  bucket.store_id = new_store_id(random);
  return bucket;
}

Result<identity::Bucket> declared_bucket(const identity::Snapshot& snapshot,
                                         std::string name,
                                         std::string account,
                                         std::string region,
                                         Random& random,
                                         Instant now) {
  if (region.empty()) {
    region = kHomeRegion;
  }
  if (!is_new_bucket_name(name)) {
    return std::unexpected(facts::make_error(ErrorCode::InvalidBucketName));
  }
  if (!is_region(region)) {
    return std::unexpected(facts::make_error(ErrorCode::InvalidLocationConstraint));
  }
  if (const identity::Bucket* present = snapshot.find<identity::Bucket>(name)) {
    return std::unexpected(facts::make_error(present->account == account
                                                 ? ErrorCode::BucketAlreadyOwnedByYou
                                                 : ErrorCode::BucketAlreadyExists));
  }
  return new_bucket(std::move(name), std::move(account), std::move(region), random, now);
}

Status set_tags(identity::Bucket& bucket,
                const std::vector<std::pair<std::string, std::string>>& tags,
                Random& random) {
  std::string xml;
  codec::XmlWriter writer(xml);
  writer.open("Tagging");
  writer.open("TagSet");
  for (const auto& [key, value] : tags) {
    writer.open("Tag");
    writer.element("Key", key);
    writer.element("Value", value);
    writer.close("Tag");
  }
  writer.close("TagSet");
  writer.close("Tagging");
  const facts::BucketDocumentRow& row = facts::bucket_document_row(facts::BucketDocument::Tagging);
  auto document = read_document(row, xml);
  if (!document) {
    return std::unexpected(facts::make_error(ErrorCode::MalformedXML));
  }
  TRY_STATUS(complete_document(row.id, *document, {.random = random}));
  const std::string text = document_text(row, *document);
  keep_document(bucket, row, &text);
  return {};
}

Status set_policy(identity::Bucket& bucket,
                  const std::string& document,
                  const identity::Snapshot& snapshot) {
  if (document.size() > facts::kBucketPolicyMaxBytes) {
    return policy_too_long(facts::kBucketPolicyMaxBytes);
  }
  const policy::DocumentRef valid = TRY(policy::validate(document,
                                                         {.profile = policy::Profile::Bucket,
                                                          .bucket = bucket.name,
                                                          .settings = policy::kDefaultSettings}));
  bucket.policy_pins = TRY(policy::pin_principals(
      *valid, identity::SnapshotPrincipals(snapshot), policy::Profile::Bucket));
  bucket.policy = identity::make_document(document);
  return {};
}

}  // namespace signet::s3
