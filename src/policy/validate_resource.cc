#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "model/arn.h"
#include "policy/operators.h"
#include "policy/pattern.h"
#include "policy/validate_parts.h"

// Trust policies (aws-wire 4.10) and bucket policies (policy-semantics 1.3, S3). Both name the
// offending member, so they look at the JSON themselves before the grammar does.

namespace signet::policy {
namespace {

std::string position_text(const Json& json, NodeId node) {
  const Position at = position_of(json.text(), json[node].span.begin);
  return concat(
      "Syntax error at position (", std::to_string(at.line), ",", std::to_string(at.column), ")");
}

bool has_word(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_empty_value(const Json& json, NodeId node) {
  return (json.is(node, JsonKind::Array) || json.is(node, JsonKind::Object)) &&
         json[node].count == 0;
}

// What both kinds share: members, Version, Statement, Effect, required members, shapes of
// Condition.
class ResourceRules {
 public:
  explicit ResourceRules(const Json& json) : json_(json) {}

  virtual ~ResourceRules() = default;
  ResourceRules(const ResourceRules&) = delete;
  ResourceRules& operator=(const ResourceRules&) = delete;

  std::string complaint() {
    static constexpr std::array<std::string_view, 3> kTop{"Version", "Id", "Statement"};
    const NodeId root = json_.root();
    if (!json_.is(root, JsonKind::Object)) {
      return position_text(json_, root);
    }
    for (NodeId name = root + 1; name < json_[root].next; name = json_[name + 1].next) {
      if (!has_word(kTop, json_[name].content)) {
        return concat("Unknown field ", json_[name].content);
      }
    }
    const NodeId version = json_.member(root, "Version");
    const bool is_version =
        version == kNoNode ||
        (json_.is(version, JsonKind::String) &&
         (json_[version].content == "2012-10-17" || json_[version].content == "2008-10-17"));
    if (!is_version) {
      return "The policy must contain a valid version string";
    }
    const NodeId id = json_.member(root, "Id");
    if (id != kNoNode && !json_.is(id, JsonKind::String)) {
      return position_text(json_, id);
    }
    return statements(json_.member(root, "Statement"));
  }

 protected:
  // Complaint about one statement beyond the common rules.
  virtual std::string special(NodeId statement) = 0;

  template <class Visit>
  std::string each(NodeId node, Visit visit) {
    return first_complaint(json_, node, visit);
  }

  [[nodiscard]] bool is_strings(NodeId node) const {
    if (json_.is(node, JsonKind::String)) {
      return true;
    }
    if (!json_.is(node, JsonKind::Array)) {
      return false;
    }
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      if (!json_.is(element, JsonKind::String)) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] bool is_allow(NodeId statement) const {
    const NodeId effect = json_.member(statement, "Effect");
    return json_.is(effect, JsonKind::String) && json_[effect].content == "Allow";
  }

  const Json& json_;

 private:
  std::string statements(NodeId node) {
    if (node == kNoNode || is_empty_value(json_, node)) {
      return "Could not parse the policy: Statement is empty!";
    }
    if (json_.is(node, JsonKind::Object)) {
      return statement(node);
    }
    if (!json_.is(node, JsonKind::Array)) {
      return position_text(json_, node);
    }
    std::vector<std::string_view> sids;
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      if (std::string result = statement(element); !result.empty()) {
        return result;
      }
      const NodeId sid = json_.member(element, "Sid");
      if (sid != kNoNode && !json_[sid].content.empty()) {
        sids.push_back(json_[sid].content);
      }
    }
    std::sort(sids.begin(), sids.end());
    const bool is_repeated = std::adjacent_find(sids.begin(), sids.end()) != sids.end();
    return is_repeated ? "The Statement Ids in the policy are not unique" : "";
  }

  std::string statement(NodeId node) {
    static constexpr std::array<std::string_view, 9> kMembers{"Sid",
                                                              "Effect",
                                                              "Principal",
                                                              "NotPrincipal",
                                                              "Action",
                                                              "NotAction",
                                                              "Resource",
                                                              "NotResource",
                                                              "Condition"};
    if (!json_.is(node, JsonKind::Object)) {
      return position_text(json_, node);
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      if (!has_word(kMembers, json_[name].content)) {
        return concat("Unknown field ", json_[name].content);
      }
    }
    std::string result = effect(node);
    result = result.empty() ? shapes(node) : result;
    return result.empty() ? special(node) : result;
  }

  std::string effect(NodeId statement) {
    const NodeId node = json_.member(statement, "Effect");
    if (node == kNoNode) {
      return "Missing required field Effect";
    }
    if (!json_.is(node, JsonKind::String)) {
      return position_text(json_, node);
    }
    const std::string_view text = json_[node].content;
    return text == "Allow" || text == "Deny" ? "" : concat("Invalid effect: ", text);
  }

  std::string shapes(NodeId statement) {
    static constexpr std::array<std::array<std::string_view, 2>, 3> kPairs{
        {{"Action", "NotAction"}, {"Resource", "NotResource"}, {"Principal", "NotPrincipal"}}};
    for (const auto& pair : kPairs) {
      const NodeId positive = json_.member(statement, pair[0]);
      const NodeId negative = json_.member(statement, pair[1]);
      if (positive != kNoNode && negative != kNoNode) {
        return position_text(json_, negative);
      }
      const NodeId node = positive != kNoNode ? positive : negative;
      const bool is_principal = pair[0] == "Principal";
      if (node != kNoNode && !is_principal && !is_strings(node)) {
        return position_text(json_, node);
      }
    }
    const NodeId sid = json_.member(statement, "Sid");
    if (sid != kNoNode && !json_.is(sid, JsonKind::String)) {
      return position_text(json_, sid);
    }
    return condition(json_.member(statement, "Condition"));
  }

  std::string condition(NodeId node) {
    if (node == kNoNode) {
      return {};
    }
    if (!json_.is(node, JsonKind::Object)) {
      return position_text(json_, node);
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const NodeId body = name + 1;
      const bool is_bad = !json_.is(body, JsonKind::Object) ||
                          (json_[body].count > 0 && !parse_operator(json_[name].content));
      if (is_bad) {
        return position_text(json_, name);
      }
    }
    return {};
  }
};

constexpr std::array<std::string_view, 4> kPrincipalTypes{
    "AWS", "Service", "Federated", "CanonicalUser"};

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
    return cognito(statement, principal);
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
      if (!has_word(kPrincipalTypes, type) || !is_strings(name + 1)) {
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
      const bool is_known = !has_wildcard && text.find('.') != std::string_view::npos;
      return is_known ? std::string()
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

  std::string cognito(NodeId statement, NodeId principal) {
    const NodeId federated = json_.member(principal, "Federated");
    const NodeId condition = json_.member(statement, "Condition");
    if (!is_allow(statement) || (condition != kNoNode && json_[condition].count > 0)) {
      return {};
    }
    return each(federated, [](std::string_view text) {
      return text == "cognito-identity.amazonaws.com"
                 ? std::string("A condition block must be present for the Cognito provider")
                 : std::string();
    });
  }

  static constexpr std::string_view kOnlyAssume =
      "AssumeRole policy may only specify STS AssumeRole actions.";
};

// What an action or a resource of S3 is about.
struct Reach {
  bool bucket = false;
  bool object = false;
};

Reach reach_of_action(std::string_view action) {
  static constexpr std::array<std::string_view, 6> kObjectActions{"abortmultipartupload",
                                                                  "listmultipartuploadparts",
                                                                  "bypassgovernanceretention",
                                                                  "replicatedelete",
                                                                  "replicatetags",
                                                                  "initiatereplication"};
  const std::string lower = to_lower(action);
  const std::string_view name =
      std::string_view(lower).substr(std::min(lower.find(':') + 1, lower.size()));
  if (lower == "*" || name.find_first_of("*?") != std::string_view::npos) {
    return {.bucket = true, .object = true};
  }
  const bool names_bucket = name.find("bucketobjectlock") != std::string_view::npos;
  const bool is_object = (name.find("object") != std::string_view::npos && !names_bucket) ||
                         has_word(kObjectActions, name);
  return {.bucket = !is_object, .object = is_object};
}

class BucketRules final : public ResourceRules {
 public:
  BucketRules(const Json& json, std::string_view bucket) : ResourceRules(json), bucket_(bucket) {}

 protected:
  std::string special(NodeId statement) override {
    NodeId principal = json_.member(statement, "Principal");
    principal = principal == kNoNode ? json_.member(statement, "NotPrincipal") : principal;
    if (principal == kNoNode || is_empty_value(json_, principal)) {
      return "Missing required field Principal";
    }
    if (!is_principal(principal)) {
      return "Invalid principal in policy";
    }
    NodeId action = json_.member(statement, "Action");
    const bool is_not_action = action == kNoNode;
    action = is_not_action ? json_.member(statement, "NotAction") : action;
    if (action == kNoNode || is_empty_value(json_, action)) {
      return "Missing required field Action";
    }
    NodeId resource = json_.member(statement, "Resource");
    const bool is_not_resource = resource == kNoNode;
    resource = is_not_resource ? json_.member(statement, "NotResource") : resource;
    if (resource == kNoNode || is_empty_value(json_, resource)) {
      return "Missing required field Resource";
    }
    std::string result = each(action, [](std::string_view text) {
      const bool is_s3 = text == "*" || to_lower(text.substr(0, 3)) == "s3:";
      return is_s3 ? std::string() : std::string("Policy has invalid action");
    });
    if (result.empty()) {
      result = each(resource, [this](std::string_view text) {
        return is_own(text) ? std::string() : std::string("Policy has invalid resource");
      });
    }
    if (result.empty() && !is_not_action && !is_not_resource && !fits(action, resource)) {
      result = "Action does not apply to any resource(s) in statement";
    }
    return result;
  }

 private:
  bool is_principal(NodeId node) {
    if (json_.is(node, JsonKind::String)) {
      return json_[node].content == "*";
    }
    if (!json_.is(node, JsonKind::Object)) {
      return false;
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const bool is_known = has_word(kPrincipalTypes, json_[name].content) && is_strings(name + 1);
      const std::string bad = !is_known ? "type" : each(name + 1, [](std::string_view text) {
        const bool is_glob = text != "*" && text.find('*') != std::string_view::npos;
        return is_glob || text.empty() ? std::string("glob") : std::string();
      });
      if (!bad.empty()) {
        return false;
      }
    }
    return true;
  }

  // The part of the ARN behind arn:aws:s3:::, or nothing.
  static std::string_view path_of(std::string_view resource) {
    const auto arn = model::split_arn(resource);
    const bool is_s3 = arn && arn->service == "s3" && arn->region.empty() && arn->account.empty();
    return is_s3 ? arn->resource : std::string_view();
  }

  [[nodiscard]] bool is_own(std::string_view resource) const {
    if (resource == "*") {
      return true;
    }
    const std::string_view path = path_of(resource);
    if (!path.starts_with(bucket_)) {
      return false;
    }
    const std::string_view rest = path.substr(bucket_.size());
    return rest.empty() || rest[0] == '/' || rest[0] == '*';
  }

  [[nodiscard]] Reach reach_of_resource(std::string_view resource) const {
    const std::string_view rest =
        resource == "*" ? resource : path_of(resource).substr(bucket_.size());
    if (rest.empty()) {
      return {.bucket = true, .object = false};
    }
    return {.bucket = rest[0] == '*', .object = true};
  }

  // At least one pair of an action and a resource must fit, for every action.
  bool fits(NodeId action, NodeId resource) {
    Reach resources;
    each(resource, [this, &resources](std::string_view text) {
      const Reach one = reach_of_resource(text);
      resources.bucket |= one.bucket;
      resources.object |= one.object;
      return std::string();
    });
    return each(action,
                [resources](std::string_view text) {
                  const Reach one = reach_of_action(text);
                  const bool is_fit =
                      (one.bucket && resources.bucket) || (one.object && resources.object);
                  return is_fit ? std::string() : std::string("no");
                })
        .empty();
  }

  std::string_view bucket_;
};

}  // namespace

std::string trust_complaint(std::string_view text) {
  const auto json = Json::parse(std::string(text));
  return json ? TrustRules(*json).complaint() : "This policy contains invalid Json";
}

std::string bucket_complaint(std::string_view text, std::string_view bucket) {
  const auto json = Json::parse(std::string(text));
  return json ? BucketRules(*json, bucket).complaint()
              : "Policies must be valid JSON and the first byte must be '{'";
}

}  // namespace signet::policy
