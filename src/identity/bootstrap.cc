#include "identity/bootstrap.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/assertion.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "crypto/random.h"
#include "facts/errors.h"
#include "identity/transaction.h"
#include "model/arn.h"
#include "token/ids.h"

namespace signet::identity {
namespace {

constexpr std::string_view kAdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";

// What one spec becomes, before it is written.
struct Plan {
  struct OneUser {
    User user;
    std::vector<AccessKey> keys;
    std::vector<MfaDevice> devices;
    const BootstrapUser* spec;
  };

  struct OneAccount {
    Account account;
    std::vector<AccessKey> root_keys;
    std::vector<MfaDevice> root_devices;
    std::vector<OneUser> users;
    std::optional<OrgPolicies> org;
    const BootstrapAccount* spec;
  };

  std::vector<OneAccount> accounts;
};

// Where complaints about a part of an account's spec begin.
class Where {
 public:
  Where(std::string_view account, const BootstrapPlace& place) : account_(account), place_(place) {}

  [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const {
    const std::string start = place_ ? place_() : concat("account ", account_);
    return fail(ErrorCode::InvalidInput, concat(start, ": ", why));
  }

 private:
  std::string_view account_;
  const BootstrapPlace& place_;
};

bool is_name_char(char c) {
  constexpr std::string_view kMarks = "_+=,.@-";  // aws-wire 4.1
  return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
}

bool is_name(std::string_view name, std::size_t longest) {
  return !name.empty() && name.size() <= longest &&
         std::all_of(name.begin(), name.end(), is_name_char);
}

bool is_path(std::string_view path) {
  const bool is_graphic =
      std::all_of(path.begin(), path.end(), [](char c) { return c >= '!' && c <= '~'; });
  return path.size() <= 512 && path.starts_with('/') && path.ends_with('/') && is_graphic;
}

// As CreateAccountAlias takes it (aws-wire 4.20).
bool is_alias(std::string_view alias) {
  const bool is_in_charset = std::all_of(alias.begin(), alias.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
  });
  return alias.size() >= 3 && alias.size() <= 63 && is_in_charset && !alias.starts_with('-') &&
         !alias.ends_with('-') && alias.find("--") == std::string_view::npos &&
         !model::is_account_id(alias);
}

bool is_key_id(std::string_view id) {
  const auto is_word = [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_';
  };
  return id.size() >= 16 && id.size() <= 128 && std::all_of(id.begin(), id.end(), is_word);
}

// Twelve digits, the first not 0.
std::string make_account_id(Random& random) {
  std::string id;
  id.push_back(static_cast<char>('1' + crypto::random_below(random, 9)));
  while (id.size() < 12) {
    id.push_back(static_cast<char>('0' + crypto::random_below(random, 10)));
  }
  return id;
}

std::string make_canonical_user_id(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  std::string id;
  codec::append_hex(id, bytes);
  return id;
}

Result<std::optional<LoginProfile>> plan_login(const std::optional<Secret>& password,
                                               bool is_reset_required,
                                               const Where& where,
                                               const BootstrapDeps& deps) {
  if (!password) {
    return std::optional<LoginProfile>();
  }
  if (password->empty()) {
    return where.refuse("a password is empty");
  }
  std::optional<std::string> hash = deps.hash_password(password->reveal(secret_access()));
  if (!hash) {
    return where.refuse("a password could not be hashed");
  }
  const Instant now = deps.clock.now();
  return LoginProfile{.password_hash = std::move(*hash),
                      .previous_hashes = {},
                      .created = now,
                      .changed = now,
                      .is_reset_required = is_reset_required};
}

Result<AccessKey> plan_key(const BootstrapKey& spec,
                           std::string_view account,
                           std::string_view user_id,
                           const BootstrapDeps& deps) {
  const Where where(account, spec.place);
  if (spec.access_key_id.empty() != spec.secret_access_key.empty()) {
    return where.refuse("an access key needs both access_key_id and secret_access_key, or neither");
  }
  if (!spec.access_key_id.empty() && !is_key_id(spec.access_key_id)) {
    return where.refuse(
        concat("access_key_id ", spec.access_key_id, " must have 16 to 128 word characters"));
  }
  const bool is_given = !spec.access_key_id.empty();
  Secret secret =
      is_given ? spec.secret_access_key.clone() : token::make_secret_access_key(deps.random);
  return AccessKey{.id = is_given ? spec.access_key_id
                                  : token::make_id(token::kAccessKeyPrefix, account, deps.random),
                   .account = std::string(account),
                   .user_id = std::string(user_id),
                   .secret = std::make_shared<const Secret>(std::move(secret)),
                   .status = KeyStatus::Active,
                   .created = deps.clock.now()};
}

Result<std::vector<AccessKey>> plan_keys(const std::vector<BootstrapKey>& specs,
                                         std::string_view account,
                                         std::string_view user_id,
                                         const BootstrapDeps& deps) {
  std::vector<AccessKey> keys;
  for (const BootstrapKey& spec : specs) {
    keys.push_back(TRY(plan_key(spec, account, user_id, deps)));
  }
  return keys;
}

// `user_id` is empty for root's.
Result<std::vector<MfaDevice>> plan_devices(const std::vector<BootstrapMfaDevice>& specs,
                                            const std::string& account,
                                            const std::string& user_id,
                                            const BootstrapDeps& deps) {
  std::vector<MfaDevice> devices;
  for (const BootstrapMfaDevice& spec : specs) {
    const Where where(account, spec.place);
    if (!is_name(spec.name, 226)) {
      return where.refuse(concat("MFA device name '", spec.name, "' is not valid"));
    }
    if (!is_path(spec.path)) {
      return where.refuse(concat("path of MFA device ", spec.name, " must begin and end with '/'"));
    }
    MfaDevice device;
    device.account = account;
    device.name = spec.name;
    device.path = spec.path;
    device.seed = std::make_shared<const Secret>(spec.seed.clone());
    device.created = deps.clock.now();
    device.is_assigned = true;
    device.user_id = user_id;
    device.enabled = device.created;
    devices.push_back(std::move(device));
  }
  return devices;
}

Result<Plan::OneUser> plan_user(const BootstrapUser& spec,
                                const std::string& account,
                                const BootstrapDeps& deps) {
  const Where where(account, spec.place);
  if (!is_user_name(spec.name)) {
    return where.refuse(concat("user name '", spec.name, "' is not valid"));
  }
  if (!is_path(spec.path)) {
    return where.refuse(concat("path of user ", spec.name, " must begin and end with '/'"));
  }
  Plan::OneUser plan;
  plan.spec = &spec;
  plan.user.account = account;
  plan.user.id = token::make_id(token::kUserPrefix, account, deps.random);
  plan.user.name = spec.name;
  plan.user.path = spec.path;
  plan.user.created = deps.clock.now();
  plan.user.attached_policies = spec.policies;
  plan.user.login = TRY(plan_login(spec.password, spec.must_change_password, where, deps));
  plan.keys = TRY(plan_keys(spec.access_keys, account, plan.user.id, deps));
  plan.devices = TRY(plan_devices(spec.mfa_devices, account, plan.user.id, deps));
  return plan;
}

Result<Plan::OneAccount> plan_account(const BootstrapAccount& spec, const BootstrapDeps& deps) {
  const std::string id = spec.id.empty() ? make_account_id(deps.random) : spec.id;
  const Where where(id, spec.place);
  if (!model::is_account_id(id)) {
    return where.refuse("id must have twelve digits");
  }
  if (!spec.alias.empty() && !is_alias(spec.alias)) {
    return where.refuse(
        concat("alias '",
               spec.alias,
               "' must have 3 to 63 lower-case letters, digits and single hyphens inside, "
               "and be no account id"));
  }
  Plan::OneAccount plan;
  plan.spec = &spec;
  plan.account.id = id;
  plan.account.name = spec.name;
  plan.account.email = spec.email;
  plan.account.alias = spec.alias;
  plan.account.canonical_user_id =
      spec.canonical_user_id.empty() ? make_canonical_user_id(deps.random) : spec.canonical_user_id;
  plan.account.created = deps.clock.now();
  plan.account.root_login = TRY(plan_login(spec.root_password, false, where, deps));
  plan.root_keys = TRY(plan_keys(spec.root_keys, id, {}, deps));
  plan.root_devices = TRY(plan_devices(spec.root_mfa_devices, id, {}, deps));
  plan.org = spec.org;
  if (plan.org) {
    plan.org->account = id;
  }
  for (const BootstrapUser& user : spec.users) {
    plan.users.push_back(TRY(plan_user(user, id, deps)));
  }
  return plan;
}

Result<Plan> make_plan(const BootstrapSpec& spec, const BootstrapDeps& deps) {
  Plan plan;
  for (const BootstrapAccount& account : spec.accounts) {
    plan.accounts.push_back(TRY(plan_account(account, deps)));
  }
  return plan;
}

// `specs` are those that the keys were planned from, in the same order.
Status write_keys(const std::vector<AccessKey>& keys,
                  const std::vector<BootstrapKey>& specs,
                  Transaction& transaction) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const AccessKey& key = keys[i];
    if (transaction.view().find<AccessKey>(key.id) != nullptr) {
      return Where(key.account, specs[i].place)
          .refuse(concat("access_key_id ", key.id, " is given twice or taken"));
    }
    transaction.put(key);
  }
  return {};
}

Status write_devices(const std::vector<MfaDevice>& devices,
                     const std::vector<BootstrapMfaDevice>& specs,
                     Transaction& transaction) {
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const MfaDevice& device = devices[i];
    const Snapshot& view = transaction.view();
    if (view.find<MfaDevice>(device.account, device.key()) != nullptr ||
        view.find<MfaDevice>(device.serial()) != nullptr) {
      return Where(device.account, specs[i].place)
          .refuse(concat("MFA device ", device.name, " is given twice"));
    }
    transaction.put(device);
  }
  return {};
}

Status write_user(const Plan::OneUser& plan, Transaction& transaction) {
  const User& user = plan.user;
  const Where where(user.account, plan.spec->place);
  if (transaction.view().find<User>(user.account, user.name) != nullptr) {
    return where.refuse(concat("user ", user.name, " is given twice"));
  }
  for (const std::string& arn : user.attached_policies) {
    if (transaction.view().find_by_arn<ManagedPolicy>(arn) == nullptr) {
      return where.refuse(concat("user ", user.name, ": there is no policy ", arn));
    }
  }
  transaction.put(user);
  TRY_STATUS(write_keys(plan.keys, plan.spec->access_keys, transaction));
  return write_devices(plan.devices, plan.spec->mfa_devices, transaction);
}

Status write_account(const Plan::OneAccount& plan, Transaction& transaction) {
  const Account& account = plan.account;
  const Where where(account.id, plan.spec->place);
  const Snapshot& view = transaction.view();
  if (view.find<Account>(account.id) != nullptr) {
    return fail(ErrorCode::EntityAlreadyExists, concat("account ", account.id, " exists already"));
  }
  if (!account.alias.empty() && view.find_account_by_alias(account.alias) != nullptr) {
    return where.refuse(concat("alias ", account.alias, " is taken"));
  }
  if (view.find_account_by_canonical_id(account.canonical_user_id) != nullptr) {
    return where.refuse("canonical_user_id is taken");
  }
  transaction.put(account);
  TRY_STATUS(write_keys(plan.root_keys, plan.spec->root_keys, transaction));
  TRY_STATUS(write_devices(plan.root_devices, plan.spec->root_mfa_devices, transaction));
  for (const Plan::OneUser& user : plan.users) {
    TRY_STATUS(write_user(user, transaction));
  }
  return {};
}

void show_keys(const std::vector<AccessKey>& keys,
               const std::string& user,
               std::vector<CreatedKey>& out) {
  for (const AccessKey& key : keys) {
    out.push_back(CreatedKey{.account = key.account,
                             .user = user,
                             .access_key_id = key.id,
                             .secret_access_key = key.secret->clone()});
  }
}

// What the write tells its trail; empty: nothing.
std::string line_of(const Plan& plan, const BootstrapDeps& deps) {
  if (!deps.tell) {
    return {};
  }
  std::string ids;
  for (const Plan::OneAccount& account : plan.accounts) {
    ids += concat(ids.empty() ? "" : " ", account.account.id);
  }
  return deps.tell(ids);
}

}  // namespace

bool is_user_name(std::string_view name) {
  return is_name(name, 64);
}

BootstrapSpec default_bootstrap(std::optional<Secret> admin_password) {
  BootstrapUser admin;
  admin.name = "admin";
  admin.policies.emplace_back(kAdministratorAccess);
  admin.access_keys.emplace_back();
  admin.password = std::move(admin_password);
  BootstrapAccount account;
  account.users.push_back(std::move(admin));
  BootstrapSpec spec;
  spec.accounts.push_back(std::move(account));
  return spec;
}

Result<std::vector<CreatedKey>> bootstrap(Directory& directory,
                                          const BootstrapSpec& spec,
                                          const BootstrapDeps& deps) {
  const auto plan = std::make_shared<const Plan>(TRY(make_plan(spec, deps)));
  const auto write = [plan, &deps, line = line_of(*plan, deps)](
                         const Snapshot& snapshot, Transaction& transaction) -> Status {
    if (deps.is_first_only && snapshot.account_count() != 0) {
      return fail(ErrorCode::EntityAlreadyExists, "there are accounts already");
    }
    for (const Plan::OneAccount& account : plan->accounts) {
      TRY_STATUS(write_account(account, transaction));
    }
    if (deps.write_more) {
      TRY_STATUS(deps.write_more(transaction));
    }
    for (const Plan::OneAccount& account : plan->accounts) {
      if (account.org) {
        transaction.put(*account.org);
      }
    }
    if (!line.empty()) {
      transaction.tell(line);
    }
    return {};
  };
  TRY_STATUS(directory.apply(write));
  std::vector<CreatedKey> keys;
  for (const Plan::OneAccount& account : plan->accounts) {
    show_keys(account.root_keys, {}, keys);
    for (const Plan::OneUser& user : account.users) {
      show_keys(user.keys, user.user.name, keys);
    }
  }
  return keys;
}

}  // namespace signet::identity
