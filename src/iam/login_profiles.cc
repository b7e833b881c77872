#include <utility>

#include "base/secret_access.h"
#include "crypto/password_hash.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/preparations.h"
#include "iam/signin_duration.h"
#include "identity/passwords.h"

namespace signet::iam {

namespace {

Result<const identity::User*> find_profile_user(const std::optional<std::string>& user_name,
                                                const model::Caller& caller,
                                                const identity::Snapshot& snapshot) {
  const Subject subject = TRY(user_subject_of(user_name, caller));
  return find_subject(snapshot, caller.account, subject);
}

// A user with a password, or NoSuchEntity.
Result<const identity::User*> with_profile(Result<const identity::User*> user) {
  if (user && !(*user)->login) {
    return login_profile_not_found((*user)->name);
  }
  return user;
}

Result<const identity::Account*> require_account(const identity::Snapshot& snapshot,
                                                 std::string_view id) {
  const identity::Account* account = snapshot.find<identity::Account>(id);
  if (account == nullptr) {
    return std::unexpected(facts::service_failure("the caller's account is gone"));
  }
  return account;
}

// with_profile() and require_caller() give only users who have a login profile.
// NOLINTBEGIN(bugprone-unchecked-optional-access): see above
LoginProfile show(const identity::User& user) {
  return {.user_name = user.name,
          .create_date = user.login->created,
          .password_reset_required = user.login->is_reset_required,
          .max_signin_session_duration = show_signin_duration(user.login->max_signin_seconds)};
}

// The user if it exists and has no password yet.
Result<const identity::User*> require_creatable(const CreateLoginProfileRequest& request,
                                                const model::Caller& caller,
                                                const identity::Snapshot& snapshot) {
  const identity::User* user = TRY(find_profile_user(request.user_name, caller, snapshot));
  if (user->login) {
    return login_profile_exists(user->name);
  }
  return user;
}

// The calling user, with a password.
Result<const identity::User*> require_caller(const model::Caller& caller,
                                             const identity::Snapshot& snapshot) {
  const identity::User* user = snapshot.find<identity::User>(caller.principal_id);
  if (user == nullptr || user->account != caller.account) {
    return user_not_found(caller.name);
  }
  return with_profile(user);
}

}  // namespace

// CreateLoginProfile

Result<PreparedPassword> prepare(const CreateLoginProfileRequest& request,
                                 const api::CheckContext& context) {
  if (!request.password) {
    return password_required();
  }
  TRY_STATUS(require_creatable(request, context.caller, context.snapshot));
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  TRY_STATUS(require_good_password(*account, request.password->reveal(secret_access())));
  return PreparedPassword{
      .hash = TRY(identity::hash_new_password(*request.password, context.deps.random)),
      .replaced = {}};
}

Result<CreateLoginProfileResponse> handle(const api::Authorized&,
                                          const CreateLoginProfileRequest& request,
                                          const PreparedPassword& prepared,
                                          api::HandlerContext& context) {
  const identity::User* user = TRY(require_creatable(request, context.caller, context.snapshot));
  identity::User changed = *user;
  changed.login = identity::LoginProfile{
      .password_hash = prepared.hash,
      .previous_hashes = {},
      .created = context.request.now,
      .changed = context.request.now,
      .is_reset_required = request.password_reset_required.value_or(false),
      .max_signin_seconds =
          static_cast<std::uint32_t>(request.max_signin_session_duration.value_or(0))};
  LoginProfile shown = show(changed);
  context.transaction->put(std::move(changed));
  return CreateLoginProfileResponse{.login_profile = std::move(shown)};
}

// GetLoginProfile

Result<GetLoginProfileResponse> handle(const api::Authorized&,
                                       const GetLoginProfileRequest& request,
                                       api::HandlerContext& context) {
  const identity::User* user =
      TRY(with_profile(find_profile_user(request.user_name, context.caller, context.snapshot)));
  return GetLoginProfileResponse{.login_profile = show(*user)};
}

// UpdateLoginProfile

Result<PreparedPassword> prepare(const UpdateLoginProfileRequest& request,
                                 const api::CheckContext& context) {
  const identity::User* user =
      TRY(with_profile(find_profile_user(request.user_name, context.caller, context.snapshot)));
  if (!request.password) {
    return PreparedPassword{};
  }
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  TRY_STATUS(require_good_password(*account, request.password->reveal(secret_access())));
  TRY_STATUS(
      require_new_password(*account, *user->login, request.password->reveal(secret_access())));
  return PreparedPassword{
      .hash = TRY(identity::hash_new_password(*request.password, context.deps.random)),
      .replaced = {}};
}

Result<UpdateLoginProfileResponse> handle(const api::Authorized&,
                                          const UpdateLoginProfileRequest& request,
                                          const PreparedPassword& prepared,
                                          api::HandlerContext& context) {
  const identity::User* user =
      TRY(with_profile(find_profile_user(request.user_name, context.caller, context.snapshot)));
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  identity::User changed = *user;
  if (!prepared.hash.empty()) {
    replace_password(*changed.login, *account, prepared.hash, context.request.now);
  }
  if (request.password_reset_required) {
    changed.login->is_reset_required = *request.password_reset_required;
  }
  TRY_STATUS(update_signin_duration(request, changed.login->max_signin_seconds));
  context.transaction->put(std::move(changed));
  return UpdateLoginProfileResponse{};
}

// DeleteLoginProfile

Result<DeleteLoginProfileResponse> handle(const api::Authorized&,
                                          const DeleteLoginProfileRequest& request,
                                          api::HandlerContext& context) {
  const identity::User* user =
      TRY(with_profile(find_profile_user(request.user_name, context.caller, context.snapshot)));
  identity::User changed = *user;
  changed.login.reset();
  context.transaction->put(std::move(changed));
  return DeleteLoginProfileResponse{};
}

// ChangePassword

Result<api::CheckList> checks(const ChangePasswordRequest& request,
                              const api::CheckContext& context) {
  const model::Caller& caller = context.caller;
  if (caller.kind != model::CallerKind::User) {
    return not_an_iam_user();
  }
  const Subject self{.is_root = false, .name = caller.name, .id = caller.principal_id};
  api::Check check = subject_check(action_of(request), context, self);
  const identity::Account* account = context.snapshot.find<identity::Account>(caller.account);
  if (account != nullptr && account->password_policy &&
      account->password_policy->allows_users_to_change) {
    check.grant = authz::Grant::ByAccount;
  }
  return api::CheckList{std::move(check)};
}

Result<PreparedPassword> prepare(const ChangePasswordRequest& request,
                                 const api::CheckContext& context) {
  const identity::User* user = TRY(require_caller(context.caller, context.snapshot));
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  const std::string& stored = user->login->password_hash;
  // First: whoever does not know the old password learns nothing about the new one.
  if (!crypto::verify_password(stored, request.old_password.reveal(secret_access()))) {
    return old_password_incorrect();
  }
  const std::string_view password = request.new_password.reveal(secret_access());
  TRY_STATUS(require_good_password(*account, password));
  TRY_STATUS(require_new_password(*account, *user->login, password));
  return PreparedPassword{
      .hash = TRY(identity::hash_new_password(request.new_password, context.deps.random)),
      .replaced = stored};
}

Result<ChangePasswordResponse> handle(const api::Authorized&,
                                      const ChangePasswordRequest&,
                                      const PreparedPassword& prepared,
                                      api::HandlerContext& context) {
  const identity::User* user = TRY(require_caller(context.caller, context.snapshot));
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  // Somebody else changed it since prepare(): what the caller knew is no longer the password.
  if (user->login->password_hash != prepared.replaced) {
    return old_password_incorrect();
  }
  identity::User changed = *user;
  replace_password(*changed.login, *account, prepared.hash, context.request.now);
  changed.login->is_reset_required = false;
  context.transaction->put(std::move(changed));
  return ChangePasswordResponse{};
}

// NOLINTEND(bugprone-unchecked-optional-access): see above

}  // namespace signet::iam
