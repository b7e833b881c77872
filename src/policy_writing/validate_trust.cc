#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "facts/service_principals.h"
#include "model/arn.h"
#include "policy_writing/validate_resource.h"

// Role trust policies (aws-wire 4.10).

namespace signet::policy {
namespace {

class TrustRules final : public ResourceRules {
 public:
  using ResourceRules::ResourceRules;

 protected:
  std::string special(NodeId statement) override {
    if (json_.member(statement, "NotPrincipal") != kNoNode) {
      return is_allow(statement) ? "Allow with NotPrincipal is not allowed."
                                 : "AssumeRole policy must not contain NotPrincipal field.";
    }
    const NodeId principal = json_.member(statement, "Principal");
    if (principal == kNoNode) {
      return "Missing required field Principal";
    }
    if (is_empty_value(json_, principal)) {
      return "Missing required field Principal cannot be empty!";
    }
    if (std::string result = actions(statement); !result.empty()) {
      return result;
    }
    if (json_.member(statement, "Resource") != kNoNode ||
        json_.member(statement, "NotResource") != kNoNode) {
      return "Has prohibited field Resource";
    }
    if (std::string result = principals(principal); !result.empty()) {
      return result;
    }
    return shared_provider(statement, principal);
  }

 private:
  std::string actions(NodeId statement) {
    const NodeId action = json_.member(statement, "Action");
    if (json_.member(statement, "NotAction") != kNoNode) {
      return std::string(kOnlyAssume);
    }
    if (action == kNoNode || is_empty_value(json_, action)) {
      return "Missing required field Action";
    }
    return each(action, [](std::string_view text) {
      return is_assume(text) ? std::string() : std::string(kOnlyAssume);
    });
  }

  [[nodiscard]] bool takes_any_sid() const override { return false; }

  static bool is_assume(std::string_view action) {
    const std::string lower = to_lower(action);
    return lower == "sts:*" || lower == "sts:tagsession" || lower == "sts:setsourceidentity" ||
           lower == "sts:setcontext" || std::string_view(lower).starts_with("sts:assumerole");
  }

  std::string principals(NodeId node) {
    if (json_.is(node, JsonKind::String)) {
      return json_[node].content == "*"
                 ? "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\""
                 : position_text(json_, node);
    }
    if (!json_.is(node, JsonKind::Object)) {
      return position_text(json_, node);
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const std::string_view type = json_[name].content;
      if (!is_principal_type(type) || !is_strings(name + 1)) {
        return position_text(json_, name);
      }
      std::string result =
          each(name + 1, [type](std::string_view text) { return principal(type, text); });
      if (!result.empty()) {
        return result;
      }
    }
    return {};
  }

  static std::string principal(std::string_view type, std::string_view text) {
    const bool has_wildcard = text.find('*') != std::string_view::npos;
    if (type == "AWS") {
      const bool is_group = text.find(":group/") != std::string_view::npos;
      const bool is_known = text == "*" || (!has_wildcard && !is_group && is_aws_principal(text));
      return is_known ? std::string()
                      : concat("Invalid principal in policy: \"AWS\":\"", text, "\"");
    }
    if (type == "Service") {
      return facts::is_service_principal(text)
                 ? std::string()
                 : concat("Invalid principal in policy: \"SERVICE\":\"", text, "\"");
    }
    if (type == "Federated") {
      return is_federated(text)
                 ? std::string()
                 : "Federated principals must be valid domain names or SAML metadata ARNs";
    }
    return concat("Invalid principal in policy: \"CANONICALUSER\":\"", text, "\"");
  }

  static bool is_aws_principal(std::string_view text) {
    const bool is_id = text.size() >= 16 && (text.starts_with("AIDA") || text.starts_with("AROA"));
    return model::is_account_id(text) || model::split_arn(text).has_value() || is_id;
  }

  static bool is_federated(std::string_view text) {
    if (const auto arn = model::split_arn(text)) {
      return arn->service == "iam" && text.find('*') == std::string_view::npos &&
             (arn->resource.starts_with("saml-provider/") ||
              arn->resource.starts_with("oidc-provider/"));
    }
    return text.find('.') != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) {
             return is_alpha(c) || is_digit(c) || c == '-' || c == '.';
           });
  }

  // Providers whose tokens anybody can get: the trust must ask for more than the provider and its
  // audience (IAM user guide, "Identity-provider controls for shared OIDC providers"; required of
  // GitHub, GitLab and others since 2025).
  // AWS-DIFF: the sentences for shared issuers other than Cognito are Signet's; AWS's are not
  // known.
  std::string shared_provider(NodeId statement, NodeId principal) {
    if (!is_allow(statement)) {
      return {};
    }
    const NodeId condition = json_.member(statement, "Condition");
    return each(json_.member(principal, "Federated"), [&](std::string_view text) -> std::string {
      if (text == "cognito-identity.amazonaws.com") {
        return condition == kNoNode || json_[condition].count == 0
                   ? "A condition block must be present for the Cognito provider"
                   : "";
      }
      const std::string_view issuer = issuer_of(text);
      return has_word(kSharedIssuers, issuer) && !asks_for_subject(condition, issuer)
                 ? concat("The trust policy must evaluate the condition key ",
                          issuer,
                          ":sub for the shared OIDC provider.")
                 : "";
    });
  }

  static std::string_view issuer_of(std::string_view provider) {
    static constexpr std::string_view kMark = ":oidc-provider/";
    const std::size_t at = provider.find(kMark);
    return at == std::string_view::npos ? provider : provider.substr(at + kMark.size());
  }

  // A condition looks at the subject, or at another claim that says whose token it is (repository,
  // environment, ...).
  [[nodiscard]] bool asks_for_subject(NodeId condition, std::string_view issuer) const {
    for (NodeId op = condition + 1; condition != kNoNode && op < json_[condition].next;
         op = json_[op + 1].next) {
      const NodeId keys = op + 1;
      for (NodeId key = keys + 1; key < json_[keys].next; key = json_[key + 1].next) {
        const std::string_view name = json_[key].content;
        const std::string_view claim = name.substr(std::min(issuer.size(), name.size()));
        const bool is_of_issuer =
            equals_ignore_case(name.substr(0, issuer.size()), issuer) && claim.starts_with(':');
        if (is_of_issuer && !equals_ignore_case(claim, ":aud") &&
            !equals_ignore_case(claim, ":amr") && !equals_ignore_case(claim, ":iss")) {
          return true;
        }
      }
    }
    return false;
  }

  static constexpr std::array<std::string_view, 5> kSharedIssuers{
      "token.actions.githubusercontent.com",
      "vstoken.actions.githubusercontent.com",
      "gitlab.com",
      "app.terraform.io",
      "agent.buildkite.com"};

  static constexpr std::string_view kOnlyAssume =
      "AssumeRole policy may only specify STS AssumeRole actions.";
};

}  // namespace

std::string trust_complaint(std::string_view text) {
  const auto json = PolicyJson::parse(std::string(text));
  return json ? TrustRules(*json).complaint() : "This policy contains invalid Json";
}

}  // namespace signet::policy
