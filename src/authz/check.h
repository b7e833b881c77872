#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "base/instant.h"
#include "facts/condition_key_ids.h"
#include "model/caller.h"

namespace signet::identity {
struct Bucket;
struct Role;
}  // namespace signet::identity

namespace signet::authz {

// What a request tells about itself, for context keys and the audit trail. Views live as long as
// the request.
struct RequestInfo {
  std::string_view request_id;
  std::string_view source_ip;   // textual address of the client, IPv4 where it is mapped
  std::string_view user_agent;  // empty: header absent
  std::string_view referer;     // empty: header absent
  std::string_view region;      // of the credential scope; us-east-1 for unsigned calls
  bool is_secure = false;       // TLS on the client's connection
  Instant now;                  // one reading of the clock serves the whole request
  std::string_view host = {};   // the name that the client called, without a port; empty: not told
};

// One context key that only this call has, such as iam:PolicyARN or sts:ExternalId. An absent key
// is left out, never given an empty value.
struct ContextEntry {
  std::string key;
  std::vector<std::string> values;
  bool is_list = false;  // declared multivalued: needs ForAllValues/ForAnyValue
};

// Context keys with one text each, borrowed from the request: what a busy call gives instead of
// `context`, since it costs no allocation.
class ContextTexts {
 public:
  static constexpr std::size_t kMax = 6;

  struct Entry {
    facts::KeyId key;
    std::string_view text;
  };

  // `text` must outlive the check. At most kMax keys: more is a bug of ours.
  void add(facts::KeyId key, std::string_view text) {
    SIGNET_ASSERT(size_ < kMax);
    entries_[size_++] = {key, text};
  }

  [[nodiscard]] std::span<const Entry> all() const { return std::span(entries_).first(size_); }

 private:
  std::array<Entry, kMax> entries_{};
  std::size_t size_ = 0;
};

// How AccessDenied tells a refusal to the caller.
struct Wording {
  // The resource by name ("user bob", aws-wire 2.4). Empty: the sentence has no "on resource" part.
  std::string resource;
  bool quotes_resource = false;  // S3 puts it in quotes (aws-wire 2.7)
  bool hides_reason = false;     // STS gives no reason (aws-wire 2.6)
  std::string text;              // when set, the whole sentence
};

// Who passes a check without an identity policy that allows it.
enum class Grant : std::uint8_t {
  ByPolicies,   // nobody
  ToSignedIn,   // everybody but the anonymous caller, whatever the policies say: GetCallerIdentity,
                // GetSessionToken (aws-wire 3.7, 3.10)
  ToEverybody,  // also the anonymous caller: pages that anybody may see or ask for
  // The account's users (a password policy that lets them change theirs). Any policy may deny it,
  // and boundaries, session policies and SCPs limit it as ever.
  ByAccount,
  // The organization that an account of another's is in, with its root user (AssumeRoot): as a
  // policy of the resource's would. The caller needs an identity policy as well.
  ByOrganization,
};

// Who vouches for the caller of a call that takes no signature of AWS's: an identity provider, or a
// service that calls in its own name (Roles Anywhere, which looked at a certificate).
enum class Federation : std::uint8_t { None, WebIdentity, Saml, Service };

// What an access control list says about a check on a bucket or an object (S3). It grants and never
// takes away: every policy that denies still does, and so do boundaries, session policies, SCPs and
// RCPs.
enum class AclGrant : std::uint8_t {
  NoList,       // none counts
  Nothing,      // one counts, and gives the caller nothing
  ToAccount,    // it names the caller's account; that is for its own policies to pass on
  ToEverybody,  // it names a group that the caller is in
};

// Whose an object is. The policy of its bucket grants nothing on one that is not the bucket
// owner's; what it denies it denies there too.
enum class ObjectOwner : std::uint8_t { OfBucket, Caller, Another };

// One decision that a call needs: an action on a resource. Every check of a call must be allowed
//
struct Check {
  std::string action;    // "iam:CreateUser"
  std::string resource;  // an ARN, or "*" for actions without resource types
  Wording wording;
  std::string resource_account;  // owner of the resource; empty: the caller's own account
  // What guards the resource, at most one: a role by its trust policy, which must allow in every
  // case (8.1), or a bucket by its policy, if it has one. Borrowed from the snapshot.
  const identity::Role* role = nullptr;
  const identity::Bucket* bucket = nullptr;
  // Tags on the resource as it is: aws:ResourceTag/k, and iam:ResourceTag/k for IAM's own.
  // Borrowed, may be null.
  const std::vector<model::Tag>* resource_tags = nullptr;
  // Tags the request passes (aws:RequestTag/k and aws:TagKeys). Empty: both keys are absent.
  std::vector<model::Tag> request_tags;
  bool creates_resource = false;  // the call makes its resource and passes tags for it
  bool wildcard_only = false;     // the action knows no resource types
  std::vector<ContextEntry> context;
  ContextTexts texts;
  Grant grant = Grant::ByPolicies;
  Federation federation = Federation::None;
  AclGrant acl = AclGrant::NoList;
  ObjectOwner object_owner = ObjectOwner::OfBucket;
  // As trust policies name it, the service principal for Federation::Service; empty with None.
  std::string federated_provider;
};

using CheckList = std::vector<Check>;

}  // namespace signet::authz
