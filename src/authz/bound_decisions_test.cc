#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "authz/bindings.h"
#include "authz/policy_sources.h"
#include "authz/world_for_test.h"
#include "base/testdata_for_test.h"
#include "policy/json.h"

// Answers of an authorizer that binds sets at once, next to those of one that never does.

namespace signet::authz {
namespace {

using model::Session;
using model::SessionKind;
using policy::Json;
using policy::NodeId;

constexpr BindingLimits kAtOnce{.few_decisions = 1, .many_decisions = 1};
constexpr BindingLimits kNever{.callers = 0, .few_decisions = 0, .many_decisions = 0};
constexpr std::string_view kEdge = "arn:aws:iam::111122223333:policy/edge";

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<NodeId> elements(const Json& json, NodeId list) {
  std::vector<NodeId> found;
  if (json.is(list, policy::JsonKind::Array)) {
    for (NodeId at = list + 1; at < json[list].next; at = json[at].next) {
      found.push_back(at);
    }
  }
  return found;
}

class BoundDecisions : public testing::Test {
 protected:
  BoundDecisions() {
    const std::vector<model::Tag> tags{{.key = "team", .value = "red"},
                                       {.key = "Project", .value = "x"}};
    world_.change_user([&](identity::User& user) { user.tags = tags; });
    world_.change_role([&](identity::Role& role) { role.tags = tags; });
  }

  // Verdict, reason and words of every check, with sets bound or not.
  static std::string answer(Authorizer& authorizer,
                            const AuthzContext& context,
                            const Check& check) {
    const policy::Decision decision = authorizer.decide(context, check);
    std::string text(policy::name_of(decision.verdict));
    text += ' ';
    text += policy::name_of(decision.type);
    const auto result = authorizer.authorize(context, {check});
    text += result ? " allowed" : ": " + result.error().message + "; " + result.error().cause;
    return text + authorizer.describe_refusal(context, {check});
  }

  // Asks three times, so that all three sets of a caller come to be bound.
  void compare(const model::Caller& caller, const Check& check, const std::string& label) {
    const auto snapshot = world_.snapshot();
    const RequestInfo request = World::request();
    const AuthzContext context{*snapshot, caller, request};
    const std::string expected = answer(unbound_, context, check);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(answer(bound_, context, check), expected) << label;
    }
    const auto choice = sources_.of_caller(context, check);
    bound_count_ += choice.sets.identity != choice.as_written.identity ? 1 : 0;
    allowed_count_ += expected.starts_with("Allowed") ? 1 : 0;
    ++count_;
  }

  std::string answer_bound(const model::Caller& caller, const Check& check) {
    const auto snapshot = world_.snapshot();
    const RequestInfo request = World::request();
    std::string text;
    for (int i = 0; i < 3; ++i) {
      text = answer(bound_, {*snapshot, caller, request}, check);
    }
    return text;
  }

  World world_;
  Authorizer bound_{kAtOnce};
  Authorizer unbound_{kNever};
  PolicySources sources_{kAtOnce};
  int count_ = 0;
  int bound_count_ = 0;
  int allowed_count_ = 0;
};

class BoundCases : public BoundDecisions {
 protected:
  // The policies of a case, for alice and for the role reader.
  void give(const Json& json, NodeId question) {
    std::vector<identity::InlinePolicy> policies;
    for (const NodeId at : elements(json, json.member(question, "identity_policies"))) {
      policies.push_back({.name = "p" + std::to_string(policies.size()),
                          .document = identity::make_document(std::string(json.raw(at)))});
    }
    const std::vector<NodeId> boundary = elements(json, json.member(question, "boundary"));
    const std::string edge(boundary.empty() ? std::string_view() : kEdge);
    world_.write([&](identity::Transaction& transaction) {
      if (!boundary.empty()) {
        identity::ManagedPolicy policy = identity::make_policy("ANPAEDGE", "edge");
        policy.versions.front().document =
            identity::make_document(std::string(json.raw(boundary.front())));
        transaction.put_policy(std::move(policy));
      }
    });
    world_.change_user([&](identity::User& user) {
      user.inline_policies = policies;
      user.boundary = edge;
    });
    world_.change_role([&](identity::Role& role) {
      role.inline_policies = policies;
      role.boundary = edge;
    });
  }

  std::vector<model::Caller> callers(const Json& json, NodeId question) {
    Session role = World::session(SessionKind::AssumedRole);
    const NodeId policy = json.member(question, "session_policy");
    if (json.is(policy, policy::JsonKind::Object)) {
      role.has_session_policy = true;
      role.policy = json.raw(policy);
    }
    Session federated = role;
    federated.kind = SessionKind::FederatedUser;
    Session tagged = role;
    tagged.tags = {{.key = "TEAM", .value = "blue"}, {.key = "cost", .value = "*"}};
    tagged.source_identity = "alice";
    Session with_mfa = World::session(SessionKind::SessionToken);
    with_mfa.mfa_time = World::kNow.plus_seconds(-30);
    std::vector<model::Caller> made{World::user(),
                                    World::with_session(World::user(), with_mfa),
                                    World::role(role),
                                    World::role(tagged),
                                    World::federated(federated)};
    for (model::Caller& caller : made) {
      if (caller.session) {  // one key for each session ever made
        model::Session session = *caller.session;
        session.access_key_id = "ASIA" + std::to_string(sessions_++);
        caller = World::with_session(caller, session);
      }
    }
    return made;
  }

  // The question of a case as a check. Keys that belong to the caller are left out, or nothing
  // would be decided with bound sets.
  static Check check_of(const Json& json, NodeId question, bool with_caller_keys) {
    const auto text = [&](std::string_view name) {
      const NodeId at = json.member(question, name);
      return at == policy::kNoNode ? std::string() : std::string(json[at].content);
    };
    Check check{.action = text("action"), .resource = text("resource"), .shown = text("resource")};
    check.wildcard_only = text("wildcard_only") == "true";
    const NodeId context = json.member(question, "context");
    if (!json.is(context, policy::JsonKind::Object)) {
      return check;
    }
    for (NodeId name = context + 1; name < json[context].next; name = json[name + 1].next) {
      ContextEntry entry{.key = std::string(json[name].content), .values = {}};
      const bool is_of_caller = entry.key.starts_with("aws:") || entry.key.starts_with("AWS:");
      if (json.is(name + 1, policy::JsonKind::Array)) {
        entry.is_list = true;
        for (const NodeId at : elements(json, name + 1)) {
          entry.values.emplace_back(json[at].content);
        }
      } else {
        entry.values.emplace_back(json[name + 1].content);
      }
      if (with_caller_keys || !is_of_caller) {
        check.context.push_back(std::move(entry));
      }
    }
    return check;
  }

  void compare_case(const Json& json, NodeId node) {
    const NodeId question = json.member(node, "question");
    if (elements(json, json.member(question, "identity_policies")).empty()) {
      return;
    }
    give(json, question);
    for (const model::Caller& caller : callers(json, question)) {
      const std::string label = std::string(json[json.member(node, "id")].content) + " " +
                                std::string(json[json.member(node, "note")].content) + " " +
                                caller.arn;
      compare(caller, check_of(json, question, false), label);
      compare(caller, check_of(json, question, true), label);
    }
  }

 private:
  int sessions_ = 0;
};

TEST_F(BoundCases, EveryDocumentedPolicyAnswersTheSameBoundOrNot) {
  for (const char* name : {"truth_table.json", "rules.json", "questions.json"}) {
    const auto json = Json::parse(read_file(testdata_path("policy/") + name));
    ASSERT_TRUE(json.has_value()) << name;
    for (const NodeId node : elements(*json, json->root())) {
      compare_case(*json, node);
    }
  }

  EXPECT_GT(count_, 2'500);
  EXPECT_GT(bound_count_, 400);
  EXPECT_GT(allowed_count_, 500);
}

TEST_F(BoundDecisions, TagsPoliciesAndMfaCountAtOnce) {
  const Check check{.action = "s3:GetObject", .resource = "arn:aws:s3:::b/red/k"};
  const auto red =
      document("Allow", "s3:*", R"("Resource":"arn:aws:s3:::b/${aws:PrincipalTag/team}/*")");
  const auto without_mfa =
      document("Deny",
               "s3:*",
               R"("Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}})");
  world_.change_user(
      [&](identity::User& user) { user.inline_policies = {{.name = "red", .document = red}}; });
  EXPECT_TRUE(answer_bound(World::user(), check).starts_with("Allowed"));

  world_.change_user([](identity::User& user) { user.tags.front().value = "blue"; });
  EXPECT_TRUE(answer_bound(World::user(), check).starts_with("ImplicitlyDenied identity"));
  world_.change_user([](identity::User& user) { user.tags.front().value = "red"; });
  EXPECT_TRUE(answer_bound(World::user(), check).starts_with("Allowed"));

  world_.change_user([&](identity::User& user) {
    user.inline_policies.push_back({.name = "mfa", .document = without_mfa});
  });
  Session session = World::session(SessionKind::SessionToken);
  EXPECT_TRUE(answer_bound(World::with_session(World::user(), session), check)
                  .starts_with("ExplicitlyDenied identity"));
  session.mfa_time = World::kNow;
  EXPECT_TRUE(
      answer_bound(World::with_session(World::user(), session), check).starts_with("Allowed"));
  EXPECT_TRUE(answer_bound(World::user(), check).starts_with("Allowed")) << "keys say nothing";

  world_.change_user([](identity::User& user) { user.inline_policies.clear(); });
  EXPECT_TRUE(answer_bound(World::user(), check).starts_with("ImplicitlyDenied identity"));
}

// As AssumeRole does with an MFA code.
TEST_F(BoundDecisions, AKeyThatACheckSetsCountsForThatCheckAlone) {
  const auto with_mfa =
      document("Allow",
               "s3:*",
               R"("Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}})");
  world_.change_user([&](identity::User& user) {
    user.inline_policies = {{.name = "mfa", .document = with_mfa}};
  });
  const Check plain{.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"};
  Check check = plain;
  check.texts.add(facts::KeyId::AwsMultiFactorAuthPresent, "true");

  EXPECT_TRUE(answer_bound(World::user(), plain).starts_with("ImplicitlyDenied"));
  EXPECT_TRUE(answer_bound(World::user(), check).starts_with("Allowed"));
  EXPECT_TRUE(answer_bound(World::user(), plain).starts_with("ImplicitlyDenied"));
}

// Of several policies that deny, the message names the one it names unbound.
TEST_F(BoundDecisions, AMessageNamesTheSamePolicy) {
  std::vector<std::string> resources{
      "arn:aws:s3:::b/*k", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/k"};
  const std::string prefix = "arn:aws:iam::111122223333:policy/";
  std::ranges::sort(resources);
  do {
    world_.write([&](identity::Transaction& transaction) {
      for (std::size_t i = 0; i < resources.size(); ++i) {
        const std::string name = std::to_string(i);
        identity::ManagedPolicy policy = identity::make_policy("ANPA" + name, name);
        policy.versions.front().document =
            document("Deny", "s3:*", R"("Resource":")" + resources[i] + '"');
        transaction.put_policy(std::move(policy));
      }
    });
    world_.change_user([&](identity::User& user) {
      user.attached_policies = {prefix + "0", prefix + "1", prefix + "2"};
    });
    compare(World::user(),
            {.action = "s3:GetObject", .resource = "arn:aws:s3:::b/alice/k", .shown = "k"},
            resources.front());
  } while (std::next_permutation(resources.begin(), resources.end()));
  EXPECT_EQ(bound_count_, 6);
}

}  // namespace
}  // namespace signet::authz
