#include "server/upgrade.h"

#include <cstdio>
#include <string>

#include "base/strings.h"
#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/control_client.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "server/node_folder.h"
#include "server/operator.h"
#include "server/version.h"

// `signet upgrade`: what a program of another version does to a data folder, or to the state of a
// cluster.
namespace signet::ctl {

int upgrade(const server::Options& options, bool is_trial) {
  if (const Status there = require_data_folder(options.data_folder); !there) {
    return report(there.error());
  }
  if (server::NodeFolder::is_node(options.data_folder)) {
    return ask_and_print(
        options,
        concat("{\"command\":\"upgrade records\",\"dry_run\":", is_trial ? "true" : "false", "}"));
  }
  crypto::SystemRandom random;
  const auto parts = server::plan_upgrade(options, random);
  if (!parts) {
    return report(parts.error());
  }
  std::string changes;
  for (const server::PartVersion& part : *parts) {
    const bool changes_it = part.found != part.becomes;
    std::printf("%-16s  version %lld%s%s\n",
                part.part.c_str(),
                static_cast<long long>(part.found),
                changes_it ? " -> " : "",
                changes_it ? std::to_string(part.becomes).c_str() : "");
    if (changes_it) {
      changes +=
          concat(changes.empty() ? "" : ", ", part.part, " to ", std::to_string(part.becomes));
    }
  }
  if (changes.empty()) {
    std::printf("nothing to do: %s reads and writes these\n",
                std::string(server::kVersionText).c_str());
    return kOk;
  }
  if (is_trial) {
    std::printf(
        "tried on a copy; the next start does it (%s). There is no way back but a backup: "
        "`signet backup` with the program that wrote the folder, first\n",
        changes.c_str());
    return kOk;
  }
  if (const Status done = server::upgrade_folder(options, random); !done) {
    return report(done.error());
  }
  const Status recorded = server::record_act(options, "UpgradeFolder", concat("brought ", changes));
  std::printf("done\n");
  return recorded ? int{kOk} : report(recorded.error());
}

}  // namespace signet::ctl
