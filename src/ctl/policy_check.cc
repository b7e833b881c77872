#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "policy_writing/check_document.h"

namespace signet::ctl {
namespace {

policy::Profile profile_of(std::string_view name) {
  using policy::Profile;
  if (name == "boundary") {
    return Profile::Boundary;
  }
  if (name == "session") {
    return Profile::Session;
  }
  if (name == "trust") {
    return Profile::Trust;
  }
  if (name == "bucket") {
    return Profile::Bucket;
  }
  if (name == "scp") {
    return Profile::Scp;
  }
  return name == "rcp" ? Profile::Rcp : Profile::Identity;
}

std::string render(const std::vector<policy::CheckedFile>& files,
                   const PolicyCheckOptions& options) {
  const std::string_view format = options.format;
  if (format == "json") {
    return policy::findings_json(files);
  }
  return format == "sarif" ? policy::findings_sarif(files)
                           : policy::render_findings(files, options.profile);
}

// Whether a finding of this severity makes the command fail; --fail-on names the least of them.
bool is_failing(policy::Severity severity, std::string_view least) {
  using policy::Severity;
  switch (severity) {
    case Severity::Error:
      return true;
    case Severity::SecurityWarning:
      return least != "error";
    case Severity::Warning:
      return least == "warning" || least == "suggestion";
    case Severity::Suggestion:
      return least == "suggestion";
  }
  return true;
}

bool is_ignored(const policy::Finding& finding, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return policy::is_called(finding, name);
  });
}

}  // namespace

int policy_check(const PolicyCheckOptions& options) {
  for (const std::string& name : options.ignored) {
    if (!policy::is_finding_name(name)) {
      std::fprintf(
          stderr,
          "--ignore: no finding is called %s; docs/reference/policy-findings.md lists them\n",
          name.c_str());
      return kUsage;
    }
  }
  std::vector<std::string> known_accounts = options.known_accounts;
  if (!options.data_folder.empty()) {
    const auto accounts = accounts_of(options.data_folder);
    if (!accounts) {
      return report(accounts.error());
    }
    known_accounts.insert(known_accounts.end(), accounts->begin(), accounts->end());
  }
  const policy::CheckOptions check{.document = {.profile = profile_of(options.profile),
                                                .bucket = options.bucket,
                                                .settings = {}},
                                   .known_accounts = known_accounts};
  std::vector<policy::CheckedFile> checked;
  int exit_code = kOk;
  for (const std::string& file : options.files) {
    const auto text = read_text(file);
    if (!text) {
      return report(text.error());
    }
    policy::CheckedFile& result = checked.emplace_back();
    result.name = file;
    result.findings = policy::check_document(*text, check, &result.summary);
    std::erase_if(result.findings, [&](const policy::Finding& finding) {
      return is_ignored(finding, options.ignored);
    });
    for (const policy::Finding& finding : result.findings) {
      exit_code = is_failing(finding.severity, options.fail_on) ? int{kFindings} : exit_code;
    }
  }
  const std::string out = render(checked, options);
  std::fwrite(out.data(), 1, out.size(), stdout);
  if (!out.empty() && out.back() != '\n') {
    std::fputc('\n', stdout);
  }
  return exit_code;
}

}  // namespace signet::ctl
