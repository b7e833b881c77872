#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace signet::model {

// The six parts of an ARN, as views into the text it was split from:
// arn : partition : service : region : account : resource (further colons stay in the resource).
struct ArnParts {
  std::string_view partition;
  std::string_view service;
  std::string_view region;
  std::string_view account;
  std::string_view resource;
};

// Splits at the first five colons. Nothing unless the first part is "arn" and all six parts are
// there (they may be empty). Does not look at wildcards. Thread-safe, no allocation.
[[nodiscard]] std::optional<ArnParts> split_arn(std::string_view text);

// arn:aws:iam::ACCOUNT:KIND PATH NAME, where path begins and ends with '/'; for instance user, /a/,
// bob.
[[nodiscard]] std::string iam_arn(std::string_view account,
                                  std::string_view kind,
                                  std::string_view path,
                                  std::string_view name);

// arn:aws:iam::ACCOUNT:root
[[nodiscard]] std::string root_arn(std::string_view account);

// arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION (the role's path is not part of it).
[[nodiscard]] std::string assumed_role_arn(std::string_view account,
                                           std::string_view role,
                                           std::string_view session);

// arn:aws:sts::ACCOUNT:assumed-root: a session of AssumeRoot.
[[nodiscard]] std::string assumed_root_arn(std::string_view account);

// arn:aws:sts::ACCOUNT:federated-user/NAME
[[nodiscard]] std::string federated_user_arn(std::string_view account, std::string_view name);

// Twelve decimal digits.
[[nodiscard]] bool is_account_id(std::string_view text);

}  // namespace signet::model
