#include "server/migrate.h"

#include <cstdio>

#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "store/etcd/address.h"

namespace signet::ctl {

int migrate(const server::Options& options, const MigrateOptions& migrate) {
  if (!store::is_etcd_address(migrate.from)) {
    if (const Status there = require_data_folder(migrate.from); !there) {
      return report(there.error());
    }
  }
  crypto::SystemRandom random;
  const auto done = server::migrate({.from = migrate.from, .to = migrate.to}, options, random);
  if (!done) {
    return report(done.error());
  }
  std::printf("%llu records, sha256 %s on both sides\n",
              static_cast<unsigned long long>(done->records),
              done->digest.c_str());
  for (const std::string& note : done->notes) {
    std::printf("%s\n", note.c_str());
  }
  return kOk;
}

}  // namespace signet::ctl
