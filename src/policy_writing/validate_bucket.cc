#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "facts/catalogue.h"
#include "facts/s3_condition_keys.h"
#include "facts/service_principals.h"
#include "model/arn.h"
#include "policy_language/pattern.h"
#include "policy_writing/validate_resource.h"

// Bucket policies (policy-semantics 1.3, S3).

namespace signet::policy {
namespace {

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

// Everything, a pattern of S3's actions, or one that S3 has. A pattern that no action fits grants
// and denies nothing.
bool is_action(std::string_view text) {
  constexpr std::string_view kService = "s3:";
  if (text == "*") {
    return true;
  }
  if (to_lower(text.substr(0, kService.size())) != kService) {
    return false;
  }
  const std::string_view name = text.substr(kService.size());
  const facts::CatalogueService* s3 = facts::find_service("s3");
  return name.find_first_of("*?") != std::string_view::npos || (s3 != nullptr && s3->action(name));
}

class BucketRules final : public ResourceRules {
 public:
  BucketRules(const PolicyJson& json, std::string_view bucket)
      : ResourceRules(json), bucket_(bucket) {}

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
      return is_action(text) ? std::string() : std::string("Policy has invalid action");
    });
    if (result.empty()) {
      result = each(resource, [this](std::string_view text) {
        return is_own(text) ? std::string() : std::string("Policy has invalid resource");
      });
    }
    if (result.empty() && !is_not_action && !is_not_resource && !fits(action, resource)) {
      result = "Action does not apply to any resource(s) in statement";
    }
    return result.empty() ? conditions(statement, is_not_action ? kNoNode : action) : result;
  }

 private:
  [[nodiscard]] bool takes_any_sid() const override { return true; }

  bool is_principal(NodeId node) {
    if (json_.is(node, JsonKind::String)) {
      return json_[node].content == "*";
    }
    if (!json_.is(node, JsonKind::Object)) {
      return false;
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const bool is_known = is_principal_type(json_[name].content) && is_strings(name + 1);
      const bool is_service = json_[name].content == "Service";
      const std::string bad =
          !is_known ? "type" : each(name + 1, [is_service](std::string_view text) {
            const bool is_glob = text != "*" && text.find('*') != std::string_view::npos;
            const bool is_bad =
                is_glob || text.empty() || (is_service && !facts::is_service_principal(text));
            return std::string(is_bad ? "bad" : "");
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

  // Keys of S3 that some action of the statement never has. An action with a wildcard is content
  // with a key that one of those it stands for has: what AWS does there is not known, and a policy
  // that AWS takes must not be refused. Recorded for ListBucket with GetBucketLocation under
  // s3:prefix; keys of other services are not looked at.
  std::string conditions(NodeId statement, NodeId action) {
    const NodeId node = json_.member(statement, "Condition");
    for (NodeId op = node + 1; node != kNoNode && op < json_[node].next; op = json_[op + 1].next) {
      const NodeId keys = op + 1;
      for (NodeId key = keys + 1; key < json_[keys].next; key = json_[key + 1].next) {
        std::string result = condition_key(json_[key].content, action);
        if (!result.empty()) {
          return result;
        }
      }
    }
    return {};
  }

  std::string condition_key(std::string_view name, NodeId action) {
    if (!equals_ignore_case(name.substr(0, 3), "s3:")) {
      return {};
    }
    const auto key = facts::find_s3_condition_key(name);
    if (!key) {
      return "Policy has an invalid condition key";
    }
    if (key->fits_every_action) {
      return {};
    }
    return each(action, [&key](std::string_view text) {
      const std::string_view pattern = text == "*" ? text : text.substr(3);
      const bool fits =
          std::any_of(key->actions.begin(), key->actions.end(), [pattern](std::string_view known) {
            return match_glob_ignore_case(pattern, known);
          });
      return fits ? std::string()
                  : std::string(
                        "Conditions do not apply to combination of actions and resources in "
                        "statement");
    });
  }

  std::string_view bucket_;
};

}  // namespace

std::string bucket_complaint(std::string_view text, std::string_view bucket) {
  const auto json = PolicyJson::parse(std::string(text));
  return json ? BucketRules(*json, bucket).complaint()
              : "Policies must be valid JSON and the first byte must be '{'";
}

}  // namespace signet::policy
