#include "facts/wire/decoder.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::facts {
namespace {

constexpr std::size_t kMaxIndexDigits = 6;

// "3" and "3.Key" are 3; nothing for 0, leading zeros, signs and absurd sizes.
std::optional<std::int64_t> leading_index(std::string_view text) {
  text = text.substr(0, text.find('.'));
  if (text.empty() || text.size() > kMaxIndexDigits || text.front() == '0') {
    return std::nullopt;
  }
  return parse_decimal(text);
}

}  // namespace

Decoder::Decoder(const codec::FormParams& form, const OperationRow& operation)
    : form_(form),
      operation_(operation),
      used_(form.all().size(), '\0'),
      violations_(operation.service != Service::Iam) {}

const std::string_view* Decoder::take(std::string_view wire) {
  const codec::FormParam* const param = form_.find(wire);
  if (param == nullptr) {
    return nullptr;
  }
  used_[static_cast<std::size_t>(param - form_.all().data())] = 1;
  return &param->value;
}

// Full parameter name of a member of the structure being read; good until the next call.
std::string_view Decoder::key(std::string_view wire, std::string_view tail) {
  if (wire_prefix_.empty() && tail.empty()) {
    return wire;
  }
  key_.assign(wire_prefix_).append(wire).append(tail);
  return key_;
}

const std::string_view* Decoder::take_member(const MemberRule& member) {
  const std::string_view* const value = take(key(member.wire));
  if (value == nullptr && member.is_required) {
    missing(member);
  }
  if (value != nullptr && value->empty() && member.is_empty_absent) {
    return nullptr;
  }
  return value;
}

void Decoder::missing(const MemberRule& member) {
  // Members of IAM's tags answer MissingParameter whatever the operation does (aws-wire 1.7).
  const bool by_parameter =
      operation_.missing == MissingStyle::Parameter ||
      (operation_.service == Service::Iam && wire_prefix_.starts_with("Tags.member."));
  if (!by_parameter) {
    violations_.missing(member);
  } else if (missing_parameter_.empty()) {
    missing_parameter_ = concat(wire_prefix_, member.wire);
  }
}

void Decoder::string(const MemberRule& member, const StringRule& rule, std::string& out) {
  if (const std::string_view* const value = take_member(member)) {
    violations_.check_string(member, rule, *value);
    out = *value;
  }
}

void Decoder::string(const MemberRule& member,
                     const StringRule& rule,
                     std::optional<std::string>& out) {
  if (const std::string_view* const value = take_member(member)) {
    violations_.check_string(member, rule, *value);
    out.emplace(*value);
  }
}

void Decoder::string(const MemberRule& member, const StringRule& rule, Secret& out) {
  if (const std::string_view* const value = take_member(member)) {
    violations_.check_string(member, rule, *value);
    out = Secret(std::string(*value));
  }
}

void Decoder::string(const MemberRule& member, const StringRule& rule, std::optional<Secret>& out) {
  if (const std::string_view* const value = take_member(member)) {
    violations_.check_string(member, rule, *value);
    out.emplace(std::string(*value));
  }
}

std::optional<std::int64_t> Decoder::read_integer(const MemberRule& member,
                                                  const BoundsRule& rule) {
  const std::string_view* const text = take_member(member);
  if (text == nullptr) {
    return std::nullopt;
  }
  const bool is_negative = text->starts_with('-');
  const auto magnitude = parse_decimal(text->substr(is_negative ? 1 : 0));
  if (!magnitude) {
    violations_.add(member.path, *text, "Member must be an integer");
    return std::nullopt;
  }
  const std::int64_t value = is_negative ? -*magnitude : *magnitude;
  violations_.check_integer(member, rule, value, *text);
  return value;
}

void Decoder::integer(const MemberRule& member, const BoundsRule& rule, std::int64_t& out) {
  out = read_integer(member, rule).value_or(0);
}

void Decoder::integer(const MemberRule& member,
                      const BoundsRule& rule,
                      std::optional<std::int64_t>& out) {
  out = read_integer(member, rule);
}

std::optional<bool> Decoder::read_boolean(const MemberRule& member) {
  const std::string_view* const text = take_member(member);
  if (text == nullptr) {
    return std::nullopt;
  }
  if (*text != "true" && *text != "false") {
    violations_.add(member.path, *text, "Member must be true or false");
  }
  return *text == "true";
}

void Decoder::boolean(const MemberRule& member, bool& out) {
  out = read_boolean(member).value_or(false);
}

void Decoder::boolean(const MemberRule& member, std::optional<bool>& out) {
  out = read_boolean(member);
}

std::vector<std::int64_t> Decoder::indices(const MemberRule& member, std::string_view step) {
  const std::string_view prefix = key(member.wire, step);
  std::vector<std::int64_t> found;
  for (const codec::FormParam& param : form_.with_prefix(prefix)) {
    const auto index = leading_index(param.name.substr(prefix.size()));
    // The members of one element are neighbours. A bad index stays unused, which finish() refuses.
    if (index && (found.empty() || found.back() != *index)) {
      found.push_back(*index);
    }
  }
  std::ranges::sort(found);
  const auto repeats = std::ranges::unique(found);
  found.erase(repeats.begin(), repeats.end());
  return found;
}

std::vector<std::int64_t> Decoder::begin_list(const MemberRule& member,
                                              const ListRule& list,
                                              std::string_view step) {
  if (form_.with_prefix(key(member.wire)).empty()) {
    if (member.is_required) {
      missing(member);
    }
    return {};
  }
  auto found = indices(member, step);
  // `Tags=` is how botocore writes an empty list.
  const std::string_view* const marker = take(key(member.wire));
  if (marker != nullptr && !marker->empty()) {
    violations_.add(member.path, *marker, "Member must be a list");
  }
  if (found.empty() && marker == nullptr) {
    if (member.is_required) {
      missing(member);
    }
    return found;
  }
  violations_.check_size(member, list.size, found.size());
  return found;
}

void Decoder::strings(const MemberRule& member,
                      const ListRule& list,
                      const StringRule& rule,
                      std::vector<std::string>& out) {
  values_.clear();
  for (const std::int64_t index : begin_list(member, list)) {
    const std::string_view* const value =
        take(key(member.wire, concat(kMemberStep, std::to_string(index))));
    if (value == nullptr) {
      continue;  // something like Keys.member.1.x, which finish() refuses
    }
    values_.push_back(*value);
    out.emplace_back(*value);
  }
  violations_.check_items(member, list, rule, values_);
}

bool Decoder::begin_structure(const MemberRule& member) {
  const bool is_present = !form_.with_prefix(key(member.wire, ".")).empty();
  if (!is_present && member.is_required) {
    missing(member);
  }
  return is_present;
}

Decoder::Scope Decoder::enter(const MemberRule& member) {
  const Scope scope{.wire = wire_prefix_.size(), .path = violations_.prefix().size()};
  wire_prefix_.append(member.wire).append(".");
  violations_.prefix().append(member.path).append(".");
  return scope;
}

Decoder::Scope Decoder::enter_element(const MemberRule& member,
                                      std::int64_t index,
                                      std::string_view step) {
  const Scope scope{.wire = wire_prefix_.size(), .path = violations_.prefix().size()};
  const std::string number = std::to_string(index);
  wire_prefix_.append(member.wire).append(step).append(number).append(".");
  violations_.prefix().append(member.path).append(".").append(number).append(step);
  return scope;
}

void Decoder::leave(Scope scope) {
  wire_prefix_.resize(scope.wire);
  violations_.prefix().resize(scope.path);
}

Status Decoder::finish(std::span<const std::string_view> members) {
  if (const auto repeated = form_.duplicate()) {
    return fail(ErrorCode::ValidationError,
                concat("The parameter ", *repeated, " is given more than once."));
  }
  for (std::size_t i = 0; i < used_.size(); ++i) {
    const std::string_view name = form_.all()[i].name;
    if (used_[i] == 0 &&
        std::ranges::find(members, name.substr(0, name.find('.'))) != members.end()) {
      return fail(ErrorCode::ValidationError,
                  concat("The parameter ", name, " is not one that ", operation_.name, " takes."));
    }
  }
  if (!missing_parameter_.empty()) {
    return fail(ErrorCode::MissingParameter,
                concat("The request must contain the parameter ", missing_parameter_, "."));
  }
  return violations_.finish();
}

}  // namespace signet::facts
