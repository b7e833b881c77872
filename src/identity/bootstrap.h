#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "identity/directory.h"

namespace signet::identity {

// Says where in its file something stands; empty for what stands in none. Complaints begin with it.
using BootstrapPlace = std::function<std::string()>;

struct BootstrapKey {
  std::string access_key_id;  // empty: made
  Secret secret_access_key;   // empty: made
  BootstrapPlace place = {};
};

// A virtual MFA device that is assigned and has been enabled.
struct BootstrapMfaDevice {
  std::string name;
  std::string path = "/";
  Secret seed;  // raw bytes
  BootstrapPlace place = {};
};

struct BootstrapUser {
  std::string name;
  std::string path = "/";
  std::vector<std::string> policies;  // ARNs of managed policies to attach
  std::vector<BootstrapKey> access_keys;
  std::optional<Secret> password;
  bool must_change_password = false;
  std::vector<BootstrapMfaDevice> mfa_devices;
  BootstrapPlace place = {};
};

struct BootstrapAccount {
  std::string id;  // 12 digits; empty: random
  std::string name;
  std::string alias;
  std::string email;
  std::string canonical_user_id;  // empty: made
  std::vector<BootstrapKey> root_keys;
  std::optional<Secret> root_password;
  std::vector<BootstrapMfaDevice> root_mfa_devices;
  std::vector<BootstrapUser> users;
  std::optional<OrgPolicies> org;  // its account is filled in
  BootstrapPlace place = {};
};

// What a store holds when it is first started. Parsed elsewhere from a file, or
// default_bootstrap().
struct BootstrapSpec {
  std::vector<BootstrapAccount> accounts;
};

// A key that exists now, to be shown once.
struct CreatedKey {
  std::string account;
  std::string user;  // empty: root
  std::string access_key_id;
  Secret secret_access_key;
};

struct BootstrapDeps {
  const Clock& clock;
  Random& random;
  // PHC string of a password (crypto::hash_password); nothing if it failed.
  std::function<std::optional<std::string>(std::string_view password)> hash_password;
  // What belongs to the accounts besides, written with them; may be empty. Before the policies of
  // organizations, which could refuse it.
  std::function<Status(Transaction&)> write_more = {};
  // Refuses, with EntityAlreadyExists, where the directory has accounts by then.
  bool is_first_only = false;
  // The line that tells the directory's trail of it (Transaction::tell); `accounts` are their ids,
  // a space between. Empty: nothing is told.
  std::function<std::string(std::string_view accounts)> tell = {};
};

// Whether IAM takes it as the name of a user.
[[nodiscard]] bool is_user_name(std::string_view name);

// One account with a random id and the user "admin": AdministratorAccess, one access key to be
// made, and the password if one is given.
[[nodiscard]] BootstrapSpec default_bootstrap(std::optional<Secret> admin_password);

// Creates accounts, users and keys in one write and returns every access key, in the order of the
// spec. Given key ids must be 16-128 word characters and new; secrets and passwords may be anything
// but empty. Errors: InvalidInput with a message that names the account and field;
// EntityAlreadyExists for an account that exists.
[[nodiscard]] Result<std::vector<CreatedKey>> bootstrap(Directory& directory,
                                                        const BootstrapSpec& spec,
                                                        const BootstrapDeps& deps);

}  // namespace signet::identity
