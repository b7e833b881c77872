#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/generate_policy.h"
#include "analysis/recorded_access.h"
#include "audit/sink.h"
#include "audit/trail_file.h"
#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "model/arn.h"

namespace signet::ctl {
namespace {

// The ARN of which records name the principal: a session counts as its role.
std::string principal_of(std::string_view arn) {
  const auto parts = model::split_arn(arn);
  constexpr std::string_view kSession = "assumed-role/";
  if (!parts || parts->service != "sts" || !parts->resource.starts_with(kSession)) {
    return std::string(arn);
  }
  const std::string_view name = parts->resource.substr(kSession.size());
  return concat(
      "arn:", parts->partition, ":iam::", parts->account, ":role/", name.substr(0, name.find('/')));
}

// Every line of a file; false: it cannot be read.
bool read_lines(const std::string& path, analysis::RecordedAccess& recorded) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return false;
  }
  for (std::string line; std::getline(in, line);) {
    recorded.add(line);
  }
  return !in.bad();
}

void tell(const std::string& line) {
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace

int policy_generate(const PolicyGenerateOptions& options) {
  std::vector<std::string> files = options.trails;
  if (files.empty()) {
    const std::string trail = options.data_folder + "/audit.jsonl";
    files = audit::rotated_files(trail);
    files.push_back(trail);
  }
  analysis::RecordedAccess recorded(principal_of(options.principal), options.since, options.until);
  for (const std::string& file : files) {
    if (!read_lines(file, recorded)) {
      return report(concat("cannot read ", file, ": name the audit trail with --from"));
    }
  }
  for (const auto& [event, count] : recorded.unexplained()) {
    tell(concat("note: no action is known for ",
                std::to_string(count),
                " x ",
                event,
                "; the policy does not have it"));
  }
  if (recorded.accesses().empty()) {
    tell(concat(options.principal,
                " used no permission in these records (",
                std::to_string(recorded.records()),
                " of its calls are there)"));
    return kFindings;
  }
  const auto made = analysis::generate_policy(recorded.accesses(), options.patterns);
  if (!made) {
    return report(made.error());
  }
  for (const std::string& pattern : made->unused_patterns) {
    tell(concat("note: no resource matches --generalize ", pattern));
  }
  tell(concat("made of ",
              std::to_string(recorded.records()),
              " calls: ",
              std::to_string(recorded.accesses().size()),
              " actions on resources in ",
              std::to_string(made->statements),
              " statements; decide() allows each of them"));
  std::fputs(made->document.c_str(), stdout);
  return kOk;
}

}  // namespace signet::ctl
