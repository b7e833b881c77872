#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/generate_policy.h"
#include "analysis/recorded_access.h"
#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "ctl/trails.h"
#include "policy_prove/documents.h"

namespace signet::ctl {
namespace {

// Why the policy does not allow, whatever the request says, all that was recorded; empty: it is
// proved that it does.
std::string refutation(const std::string& document,
                       const std::map<analysis::Access, analysis::Uses>& accesses) {
  namespace prove = policy::prove;
  const std::vector<prove::NamedDocument> documents{{.name = "policy", .text = document}};
  const std::string question = prove::question_of(prove::DocumentKind::Identity, documents);
  for (const auto& [access, uses] : accesses) {
    const auto proof = prove::find_new_access(
        {.now = {},
         .before = question,
         .within = prove::within_of(prove::DocumentKind::Identity,
                                    {.actions = {access.action},
                                     .resources = {analysis::literal_pattern(access.resource)},
                                     .condition = {}}),
         .callers = prove::callers_of(prove::DocumentKind::Identity)});
    if (!proof || proof->result != prove::ProofResult::Pass) {
      return concat("the policy could not be proved to allow ",
                    access.action,
                    " on ",
                    access.resource,
                    proof ? concat(": ", proof->reason) : concat(": ", proof.error()));
    }
  }
  return {};
}

void tell(const std::string& line) {
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace

int policy_generate(const PolicyGenerateOptions& options) {
  analysis::RecordedAccess recorded(options.principal, options.since, options.until);
  for (const std::string& file : trail_files(options.trails, options.data_folder)) {
    if (!read_trail(file, [&recorded](const std::string& line) { recorded.add(line); })) {
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
  if (const std::string problem = refutation(made->document, recorded.accesses());
      !problem.empty()) {
    return report(problem);
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
              " statements; proved to allow each of them"));
  std::fputs(made->document.c_str(), stdout);
  return kOk;
}

}  // namespace signet::ctl
