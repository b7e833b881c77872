#include "iam/documents.h"

#include "facts/iam_sentences.h"
#include "iam/quotas.h"
#include "identity/principals.h"
#include "policy_engine/policy_set.h"
#include "policy_language/size.h"
#include "policy_writing/pins.h"
#include "policy_writing/validate.h"

namespace signet::iam {

Result<identity::DocumentRef> accept_identity_policy(std::string_view text) {
  TRY_STATUS(
      policy::validate(text, {.profile = policy::Profile::Identity, .bucket = {}, .settings = {}}));
  return identity::make_document(std::string(text));
}

Result<TrustPolicy> accept_trust_policy(const identity::Snapshot& snapshot,
                                        std::string_view account,
                                        std::string_view text) {
  const policy::DocumentRef document = TRY(
      policy::validate(text, {.profile = policy::Profile::Trust, .bucket = {}, .settings = {}}));
  const std::size_t limit = limit_of(snapshot, account, Quota::ACLSizePerRole);
  if (policy::counted_characters(text) > limit) {
    return quota_exceeded("ACLSizePerRole", limit);
  }
  const identity::SnapshotPrincipals principals(snapshot);
  std::vector<identity::PrincipalPin> pins =
      TRY(policy::pin_principals(*document, principals, policy::Profile::Trust));
  return TrustPolicy{.document = identity::make_document(std::string(text)),
                     .pins = std::move(pins)};
}

std::string shown_trust_policy(const identity::Role& role, const identity::Snapshot& snapshot) {
  if (role.trust_policy == nullptr) {
    return {};
  }
  const policy::PolicyRef& compiled = role.trust_policy->policy();
  if (compiled == nullptr) {
    return role.trust_policy->text();
  }
  const identity::SnapshotPrincipals principals(snapshot);
  return policy::show_document(policy::document_of(*compiled), role.trust_pins, principals);
}

}  // namespace signet::iam
