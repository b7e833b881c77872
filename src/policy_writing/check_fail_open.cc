#include <algorithm>

#include "base/strings.h"
#include "policy_language/pattern.h"
#include "policy_language/values.h"
#include "policy_writing/check_parts.h"

// Conditions that look as if they restricted and do not.

namespace signet::policy::lint {
namespace {

// Keys that every request carries, so that IfExists changes nothing.
bool is_always_there(std::string_view key) {
  static constexpr std::string_view kKeys[] = {
      "aws:CurrentTime", "aws:EpochTime", "aws:SecureTransport", "aws:SourceIp", "aws:UserAgent"};
  return std::any_of(std::begin(kKeys), std::end(kKeys), [&](std::string_view known) {
    return equals_ignore_case(known, key);
  });
}

bool is_every_address(std::string_view text) {
  const auto block = parse_ip_block(text);
  return block && block->prefix == 0;
}

// The values of a positive test take everything the key can hold.
bool takes_every_value(const Test& test) {
  return std::any_of(test.values.begin(), test.values.end(), [&](const Text& value) {
    if (test.op.compare == Compare::IpAddress) {
      return is_every_address(value.text);
    }
    const bool is_like =
        test.op.compare == Compare::StringLike || test.op.compare == Compare::ArnLike;
    return is_like && !value.text.empty() &&
           value.text.find_first_not_of("*:") == std::string_view::npos &&
           value.text.find('*') != std::string_view::npos;
  });
}

// Strangers make principals and organizations of every name; what they cannot choose is the
// account.
bool takes_every_account(const Test& test) {
  const bool is_arn = equals_ignore_case(test.key, "aws:PrincipalArn") ||
                      equals_ignore_case(test.key, "aws:SourceArn");
  const bool is_like =
      test.op.compare == Compare::StringLike || test.op.compare == Compare::ArnLike;
  return is_like && std::any_of(test.values.begin(), test.values.end(), [&](const Text& value) {
           const std::vector<std::string_view> parts = split_colons(value.text, 6);
           const bool is_open_arn = is_arn && parts.size() == 6 &&
                                    match_glob(parts[4], "111122223333") &&
                                    match_glob(parts[4], "444455556666");
           const bool is_open_org = starts_with_ignore_case(test.key, "aws:PrincipalOrg") &&
                                    value.text.starts_with("o-*");
           return is_open_arn || is_open_org;
         });
}

// Why a test keeps no stranger out; empty when it does.
std::string_view weakness(const Test& test) {
  if (test.op.compare == Compare::Null) {
    return "asks only whether the key is there";
  }
  if (test.op.quantifier == Quantifier::ForAllValues && !test.op.is_negated) {
    return "is true without the key";
  }
  if (test.op.is_negated) {
    return "is true for everybody but the ones it names, and without the key";
  }
  if (test.op.if_exists && !is_always_there(test.key)) {
    return "is true without the key";
  }
  if (takes_every_value(test)) {
    return "is true for every value";
  }
  if (takes_every_account(test)) {
    return "is true for principals of every account";
  }
  if (equals_ignore_case(test.key, "aws:SecureTransport") && has_value(test, "true")) {
    return "is true for everybody who uses TLS";
  }
  return {};
}

class FailOpenCheck {
 public:
  FailOpenCheck(const Written& policy, Findings& findings) : policy_(policy), findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    for (const Test& test : statement.tests) {
      mfa(statement, test);
    }
    const Profile profile = policy_.profile();
    if (statement.is_allow && !statement.is_not_principal &&
        (profile == Profile::Bucket || profile == Profile::Trust)) {
      everyone(statement);
    }
  }

 private:
  void mfa(const WrittenStatement& statement, const Test& test) {
    const bool is_present = equals_ignore_case(test.key, "aws:MultiFactorAuthPresent");
    const bool is_age = equals_ignore_case(test.key, "aws:MultiFactorAuthAge");
    if (!is_present && !is_age) {
      return;
    }
    const bool asks_false = is_present && has_value(test, "false") != test.op.is_negated &&
                            test.op.compare != Compare::Null;
    const bool asks_old = test.op.compare == Compare::NumericGreater ||
                          test.op.compare == Compare::NumericGreaterOrEqual;
    if (statement.is_deny && needs_its_key(test) && (asks_false || (is_age && asks_old))) {
      findings_.add(FindingId::MfaDenyFailsOpen,
                    test.key_node,
                    concat("requests signed with long-term keys do not carry ",
                           test.key,
                           " and are not denied: use ",
                           is_age ? "NumericGreaterThanIfExists" : "BoolIfExists"));
    }
    const bool asks_true =
        is_present && test.op.compare == Compare::Bool && has_value(test, "true");
    const bool asks_young = is_age && (test.op.compare == Compare::NumericLess ||
                                       test.op.compare == Compare::NumericLessOrEqual);
    if (statement.is_allow && test.op.if_exists && (asks_true || asks_young)) {
      findings_.add(FindingId::AllowIfMfaAbsent,
                    test.key_node,
                    concat("requests without ",
                           test.key,
                           ", such as those signed with long-term keys, are allowed: remove "
                           "IfExists"));
    }
  }

  void everyone(const WrittenStatement& statement) {
    const auto entry = std::find_if(
        statement.principals.begin(), statement.principals.end(), [](const PrincipalName& name) {
          return (name.kind == PrincipalKind::Anyone || name.kind == PrincipalKind::Aws) &&
                 name.value.text == "*";
        });
    if (entry == statement.principals.end()) {
      return;
    }
    if (statement.tests.empty()) {
      findings_.add(FindingId::PublicAccess,
                    entry->value.node,
                    "grants access to everyone, anonymous callers included: name the principals, "
                    "or add a condition such as aws:PrincipalOrgID");
      return;
    }
    const bool is_open = std::all_of(statement.tests.begin(),
                                     statement.tests.end(),
                                     [](const Test& test) { return !weakness(test).empty(); });
    if (is_open) {
      for (const Test& test : statement.tests) {
        findings_.add(FindingId::ConditionAlwaysTrue,
                      test.key_node,
                      concat("the principal is everyone, and this condition ",
                             weakness(test),
                             ": ask a key that strangers cannot have, such as aws:PrincipalOrgID"));
      }
    }
  }

  const Written& policy_;
  Findings& findings_;
};

}  // namespace

void check_fail_open(const Written& policy, Findings& findings) {
  FailOpenCheck check(policy, findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

}  // namespace signet::policy::lint
