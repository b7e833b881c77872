#include <utility>

#include "base/secret_access.h"
#include "crypto/password_hash.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/names.h"
#include "iam/preparations.h"
#include "iam/signin_duration.h"
#include "identity/passwords.h"

namespace signet::iam {

namespace {

// Whose login profile a call is about: a user's, or root's in a session of AssumeRoot.
struct ProfileOwner {
  const identity::User* user = nullptr;  // null: root
  const identity::Account* account = nullptr;

  [[nodiscard]] const std::optional<identity::LoginProfile>& login() const {
    return user != nullptr ? user->login : account->root_login;
  }

  // AWS-DIFF: how AWS calls root in these answers is not known; "root" is Signet's
  // (assumed_root_test.cc).
  [[nodiscard]] std::string name() const { return user != nullptr ? user->name : "root"; }
};

Result<ProfileOwner> find_profile_owner(const std::optional<std::string>& user_name,
                                        const model::Caller& caller,
                                        const identity::Snapshot& snapshot) {
  const Subject subject = TRY(user_subject_of(user_name, caller));
  ProfileOwner owner{.account = TRY(require_account(snapshot, caller.account))};
  if (!subject.is_root) {
    owner.user = TRY(find_subject(snapshot, caller.account, subject));
  }
  return owner;
}

// An owner with a password, or NoSuchEntity.
Result<ProfileOwner> require_profile(const std::optional<std::string>& user_name,
                                     const model::Caller& caller,
                                     const identity::Snapshot& snapshot) {
  ProfileOwner owner = TRY(find_profile_owner(user_name, caller, snapshot));
  if (!owner.login()) {
    return login_profile_not_found(owner.name());
  }
  return owner;
}

LoginProfile show(const ProfileOwner& owner, const identity::LoginProfile& login) {
  return {.user_name = owner.name(),
          .create_date = login.created,
          .password_reset_required = login.is_reset_required,
          .max_signin_session_duration = show_signin_duration(login.max_signin_seconds)};
}

// The owner if it exists and has no password yet.
Result<ProfileOwner> require_creatable(const CreateLoginProfileRequest& request,
                                       const model::Caller& caller,
                                       const identity::Snapshot& snapshot) {
  ProfileOwner owner = TRY(find_profile_owner(request.user_name, caller, snapshot));
  if (owner.login()) {
    return login_profile_exists(owner.name());
  }
  return owner;
}

// require_profile() and require_caller() give only owners who have a login profile.
// NOLINTBEGIN(bugprone-unchecked-optional-access): see above
// The calling user, with a password.
Result<const identity::User*> require_caller(const model::Caller& caller,
                                             const identity::Snapshot& snapshot) {
  const identity::User* user = snapshot.find<identity::User>(caller.principal_id);
  if (user == nullptr || user->account != caller.account) {
    return user_not_found(caller.name);
  }
  if (!user->login) {
    return login_profile_not_found(user->name);
  }
  return user;
}

}  // namespace

// CreateLoginProfile

Result<PreparedPassword> prepare(const CreateLoginProfileRequest& request,
                                 const api::CheckContext& context) {
  if (!request.password && !is_assumed_root(context.caller)) {
    return password_required();
  }
  const ProfileOwner owner = TRY(require_creatable(request, context.caller, context.snapshot));
  if (!request.password) {
    return PreparedPassword{};
  }
  TRY_STATUS(require_good_password(*owner.account, request.password->reveal(secret_access())));
  return PreparedPassword{
      .hash = TRY(identity::hash_new_password(*request.password, context.deps.random)),
      .replaced = {}};
}

Result<CreateLoginProfileResponse> handle(const api::Authorized&,
                                          const CreateLoginProfileRequest& request,
                                          const PreparedPassword& prepared,
                                          api::HandlerContext& context) {
  const ProfileOwner owner = TRY(require_creatable(request, context.caller, context.snapshot));
  // Without a password nobody signs in until one was set: AWS lets root recover it by e-mail.
  const bool is_reset_required = prepared.hash.empty() || request.password_reset_required == true;
  identity::LoginProfile login{.password_hash = prepared.hash,
                               .previous_hashes = {},
                               .created = context.request.now,
                               .changed = context.request.now,
                               .is_reset_required = is_reset_required,
                               .max_signin_seconds = static_cast<std::uint32_t>(
                                   request.max_signin_session_duration.value_or(0))};
  LoginProfile shown = show(owner, login);
  identity::put_login(*owner.account, owner.user, std::move(login), *context.transaction);
  return CreateLoginProfileResponse{.login_profile = std::move(shown)};
}

// GetLoginProfile

Result<GetLoginProfileResponse> handle(const api::Authorized&,
                                       const GetLoginProfileRequest& request,
                                       api::HandlerContext& context) {
  const ProfileOwner owner =
      TRY(require_profile(request.user_name, context.caller, context.snapshot));
  return GetLoginProfileResponse{.login_profile = show(owner, *owner.login())};
}

// UpdateLoginProfile

Result<PreparedPassword> prepare(const UpdateLoginProfileRequest& request,
                                 const api::CheckContext& context) {
  const ProfileOwner owner =
      TRY(require_profile(request.user_name, context.caller, context.snapshot));
  if (!request.password) {
    return PreparedPassword{};
  }
  TRY_STATUS(require_good_password(*owner.account, request.password->reveal(secret_access())));
  TRY_STATUS(require_new_password(
      *owner.account, *owner.login(), request.password->reveal(secret_access())));
  return PreparedPassword{
      .hash = TRY(identity::hash_new_password(*request.password, context.deps.random)),
      .replaced = {}};
}

Result<UpdateLoginProfileResponse> handle(const api::Authorized&,
                                          const UpdateLoginProfileRequest& request,
                                          const PreparedPassword& prepared,
                                          api::HandlerContext& context) {
  const ProfileOwner owner =
      TRY(require_profile(request.user_name, context.caller, context.snapshot));
  identity::LoginProfile login = *owner.login();
  if (!prepared.hash.empty()) {
    replace_password(login, *owner.account, prepared.hash, context.request.now);
  }
  if (request.password_reset_required) {
    login.is_reset_required = *request.password_reset_required;
  }
  TRY_STATUS(update_signin_duration(request, login.max_signin_seconds));
  identity::put_login(*owner.account, owner.user, std::move(login), *context.transaction);
  return UpdateLoginProfileResponse{};
}

// DeleteLoginProfile

Result<DeleteLoginProfileResponse> handle(const api::Authorized&,
                                          const DeleteLoginProfileRequest& request,
                                          api::HandlerContext& context) {
  const ProfileOwner owner =
      TRY(require_profile(request.user_name, context.caller, context.snapshot));
  identity::put_login(*owner.account, owner.user, std::nullopt, *context.transaction);
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
