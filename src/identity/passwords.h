#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "identity/kinds/account.h"
#include "identity/transaction.h"

namespace signet::identity {

// Console passwords: what the account asks of them, and how they are kept. The functions that hash
// or verify take about 20 ms a hash (argon2id): for prepare(), never for handle().

// PasswordPolicyViolation when the password breaks the account's policy or, if it has none, the
// default one (aws-wire 4.12). Reuse is not looked at.
[[nodiscard]] Status require_good_password(const Account& account, std::string_view password);
[[nodiscard]] Status require_good_password(const Account& account, const Secret& password);

// PasswordPolicyViolation when the policy remembers passwords and this is one of them. Hashes once
// per remembered password, at most 24 times.
[[nodiscard]] Status require_new_password(const Account& account,
                                          const LoginProfile& login,
                                          std::string_view password);

// The PHC string to keep. ServiceFailure when memory ran out.
[[nodiscard]] Result<std::string> hash_new_password(const Secret& password, Random& random);

// Puts a new hash into a profile; the old one is remembered for as long as the policy asks.
void replace_password(LoginProfile& login,
                      const Account& account,
                      const std::string& hash,
                      Instant now);

// Gives a user, or root if that is null, this login profile, or takes it away.
void put_login(const Account& account,
               const User* user,
               std::optional<LoginProfile> login,
               Transaction& transaction);

// Whether a password is older than the account's policy lets it be (MaxPasswordAge).
[[nodiscard]] bool has_expired(const LoginProfile& login, const Account& account, Instant now);

}  // namespace signet::identity
