// How long the graph of who can become whom takes: escalation_bench [PRINCIPALS].
//
// One account, half users and half roles, each with policies of its own: users may assume the roles
// of their team (some if MFA, some with an external id), a few may make keys of their team's users
// or rewrite a trust policy, one in a hundred is an administrator. Prints seconds, ways and how
// many depend on a condition.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/strings.h"
#include "escalation/explorer.h"
#include "identity/snapshot_builder.h"
#include "identity/stored_document.h"

namespace {

using namespace signet;

constexpr std::size_t kTeam = 10;  // users, and roles, of a team

std::string text(std::size_t number) {
  std::string digits = std::to_string(number);
  return concat(std::string(6 - std::min<std::size_t>(6, digits.size()), '0'), digits);
}

std::string allow(std::string_view action,
                  std::string_view resource,
                  std::string_view condition = {}) {
  return concat(R"({"Effect":"Allow","Action":")",
                action,
                R"(","Resource":")",
                resource,
                "\"",
                condition.empty() ? "" : concat(",\"Condition\":", condition),
                "}");
}

std::string document(std::string_view statements) {
  return concat(R"({"Version":"2012-10-17","Statement":[)", statements, "]}");
}

std::string own_policy(std::size_t i) {
  const std::string team = concat("/team-", text(i / kTeam), "/*");
  std::string statements =
      concat(allow("s3:*", concat("arn:aws:s3:::bucket-", text(i), "/*")),
             ",",
             allow("sts:AssumeRole", concat("arn:aws:iam::111122223333:role", team)),
             ",",
             allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"));
  if (i % 7 == 0) {
    statements +=
        concat(",", allow("iam:CreateAccessKey", concat("arn:aws:iam::111122223333:user", team)));
  }
  if (i % 11 == 0) {
    statements += concat(
        ",", allow("iam:UpdateAssumeRolePolicy", concat("arn:aws:iam::111122223333:role", team)));
  }
  if (i % 100 == 0) {
    statements += concat(",", allow("*", "*"));
  }
  return document(statements);
}

std::string trust(std::size_t i) {
  const char* condition =
      i % 3 == 1 ? R"(,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}})"
                 : (i % 10 == 2 ? R"(,"Condition":{"StringEquals":{"sts:ExternalId":"x7"}})" : "");
  return concat(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole")",
      condition,
      "}]}");
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t principals = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
  identity::SnapshotBuilder builder(nullptr);
  identity::Account account;
  account.id = "111122223333";
  account.canonical_user_id = "canonical";
  bool is_good = builder.add(account).has_value();
  for (std::size_t i = 0; i < principals / 2; ++i) {
    identity::User user;
    user.account = account.id;
    user.id = concat("AIDA", text(i));
    user.name = concat("x", text(i));
    user.path = concat("/team-", text(i / kTeam), "/");
    user.inline_policies = {{.name = "own", .document = identity::make_document(own_policy(i))}};
    is_good = is_good && builder.add(std::move(user)).has_value();
    identity::Role role;
    role.account = account.id;
    role.id = concat("AROA", text(i));
    role.name = concat("x", text(i));
    role.path = concat("/team-", text(i / kTeam), "/");
    role.trust_policy = identity::make_document(trust(i));
    role.inline_policies = {
        {.name = "own", .document = identity::make_document(own_policy(i + principals))}};
    is_good = is_good && builder.add(std::move(role)).has_value();
  }
  const auto snapshot = builder.build();
  if (!is_good || !snapshot) {
    std::fprintf(stderr, "the account cannot be made\n");
    return 1;
  }
  const auto before = std::chrono::steady_clock::now();
  escalation::Explorer explorer(*snapshot, Instant::from_seconds(1'790'000'000));
  const bool is_there = explorer.powers_of(explorer.principals({}).front()).has_value();
  const auto begin = std::chrono::steady_clock::now();
  const std::chrono::duration<double> first = begin - before;
  const auto graph = escalation::find_graph(*snapshot, Instant::from_seconds(1'790'000'000));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::size_t ways = 0;
  std::size_t conditional = 0;
  std::size_t administrators = 0;
  for (const escalation::Powers& powers : graph) {
    administrators += powers.everything ? 1 : 0;
    for (const escalation::Way& way : powers.becomes) {
      ++ways;
      conditional += escalation::kind_of(way) == escalation::Condition::Kind::Always ? 0 : 1;
    }
  }
  std::printf(
      "the first alone%s: %.3f s; %zu principals: %.2f s, %zu administrators, %zu ways, %zu of "
      "them "
      "with a condition\n",
      is_there ? "" : " (not there)",
      first.count(),
      graph.size(),
      seconds.count(),
      administrators,
      ways,
      conditional);
  return 0;
}
