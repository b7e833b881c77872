#include "policy_writing/check_document.h"

#include <algorithm>
#include <tuple>

#include "base/strings.h"
#include "policy_writing/check_parts.h"

namespace signet::policy {
namespace {

constexpr std::size_t kLongestChecked = 8 * Document::kMaxBytes;

// The bucket of the first resource that names one: a bucket policy is about one bucket.
std::string first_bucket(std::string_view text) {
  static constexpr std::string_view kMark = ":s3:::";
  for (std::size_t at = text.find(kMark); at != std::string_view::npos;
       at = text.find(kMark, at + 1)) {
    const std::string_view rest = text.substr(at + kMark.size());
    const std::string_view name = rest.substr(0, rest.find_first_of("/\""));
    if (!name.empty() && !lint::has_wildcard(name) && !lint::has_variable(name)) {
      return std::string(name);
    }
  }
  return {};
}

// AWS's own refusal when the document is saved, and where if the grammar knows.
void add_refusal(std::string_view text, const ValidateOptions& options, std::vector<Finding>& out) {
  const auto valid = validate(text, options);
  if (valid) {
    return;
  }
  const auto document = Document::parse(std::string(text));
  Finding finding{.id = facts::FindingId::InvalidPolicy,
                  .severity = Severity::Error,
                  .message = concat("refused when saved: ", valid.error().message),
                  .begin = {},
                  .end = {}};
  if (!document) {
    finding.message += concat(" (", document.error().message, ")");
    finding.begin = position_of(text, document.error().offset);
  }
  finding.end = finding.begin;
  out.push_back(std::move(finding));
}

void check_text(std::string_view text,
                const CheckOptions& options,
                CheckSummary& summary,
                std::vector<Finding>& out) {
  const auto json = PolicyJson::parse(std::string(text));
  if (!json) {
    const Position at = position_of(text, json.error().offset);
    out.push_back({.id = facts::FindingId::JsonSyntaxError,
                   .severity = Severity::Error,
                   .message = concat("no JSON: ", json.error().message),
                   .begin = at,
                   .end = at});
    return;
  }
  lint::Findings findings(*json, out);
  const lint::Written policy = lint::read(*json, options, findings);
  summary.statements = policy.statements.size();
  for (const auto theme : {lint::check_actions,
                           lint::check_resources,
                           lint::check_conditions,
                           lint::check_values,
                           lint::check_keys_for_actions,
                           lint::check_principals,
                           lint::check_trust,
                           lint::check_services,
                           lint::check_power,
                           lint::check_fail_open,
                           lint::check_redundancy}) {
    theme(policy, findings);
  }
}

std::string bare(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_') {
      out += to_lower(c);
    }
  }
  return out;
}

}  // namespace

std::vector<Finding> check_document(std::string_view text,
                                    const CheckOptions& options,
                                    CheckSummary* summary) {
  std::vector<Finding> findings;
  CheckSummary own;
  CheckOptions known = options;
  const std::string bucket = first_bucket(text);
  if (known.document.bucket.empty()) {
    known.document.bucket = bucket;
  }
  add_refusal(text, known.document, findings);
  // Documents that are refused for their length are still looked at, up to a bound on the work.
  if (text.size() <= kLongestChecked) {
    check_text(text, known, own, findings);
  }
  if (summary != nullptr) {
    *summary = own;
  }
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tuple(a.severity, a.begin.line, a.begin.column) <
           std::tuple(b.severity, b.begin.line, b.begin.column);
  });
  return findings;
}

bool is_called(const Finding& finding, std::string_view name) {
  return bare(name) == bare(finding.code()) ||
         (!finding.aws_code().empty() && bare(name) == bare(finding.aws_code()));
}

bool is_finding_name(std::string_view name) {
  const std::string wanted = bare(name);
  const auto rows = facts::policy_findings();
  return !wanted.empty() && std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
    return bare(row.name) == wanted || bare(row.aws) == wanted;
  });
}

}  // namespace signet::policy
