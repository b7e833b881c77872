#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::iam {

// Whom a call with an optional UserName is about (aws-wire 1.8).
struct Subject {
  bool is_root = false;  // the account's root user
  std::string name;      // of the user, as the request or the caller has it; empty for root
  std::string id;        // of the calling user when the request names nobody; otherwise empty
};

// The named user, or the one who calls. ValidationError when a role or a federated user names
// nobody.
[[nodiscard]] Result<Subject> subject_of(const std::optional<std::string>& user_name,
                                         const model::Caller& caller);

// The same for calls on login profiles, which manage a user's password, and root's only in sessions
// of AssumeRoot (aws-wire 4.12): root itself must name a user.
[[nodiscard]] Result<Subject> user_subject_of(const std::optional<std::string>& user_name,
                                              const model::Caller& caller);
// The caller's account. ServiceFailure if it is gone.
[[nodiscard]] Result<const identity::Account*> require_account(const identity::Snapshot& snapshot,
                                                               std::string_view id);

// The user that a subject means in this state; not for root. A calling user is found by its id, so
// that a new name in the meantime does not matter. NoSuchEntity if there is none.
[[nodiscard]] Result<const identity::User*> find_subject(const identity::Snapshot& snapshot,
                                                         std::string_view account,
                                                         const Subject& subject);

// Whether the caller is root by a session of AssumeRoot.
[[nodiscard]] bool is_assumed_root(const model::Caller& caller);

// Who has the access keys or MFA devices that a call with an optional UserName is about.
struct Owner {
  const identity::User* user = nullptr;  // null: root
  std::string id;                        // the user's id, or the account's for root

  [[nodiscard]] std::string name() const { return user != nullptr ? user->name : std::string(); }
};

[[nodiscard]] Result<Owner> find_owner(const std::optional<std::string>& user_name,
                                       const model::Caller& caller,
                                       const identity::Snapshot& snapshot);

// arn:PARTITION:iam::ACCOUNT:policy/...: the shape of a managed policy's ARN.
[[nodiscard]] bool is_policy_arn(std::string_view arn);

// ValidationError unless the text has that shape: it is looked at before anything is decided
// (aws-wire 2.1).
[[nodiscard]] Status require_policy_arn(std::string_view arn);

// The account in an ARN; empty for AWS's own policies and for text that is no ARN.
[[nodiscard]] std::string_view account_of_arn(std::string_view arn);

// The policy with that ARN that an account may use: its own or AWS's. Null if there is none.
[[nodiscard]] const identity::ManagedPolicy* find_usable_policy(const identity::Snapshot& snapshot,
                                                                std::string_view account,
                                                                std::string_view arn);

// Path and name of an attached policy. AWS's may have left the catalogue since: then both are read
// from the ARN.
struct PolicyLabel {
  std::string path;
  std::string name;
};

[[nodiscard]] PolicyLabel label_of(const identity::Snapshot& snapshot, std::string_view arn);

// Account of the policies that AWS publishes.
inline constexpr std::string_view kAwsAccount = "aws";

}  // namespace signet::iam
