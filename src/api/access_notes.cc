#include "api/access_notes.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace signet::api {
namespace {

constexpr std::int64_t kNotedSeconds = 3600;

// Actions that are remembered as told; when there are more the loop starts over.
constexpr std::size_t kMaxNoted = 50'000;

bool is_within(Instant at, Instant now, std::int64_t seconds) {
  return at <= now && now < at.plus_seconds(seconds);
}

// Whether accesses of this caller are reported at all.
bool is_tracked(const model::Caller& caller) {
  switch (caller.kind) {
    case model::CallerKind::Root:
    case model::CallerKind::User:
    case model::CallerKind::AssumedRole:
    case model::CallerKind::FederatedUser:
      return !caller.principal_id.empty();
    case model::CallerKind::Anonymous:
    case model::CallerKind::Service:
      break;
  }
  return false;
}

bool has_entity(const identity::Snapshot& snapshot, std::string_view id) {
  return snapshot.find<identity::User>(id) != nullptr ||
         snapshot.find<identity::Role>(id) != nullptr ||
         snapshot.find<identity::Account>(id) != nullptr;
}

// When the state says that this was done last; nothing if it does not say.
std::optional<Instant> stored_use(const identity::Snapshot& snapshot,
                                  std::string_view id,
                                  std::string_view action) {
  const identity::LastAccess* access = snapshot.find<identity::LastAccess>(id);
  const std::size_t colon = action.find(':');
  if (access == nullptr || colon == std::string_view::npos) {
    return std::nullopt;
  }
  for (const identity::ServiceAccess& service : access->services) {
    if (service.service != action.substr(0, colon)) {
      continue;
    }
    for (const identity::ActionAccess& one : service.actions) {
      if (one.action == action.substr(colon + 1)) {
        return one.at;
      }
    }
  }
  return std::nullopt;
}

// The item of that name in a sorted list; made if there is none.
template <class Item, class Name>
Item& item_of(std::vector<Item>& items, Name Item::* name, std::string_view wanted) {
  const auto at = std::ranges::lower_bound(
      items, wanted, {}, [name](const Item& item) { return std::string_view(item.*name); });
  if (at != items.end() && (*at).*name == wanted) {
    return *at;
  }
  Item item;
  item.*name = wanted;
  return *items.insert(at, std::move(item));
}

}  // namespace

void add_use(identity::LastAccess& access, const AccessNotes::Use& use) {
  const std::size_t colon = std::min(use.action.find(':'), use.action.size());
  if (colon == use.action.size()) {
    return;
  }
  for (identity::ServiceAccess& service : access.services) {
    std::erase_if(service.actions, [&](const identity::ActionAccess& one) {
      return !identity::is_access_told(one.at, use.at);
    });
  }
  std::erase_if(access.services, [&](const identity::ServiceAccess& one) {
    return !identity::is_access_told(one.at, use.at);
  });
  identity::ServiceAccess& service =
      item_of(access.services, &identity::ServiceAccess::service, use.action.substr(0, colon));
  service.at = use.at;
  service.region = use.region;
  identity::ActionAccess& action =
      item_of(service.actions, &identity::ActionAccess::action, use.action.substr(colon + 1));
  action.at = use.at;
  action.region = use.region;
}

void AccessNotes::note(const identity::Snapshot& snapshot,
                       const model::Caller& caller,
                       const Use& use) {
  if (!is_tracked(caller)) {
    return;
  }
  const std::size_t hash = std::hash<std::string_view>{}(use.action);
  Entity& entity = entity_of(snapshot, caller.principal_id, use.at);
  const auto noted = std::ranges::find(entity.actions, hash, &Noted::action_hash);
  if (noted != entity.actions.end() && is_within(noted->at, use.at, kNotedSeconds)) {
    return;
  }
  // Another loop may have told it.
  const auto stored = stored_use(snapshot, caller.principal_id, use.action);
  const bool is_stored = stored && is_within(*stored, use.at, kNotedSeconds);
  const Noted now{.action_hash = hash, .at = is_stored ? *stored : use.at};
  if (noted != entity.actions.end()) {
    *noted = now;
  } else {
    entity.actions.push_back(now);
    ++size_;
  }
  if (!is_stored && has_entity(snapshot, caller.principal_id)) {
    entity.told_at = use.at;
    tell(caller, use);
  }
}

// What was noted counts while the state knows of the entity's accesses at all: a state that was put
// back to an earlier one does not. Asked once per revision; a second is left for what is on its
// way.
AccessNotes::Entity& AccessNotes::entity_of(const identity::Snapshot& snapshot,
                                            const std::string& id,
                                            Instant now) {
  if (size_ >= kMaxNoted) {
    entities_.clear();
    size_ = 0;
  }
  Entity& entity = entities_[id];
  const std::uint64_t revision = snapshot.revision();
  if (entity.stored_revision == revision && revision != 0) {
    return entity;
  }
  if (snapshot.find<identity::LastAccess>(id) != nullptr) {
    entity.stored_revision = revision;
  } else if (!is_within(entity.told_at, now, 1)) {
    size_ -= entity.actions.size();
    entity.actions.clear();
  }
  return entity;
}

void AccessNotes::tell(const model::Caller& caller, const Use& use) {
  directory_.submit(
      [account = caller.account,
       id = caller.principal_id,
       action = std::string(use.action),
       region = std::string(use.region),
       at = use.at](const identity::Snapshot& snapshot,
                    identity::Transaction& transaction) -> Status {
        if (!has_entity(snapshot, id)) {
          return {};
        }
        const identity::LastAccess* known = snapshot.find<identity::LastAccess>(id);
        identity::LastAccess access = known != nullptr ? *known : identity::LastAccess();
        access.account = account;
        access.id = id;
        add_use(access, {.action = action, .region = region, .at = at});
        transaction.put(std::move(access));
        return {};
      },
      [](const Result<std::uint64_t>&) {});
}

}  // namespace signet::api
