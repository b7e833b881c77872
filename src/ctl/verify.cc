#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "server/backup.h"
#include "server/verify_objects.h"

namespace signet::ctl {

int verify(const server::Options& options) {
  if (server::is_backup(options.data_folder)) {
    return verify_backup(options.data_folder);
  }
  crypto::SystemRandom random;
  // Opening reads every record and compares it with its checksum.
  const auto state = open_existing(options, random);
  if (!state) {
    return report(state.error());
  }
  const auto found = server::verify_objects(
      options.data_folder, state->object_keys, random, [](std::string_view problem) {
        std::fprintf(stderr, "signet: %s\n", std::string(problem).c_str());
      });
  if (!found) {
    return report(found.error());
  }
  std::printf("records: as they were stored; objects: %llu verified, %llu damaged\n",
              static_cast<unsigned long long>(found->verified),
              static_cast<unsigned long long>(found->damaged));
  return found->damaged == 0 ? kOk : kFindings;
}

}  // namespace signet::ctl
