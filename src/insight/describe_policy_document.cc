#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "facts/finding_words.h"
#include "insight/handlers.h"
#include "policy_language/document.h"
#include "policy_telling/words.h"
#include "policy_writing/check_document.h"

// DescribePolicyDocument: what is wrong with a document that is being written, and what it says in
// words.
namespace signet::insight {
namespace {

using policy::Profile;

constexpr auto kProfiles = std::to_array<std::pair<std::string_view, Profile>>({
    {"IDENTITY_POLICY", Profile::Identity},
    {"TRUST_POLICY", Profile::Trust},
    {"BUCKET_POLICY", Profile::Bucket},
    {"SERVICE_CONTROL_POLICY", Profile::Scp},
    {"RESOURCE_CONTROL_POLICY", Profile::Rcp},
});

// The decoder lets no other word in.
Profile profile_of(const std::optional<std::string>& type) {
  for (const auto& [name, profile] : kProfiles) {
    if (type && *type == name) {
      return profile;
    }
  }
  return Profile::Identity;
}

// In the order of policy::Severity.
constexpr std::array<std::string_view, 4> kFindingTypes = {
    "ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"};

TextPosition wire_position(const policy::Position& at) {
  return {.line = at.line, .column = at.column};
}

PolicyFinding wire_finding(const policy::Finding& finding, facts::Language language) {
  return {.finding_type = std::string(kFindingTypes.at(static_cast<std::size_t>(finding.severity))),
          .issue = std::string(finding.code()),
          .message = facts::finding_sentence(finding.message, language),
          .start = wire_position(finding.begin),
          .end = wire_position(finding.end)};
}

StatementDescription described(const policy::Document& document,
                               const policy::Statement& statement,
                               facts::Language language) {
  StatementDescription shown{
      .effect = statement.effect == policy::Effect::Allow ? "Allow" : "Deny",
      .text = policy::sentence_of(document, statement, language),
      .start = wire_position(policy::position_of(document.text(), statement.span.begin))};
  if (const std::string_view sid = document.sid(statement); !sid.empty()) {
    shown.sid = std::string(sid);
  }
  return shown;
}

}  // namespace

// As AWS asks for the permission to have a document looked at. Nothing of the account is told.
Result<api::CheckList> checks(const DescribePolicyDocumentRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  api::CheckList list(1);
  list[0].action = "access-analyzer:ValidatePolicy";
  list[0].resource = "*";
  list[0].wildcard_only = true;
  return list;
}

Result<DescribePolicyDocumentResponse> handle(const api::Authorized& /*proof*/,
                                              const DescribePolicyDocumentRequest& request,
                                              api::HandlerContext& /*context*/) {
  policy::CheckOptions options;
  options.document.profile = profile_of(request.policy_type);
  options.document.bucket = request.bucket_name ? std::string_view(*request.bucket_name) : "";
  const facts::Language language =
      facts::language_of(request.locale.value_or("en")).value_or(facts::Language::English);
  DescribePolicyDocumentResponse response;
  for (const policy::Finding& finding : policy::check_document(request.policy_document, options)) {
    response.findings.push_back(wire_finding(finding, language));
  }
  // A text that is no policy has findings and says nothing.
  if (const auto document = policy::Document::parse(request.policy_document)) {
    for (const policy::Statement& statement : (*document)->statements()) {
      response.statements.push_back(described(**document, statement, language));
    }
  }
  return response;
}

}  // namespace signet::insight
