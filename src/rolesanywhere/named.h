#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strings.h"
#include "facts/rolesanywhere_sentences.h"
#include "identity/snapshot.h"
#include "model/arn.h"

namespace signet::rolesanywhere {

// Which region of which account a call is about: the caller's, where its request is signed for.
struct Place {
  std::string_view account;
  std::string_view region;
};

// Letters, digits and hyphens, as ARNs have them.
[[nodiscard]] inline bool is_region(std::string_view text) {
  constexpr std::size_t kLongest = 32;
  return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
  });
}

// What a kind is called: in ARNs, and in messages.
template <class Entity>
struct Named;

template <>
struct Named<identity::TrustAnchor> {
  static constexpr std::string_view kType = "trust-anchor";
  static constexpr std::string_view kNoun = "Trust anchor";
};

template <>
struct Named<identity::AnywhereProfile> {
  static constexpr std::string_view kType = "profile";
  static constexpr std::string_view kNoun = "Profile";
};

template <>
struct Named<identity::RevocationList> {
  static constexpr std::string_view kType = "crl";
  static constexpr std::string_view kNoun = "Crl";
};

template <>
struct Named<identity::AnywhereSubject> {
  static constexpr std::string_view kType = "subject";
  static constexpr std::string_view kNoun = "Subject";
};

// arn:aws:rolesanywhere:REGION:ACCOUNT:TYPE/ID
[[nodiscard]] inline std::string arn_at(const Place& place,
                                        std::string_view type,
                                        std::string_view id) {
  return concat("arn:aws:rolesanywhere:", place.region, ":", place.account, ":", type, "/", id);
}

template <class Entity>
[[nodiscard]] std::string arn_of(const Entity& v) {
  return arn_at({.account = v.account, .region = v.region}, Named<Entity>::kType, v.id);
}

// arn:aws:rolesanywhere:REGION:ACCOUNT:alias/TYPE/ALIAS
template <class Entity>
[[nodiscard]] std::string alias_arn_of(const Entity& v) {
  return arn_at(
      {.account = v.account, .region = v.region}, concat("alias/", Named<Entity>::kType), v.alias);
}

// What stands behind TYPE/ in the resource of an ARN of Roles Anywhere at that place; empty: it is
// none of those.
[[nodiscard]] inline std::string_view rest_of_arn(std::string_view arn,
                                                  const Place& place,
                                                  std::string_view type) {
  const auto parts = model::split_arn(arn);
  const bool is_here = parts && parts->partition == "aws" && parts->service == "rolesanywhere" &&
                       parts->region == place.region && parts->account == place.account;
  if (!is_here || !parts->resource.starts_with(type) ||
      !parts->resource.substr(type.size()).starts_with('/')) {
    return {};
  }
  return parts->resource.substr(type.size() + 1);
}

template <class Entity>
[[nodiscard]] const Entity* find_by_id(const identity::Snapshot& snapshot,
                                       const Place& place,
                                       std::string_view id) {
  const Entity* entity = snapshot.find<Entity>(id);
  const bool is_here =
      entity != nullptr && entity->account == place.account && entity->region == place.region;
  return is_here ? entity : nullptr;
}

template <class Entity>
[[nodiscard]] const Entity* find_by_alias(const identity::Snapshot& snapshot,
                                          const Place& place,
                                          std::string_view alias) {
  const auto& table = snapshot.index<identity::ByAlias<Entity>>(place.account);
  const std::string key = identity::relation_key(place.region, alias);
  const auto at = table.lower_bound(key);
  return at != table.end() && at->key == key ? at->value.get() : nullptr;
}

// By its ARN, which is not that of an alias.
template <class Entity>
[[nodiscard]] const Entity* find_by_arn(const identity::Snapshot& snapshot,
                                        const Place& place,
                                        std::string_view arn) {
  const std::string_view id = rest_of_arn(arn, place, Named<Entity>::kType);
  return id.empty() ? nullptr : find_by_id<Entity>(snapshot, place, id);
}

// By what requests name one by: its id, its ARN, or the ARN of its alias.
template <class Entity>
[[nodiscard]] const Entity* find(const identity::Snapshot& snapshot,
                                 const Place& place,
                                 std::string_view identifier) {
  if (!identifier.starts_with("arn:")) {
    return find_by_id<Entity>(snapshot, place, identifier);
  }
  if constexpr (requires(const Entity& v) { v.alias; }) {
    const std::string_view alias =
        rest_of_arn(identifier, place, concat("alias/", Named<Entity>::kType));
    if (!alias.empty()) {
      return find_by_alias<Entity>(snapshot, place, alias);
    }
  }
  return find_by_arn<Entity>(snapshot, place, identifier);
}

// The same, or ResourceNotFoundException.
template <class Entity>
[[nodiscard]] Result<const Entity*> require(const identity::Snapshot& snapshot,
                                            const Place& place,
                                            std::string_view identifier) {
  const Entity* entity = find<Entity>(snapshot, place, identifier);
  if (entity == nullptr) {
    return entity_not_found(Named<Entity>::kNoun);
  }
  return entity;
}

// Where a call is.
template <class Context>
[[nodiscard]] Place place_of(const Context& context) {
  return {.account = context.caller.account, .region = context.request.region};
}

}  // namespace signet::rolesanywhere
