#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_writing/finding.h"

namespace signet::policy {

// What was looked at.
struct CheckSummary {
  std::size_t statements = 0;
};

// The findings about one text: what AWS's ValidatePolicy finds as far as that can be decided
// without AWS's private data, the refusal of AWS's when the document is saved (InvalidPolicy), and
// what fails open. Ordered by severity, then by position. Never fails: a text that is no JSON has a
// finding that says so. At most 5,000 findings.
[[nodiscard]] std::vector<Finding> check_document(std::string_view text,
                                                  const CheckOptions& options,
                                                  CheckSummary* summary = nullptr);

// Whether a name on a list of findings to leave out means this finding: our name or AWS's, case and
// underscores ignored.
[[nodiscard]] bool is_called(const Finding& finding, std::string_view name);

// Whether any finding can have that name.
[[nodiscard]] bool is_finding_name(std::string_view name);

// A named text and what was found in it.
struct CheckedFile {
  std::string name;  // as given on the command line; "-" for standard input
  std::vector<Finding> findings;
  CheckSummary summary;
};

// "file:line:column: severity: message [Code, AWS_CODE]", one a line, and a last line that says
// what was looked at: "checked 1 document, 3 statements as identity policy: no findings". `kind` is
// the name of the profile.
[[nodiscard]] std::string render_findings(std::span<const CheckedFile> files,
                                          std::string_view kind);

// The same as a JSON list, and as SARIF 2.1.0.
[[nodiscard]] std::string findings_json(std::span<const CheckedFile> files);
[[nodiscard]] std::string findings_sarif(std::span<const CheckedFile> files);

// "error", "security-warning", "warning", "suggestion".
[[nodiscard]] std::string_view name_of(Severity severity);

}  // namespace signet::policy
