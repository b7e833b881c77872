#include "policy_writing/public_access.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/strings.h"

namespace signet::policy {
namespace {

// Keys whose fixed values make a statement one for somebody in particular.
constexpr auto kLimiting = std::to_array<std::string_view>({
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
});

// Operators that hold only for the values that are listed. "...IfExists" holds for calls that lack
// the key, "ForAllValues:" for calls without a value: neither limits.
constexpr auto kPositive = std::to_array<std::string_view>(
    {"arnequals", "arnlike", "ipaddress", "stringequals", "stringequalsignorecase", "stringlike"});

bool is_among(auto& names, std::string_view name) {
  return std::ranges::find(names, name) != std::ranges::end(names);
}

bool is_private_network(std::string_view address) {
  return address.starts_with("10.") || address.starts_with("192.168.") ||
         address.starts_with("172.16.");
}

// Ranges of the internet that are broader than a large organization's are as good as everybody.
bool is_narrow_range(std::string_view range) {
  constexpr std::int64_t kShortestV4 = 8;
  constexpr std::int64_t kShortestV6 = 32;
  const std::size_t slash = range.find('/');
  if (slash == std::string_view::npos) {
    return !range.empty();
  }
  const auto bits = parse_decimal(range.substr(slash + 1));
  const bool is_v6 = range.find(':') != std::string_view::npos;
  return bits && (*bits >= (is_v6 ? kShortestV6 : kShortestV4) ||
                  (is_private_network(range) && *bits >= kShortestV4));
}

bool is_fixed(std::string_view key, std::string_view value) {
  if (key == "aws:sourceip") {
    return is_narrow_range(value);
  }
  // The name of the access point may be any, of a fixed account.
  constexpr std::string_view kAccessPoint = ":accesspoint/";
  const std::size_t name = value.find(kAccessPoint);
  if (key == "s3:dataaccesspointarn" && name != std::string_view::npos) {
    value = value.substr(0, name);
  }
  return !value.empty() && value.find_first_of("*?") == std::string_view::npos &&
         value.find("${") == std::string_view::npos;
}

class Members {
 public:
  explicit Members(const PolicyJson& json) : json_(json) {}

  // Whether `test` holds for a member (its name and value) of an object.
  template <class Test>
  [[nodiscard]] bool any(NodeId object, Test test) const {
    if (!json_.is(object, JsonKind::Object)) {
      return false;
    }
    for (NodeId name = object + 1; name < json_[object].next;) {
      const NodeId value = json_[name].next;
      if (test(json_[name].content, value)) {
        return true;
      }
      name = json_[value].next;
    }
    return false;
  }

 private:
  const PolicyJson& json_;
};

bool names_everybody(const PolicyJson& json, const Statement& statement) {
  const auto has_wildcard = [&](NodeId node) {
    bool found = false;
    each_text(json, node, [&](std::string_view text) {
      found = found || text.find('*') != std::string_view::npos;
    });
    return found;
  };
  if (statement.is_not_principal || !statement.has_principal()) {
    return true;
  }
  return json.is(statement.principal, JsonKind::Object)
             ? Members(json).any(
                   statement.principal,
                   [&](std::string_view, NodeId value) { return has_wildcard(value); })
             : has_wildcard(statement.principal);
}

bool is_limited(const PolicyJson& json, const Statement& statement) {
  const Members members(json);
  return members.any(statement.condition, [&](std::string_view written, NodeId tests) {
    std::string op = to_lower(written);
    constexpr std::string_view kAny = "foranyvalue:";
    op = op.starts_with(kAny) ? op.substr(kAny.size()) : op;
    return is_among(kPositive, op) && members.any(tests, [&](std::string_view name, NodeId value) {
      const std::string key = to_lower(name);
      bool has_value = false;
      bool is_every_one = true;
      each_text(json, value, [&](std::string_view text) {
        has_value = true;
        is_every_one = is_every_one && is_fixed(key, text);
      });
      return is_among(kLimiting, key) && has_value && is_every_one;
    });
  });
}

}  // namespace

bool is_public(const Document& document) {
  const PolicyJson& json = document.json();
  return std::ranges::any_of(document.statements(), [&](const Statement& statement) {
    return statement.effect == Effect::Allow && names_everybody(json, statement) &&
           !is_limited(json, statement);
  });
}

}  // namespace signet::policy
