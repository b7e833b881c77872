#include "identity/bootstrap.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/check.h"
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
  };

  struct OneAccount {
    Account account;
    std::vector<AccessKey> root_keys;
    std::vector<OneUser> users;
    std::optional<OrgPolicies> org;
  };

  std::vector<OneAccount> accounts;
};

std::unexpected<Error> refuse(std::string_view account, std::string_view why) {
  return fail(ErrorCode::InvalidInput, concat("bootstrap: account ", account, ": ", why));
}

bool is_name_char(char c) {
  constexpr std::string_view kMarks = "_+=,.@-";  // aws-wire 4.1
  return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
}

bool is_user_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), is_name_char);
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
                                               std::string_view account,
                                               const BootstrapDeps& deps) {
  if (!password) {
    return std::optional<LoginProfile>();
  }
  if (password->empty()) {
    return refuse(account, "a password is empty");
  }
  std::optional<std::string> hash = deps.hash_password(password->reveal(secret_access()));
  if (!hash) {
    return refuse(account, "a password could not be hashed");
  }
  const Instant now = deps.clock.now();
  return LoginProfile{.password_hash = std::move(*hash),
                      .previous_hashes = {},
                      .created = now,
                      .changed = now,
                      .is_reset_required = false};
}

Result<AccessKey> plan_key(const BootstrapKey& spec,
                           std::string_view account,
                           std::string_view user_id,
                           const BootstrapDeps& deps) {
  if (spec.access_key_id.empty() != spec.secret_access_key.empty()) {
    return refuse(account,
                  "an access key needs both access_key_id and secret_access_key, or neither");
  }
  if (!spec.access_key_id.empty() && !is_key_id(spec.access_key_id)) {
    return refuse(
        account,
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

Result<Plan::OneUser> plan_user(const BootstrapUser& spec,
                                const std::string& account,
                                const BootstrapDeps& deps) {
  if (!is_user_name(spec.name)) {
    return refuse(account, concat("user name '", spec.name, "' is not valid"));
  }
  if (!is_path(spec.path)) {
    return refuse(account, concat("path of user ", spec.name, " must begin and end with '/'"));
  }
  Plan::OneUser plan;
  plan.user.account = account;
  plan.user.id = token::make_id(token::kUserPrefix, account, deps.random);
  plan.user.name = spec.name;
  plan.user.path = spec.path;
  plan.user.created = deps.clock.now();
  plan.user.attached_policies = spec.policies;
  plan.user.login = TRY(plan_login(spec.password, account, deps));
  plan.keys = TRY(plan_keys(spec.access_keys, account, plan.user.id, deps));
  return plan;
}

Result<Plan::OneAccount> plan_account(const BootstrapAccount& spec, const BootstrapDeps& deps) {
  const std::string id = spec.id.empty() ? make_account_id(deps.random) : spec.id;
  if (!model::is_account_id(id)) {
    return refuse(id, "id must have twelve digits");
  }
  if (!spec.alias.empty() && !is_alias(spec.alias)) {
    return refuse(
        id,
        concat("alias '",
               spec.alias,
               "' must have 3 to 63 lower-case letters, digits and single hyphens inside, "
               "and be no account id"));
  }
  Plan::OneAccount plan;
  plan.account.id = id;
  plan.account.name = spec.name;
  plan.account.email = spec.email;
  plan.account.alias = spec.alias;
  plan.account.canonical_user_id =
      spec.canonical_user_id.empty() ? make_canonical_user_id(deps.random) : spec.canonical_user_id;
  plan.account.created = deps.clock.now();
  plan.account.root_login = TRY(plan_login(spec.root_password, id, deps));
  plan.root_keys = TRY(plan_keys(spec.root_keys, id, {}, deps));
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

Status write_keys(const std::vector<AccessKey>& keys, Transaction& transaction) {
  for (const AccessKey& key : keys) {
    if (transaction.view().find<AccessKey>(key.id) != nullptr) {
      return refuse(key.account, concat("access_key_id ", key.id, " is given twice or taken"));
    }
    transaction.put(key);
  }
  return {};
}

Status write_user(const Plan::OneUser& plan, Transaction& transaction) {
  const User& user = plan.user;
  if (transaction.view().find<User>(user.account, user.name) != nullptr) {
    return refuse(user.account, concat("user ", user.name, " is given twice"));
  }
  for (const std::string& arn : user.attached_policies) {
    if (transaction.view().find_by_arn<ManagedPolicy>(arn) == nullptr) {
      return refuse(user.account, concat("user ", user.name, ": there is no policy ", arn));
    }
  }
  transaction.put(user);
  return write_keys(plan.keys, transaction);
}

Status write_account(const Plan::OneAccount& plan, Transaction& transaction) {
  const Account& account = plan.account;
  const Snapshot& view = transaction.view();
  if (view.find<Account>(account.id) != nullptr) {
    return fail(ErrorCode::EntityAlreadyExists,
                concat("bootstrap: account ", account.id, " already exists"));
  }
  if (!account.alias.empty() && view.find_account_by_alias(account.alias) != nullptr) {
    return refuse(account.id, concat("alias ", account.alias, " is taken"));
  }
  if (view.find_account_by_canonical_id(account.canonical_user_id) != nullptr) {
    return refuse(account.id, "canonical_user_id is taken");
  }
  transaction.put(account);
  if (plan.org) {
    transaction.put(*plan.org);
  }
  TRY_STATUS(write_keys(plan.root_keys, transaction));
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

}  // namespace

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
  const auto write = [plan](const Snapshot&, Transaction& transaction) -> Status {
    for (const Plan::OneAccount& account : plan->accounts) {
      TRY_STATUS(write_account(account, transaction));
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
