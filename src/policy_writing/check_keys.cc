#include <algorithm>
#include <set>

#include "base/strings.h"
#include "policy_language/pattern.h"
#include "policy_writing/check_parts.h"

// Condition keys against the actions of their statement.

namespace signet::policy::lint {
namespace {

bool is_tag_key(std::string_view key) {
  return starts_with_ignore_case(key, "aws:ResourceTag/") ||
         starts_with_ignore_case(key, "aws:RequestTag/") || equals_ignore_case(key, "aws:TagKeys");
}

bool covers(const WrittenStatement& statement, std::string_view action) {
  return std::any_of(statement.actions.begin(), statement.actions.end(), [&](const Text& text) {
    return match_glob_ignore_case(text.text, action);
  });
}

std::string joined(const std::set<std::string>& names, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (count++ == most) {
      return concat(out, " and ", std::to_string(names.size() - most), " more");
    }
    out += concat(out.empty() ? "" : ", ", name);
  }
  return out;
}

class KeyCheck {
 public:
  KeyCheck(const Written& policy, Findings& findings) : policy_(policy), findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    for (const Test& test : statement.tests) {
      if (is_tag_key(test.key)) {
        tag_key(statement, test);
      } else {
        unsupported_action(statement, test);
      }
      missing_action(statement, test);
      irrelevant(test);
    }
    pairs(statement);
  }

 private:
  // Only exact actions are judged, as AWS does.
  void unsupported_action(const WrittenStatement& statement, const Test& test) {
    const auto facts = find_key(test.key);
    if (!facts || facts->is_of_caller || !needs_its_key(test) || statement.is_not_action ||
        policy_.profile() == Profile::Trust) {
      return;
    }
    const std::string_view owner = test.key.substr(0, test.key.find(':'));
    bool has_taker = false;
    bool has_foreign = false;
    std::set<std::string> refused;
    for (const Text& action : statement.actions) {
      const auto [service_name, action_name] = split_action(action.text);
      const facts::CatalogueService* service = facts::find_service(service_name);
      const auto known = service == nullptr || has_wildcard(action_name)
                             ? std::nullopt
                             : service->action(action_name);
      const bool is_known = known && known->level != facts::AccessLevel::Unknown;
      if (!is_known || takes_key(*service, *known, test.key)) {
        has_taker = true;
      } else {
        refused.insert(std::string(action.text));
        has_foreign = has_foreign || !equals_ignore_case(service_name, owner);
      }
    }
    // Services call each other: an action of another service may bring the key by that way.
    if (!refused.empty() && (!has_foreign || !has_taker)) {
      findings_.add(FindingId::UnsupportedActionForKey,
                    test.key_node,
                    concat(joined(refused, 5),
                           " never carries ",
                           test.key,
                           ": move to a statement without this key"));
    }
  }

  // Services some of whose actions the statement names do not know a tag key.
  std::set<std::string> services_without(const WrittenStatement& statement, std::string_view key) {
    std::set<std::string> names;
    for (const Text& action : statement.actions) {
      const auto [service_name, action_name] = split_action(action.text);
      for (const facts::CatalogueService& service : facts::services()) {
        const bool is_meant =
            action.text == "*" ||
            (!action_name.empty() && match_glob_ignore_case(service_name, service.prefix));
        if (is_meant && lacks(service, action.text == "*" ? "*" : action_name, key)) {
          names.insert(std::string(service.prefix));
        }
      }
    }
    return names;
  }

  static bool lacks(const facts::CatalogueService& service,
                    std::string_view pattern,
                    std::string_view key) {
    std::string_view rest = service.actions;
    for (auto action = facts::next_action(rest); action; action = facts::next_action(rest)) {
      if (action->level != facts::AccessLevel::Unknown &&
          match_glob_ignore_case(pattern, action->name) && !takes_key(service, *action, key)) {
        return true;
      }
    }
    return false;
  }

  void tag_key(const WrittenStatement& statement, const Test& test) {
    if (!needs_its_key(test) || policy_.profile() == Profile::Trust) {
      return;
    }
    if (statement.is_not_action) {
      if (statement.is_deny) {
        findings_.add(FindingId::DenyNotActionWithTagKey,
                      test.key_node,
                      concat("actions without ", test.key, " are not denied: list the actions"));
      } else if (statement.is_allow) {
        findings_.add(FindingId::AllowNotActionWithTagKey,
                      test.key_node,
                      concat("only actions with ", test.key, " are allowed: list the actions"));
      }
      return;
    }
    const std::set<std::string> names = services_without(statement, test.key);
    if (names.empty()) {
      return;
    }
    findings_.add(statement.is_deny ? FindingId::DenyWithUnsupportedTagKey
                                    : FindingId::AllowWithUnsupportedTagKey,
                  test.key_node,
                  concat("actions of ",
                         joined(names, 5),
                         " without ",
                         test.key,
                         statement.is_deny ? " are not denied" : " are not allowed",
                         ": give them a statement of their own"));
  }

  void missing_action(const WrittenStatement& statement, const Test& test) {
    struct Need {
      std::string_view key;
      std::string_view action;
    };

    static constexpr Need kNeeds[] = {{"sts:SourceIdentity", "sts:SetSourceIdentity"},
                                      {"sts:TransitiveTagKeys", "sts:TagSession"},
                                      {"aws:RequestTag/", "sts:TagSession"},
                                      {"aws:TagKeys", "sts:TagSession"}};
    const bool assumes = covers(statement, "sts:AssumeRole") ||
                         covers(statement, "sts:AssumeRoleWithSAML") ||
                         covers(statement, "sts:AssumeRoleWithWebIdentity");
    if (!statement.is_allow || statement.is_not_action || !needs_its_key(test) || !assumes) {
      return;
    }
    for (const Need& need : kNeeds) {
      const bool is_key = need.key.ends_with('/') ? starts_with_ignore_case(test.key, need.key)
                                                  : equals_ignore_case(test.key, need.key);
      if (is_key && !allows_anywhere(need.action)) {
        findings_.add(FindingId::MissingActionForKey,
                      test.key_node,
                      concat("add ", need.action, ": without it nobody may set ", test.key));
        return;
      }
    }
  }

  // AWS's own guide puts sts:TagSession into a statement of its own.
  [[nodiscard]] bool allows_anywhere(std::string_view action) const {
    return std::any_of(
        policy_.statements.begin(), policy_.statements.end(), [&](const auto& other) {
          return other.is_allow && !other.is_not_action && covers(other, action);
        });
  }

  void irrelevant(const Test& test) {
    static constexpr std::string_view kKeys[] = {
        "aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths", "s3:ResourceAccount"};
    const Profile profile = policy_.profile();
    if (profile != Profile::Bucket && profile != Profile::Trust) {
      return;
    }
    for (const std::string_view key : kKeys) {
      if (equals_ignore_case(key, test.key)) {
        findings_.add(FindingId::IrrelevantKey,
                      test.key_node,
                      concat(key,
                             " is always the owner of this resource: ask it in an identity "
                             "policy"));
      }
    }
  }

  // Keys that mean little alone.
  void pairs(const WrittenStatement& statement) {
    const auto missing = [&](std::string_view key, std::span<const std::string_view> partners) {
      const Test* test = statement.find(key);
      const bool has_partner = std::any_of(partners.begin(), partners.end(), [&](auto partner) {
        return statement.find(partner) != nullptr;
      });
      if (test != nullptr && !has_partner) {
        findings_.add(FindingId::MissingPairedKeys,
                      test->key_node,
                      concat(key, " says little alone: ask ", partners.front(), " too"));
      }
    };
    static constexpr std::string_view kVpc[] = {"aws:SourceVpc",
                                                "aws:SourceVpce",
                                                "aws:SourceVpcArn",
                                                "aws:VpceAccount",
                                                "aws:VpceOrgID",
                                                "aws:VpceOrgPaths"};
    static constexpr std::string_view kAmr[] = {"cognito-identity.amazonaws.com:amr"};
    static constexpr std::string_view kAud[] = {"cognito-identity.amazonaws.com:aud"};
    missing("aws:VpcSourceIp", kVpc);
    missing(kAud[0], kAmr);
    missing(kAmr[0], kAud);
  }

  const Written& policy_;
  Findings& findings_;
};

}  // namespace

void check_keys_for_actions(const Written& policy, Findings& findings) {
  KeyCheck check(policy, findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

}  // namespace signet::policy::lint
