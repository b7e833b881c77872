#include "s3/post_policy.h"

#include <algorithm>
#include <initializer_list>
#include <limits>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"

namespace signet::s3 {
namespace {

using codec::Json;

bool needs_no_condition(std::string_view field) {
  return field == "x-amz-signature" || field == "signature" || field == "awsaccesskeyid" ||
         field == "policy" || field.starts_with("x-ignore-");
}

// ["eq", "$key", "value"]
std::string shown_texts(std::initializer_list<std::string_view> texts) {
  std::string shown = "[";
  for (const std::string_view text : texts) {
    shown += shown.size() > 1 ? ", " : "";
    codec::append_json_string(shown, text);
  }
  return shown + "]";
}

bool begins_all_with(std::string_view list, std::string_view prefix) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (!trimmed(list.substr(0, comma)).starts_with(prefix)) {
      return false;
    }
    if (comma == std::string_view::npos) {
      return true;
    }
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

Status PostPolicy::add(std::string_view given, std::string_view name, std::string_view value) {
  const std::string op = to_lower(given);
  const bool is_prefix = op == "starts-with";
  if (!is_prefix && op != "eq") {
    return form_policy_invalid(concat("Invalid condition operator: ", given));
  }
  const std::string field = to_lower(name);
  conditions_.push_back({.is_prefix = is_prefix,
                         .field = field,
                         .value = std::string(value),
                         .shown = shown_texts({given, concat("$", name), value})});
  return {};
}

Result<PostPolicy> PostPolicy::parse(std::string_view text) {
  const std::optional<Json> root = Json::parse(text);
  if (!root || !root->is_object()) {
    return form_policy_invalid("Invalid JSON.");
  }
  PostPolicy policy;
  const auto expires = codec::parse_iso8601(root->string_at("expiration"));
  if (!expires) {
    return form_policy_invalid("Policy missing expiration.");
  }
  policy.expires_ = *expires;
  const Json* conditions = root->find("conditions");
  if (conditions == nullptr || !conditions->is_array() || root->members().size() != 2) {
    return form_policy_invalid("Policy missing conditions.");
  }
  for (const Json& condition : conditions->items()) {
    if (condition.is_object() && condition.members().size() != 1) {
      return form_policy_invalid(
          "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
    }
    if (condition.is_object()) {
      const auto& [name, value] = condition.members().front();
      if (!value.is_string()) {
        return form_policy_invalid("Invalid Simple-Condition: value must be a string.");
      }
      TRY_STATUS(policy.add("eq", name, value.text()));
      continue;
    }
    if (!condition.is_array() || condition.items().size() != 3 ||
        !condition.items().front().is_string()) {
      return form_policy_invalid("Invalid condition.");
    }
    const auto& parts = condition.items();
    if (parts[0].text() == "content-length-range") {
      const auto read = [](const Json& part) {
        return parse_decimal(part.text());
      };
      const auto min = read(parts[1]);
      const auto max = read(parts[2]);
      if (!min || !max) {
        policy.never_holds_ = shown_texts({parts[0].text(), parts[1].text(), parts[2].text()});
        continue;
      }
      if (*min > *max || policy.size_) {
        return form_policy_invalid("Invalid content-length-range.");
      }
      policy.size_ = SizeRange{.min = *min, .max = *max};
      continue;
    }
    if (!parts[1].is_string() || !parts[2].is_string()) {
      return form_policy_invalid("Invalid condition.");
    }
    if (!parts[1].text().starts_with('$')) {  // of no field
      policy.never_holds_ = shown_texts({parts[0].text(), parts[1].text(), parts[2].text()});
      continue;
    }
    TRY_STATUS(policy.add(parts[0].text(), parts[1].text().substr(1), parts[2].text()));
  }
  return policy;
}

Status PostPolicy::check(std::span<const std::pair<std::string, std::string>> fields,
                         Instant now) const {
  if (now >= expires_) {
    return form_policy_expired();
  }
  if (!never_holds_.empty()) {
    return form_policy_failed(never_holds_);
  }
  const auto value_of = [&](std::string_view name) -> std::string_view {
    const auto found = std::ranges::find(
        fields, name, [](const auto& field) { return std::string_view(field.first); });
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
  };
  for (const Condition& condition : conditions_) {
    const std::string_view value = value_of(condition.field);
    const bool is_list = condition.field == "content-type";
    const bool holds = !condition.is_prefix ? value == condition.value
                       : is_list            ? begins_all_with(value, condition.value)
                                            : value.starts_with(condition.value);
    if (!holds) {
      return form_policy_failed(condition.shown);
    }
  }
  for (const auto& [name, value] : fields) {
    const bool is_named = std::ranges::any_of(
        conditions_, [&](const Condition& condition) { return condition.field == name; });
    if (!is_named && !needs_no_condition(name)) {
      return form_extra_field(name);
    }
  }
  return {};
}

Status PostPolicy::check_size(std::uint64_t size) const {
  if (!size_) {
    return {};
  }
  const auto refused = [&](ErrorCode code, const char* limit, std::int64_t bound) {
    Error error = facts::make_error(code);
    error.fields.emplace_back("ProposedSize", std::to_string(size));
    error.fields.emplace_back(limit, std::to_string(bound));
    return std::unexpected(std::move(error));
  };
  if (std::cmp_less(size, size_->min)) {
    return refused(ErrorCode::EntityTooSmall, "MinSizeAllowed", size_->min);
  }
  if (std::cmp_greater(size, size_->max)) {
    return refused(ErrorCode::EntityTooLarge, "MaxSizeAllowed", size_->max);
  }
  return {};
}

std::uint64_t PostPolicy::max_size() const {
  return size_ ? static_cast<std::uint64_t>(size_->max) : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace signet::s3
