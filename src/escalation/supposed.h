#pragma once

#include <optional>
#include <utility>

#include "identity/snapshot.h"
#include "identity/snapshot_edit.h"

// States as calls would leave them.

namespace signet::escalation {

// The state in which the entity, which may be new, is changed so; nothing: there can be none.
template <class Entity, class Change>
[[nodiscard]] std::optional<identity::Snapshot> supposed(const identity::Snapshot& snapshot,
                                                         const Entity& entity,
                                                         Change change) {
  Entity changed = entity;
  change(changed);
  identity::Snapshot next = identity::SnapshotEdit::supposition(snapshot);
  if (!identity::SnapshotEdit(next).put(std::move(changed))) {
    return std::nullopt;
  }
  return next;
}

// The same entity in another state; null: it is gone.
template <class Entity>
[[nodiscard]] const Entity* find_again(const identity::Snapshot& snapshot, const Entity& entity) {
  return snapshot.find_by_arn<Entity>(identity::arn_of(entity));
}

inline constexpr auto kWithoutBoundary = [](auto& entity) {
  entity.boundary = std::string();
};

}  // namespace signet::escalation
