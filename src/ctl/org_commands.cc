#include <cstdio>
#include <string>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "facts/errors.h"
#include "server/org_file.h"
#include "server/state.h"

// `signet org`: what an organization lays upon an account of a data folder (server stopped).
namespace signet::ctl {
namespace {

using identity::OrgLevel;
using identity::OrgPolicies;
using server::OrgPolicyKind;

Error no_account(const std::string& id) {
  return {.code = ErrorCode::InvalidInput,
          .message = concat("there is no account ", id, " in this data folder"),
          .fields = {},
          .cause = {}};
}

// The account's record, or an empty one; an error for an account that does not exist.
Result<OrgPolicies> current(const server::State& state, const std::string& account) {
  const auto snapshot = state.directory->current();
  if (snapshot->find<identity::Account>(account) == nullptr) {
    return std::unexpected(no_account(account));
  }
  const OrgPolicies* found = snapshot->find<identity::OrgPolicies>(account);
  OrgPolicies org = found != nullptr ? *found : OrgPolicies();
  org.account = account;
  return org;
}

Status store(const server::State& state, const OrgPolicies& org) {
  const auto done = state.directory->apply(
      [&org](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
        transaction.put(org);
        return {};
      });
  return done ? Status() : Status(std::unexpected(done.error()));
}

// Opens the folder, changes the account's record and stores it.
template <class Change>
int change(const server::Options& options, const std::string& account, Change apply) {
  crypto::SystemRandom random;
  auto state = open_existing(options, random);
  if (!state) {
    return report(state.error());
  }
  Result<OrgPolicies> org = current(*state, account);
  if (!org) {
    return report(org.error());
  }
  if (const Status changed = apply(*org); !changed) {
    return report(changed.error());
  }
  const Status stored = store(*state, *org);
  return stored ? int{kOk} : report(stored.error());
}

Result<std::vector<OrgLevel>> read_files(const OrgOptions& options, OrgPolicyKind kind) {
  std::vector<OrgLevel> levels;
  for (const std::string& file : options.files) {
    const std::string text = TRY(read_text(file));
    std::string reason;
    const auto json = codec::Json::parse(text, &reason);
    if (!json) {
      return fail(ErrorCode::InvalidInput, concat(file, ": ", reason));
    }
    const std::string number = std::to_string(levels.size() + 1);
    levels.push_back(TRY(server::read_level(
        *json, kind, concat(kind == OrgPolicyKind::Scp ? "scp." : "rcp.", number), file)));
    if (server::allows_nothing(levels.back())) {
      std::fprintf(stderr,
                   "signet: warning: %s allows nothing, so every call that it reaches will be "
                   "denied; put FullAWSAccess beside its denials\n",
                   file.c_str());
    }
  }
  return levels;
}

}  // namespace

int org_show(const server::Options& options, const OrgOptions& org) {
  crypto::SystemRandom random;
  auto state = open_existing(options, random);
  if (!state) {
    return report(state.error());
  }
  const Result<OrgPolicies> found = current(*state, org.account);
  if (!found) {
    return report(found.error());
  }
  const bool is_in_one =
      state->directory->current()->find<identity::OrgPolicies>(org.account) != nullptr;
  std::printf("%s\n", is_in_one ? server::show_org(*found).c_str() : "{}");
  return kOk;
}

int org_set(const server::Options& options, const OrgOptions& org) {
  return change(options, org.account, [&org](OrgPolicies& policies) -> Status {
    if (!org.id.empty()) {
      policies.organization_id = org.id;
    }
    if (!org.path.empty()) {
      policies.path = org.path;
    }
    if (org.is_management || org.is_member) {
      policies.is_management = org.is_management;
    }
    return server::check_organization(policies, "organization");
  });
}

int org_set_scp(const server::Options& options, const OrgOptions& org) {
  return change(options, org.account, [&org](OrgPolicies& policies) -> Status {
    policies.scps = TRY(read_files(org, OrgPolicyKind::Scp));
    return {};
  });
}

int org_set_rcp(const server::Options& options, const OrgOptions& org) {
  return change(options, org.account, [&org](OrgPolicies& policies) -> Status {
    policies.rcps = TRY(read_files(org, OrgPolicyKind::Rcp));
    return {};
  });
}

int org_clear(const server::Options& options, const OrgOptions& org) {
  crypto::SystemRandom random;
  auto state = open_existing(options, random);
  if (!state) {
    return report(state.error());
  }
  const auto snapshot = state->directory->current();
  if (snapshot->find<identity::Account>(org.account) == nullptr) {
    return report(no_account(org.account));
  }
  if (snapshot->find<identity::OrgPolicies>(org.account) == nullptr) {
    return kOk;
  }
  const auto done = state->directory->apply(
      [&org](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
        transaction.erase<identity::OrgPolicies>(org.account);
        return {};
      });
  return done ? int{kOk} : report(done.error());
}

}  // namespace signet::ctl
