#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy_engine/policy_set.h"
#include "policy_language/document.h"
#include "policy_writing/validate.h"

namespace signet::policy {

// The identity room's answers about principals, behind an interface so that this room does no
// look-ups of its own.
class PrincipalDirectory {
 public:
  virtual ~PrincipalDirectory() = default;
  // Unique id of the user or role with that ARN (path included); nothing when there is none.
  [[nodiscard]] virtual std::optional<std::string> id_of(std::string_view arn) const = 0;
  // Present ARN of a unique id; nothing when the entity is gone.
  [[nodiscard]] virtual std::optional<std::string> arn_of(std::string_view id) const = 0;
  // Id of a role by account and name (session principals carry no path).
  [[nodiscard]] virtual std::optional<std::string> role_id_of(std::string_view account,
                                                              std::string_view name) const = 0;
  // The account is one of this server's.
  [[nodiscard]] virtual bool has_account(std::string_view account) const = 0;
};

// The pin of a user, role or role session of an account that this server does not know: it is no
// unique id, so the principal matches nobody, not even an entity of that ARN made later. On disk,
// do not change.
inline constexpr std::string_view kForeignEntity = "foreign";

// Resolves every user, role and role-session ARN of a document's principals to the id it names now
// . A principal that does not exist is refused in the profile's words (Invalid principal in
// policy: "AWS":"..."). Accounts, services, federated providers and "*" make no pin. To be called
// at every write of a trust policy, and of a bucket policy when Settings::pin_bucket_principals.
// AWS-DIFF: AWS knows every account and refuses one that does not exist, and missing users and
// roles of any account. Here an account that this server does not know is accepted as a principal
// when it is well-formed (12 digits), as are users, roles and sessions of it, and matches nobody:
// trust policies that vendors publish name their own accounts
// (Pins.AcceptOtherAccountsAndLetThemMatchNobody).
[[nodiscard]] Result<std::vector<PrincipalPin>> pin_principals(const Document& document,
                                                               const PrincipalDirectory& directory,
                                                               Profile profile);

// The document as AWS shows it: pinned ARNs as they are today, the bare id when the entity is gone,
// account ids as arn:aws:iam::ACCT:root. Everything else is the stored text, byte for byte.
[[nodiscard]] std::string show_document(const Document& document,
                                        std::span<const PrincipalPin> pins,
                                        const PrincipalDirectory& directory);

}  // namespace signet::policy
