#include <algorithm>
#include <cstdio>
#include <string>

#include "audit/verify.h"
#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"

namespace signet::ctl {
namespace {

std::string describe(const audit::Verdict& verdict) {
  if (!verdict.problem.empty()) {
    return verdict.problem;
  }
  if (verdict.records == 0) {
    return concat(verdict.trail, ": no records");
  }
  return concat(verdict.trail,
                ": whole: ",
                std::to_string(verdict.records),
                " records in ",
                std::to_string(verdict.files),
                verdict.files == 1 ? " file, " : " files, ",
                std::to_string(verdict.first_sequence),
                " to ",
                std::to_string(verdict.end.sequence),
                ", digest of the last ",
                verdict.end.digest);
}

void print(const audit::Verdict& verdict) {
  std::printf("%s\n", describe(verdict).c_str());
  for (const std::string& note : verdict.notes) {
    std::printf("%s: note: %s\n", verdict.trail.c_str(), note.c_str());
  }
}

// The exit code of one path.
int verify_path(const std::string& path) {
  const auto trails = audit::find_trails(path);
  if (!trails) {
    return report(trails.error());
  }
  int code = kOk;
  for (const std::string& trail : *trails) {
    const auto verdict = audit::verify_trail(trail);
    if (!verdict) {
      return report(verdict.error());
    }
    print(*verdict);
    code = verdict->problem.empty() ? code : kFindings;
  }
  return code;
}

}  // namespace

int audit_verify(const AuditVerifyOptions& options) {
  int worst = kOk;
  for (const std::string& path : options.paths) {
    worst = std::max(worst, verify_path(path));
  }
  return worst;
}

}  // namespace signet::ctl
