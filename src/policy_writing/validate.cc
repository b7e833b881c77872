#include "policy_writing/validate.h"

#include <string>

#include "base/strings.h"
#include "facts/errors.h"
#include "policy_writing/validate_parts.h"

namespace signet::policy {
namespace {

constexpr std::string_view kSyntax = "Syntax errors in policy.";

// Rules of identity, boundary and session policies and of guard rails, in the order of
// aws-wire 4.9.
class IdentityRules {
 public:
  IdentityRules(const Document& document, const ValidateOptions& options)
      : document_(document), json_(document.json()), options_(options) {}

  // AWS's first complaint; empty when there is none.
  std::string complaint() {
    if (options_.settings.exact_operator_case &&
        any([this](const Statement& s) { return !has_exact_operators(document_, s); })) {
      return std::string(kSyntax);
    }
    if (needs_2012() && document_.version() != Version::V2012) {
      return "Policy document must be version 2012-10-17 or greater.";
    }
    if (forbids_principal() && any([](const Statement& s) { return s.has_principal(); })) {
      return "Policy document should not specify a principal.";
    }
    if (any([this](const Statement& s) { return !is_legacy_parseable(s); })) {
      return "The policy failed legacy parsing";
    }
    // Endpoint policies belong to their service, where a Sid is free text (policy-semantics 1.2).
    if (options_.profile != Profile::Endpoint && has_bad_sid(document_)) {
      return std::string(kBadSid);
    }
    if (has_repeated_sid(document_)) {
      return "Statement IDs (SID) in a single policy must be unique.";
    }
    if (any([this](const Statement& s) { return is_missing_or_empty(json_, s.action); })) {
      return "Policy statement must contain actions.";
    }
    if (any([this](const Statement& s) { return is_missing_or_empty(json_, s.resource); })) {
      return "Policy statement must contain resources.";
    }
    std::string result = first([this](const Statement& s) {
      return first_complaint(json_, s.resource, resource_complaint);
    });
    if (result.empty()) {
      result = first([this](const Statement& s) {
        return first_complaint(json_, s.action, action_complaint);
      });
    }
    if (result.empty() && options_.profile == Profile::Scp) {
      result = scp_complaint(document_, options_.settings.classic_scp_language);
    }
    if (result.empty() && options_.profile == Profile::Rcp) {
      result = rcp_complaint(document_);
    }
    return result;
  }

 private:
  [[nodiscard]] bool needs_2012() const {
    return options_.profile == Profile::Identity || options_.profile == Profile::Boundary ||
           options_.profile == Profile::Session;
  }

  [[nodiscard]] bool forbids_principal() const {
    return needs_2012() || options_.profile == Profile::Scp;
  }

  template <class Test>
  bool any(Test test) {
    for (const Statement& statement : document_.statements()) {
      if (test(statement)) {
        return true;
      }
    }
    return false;
  }

  template <class Complain>
  std::string first(Complain complain) {
    for (const Statement& statement : document_.statements()) {
      std::string result = complain(statement);
      if (!result.empty()) {
        return result;
      }
    }
    return {};
  }

  bool is_legacy_parseable(const Statement& statement) {
    return statement.has_exact_effect && has_storable_dates(document_, statement) &&
           first_complaint(json_, statement.resource, [](std::string_view resource) {
             return fails_legacy_parsing(resource) ? std::string("legacy") : std::string();
           }).empty();
  }

  const Document& document_;
  const PolicyJson& json_;
  const ValidateOptions& options_;
};

Result<DocumentRef> parsed(std::string_view text, ErrorCode code) {
  auto document = Document::parse(std::string(text));
  if (!document) {
    return fail(code, std::string(kSyntax));
  }
  return *std::move(document);
}

}  // namespace

Result<DocumentRef> validate(std::string_view text, const ValidateOptions& options) {
  if (options.profile == Profile::Trust) {
    if (std::string complaint = trust_complaint(text); !complaint.empty()) {
      return fail(ErrorCode::MalformedPolicyDocument, std::move(complaint));
    }
    return parsed(text, ErrorCode::MalformedPolicyDocument);
  }
  if (options.profile == Profile::Bucket) {
    if (std::string complaint = bucket_complaint(text, options.bucket); !complaint.empty()) {
      return fail(ErrorCode::MalformedPolicy, std::move(complaint));
    }
    return parsed(text, ErrorCode::MalformedPolicy);
  }
  const auto lenient = Document::parse_for_validation(std::string(text));
  if (!lenient) {
    return fail(ErrorCode::MalformedPolicyDocument, std::string(kSyntax));
  }
  if (std::string complaint = IdentityRules(**lenient, options).complaint(); !complaint.empty()) {
    return fail(ErrorCode::MalformedPolicyDocument, std::move(complaint));
  }
  return parsed(text, ErrorCode::MalformedPolicyDocument);
}

}  // namespace signet::policy
