#include "server/accounts.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/time.h"
#include "crypto/password_hash.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "iam/quotas.h"
#include "identity/settings.h"
#include "s3/bucket_nodes.h"
#include "s3/invocation.h"
#include "server/state.h"
#include "token/ids.h"

namespace signet::server {
namespace {

using identity::AccessKey;
using identity::Account;
using identity::Snapshot;
using identity::Transaction;
using identity::User;

constexpr const char* kAdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";
constexpr std::size_t kNamesShown = 5;

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return concat(std::to_string(count), " ", count == 1 ? one : many);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) {
    text += concat(i == 0 ? "" : ", ", names[i]);
  }
  return names.size() > kNamesShown ? text + ", ..." : text;
}

// What recover_account() needs before its write, which may run twice and must not wait.
struct RecoveryPlan {
  Recovery wanted;
  Instant now;
  std::string user_id;  // if the user is new
  AccessKey key;        // its user is filled in
  Secret password;
  std::string password_hash;
};

// What the write did, set anew each time it runs.
struct Recovered {
  std::string user;  // as it is written
  bool has_password = false;
  std::string text;
};

Result<RecoveryPlan> plan_recovery(const Recovery& wanted, const Operator& by) {
  Secret password = make_console_password(by.random);
  std::optional<std::string> hash =
      crypto::hash_password(password.reveal(secret_access()), by.random);
  if (!hash) {
    return std::unexpected(facts::service_failure("a password could not be hashed"));
  }
  AccessKey key{.id = token::make_id(token::kAccessKeyPrefix, wanted.account, by.random),
                .account = wanted.account,
                .user_id = {},
                .secret = std::make_shared<const Secret>(token::make_secret_access_key(by.random)),
                .status = identity::KeyStatus::Active,
                .created = by.now};
  return RecoveryPlan{.wanted = wanted,
                      .now = by.now,
                      .user_id = token::make_id(token::kUserPrefix, wanted.account, by.random),
                      .key = std::move(key),
                      .password = std::move(password),
                      .password_hash = *std::move(hash)};
}

// The user to be, and what is new about it as clauses.
Result<User> recovered_user(const Snapshot& state, const RecoveryPlan& plan, Recovered& done) {
  const User* found = state.find<User>(plan.wanted.account, plan.wanted.user);
  User user;
  if (found == nullptr) {
    if (!identity::is_user_name(plan.wanted.user)) {
      return refuse(concat("user name '", plan.wanted.user, "' is not valid"));
    }
    user.account = plan.wanted.account;
    user.id = plan.user_id;
    user.name = plan.wanted.user;
    user.created = plan.now;
    done.text += ", made the user";
  } else {
    user = *found;
  }
  if (!user.boundary.empty()) {
    return refuse(concat("user ",
                         user.name,
                         " has a permissions boundary (",
                         user.boundary,
                         "), so that its key might not be an administrator's: name another user, "
                         "new or old, with --user"));
  }
  if (std::ranges::find(user.attached_policies, kAdministratorAccess) ==
      user.attached_policies.end()) {
    user.attached_policies.push_back(std::string(kAdministratorAccess));
    done.text += ", attached AdministratorAccess to it";
  }
  return user;
}

void set_password(const RecoveryPlan& plan, User& user, Recovered& done) {
  done.has_password = !user.login || plan.wanted.resets_password;
  if (!done.has_password) {
    done.text += "; its console password is as it was (--reset-password makes a new one)";
    return;
  }
  done.text += user.login ? "; its console password was replaced" : "; a console password was made";
  const Instant created = user.login ? user.login->created : plan.now;
  user.login = identity::LoginProfile{.password_hash = plan.password_hash,
                                      .previous_hashes = {},
                                      .created = created,
                                      .changed = plan.now,
                                      .is_reset_required = false};
}

Status check_room_for_key(const Snapshot& state, const User& user) {
  const auto keys = state.access_keys_of(user.account, user.id);
  if (keys.size() < iam::limit_of(state, user.account, iam::Quota::AccessKeysPerUser)) {
    return {};
  }
  std::vector<std::string> ids;
  for (const AccessKey* key : keys) {
    ids.push_back(key->id);
  }
  return refuse(concat("user ",
                       user.name,
                       " has ",
                       counted(ids.size(), "access key", "access keys"),
                       " already (",
                       listed(ids),
                       "), and none is taken away: name another user, for instance --user rescue"));
}

// What else may be in the way of the key.
void add_notes(const Snapshot& state, const User& user, Recovered& done) {
  if (const auto devices = state.mfa_devices_of(user.account, user.id); !devices.empty()) {
    done.text += concat("; signing in to the console takes a code of its ",
                        counted(devices.size(), "MFA device", "MFA devices"));
  }
  if (state.find<identity::OrgPolicies>(user.account) != nullptr) {
    done.text += "; policies of the account's organization bound it (`signet org show`)";
  }
}

Status write_recovery(const RecoveryPlan& plan,
                      const Snapshot& state,
                      Transaction& transaction,
                      Recovered& done) {
  done = Recovered();
  if (state.find<Account>(plan.wanted.account) == nullptr) {
    return no_such_account(plan.wanted.account);
  }
  User user = TRY(recovered_user(state, plan, done));
  done.user = user.name;
  TRY_STATUS(check_room_for_key(state, user));
  set_password(plan, user, done);
  add_notes(state, user, done);
  AccessKey key = plan.key;
  key.user_id = user.id;
  done.text = concat(
      "account ", user.account, ": made access key ", key.id, " for user ", user.name, done.text);
  transaction.put(std::move(user));
  transaction.put(std::move(key));
  return {};
}

// The account's buckets, held closed until its deletion is decided.
struct ClosedOnes {
  std::vector<objects::BucketHold> holds;
  std::set<std::string, std::less<>> names;
};

// Whether another node of the cluster may hold objects of the bucket.
bool is_used_elsewhere(const identity::Bucket& bucket, const std::string& node) {
  return !node.empty() && std::ranges::any_of(s3::nodes_of(bucket), [&node](std::string_view one) {
    return one != node;
  });
}

Result<ClosedOnes> close_buckets(const Snapshot& snapshot,
                                 const OpenObjects& open_objects,
                                 const Deletion& wanted) {
  ClosedOnes closed;
  std::vector<std::string> full;
  for (const auto& entry : snapshot.index<identity::BucketsOfAccount>(wanted.account)) {
    const identity::Bucket& bucket = *entry.value;
    objects::ObjectStore* store = TRY(open_objects());
    auto hold =
        store->close(s3::store_id(bucket),
                     wanted.takes_objects ? objects::Contents::Remove : objects::Contents::Refuse);
    if (!hold && hold.error().code == ErrorCode::BucketNotEmpty) {
      full.push_back(bucket.name);
      continue;
    }
    if (!wanted.takes_objects && is_used_elsewhere(bucket, wanted.node)) {
      full.push_back(bucket.name);
      continue;
    }
    closed.holds.push_back(TRY(std::move(hold)));
    closed.names.insert(bucket.name);
  }
  if (!full.empty()) {
    return refuse(concat("account ",
                         wanted.account,
                         " has objects in ",
                         counted(full.size(), "bucket", "buckets"),
                         " (",
                         listed(full),
                         "): nothing was changed; --with-objects deletes them too"));
  }
  return closed;
}

Status write_deletion(const Deletion& wanted,
                      const ClosedOnes& closed,
                      const Operator& by,
                      const Snapshot& state,
                      Transaction& transaction,
                      std::string& text) {
  if (state.find<Account>(wanted.account) == nullptr) {
    return no_such_account(wanted.account);
  }
  if (state.account_count() == 1) {
    return refuse(concat("account ",
                         wanted.account,
                         " is the only one here: a folder without accounts would begin anew at the "
                         "next start; remove the folder itself"));
  }
  const auto& buckets = state.index<identity::BucketsOfAccount>(wanted.account);
  for (const auto& entry : buckets) {
    if (!closed.names.contains(entry.value->name)) {
      return refuse(concat("bucket ",
                           entry.value->name,
                           " was made meanwhile, and nothing was changed: run the command again"));
    }
  }
  text = concat("account ",
                wanted.account,
                " was deleted with ",
                counted(state.table<User>(wanted.account).size(), "user, ", "users, "),
                counted(state.table<identity::Role>(wanted.account).size(), "role", "roles"),
                " and ",
                counted(buckets.size(), "bucket", "buckets"),
                wanted.takes_objects ? " with all objects" : "");
  transaction.erase<Account>(wanted.account);
  transaction.tell(by.line("DeleteAccount", text));
  return {};
}

// Sets or takes away one quota of an account.
Status set_quota(Account& account, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const bool is_known = std::ranges::any_of(
      facts::kQuotas, [name](const facts::QuotaRow& row) { return row.name == name; });
  if (equals == std::string_view::npos || !is_known) {
    return refuse(
        concat("expected NAME=NUMBER or NAME=default, with a name that `signet account "
               "quota` lists, got: ",
               assignment));
  }
  constexpr std::int64_t kMany = 1'000'000;
  const std::string_view value = assignment.substr(equals + 1);
  const std::optional<std::int64_t> number = parse_decimal(value);
  if (value != "default" && (!number || *number > kMany)) {
    return refuse(concat(name, " must be a number from 0 to 1000000, or default, got: ", value));
  }
  identity::set_setting(account.settings,
                        concat("quota.", name),
                        number ? std::optional(std::to_string(*number)) : std::nullopt);
  return {};
}

std::string quotas_of(const Account& account) {
  std::string text;
  for (const facts::QuotaRow& row : facts::kQuotas) {
    const std::string* own = identity::find_setting(account.settings, concat("quota.", row.name));
    text += concat(text.empty() ? "" : "\n",
                   row.name,
                   "=",
                   own != nullptr ? *own : std::to_string(row.limit),
                   own != nullptr ? "" : " (default)");
  }
  return text;
}

}  // namespace

std::unexpected<Error> no_such_account(std::string_view id) {
  return refuse(
      concat("there is no account ", id, " in this data folder; `signet account list` shows them"));
}

Result<AccountDone> create_account(identity::Directory& directory,
                                   const NewAccount& wanted,
                                   const Clock& clock,
                                   const Operator& by) {
  AccountDone done;
  done.credentials.user = wanted.admin;
  done.credentials.password = make_console_password(by.random);
  identity::BootstrapSpec spec;
  identity::BootstrapAccount& made = spec.accounts.emplace_back();
  made.id = wanted.id;
  made.alias = wanted.alias;
  made.name = wanted.name;
  made.root_keys.emplace_back();
  identity::BootstrapUser& admin = made.users.emplace_back();
  admin.name = wanted.admin;
  admin.policies = {kAdministratorAccess};
  admin.access_keys.emplace_back();
  admin.password = done.credentials.password.clone();
  done.credentials.keys =
      TRY(add_accounts(directory, spec, clock, by.random, [&](std::string_view accounts) {
        done.text = concat("made account ", accounts, " with user ", wanted.admin);
        return by.line("CreateAccount", done.text);
      }));
  return done;
}

Result<AccountDone> recover_account(identity::Directory& directory,
                                    const Recovery& wanted,
                                    const Operator& by) {
  if (directory.current()->find<Account>(wanted.account) == nullptr) {
    return no_such_account(wanted.account);
  }
  RecoveryPlan plan = TRY(plan_recovery(wanted, by));
  Recovered done;
  // The write is over when apply() returns, so it may look at what stands here.
  const auto write = [&](const Snapshot& state, Transaction& transaction) -> Status {
    TRY_STATUS(write_recovery(plan, state, transaction, done));
    transaction.tell(by.line("RecoverAccount", done.text));
    return {};
  };
  TRY_STATUS(directory.apply(write));
  AccountDone answer;
  answer.text = std::move(done.text);
  answer.credentials.keys.push_back({.account = wanted.account,
                                     .user = done.user,
                                     .access_key_id = plan.key.id,
                                     .secret_access_key = plan.key.secret->clone()});
  answer.credentials.user = done.user;
  if (done.has_password) {
    answer.credentials.password = std::move(plan.password);
  }
  return answer;
}

Result<std::string> delete_account(identity::Directory& directory,
                                   const OpenObjects& open_objects,
                                   const Deletion& wanted,
                                   const Operator& by) {
  const auto snapshot = directory.current();
  if (snapshot->find<Account>(wanted.account) == nullptr) {
    return no_such_account(wanted.account);
  }
  const ClosedOnes closed = TRY(close_buckets(*snapshot, open_objects, wanted));
  std::string text;
  TRY_STATUS(directory.apply([&](const Snapshot& state, Transaction& transaction) {
    return write_deletion(wanted, closed, by, state, transaction, text);
  }));
  return text;
}

Result<std::string> set_account_quotas(identity::Directory& directory,
                                       const std::string& account,
                                       const std::vector<std::string>& assignments,
                                       const Operator& by) {
  std::string text;
  const auto write = [&](const Snapshot& state, Transaction& transaction) -> Status {
    const Account* found = state.find<Account>(account);
    if (found == nullptr) {
      return no_such_account(account);
    }
    Account changed = *found;
    std::string list;
    for (const std::string& assignment : assignments) {
      TRY_STATUS(set_quota(changed, assignment));
      list += concat(" ", assignment);
    }
    text = quotas_of(changed);
    if (!assignments.empty()) {
      transaction.put(std::move(changed));
    }
    transaction.tell(by.line(assignments.empty() ? "GetAccountQuotas" : "SetAccountQuotas",
                             concat("quotas of account ", account, list),
                             assignments.empty()));
    return {};
  };
  TRY_STATUS(directory.apply(write));
  return text;
}

void append_accounts(codec::JsonWriter& json, const Snapshot& snapshot) {
  json.begin_array();
  for (const Account* account : snapshot.accounts()) {
    json.begin_object();
    json.member("id", account->id);
    json.member("alias", account->alias);
    json.member("name", account->name);
    json.member("created", codec::format_iso8601(account->created));
    const auto count = [&json](std::string_view what, std::size_t number) {
      json.key(what);
      json.integer(static_cast<std::int64_t>(number));
    };
    count("users", snapshot.table<User>(account->id).size());
    count("roles", snapshot.table<identity::Role>(account->id).size());
    count("buckets", snapshot.index<identity::BucketsOfAccount>(account->id).size());
    json.key("inOrganization");
    json.boolean(snapshot.find<identity::OrgPolicies>(account->id) != nullptr);
    json.end_object();
  }
  json.end_array();
}

}  // namespace signet::server
