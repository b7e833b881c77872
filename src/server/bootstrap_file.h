#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "identity/bootstrap.h"
#include "server/bootstrap_calls.h"
#include "server/json_place.h"

namespace signet::server {

struct BootstrapBucket {
  std::string name;
  std::string account;
  std::string region;  // empty: the one that buckets are in if nothing is said
  std::string policy;  // empty: none
  std::vector<std::pair<std::string, std::string>> tags;
  JsonPlace place;
};

// What a bootstrap file describes (docs/guide/bootstrap.md, docs/reference/bootstrap.schema.json).
struct BootstrapFile {
  std::unique_ptr<const JsonFile> file;  // what the places below are in
  identity::BootstrapSpec spec;          // accounts, users, credentials, organizations
  std::vector<BootstrapCall> calls;      // in the order they are made
  std::vector<BootstrapBucket> buckets;
};

// Errors say where in the file what is wrong; unknown members are refused, so that a misspelt one
// is not lost silently. What only a state can tell (a name that is taken, a policy that AWS would
// refuse) is left to whoever carries it out.
[[nodiscard]] Result<BootstrapFile> parse_bootstrap(std::string_view json,
                                                    std::string name = "bootstrap file");

// The same from a file.
[[nodiscard]] Result<BootstrapFile> read_bootstrap_file(const std::string& path);

// Makes everything the file describes in one write, or nothing. Errors as above, with the place;
// EntityAlreadyExists where the directory has accounts.
[[nodiscard]] Result<std::vector<identity::CreatedKey>> carry_out(
    const BootstrapFile& file,
    identity::Directory& directory,
    const api::Deps& deps,
    const std::function<std::optional<std::string>(std::string_view)>& hash_password);

}  // namespace signet::server
