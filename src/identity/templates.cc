#include "identity/templates.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace signet::identity {
namespace {

constexpr std::array<std::string_view, 6> kTypeNames = {
    "String", "StringList", "Number", "NumberList", "Arn", "ArnList"};

}  // namespace

std::string_view name_of(ParameterType type) {
  return kTypeNames.at(static_cast<std::size_t>(type));
}

std::optional<ParameterType> parameter_type(std::string_view name) {
  const auto* const found = std::ranges::find(kTypeNames, name);
  if (found == kTypeNames.end()) {
    return std::nullopt;
  }
  return static_cast<ParameterType>(found - kTypeNames.begin());
}

bool is_list(ParameterType type) {
  return name_of(type).ends_with("List");
}

void TemplateCatalogue::add(RoleTemplate from) {
  std::pair<std::string, std::uint32_t> key(from.arn, from.minor);
  roles_.insert_or_assign(std::move(key), std::move(from));
}

void TemplateCatalogue::add(PolicyTemplate from) {
  std::string arn = from.arn;
  policies_.insert_or_assign(std::move(arn), std::move(from));
}

const RoleTemplate* TemplateCatalogue::find_role(std::string_view arn,
                                                 std::optional<std::int64_t> minor) const {
  const auto first = roles_.lower_bound({std::string(arn), 0});
  if (first == roles_.end() || first->first.first != arn) {
    return nullptr;
  }
  const std::int64_t wanted = minor.value_or(first->second.default_minor);
  if (wanted < 0 || wanted > UINT32_MAX) {
    return nullptr;
  }
  const auto found = roles_.find({std::string(arn), static_cast<std::uint32_t>(wanted)});
  return found != roles_.end() ? &found->second : nullptr;
}

const PolicyTemplate* TemplateCatalogue::find_policy(std::string_view arn) const {
  const auto found = policies_.find(arn);
  return found != policies_.end() ? &found->second : nullptr;
}

}  // namespace signet::identity
