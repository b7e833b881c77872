#include <utility>

#include "facts/errors.h"
#include "iam/checks.h"

namespace signet::iam {

namespace {

std::uint32_t number_of(const std::optional<std::int64_t>& given, std::uint32_t otherwise) {
  return given ? static_cast<std::uint32_t>(*given) : otherwise;
}

void show_if_set(std::optional<std::int64_t>& shown, std::uint32_t number) {
  if (number != 0) {
    shown = number;
  }
}

PasswordPolicy show(const identity::PasswordPolicy& policy) {
  PasswordPolicy shown{.minimum_password_length = policy.minimum_length,
                       .require_symbols = policy.requires_symbols,
                       .require_numbers = policy.requires_numbers,
                       .require_uppercase_characters = policy.requires_uppercase,
                       .require_lowercase_characters = policy.requires_lowercase,
                       .allow_users_to_change_password = policy.allows_users_to_change,
                       .expire_passwords = policy.max_age_days != 0,
                       .max_password_age = {},
                       .password_reuse_prevention = {},
                       .hard_expiry = policy.hard_expiry};
  show_if_set(shown.max_password_age, policy.max_age_days);
  show_if_set(shown.password_reuse_prevention, policy.reuse_prevention);
  return shown;
}

}  // namespace

// UpdateAccountPasswordPolicy

Result<UpdateAccountPasswordPolicyResponse> handle(
    const api::Authorized&,
    const UpdateAccountPasswordPolicyRequest& request,
    api::HandlerContext& context) {
  const identity::Account* account =
      context.snapshot.find<identity::Account>(context.caller.account);
  if (account == nullptr) {
    return password_policy_not_found(context.caller.account);
  }
  // The whole policy is replaced: what the request leaves out becomes the default (aws-wire 4.12).
  const identity::PasswordPolicy defaults;
  identity::PasswordPolicy policy;
  policy.minimum_length = number_of(request.minimum_password_length, defaults.minimum_length);
  policy.requires_symbols = request.require_symbols.value_or(false);
  policy.requires_numbers = request.require_numbers.value_or(false);
  policy.requires_uppercase = request.require_uppercase_characters.value_or(false);
  policy.requires_lowercase = request.require_lowercase_characters.value_or(false);
  policy.allows_users_to_change = request.allow_users_to_change_password.value_or(false);
  policy.max_age_days = number_of(request.max_password_age, 0);
  policy.reuse_prevention = number_of(request.password_reuse_prevention, 0);
  policy.hard_expiry = request.hard_expiry;
  identity::Account changed = *account;
  changed.password_policy = policy;
  context.transaction->put(std::move(changed));
  return UpdateAccountPasswordPolicyResponse{};
}

// GetAccountPasswordPolicy

Result<GetAccountPasswordPolicyResponse> handle(const api::Authorized&,
                                                const GetAccountPasswordPolicyRequest&,
                                                api::HandlerContext& context) {
  const identity::Account* account =
      context.snapshot.find<identity::Account>(context.caller.account);
  if (account == nullptr || !account->password_policy) {
    return password_policy_not_found(context.caller.account);
  }
  return GetAccountPasswordPolicyResponse{.password_policy = show(*account->password_policy)};
}

// DeleteAccountPasswordPolicy

Result<DeleteAccountPasswordPolicyResponse> handle(const api::Authorized&,
                                                   const DeleteAccountPasswordPolicyRequest&,
                                                   api::HandlerContext& context) {
  const identity::Account* account =
      context.snapshot.find<identity::Account>(context.caller.account);
  if (account == nullptr || !account->password_policy) {
    return account_policy_not_found();
  }
  identity::Account changed = *account;
  changed.password_policy.reset();
  context.transaction->put(std::move(changed));
  return DeleteAccountPasswordPolicyResponse{};
}

}  // namespace signet::iam
