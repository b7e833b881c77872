#include <cstdio>
#include <string>

#include "base/clock.h"
#include "base/strings.h"
#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "server/operator.h"
#include "server/policy_import.h"
#include "server/state.h"

// Commands that work on a data folder directly, while no server runs on it.
namespace signet::ctl {

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
  const int shown = show_credentials(first->made, options.save_credentials);
  const Status recorded =
      server::record_act(options, "InitFolder", "made the folder with its first accounts");
  return recorded ? shown : report(recorded.error());
}

int policy_import(const server::Options& options, const std::string& folder) {
  crypto::SystemRandom random;
  if (const Status there = require_data_folder(options.data_folder); !there) {
    return report(there.error());
  }
  const auto held = server::hold_folder(options, random);
  if (!held) {
    return report(held.error());
  }
  const Result<std::size_t> imported = server::import_policies(folder, options.data_folder);
  if (!imported) {
    return report(imported.error());
  }
  const std::string text = concat("imported ",
                                  std::to_string(*imported),
                                  *imported == 1 ? " policy into " : " policies into ",
                                  options.data_folder,
                                  "/policies");
  std::printf("%s; a server reads them when it starts\n", text.c_str());
  const Status recorded =
      server::record_act(options, "ImportPolicies", concat(text, " from ", folder));
  return recorded ? int{kOk} : report(recorded.error());
}

}  // namespace signet::ctl
