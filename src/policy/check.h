#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/validate.h"

namespace signet::policy {

enum class Severity : std::uint8_t { Error, SecurityWarning, Warning, Suggestion };

// Something to say about a document.
struct Finding {
  Severity severity = Severity::Warning;
  std::string code;  // stable, such as PassRoleWithStar
  std::string message;
  Position begin;
  Position end;
};

// The findings about one text: AWS's own refusal (code InvalidPolicy, with AWS's words) first, then
// what is dangerous, what never matches, and what could be simpler. Ordered by position within a
// severity.
[[nodiscard]] std::vector<Finding> check_document(std::string_view text,
                                                  const ValidateOptions& options);

// A named text and what was found in it.
struct CheckedFile {
  std::string name;  // as given on the command line; "-" for standard input
  std::vector<Finding> findings;
};

// "file:line:column: severity: message [Code]", one a line.
[[nodiscard]] std::string render_findings(std::span<const CheckedFile> files);

// The same as a JSON list, and as SARIF 2.1.0.
[[nodiscard]] std::string findings_json(std::span<const CheckedFile> files);
[[nodiscard]] std::string findings_sarif(std::span<const CheckedFile> files);

// Exit status for CI: 0 nothing above a suggestion, 1 warnings, 2 security warnings, 3 errors.
[[nodiscard]] int exit_status(std::span<const CheckedFile> files);

// "error", "security-warning", "warning", "suggestion".
[[nodiscard]] std::string_view name_of(Severity severity);

}  // namespace signet::policy
