#include <algorithm>

#include "base/strings.h"
#include "policy_writing/check_parts.h"

// Condition keys: whether they exist, how they are asked.

namespace signet::policy::lint {
namespace {

bool is_global(std::string_view key) {
  return starts_with_ignore_case(key, "aws:");
}

std::string nearest_key(std::string_view key) {
  Nearest nearest(key);
  for (const facts::ConditionKeyRow& row : facts::condition_keys()) {
    nearest.offer(row.name);
  }
  std::string_view rest = facts::catalogue_keys();
  for (auto row = facts::next_key(rest); row; row = facts::next_key(rest)) {
    nearest.offer(row->name);
  }
  return nearest.question();
}

class ConditionCheck {
 public:
  explicit ConditionCheck(Findings& findings) : findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    for (std::size_t i = 0; i < statement.tests.size(); ++i) {
      const Test& test = statement.tests[i];
      const auto facts = key(test);
      quantifier(statement, test, facts);
      empty(test);
      if (facts) {
        type(test, *facts);
      }
      for (std::size_t j = 0; j < i; ++j) {
        repeated(statement.tests[j], test);
      }
    }
  }

 private:
  std::optional<KeyFacts> key(const Test& test) {
    const std::string_view name = test.key;
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == name.size()) {
      findings_.add(FindingId::InvalidConditionKeyFormat,
                    test.key_node,
                    concat("\"", name, "\" is no condition key: write service:KeyName"));
      return std::nullopt;
    }
    if (equals_ignore_case(name, "aws:ARN")) {
      findings_.add(FindingId::UnsupportedGlobalKey,
                    test.key_node,
                    "no request carries aws:ARN: use aws:PrincipalArn or aws:SourceArn");
      findings_.add(FindingId::DeprecatedGlobalKey,
                    test.key_node,
                    "aws:ARN is an old name: use aws:PrincipalArn");
      return std::nullopt;
    }
    const auto facts = find_key(name);
    if (!facts) {
      unknown(test);
    }
    return facts;
  }

  void unknown(const Test& test) {
    const std::string_view name = test.key;
    std::string family(name);
    family += family.ends_with('/') ? "x" : "/x";
    if (find_key(family)) {
      findings_.add(
          FindingId::MissingTagKey,
          test.key_node,
          concat("name the tag as well, as in ", family.substr(0, family.size() - 1), "team"));
      return;
    }
    if (is_global(name)) {
      findings_.add(FindingId::UnknownGlobalKey,
                    test.key_node,
                    concat("no global key is called ", name, nearest_key(name)));
      return;
    }
    const std::string_view prefix = name.substr(0, name.find(':'));
    // Keys of identity providers are named after the provider.
    if (prefix.find_first_of("./") != std::string_view::npos || has_variable(name)) {
      return;
    }
    if (findings_.add_if_retired(prefix, test.key_node, "no request carries the key")) {
      return;
    }
    findings_.add(FindingId::InvalidServiceConditionKey,
                  test.key_node,
                  concat("the service ", prefix, " has no key ", name, nearest_key(name)));
  }

  void quantifier(const WrittenStatement& statement,
                  const Test& test,
                  const std::optional<KeyFacts>& facts) {
    if (test.op.compare == Compare::Null) {
      if (test.op.quantifier != Quantifier::None) {
        findings_.add(FindingId::ConstantCondition,
                      test.key_node,
                      "Null with a quantifier does not look at the request: remove the quantifier");
      }
      return;
    }
    if (!facts) {
      return;
    }
    if (facts->is_list && test.op.quantifier == Quantifier::None) {
      findings_.add(FindingId::MissingQuantifier,
                    test.key_node,
                    concat(test.key,
                           " is multivalued: without ForAllValues or ForAnyValue this never "
                           "matches"));
    }
    if (test.op.quantifier != Quantifier::ForAllValues || test.values.empty()) {
      return;
    }
    if (!facts->is_list && !facts->is_either) {
      findings_.add(FindingId::ForAllValuesOnSingleValue,
                    test.key_node,
                    concat(test.key,
                           " has one value, and ForAllValues is true without it: remove "
                           "ForAllValues:"));
    } else if (statement.is_allow && !has_null(statement, test.key)) {
      // Without tags nothing is tagged: little harm in the most common use.
      const bool is_mild = equals_ignore_case(test.key, "aws:TagKeys");
      findings_.add_as(is_mild ? Severity::Suggestion : Severity::SecurityWarning,
                       FindingId::ForAllValuesWithoutNull,
                       test.key_node,
                       concat("ForAllValues is true when ",
                              test.key,
                              " is absent; add \"Null\": {\"",
                              test.key,
                              "\": \"false\"}"));
    }
  }

  static bool has_null(const WrittenStatement& statement, std::string_view key) {
    return std::any_of(statement.tests.begin(), statement.tests.end(), [&](const Test& test) {
      return test.op.compare == Compare::Null && equals_ignore_case(test.key, key);
    });
  }

  void empty(const Test& test) {
    if (!test.values.empty()) {
      return;
    }
    if (test.op.quantifier == Quantifier::ForAllValues) {
      findings_.add(FindingId::EmptyValuesForAll,
                    test.value_node,
                    "no values: true only without the key; ask so with Null");
    } else if (test.op.quantifier == Quantifier::ForAnyValue) {
      findings_.add(
          FindingId::EmptyValuesForAny, test.value_node, "no values: never true; name values");
    } else if (test.op.if_exists) {
      findings_.add(FindingId::EmptyValuesIfExists,
                    test.value_node,
                    "no values: true only without the key; ask so with Null");
    } else {
      findings_.add(
          FindingId::EmptyValues, test.value_node, "an empty list of values: name values");
    }
  }

  void repeated(const Test& earlier, const Test& later) {
    if (earlier.op.compare == later.op.compare && earlier.op.quantifier == later.op.quantifier &&
        earlier.op.is_negated == later.op.is_negated &&
        earlier.op.if_exists == later.op.if_exists && equals_ignore_case(earlier.key, later.key)) {
      findings_.add(FindingId::RepeatedConditionKey,
                    later.key_node,
                    "the key differs from another one by case only: keep one of them");
    }
  }

  // The key against the text of another, as in ${aws:VpcSourceIp}.
  static bool compares_keys(const Test& test) {
    return is_string_compare(test.op.compare) && !test.values.empty() &&
           std::all_of(test.values.begin(), test.values.end(), [](const Text& value) {
             return has_variable(value.text);
           });
  }

  // Which operators a type of key takes. Strings go with ARNs too: their text is what is compared.
  void type(const Test& test, const KeyFacts& facts) {
    using facts::KeyType;
    std::string_view wanted;
    const Compare compare = test.op.compare;
    if (compare == Compare::Null) {
      return;
    }
    switch (facts.type) {
      case KeyType::Numeric:
        wanted = is_numeric_compare(compare) ? "" : "Numeric";
        break;
      case KeyType::Date:
        // aws:EpochTime and its like are numbers as well.
        wanted = is_date_compare(compare) || is_numeric_compare(compare) ? "" : "Date";
        break;
      case KeyType::Ip:
        wanted = compare == Compare::IpAddress || compares_keys(test) ? "" : "IpAddress";
        break;
      case KeyType::Bool:
        wanted = compare == Compare::Bool ? "" : "Bool";
        break;
      case KeyType::Arn:
        wanted = compare == Compare::ArnLike || is_string_compare(compare) ? "" : "Arn";
        break;
      case KeyType::String:
        wanted = is_string_compare(compare) || compare == Compare::ArnLike ||
                         compare == Compare::BinaryEquals
                     ? ""
                     : "String";
        break;
    }
    if (!wanted.empty()) {
      findings_.add(FindingId::TypeMismatch,
                    test.key_node,
                    concat(test.key, " wants a ", wanted, " operator"));
    }
  }

  Findings& findings_;
};

}  // namespace

void check_conditions(const Written& policy, Findings& findings) {
  ConditionCheck check(findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

}  // namespace signet::policy::lint
