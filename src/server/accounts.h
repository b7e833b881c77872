#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json_writer.h"
#include "identity/directory.h"
#include "objects/object_store.h"
#include "server/credentials.h"
#include "server/operator.h"

namespace signet::server {

// What operators do with whole accounts. Each change is one write of the directory, durable with
// its audit record when it is answered; each blocks. Errors are InvalidInput (or
// EntityAlreadyExists) in words for the operator.

struct NewAccount {
  std::string id;  // empty: random
  std::string alias;
  std::string name;
  std::string admin = "admin";  // first user
};

// What was done, in a sentence, and the credentials that were made.
struct AccountDone {
  std::string text;
  Credentials credentials;
};

// An account with a root key, and an administrator with a key and a console password.
[[nodiscard]] Result<AccountDone> create_account(identity::Directory& directory,
                                                 const NewAccount& wanted,
                                                 const Clock& clock,
                                                 const Operator& by);

struct Recovery {
  std::string account;
  std::string user = "admin";
  bool resets_password = false;  // also where there is one
};

// A new access key for an administrator of the account, who is made, or made an administrator,
// where that is needed. Takes nothing away: the keys that there are stay.
[[nodiscard]] Result<AccountDone> recover_account(identity::Directory& directory,
                                                  const Recovery& wanted,
                                                  const Operator& by);

// Opens the objects when it is first called.
using OpenObjects = std::function<Result<objects::ObjectStore*>()>;

struct Deletion {
  std::string account;
  bool takes_objects = false;  // otherwise an account that has any is refused
  std::string node = {};       // of a cluster, on which this happens; empty: there is none
};

// Everything in the account goes in one write; its objects are removed behind it, also after a
// crash (objects/removal.h). The last account of a folder is refused.
[[nodiscard]] Result<std::string> delete_account(identity::Directory& directory,
                                                 const OpenObjects& open_objects,
                                                 const Deletion& wanted,
                                                 const Operator& by);

// Quotas of IAM that an account may have its own number of: sets "NAME=NUMBER" or "NAME=default".
// Answers a line for each quota of the account.
[[nodiscard]] Result<std::string> set_account_quotas(identity::Directory& directory,
                                                     const std::string& account,
                                                     const std::vector<std::string>& assignments,
                                                     const Operator& by);

// A list of objects, one an account.
void append_accounts(codec::JsonWriter& json, const identity::Snapshot& snapshot);

// The error for an account that is not there.
[[nodiscard]] std::unexpected<Error> no_such_account(std::string_view id);

}  // namespace signet::server
