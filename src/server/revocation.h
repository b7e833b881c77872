#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "identity/directory.h"

namespace signet::server {

// Which sessions end: those that were issued before a moment.
struct Revocation {
  enum class Whose : std::uint8_t {
    User,      // of the user with the ARN `name`: GetSessionToken and federated users
    Role,      // of the role with the ARN `name`
    Root,      // of the root user of the account `name`, its federated users included
    Account,   // of every user, every role and root of the account `name`
    Everyone,  // of all accounts
  };

  Whose whose = Whose::Everyone;
  std::string name;
  Instant before;
};

// Makes it durable and visible to every request that is looked at afterwards; a moment that was set
// before and is later stays. Answers how many users, roles and roots were concerned. InvalidInput
// where there is no such user, role or account. Blocks on the directory.
[[nodiscard]] Result<std::size_t> revoke_sessions(identity::Directory& directory,
                                                  const Revocation& revocation);

}  // namespace signet::server
