#include "server/revocation.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

using identity::Snapshot;
using identity::Transaction;
using Whose = Revocation::Whose;

std::unexpected<Error> nobody(std::string_view kind, std::string_view name) {
  return std::unexpected(Error{.code = ErrorCode::InvalidInput,
                               .message = concat("there is no ", kind, " ", name),
                               .fields = {},
                               .cause = {}});
}

// Puts changed entities into one transaction and counts them.
class Revoker {
 public:
  Revoker(const Snapshot& snapshot, Transaction& transaction, Instant before)
      : snapshot_(snapshot), transaction_(transaction), before_(before) {}

  void user(const identity::User& user) {
    identity::User changed = user;
    raise(changed.sessions_valid_after);
    transaction_.put(std::move(changed));
  }

  void role(const identity::Role& role) {
    identity::Role changed = role;
    raise(changed.sessions_valid_after);
    transaction_.put(std::move(changed));
  }

  void root(const identity::Account& account) {
    identity::Account changed = account;
    raise(changed.root_sessions_valid_after);
    transaction_.put(std::move(changed));
  }

  void account(const identity::Account& account) {
    root(account);
    for (const auto& entry : snapshot_.table<identity::User>(account.id)) {
      user(*entry.value);
    }
    for (const auto& entry : snapshot_.table<identity::Role>(account.id)) {
      role(*entry.value);
    }
  }

  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  void raise(Instant& valid_after) {
    valid_after = std::max(valid_after, before_);
    count_ += 1;
  }

  const Snapshot& snapshot_;
  Transaction& transaction_;
  Instant before_;
  std::size_t count_ = 0;
};

Status revoke_one(Revoker& revoker, const Snapshot& snapshot, const Revocation& revocation) {
  if (revocation.whose == Whose::User) {
    const identity::User* user = snapshot.find_by_arn<identity::User>(revocation.name);
    if (user == nullptr) {
      return nobody("user", revocation.name);
    }
    revoker.user(*user);
    return {};
  }
  if (revocation.whose == Whose::Role) {
    const identity::Role* role = snapshot.find_by_arn<identity::Role>(revocation.name);
    if (role == nullptr) {
      return nobody("role", revocation.name);
    }
    revoker.role(*role);
    return {};
  }
  const identity::Account* account = snapshot.find<identity::Account>(revocation.name);
  if (account == nullptr) {
    return nobody("account", revocation.name);
  }
  if (revocation.whose == Whose::Root) {
    revoker.root(*account);
  } else {
    revoker.account(*account);
  }
  return {};
}

}  // namespace

Result<std::size_t> revoke_sessions(identity::Directory& directory, const Revocation& revocation) {
  std::size_t count = 0;
  const auto write = [&](const Snapshot& snapshot, Transaction& transaction) -> Status {
    Revoker revoker(snapshot, transaction, revocation.before);
    if (revocation.whose == Whose::Everyone) {
      for (const identity::Account* account : snapshot.accounts()) {
        revoker.account(*account);
      }
    } else {
      TRY_STATUS(revoke_one(revoker, snapshot, revocation));
    }
    count = revoker.count();
    return {};
  };
  TRY_STATUS(directory.apply(write));
  return count;
}

}  // namespace signet::server
