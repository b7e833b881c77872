#include <algorithm>
#include <array>

#include "base/strings.h"
#include "policy_language/pattern.h"
#include "policy_language/values.h"
#include "policy_writing/check_parts.h"

// Values of conditions, and variables wherever they stand.

namespace signet::policy::lint {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// RFC 1918, loopback, link-local, shared and unique-local addresses: none of them is the source of
// a request that comes over the internet.
bool is_private(const IpBlock& block) {
  static constexpr std::string_view kBlocks[] = {"10.0.0.0/8",
                                                 "172.16.0.0/12",
                                                 "192.168.0.0/16",
                                                 "127.0.0.0/8",
                                                 "169.254.0.0/16",
                                                 "100.64.0.0/10",
                                                 "fc00::/7",
                                                 "fe80::/10",
                                                 "::1/128"};
  return std::any_of(std::begin(kBlocks), std::end(kBlocks), [&](std::string_view text) {
    const auto other = parse_ip_block(text);
    return other && other->base.is_v6 == block.base.is_v6 && other->prefix <= block.prefix &&
           contains(*other, block.base);
  });
}

bool has_host_bits(std::string_view text, const IpBlock& block) {
  const auto address = parse_ip(text.substr(0, text.find('/')));
  return text.find('/') != std::string_view::npos && address && address->bytes != block.base.bytes;
}

// "vpc-" and 8 or 17 letters or digits.
bool is_id(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  const std::string_view rest = text.substr(prefix.size());
  return (rest.size() == 8 || rest.size() == 17) &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return is_digit(c) || is_alpha(c); });
}

bool is_service_name(std::string_view text, bool has_region) {
  static constexpr std::string_view kEnds[] = {".amazonaws.com",
                                               ".amazonaws.com.cn",
                                               ".amazonaws.eu",
                                               ".amazon.com",
                                               ".aws.internal",
                                               ".aws.com"};
  for (const std::string_view end : kEnds) {
    if (text.ends_with(end) && text == to_lower(text)) {
      const std::string_view name = text.substr(0, text.size() - end.size());
      return !name.empty() && (!has_region || name.find('.') != std::string_view::npos);
    }
  }
  return false;
}

bool is_one_of(std::string_view key, std::span<const std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return equals_ignore_case(name, key);
  });
}

class ValueCheck {
 public:
  ValueCheck(const Written& policy, Findings& findings) : policy_(policy), findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    is_denial_ = statement.is_deny;
    for (const Text& resource : statement.resources) {
      variables(resource);
    }
    for (const Test& test : statement.tests) {
      for (const Text& value : test.values) {
        operand(test, value);
        meaning(test, value);
        copy_source(test, value);
      }
      booleans(test);
      numbers(test);
      if (equals_ignore_case(test.key, "aws:SourceIp") && test.op.compare == Compare::IpAddress) {
        source_address(test);
      }
    }
  }

 private:
  // A JSON boolean where a number or date belongs, or a number where a boolean does.
  bool is_of_other_type(const Test& test, const Text& value) {
    const Compare compare = test.op.compare;
    const JsonKind kind = policy_.json[value.node].kind;
    return (kind == JsonKind::Bool && (is_numeric_compare(compare) || is_date_compare(compare) ||
                                       compare == Compare::IpAddress)) ||
           (kind == JsonKind::Number && (compare == Compare::Bool || compare == Compare::Null ||
                                         compare == Compare::IpAddress));
  }

  // The key is filled as bucket/key: the Amazon S3 user guide's policy that restricts the source of
  // copies ("Bucket policy examples using condition keys", read 2026-11-29) writes it without a
  // slash, though a request may send the header with one.
  void copy_source(const Test& test, const Text& value) {
    if (!equals_ignore_case(test.key, "s3:x-amz-copy-source") || !value.text.starts_with('/') ||
        !is_string_compare(test.op.compare)) {
      return;
    }
    findings_.add_as(
        test.op.is_negated == is_denial_ ? Severity::Warning : Severity::SecurityWarning,
        FindingId::CopySourceWithSlash,
        value.node,
        concat("the key's value is bucket/key: ",
               test.op.is_negated ? "every value differs from this one" : "this matches no copy",
               ", write it without the slash in front"));
  }

  // What the operator can read.
  void operand(const Test& test, const Text& value) {
    if (is_of_other_type(test, value)) {
      findings_.add(FindingId::InvalidConditionDataType,
                    value.node,
                    "the JSON type of the value is not the operator's: write it as the operator "
                    "reads it, between quotes");
    }
    const std::string_view text = value.text;
    const Compare compare = test.op.compare;
    if (is_string_compare(compare) || compare == Compare::ArnLike) {
      variables(value);
      wildcard(test, value);
      return;
    }
    if (has_variable(text)) {
      if (compare != Compare::Bool) {
        findings_.add(FindingId::VariableInValue,
                      value.node,
                      "variables are literal text for this operator: write the value itself");
      }
      return;
    }
    if (is_date_compare(compare)) {
      date(value);
    } else if (is_numeric_compare(compare) && !parse_number(text)) {
      unreadable(FindingId::NotANumber, value, "a number");
    } else if (compare == Compare::IpAddress) {
      address(value);
    } else if (compare == Compare::BinaryEquals && !decode_base64(text)) {
      unreadable(FindingId::NotBase64, value, "base64 text");
    } else if ((compare == Compare::Bool || compare == Compare::Null) && !parse_bool(text)) {
      unreadable(FindingId::NotABoolean, value, "true or false");
    }
  }

  void unreadable(FindingId id, const Text& value, std::string_view wanted) {
    findings_.add(
        id, value.node, concat("\"", value.text, "\" never matches: this operator reads ", wanted));
  }

  void date(const Text& value) {
    if (value.text.size() == 4 && is_digits(value.text)) {
      findings_.add(FindingId::AmbiguousDate,
                    value.node,
                    "four digits are read as a year, not as seconds: write YYYY-MM-DD");
    } else if (is_digits(value.text)) {
      findings_.add(FindingId::InvalidDateValue,
                    value.node,
                    "seconds since 1970 are easily mistaken: write YYYY-MM-DDThh:mm:ssZ");
    } else if (!parse_date(value.text)) {
      unreadable(FindingId::NotADate, value, "a date such as 2026-01-31T12:00:00Z");
    }
  }

  void address(const Text& value) {
    const auto block = parse_ip_block(value.text);
    if (!block) {
      unreadable(FindingId::NotAnIpRange, value, "an address or a range such as 203.0.113.0/24");
    } else if (has_host_bits(value.text, *block)) {
      findings_.add(FindingId::HostBitsInRange,
                    value.node,
                    concat("the bits behind the first ",
                           std::to_string(block->prefix),
                           " are ignored: write them as zeros"));
    }
  }

  void wildcard(const Test& test, const Text& value) {
    const bool is_equals = test.op.compare == Compare::StringEquals ||
                           test.op.compare == Compare::StringEqualsIgnoreCase;
    if (is_equals && has_wildcard(value.text) && !has_variable(value.text)) {
      findings_.add(FindingId::WildcardInEquals,
                    value.node,
                    "wildcards are literal text here; StringLike takes them");
    }
  }

  // What the key can hold.
  void meaning(const Test& test, const Text& value) {
    static constexpr std::string_view kServices[] = {"aws:CalledVia",
                                                     "aws:CalledViaFirst",
                                                     "aws:CalledViaLast",
                                                     "aws:PrincipalServiceName",
                                                     "aws:PrincipalServiceNamesList",
                                                     "iam:AWSServiceName",
                                                     "iam:PassedToService",
                                                     "sts:AWSServiceName"};
    if (!is_string_compare(test.op.compare) || has_wildcard(value.text) ||
        has_variable(value.text)) {
      return;
    }
    const bool is_via = equals_ignore_case(test.key, "kms:ViaService");
    if (equals_ignore_case(test.key, "aws:RequestedRegion")) {
      region(value);
    } else if (equals_ignore_case(test.key, "aws:SourceVpc") && !is_id(value.text, "vpc-")) {
      findings_.add(FindingId::InvalidVpc,
                    value.node,
                    "the id of a VPC is \"vpc-\" and 8 or 17 letters and digits");
    } else if (equals_ignore_case(test.key, "aws:SourceVpce") && !is_id(value.text, "vpce-")) {
      findings_.add(FindingId::InvalidVpce,
                    value.node,
                    "the id of a VPC endpoint is \"vpce-\" and 8 or 17 letters and digits");
    } else if ((is_via || is_one_of(test.key, kServices)) && !is_service_name(value.text, is_via)) {
      findings_.add(FindingId::InvalidServicePrincipal,
                    value.node,
                    is_via ? "write the service as service.region.amazonaws.com, in lower case"
                           : "write the service as service.amazonaws.com, in lower case");
    }
  }

  void region(const Text& value) {
    // Services without regions answer with names such as aws-global.
    if (value.text.starts_with("aws-") || value.text == "global") {
      return;
    }
    Nearest nearest(value.text);
    for (const facts::Region& region : facts::regions()) {
      if (region.name == value.text) {
        return;
      }
      nearest.offer(region.name);
    }
    findings_.add(FindingId::InvalidRegion,
                  value.node,
                  concat("no region is called \"", value.text, "\"", nearest.question()));
  }

  void booleans(const Test& test) {
    if ((test.op.compare == Compare::Bool || test.op.compare == Compare::Null) &&
        test.values.size() > 1 && test.op.quantifier == Quantifier::None) {
      findings_.add(FindingId::SeveralBooleans,
                    test.value_node,
                    concat(test.key, " is true or false: give one value"));
    }
  }

  // With < and > only the greatest or the least value decides.
  void numbers(const Test& test) {
    const Compare compare = test.op.compare;
    const bool is_less = compare == Compare::NumericLess ||
                         compare == Compare::NumericLessOrEqual || compare == Compare::DateLess ||
                         compare == Compare::DateLessOrEqual;
    const bool is_greater =
        compare == Compare::NumericGreater || compare == Compare::NumericGreaterOrEqual ||
        compare == Compare::DateGreater || compare == Compare::DateGreaterOrEqual;
    if ((is_less || is_greater) && test.values.size() > 1) {
      findings_.add(FindingId::RedundantNumber,
                    test.value_node,
                    concat("only the ",
                           is_less ? "greatest" : "least",
                           " of these values decides: keep that one"));
    }
  }

  void source_address(const Test& test) {
    std::size_t readable = 0;
    std::vector<const Text*> hidden;
    for (const Text& value : test.values) {
      if (const auto block = parse_ip_block(value.text)) {
        ++readable;
        if (is_private(*block)) {
          hidden.push_back(&value);
        }
      }
    }
    if (hidden.empty()) {
      return;
    }
    const std::string message = concat("aws:SourceIp is a public address: a private range ",
                                       test.op.is_negated ? "excepts nobody" : "matches nobody",
                                       "; aws:VpcSourceIp knows private addresses");
    if (hidden.size() == readable) {
      findings_.add(
          test.op.is_negated ? FindingId::PrivateNotIpAddress : FindingId::PrivateIpAddress,
          test.value_node,
          message);
      return;
    }
    for (const Text* value : hidden) {
      findings_.add(test.op.is_negated ? FindingId::PrivateNotIpAddressSubset
                                       : FindingId::PrivateIpAddressSubset,
                    value->node,
                    message);
    }
  }

  void variables(const Text& value) {
    const std::string_view text = value.text;
    for (std::size_t at = text.find("${"); at != std::string_view::npos;
         at = text.find("${", at + 2)) {
      const std::size_t close = text.find('}', at);
      if (close == std::string_view::npos) {
        findings_.add(FindingId::MissingBraceInVariable,
                      value.node,
                      "a variable without its closing brace is literal text: add }");
        return;
      }
      const std::string_view inside = text.substr(at + 2, close - at - 2);
      if (variable(value, inside) && !policy_.has_2012) {
        findings_.add(FindingId::VariableInOldVersion,
                      value.node,
                      "variables are literal text without \"Version\": \"2012-10-17\"");
        return;
      }
    }
  }

  // False when something is said about the inside of a variable.
  bool variable(const Text& value, std::string_view inside) {
    const std::size_t comma = inside.find(',');
    const std::string_view name = inside.substr(0, comma);
    if (name.find_first_not_of(' ') == std::string_view::npos) {
      findings_.add(
          FindingId::EmptyVariable, value.node, "${} is literal text: name a key, or remove it");
      return false;
    }
    if (comma != std::string_view::npos && !is_quoted(inside.substr(comma + 1))) {
      findings_.add(FindingId::MissingQuoteInVariable,
                    value.node,
                    "put the default value of a variable between single quotes");
      return false;
    }
    if (name.find(' ') != std::string_view::npos && !is_tag(name)) {
      findings_.add(FindingId::SpaceInVariable,
                    value.node,
                    "a variable with a space in its name has no value: remove the space");
      return false;
    }
    if (name.find_first_of("{$\"<>|") != std::string_view::npos && name != "$") {
      findings_.add(
          FindingId::SymbolInVariable, value.node, concat("\"", name, "\" is no name of a key"));
      return false;
    }
    return true;
  }

  // Tag keys may hold spaces.
  static bool is_tag(std::string_view name) {
    return name.find('/') != std::string_view::npos && name.front() != ' ' && name.back() != ' ';
  }

  static bool is_quoted(std::string_view text) {
    while (text.starts_with(' ')) {
      text.remove_prefix(1);
    }
    while (text.ends_with(' ')) {
      text.remove_suffix(1);
    }
    return text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
  }

  const Written& policy_;
  Findings& findings_;
  bool is_denial_ = false;  // of the statement that is looked at
};

}  // namespace

void check_values(const Written& policy, Findings& findings) {
  ValueCheck check(policy, findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

}  // namespace signet::policy::lint
