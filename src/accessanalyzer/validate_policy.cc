#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accessanalyzer/handlers.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "facts/accessanalyzer_sentences.h"
#include "policy_writing/check_document.h"

namespace signet::accessanalyzer {
namespace {

constexpr std::size_t kDefaultResults = 50;
constexpr std::string_view kReference =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
    "#access-analyzer-reference-policy-checks-";

std::string_view name_of(policy::Severity severity) {
  switch (severity) {
    case policy::Severity::Error:
      return "ERROR";
    case policy::Severity::SecurityWarning:
      return "SECURITY_WARNING";
    case policy::Severity::Warning:
      return "WARNING";
    case policy::Severity::Suggestion:
      break;
  }
  return "SUGGESTION";
}

// PASS_ROLE_WITH_STAR -> pass-role-with-star
std::string anchor_of(std::string_view name) {
  std::string anchor = to_lower(name);
  std::ranges::replace(anchor, '_', '-');
  return anchor;
}

// InvalidPolicy -> INVALID_POLICY, for what has no code of AWS's.
std::string upper_snake(std::string_view name) {
  std::string code;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    code += is_upper && !code.empty() ? "_" : "";
    code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return code;
}

// What AWS's service finds too, and whatever keeps a policy from being saved.
bool is_told(const policy::Finding& finding) {
  return !finding.aws_code().empty() || finding.severity == policy::Severity::Error;
}

// Where the lines of a text begin.
std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts = {0};
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    starts.push_back(at + 1);
  }
  return starts;
}

Position position_of(const std::vector<std::size_t>& lines, const policy::Position& at) {
  const std::size_t line = std::clamp<std::size_t>(at.line, 1, lines.size());
  const std::int64_t column = std::int64_t{at.column} - 1;
  return {.line = at.line,
          .column = column,
          .offset = static_cast<std::int64_t>(lines[line - 1]) + column};
}

ValidatePolicyFinding view_of(const policy::Finding& finding,
                              const std::vector<std::size_t>& lines) {
  const std::string code =
      finding.aws_code().empty() ? upper_snake(finding.code()) : std::string(finding.aws_code());
  const std::string_view type = name_of(finding.severity);
  return {.finding_details = finding.message,
          .finding_type = std::string(type),
          .issue_code = code,
          .learn_more_link = concat(kReference, anchor_of(type), "-", anchor_of(code)),
          .locations = {Location{.path = {},
                                 .span = {.start = position_of(lines, finding.begin),
                                          .end = position_of(lines, finding.end)}}}};
}

// Which rules the text is held to.
Result<policy::Profile> profile_of(const ValidatePolicyRequest& request) {
  const std::string_view type = request.policy_type;
  const std::string_view resource = request.validate_policy_resource_type
                                        ? std::string_view(*request.validate_policy_resource_type)
                                        : std::string_view();
  if (!resource.empty() && type != "RESOURCE_POLICY") {
    return resource_type_misplaced();
  }
  if (type == "IDENTITY_POLICY") {
    return policy::Profile::Identity;
  }
  if (type == "SERVICE_CONTROL_POLICY") {
    return policy::Profile::Scp;
  }
  if (type == "RESOURCE_CONTROL_POLICY") {
    return policy::Profile::Rcp;
  }
  if (resource == "AWS::IAM::AssumeRolePolicyDocument") {
    return policy::Profile::Trust;
  }
  if (resource == "AWS::S3::Bucket") {
    return policy::Profile::Bucket;
  }
  if (!resource.empty()) {
    return resource_type_not_served(resource);
  }
  const bool is_trust = request.policy_document.find("\"sts:AssumeRole") != std::string::npos;
  return is_trust ? policy::Profile::Trust : policy::Profile::Bucket;
}

// What the token of a page begins with: which document it is of. Then comes how many findings were
// sent before.
std::string token_start(const ValidatePolicyRequest& request) {
  const std::string digest =
      crypto::sha256_hex(concat(request.policy_type,
                                "\n",
                                request.validate_policy_resource_type.value_or(""),
                                "\n",
                                request.policy_document));
  return concat(digest.substr(0, 32), ":");
}

std::string token_of(const ValidatePolicyRequest& request, std::size_t sent) {
  return codec::encode_base64(concat(token_start(request), std::to_string(sent)));
}

Result<std::size_t> sent_before(const ValidatePolicyRequest& request, std::size_t found) {
  if (!request.next_token) {
    return 0;
  }
  const auto text = codec::decode_base64(*request.next_token);
  const std::string start = token_start(request);
  const auto sent = text && text->starts_with(start)
                        ? parse_decimal(std::string_view(*text).substr(start.size()))
                        : std::nullopt;
  if (!sent || *sent < 1 || static_cast<std::size_t>(*sent) >= found) {
    return next_token_invalid();
  }
  return static_cast<std::size_t>(*sent);
}

}  // namespace

Result<ValidatePolicyResponse> handle(const api::Authorized&,
                                      const ValidatePolicyRequest& request,
                                      api::HandlerContext& /*context*/) {
  if (request.max_results.value_or(1) < 1) {
    return max_results_invalid();
  }
  const std::string_view text = request.policy_document;
  std::vector<policy::Finding> findings = policy::check_document(
      text,
      {.document = {.profile = TRY(profile_of(request)), .bucket = {}, .settings = {}},
       .known_accounts = {}});
  std::erase_if(findings, [](const policy::Finding& finding) { return !is_told(finding); });
  const std::size_t begin = TRY(sent_before(request, findings.size()));
  const auto limit = static_cast<std::size_t>(
      request.max_results.value_or(static_cast<std::int64_t>(kDefaultResults)));
  const std::size_t end = begin + std::min(findings.size() - begin, limit);
  ValidatePolicyResponse response;
  const std::vector<std::size_t> lines = line_starts(text);
  for (std::size_t i = begin; i < end; ++i) {
    response.findings.push_back(view_of(findings[i], lines));
  }
  if (end < findings.size()) {
    response.next_token = token_of(request, end);
  }
  return response;
}

}  // namespace signet::accessanalyzer
