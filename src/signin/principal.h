#pragma once

#include <string>
#include <string_view>

#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::signin {

// A user, or an account's root, as they are in a state.
struct Principal {
  const identity::Account* account = nullptr;
  const identity::User* user = nullptr;           // null: root
  const identity::LoginProfile* login = nullptr;  // null: nobody who could sign in

  [[nodiscard]] const std::string& id() const { return user != nullptr ? user->id : account->id; }
};

// Members are null where there is nobody (any more).
[[nodiscard]] Principal principal_of(const identity::Snapshot& snapshot,
                                     std::string_view account,
                                     std::string_view principal_id);

// By id or alias. Null: there is none.
[[nodiscard]] const identity::Account* find_account(const identity::Snapshot& snapshot,
                                                    std::string_view name);

// As root names it: by id or e-mail address, unless several accounts have that one.
[[nodiscard]] const identity::Account* find_account_of_root(const identity::Snapshot& snapshot,
                                                            std::string_view name);

// Of one who is there.
[[nodiscard]] std::string arn_of(const Principal& principal);

// The same as a caller without credentials, for records.
[[nodiscard]] model::Caller caller_of(const Principal& principal);

}  // namespace signet::signin
