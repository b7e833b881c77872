#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "server/catalogue.h"
#include "server/state.h"

// Commands that work on a data folder directly, while no server runs on it.
namespace signet::ctl {
namespace {

namespace fs = std::filesystem;

int show(const server::Options& options,
         const std::vector<identity::CreatedKey>& keys,
         const Secret& password) {
  if (!options.save_credentials.empty()) {
    if (const Status saved = save_credentials(options.save_credentials, keys); !saved) {
      print_keys(keys,
                 password);  // made and stored by now: nowhere else would anybody ever see them
      return report(saved.error());
    }
    std::printf("credentials written to %s\n", options.save_credentials.c_str());
    return kOk;
  }
  std::printf("These credentials are shown once and stored nowhere in clear:\n");
  print_keys(keys, password);
  return kOk;
}

}  // namespace

int init(const server::Options& options) {
  crypto::SystemRandom random;
  const SystemClock clock;
  auto state = server::open_state(options, random);
  if (!state) {
    return report(state.error());
  }
  auto first = server::first_start(options, *state->directory, *state->catalogue, clock, random);
  if (!first) {
    return report(first.error());
  }
  if (!first->has_made_accounts) {
    return report(concat(options.data_folder, " has accounts already; nothing was changed"));
  }
  std::printf("made %s\n", options.data_folder.c_str());
  return show(options, first->keys, first->admin_password);
}

int account_create(const server::Options& options, const AccountOptions& account) {
  crypto::SystemRandom random;
  const SystemClock clock;
  auto state = server::open_state(options, random);
  if (!state) {
    return report(state.error());
  }
  identity::BootstrapSpec spec;
  identity::BootstrapAccount& made = spec.accounts.emplace_back();
  made.id = account.id;
  made.alias = account.alias;
  made.name = account.name;
  made.root_keys.emplace_back();
  identity::BootstrapUser& admin = made.users.emplace_back();
  admin.name = account.admin;
  admin.policies = {"arn:aws:iam::aws:policy/AdministratorAccess"};
  admin.access_keys.emplace_back();
  auto keys = server::add_accounts(*state->directory, spec, clock, random);
  if (!keys) {
    return report(keys.error());
  }
  return show(options, *keys, Secret());
}

int policy_import(const server::Options& options, const std::string& folder) {
  crypto::SystemRandom random;
  const auto held = server::hold_folder(options, random);
  if (!held) {
    return report(held.error());
  }
  const fs::path target = fs::path(options.data_folder) / "policies";
  std::error_code error;
  fs::create_directories(target, error);
  if (error) {
    return report(concat("cannot create ", target.string(), ": ", error.message()));
  }
  int imported = 0;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() != ".json") {
      continue;
    }
    const auto text = read_text(entry->path().string());
    if (!text) {
      return report(text.error());
    }
    const auto policy = server::parse_imported_policy(*text);
    if (!policy) {
      return report(concat(entry->path().string(), ": ", policy.error().message));
    }
    fs::copy_file(entry->path(),
                  target / (policy->name + ".json"),
                  fs::copy_options::overwrite_existing,
                  error);
    if (error) {
      return report(concat("cannot copy ", entry->path().string(), ": ", error.message()));
    }
    ++imported;
  }
  if (error) {
    return report(concat("cannot read ", folder, ": ", error.message()));
  }
  if (imported == 0) {
    return report(concat("no *.json files in ", folder));
  }
  std::printf("imported %d policies into %s; a server reads them when it starts\n",
              imported,
              target.c_str());
  return kOk;
}

}  // namespace signet::ctl
