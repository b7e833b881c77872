#include "signin/session_owner.h"

#include "base/strings.h"
#include "model/arn.h"

namespace signet::signin {
namespace {

// Of somebody who is not there: no id that anybody has.
constexpr std::string_view kNobody = "-";

template <class T>
std::string id_of(const identity::Snapshot& snapshot,
                  std::string_view account,
                  std::string_view name) {
  const T* found = snapshot.find<T>(account, name);
  return std::string(found != nullptr ? std::string_view(found->id) : kNobody);
}

}  // namespace

std::string owner_id(const model::Caller& caller) {
  return caller.kind == model::CallerKind::FederatedUser ? caller.user_id : caller.principal_id;
}

std::optional<SessionOwner> owner_named(std::string_view arn, const identity::Snapshot& snapshot) {
  const auto parts = model::split_arn(arn);
  if (!parts) {
    return std::nullopt;
  }
  SessionOwner owner{.account = std::string(parts->account), .id = {}};
  const auto after = [&parts](std::string_view kind) -> std::optional<std::string_view> {
    return parts->resource.starts_with(kind) ? std::optional(parts->resource.substr(kind.size()))
                                             : std::nullopt;
  };
  if (parts->service == "sts") {
    const auto name = after("federated-user/");
    owner.id = name ? concat(parts->account, ":", *name) : "";
    return name ? std::optional(std::move(owner)) : std::nullopt;
  }
  if (parts->service != "iam") {
    return std::nullopt;
  }
  if (const auto user = after("user/")) {
    owner.id = id_of<identity::User>(snapshot, parts->account, *user);
  } else if (const auto role = after("role/")) {
    owner.id = id_of<identity::Role>(snapshot, parts->account, *role);
  } else if (parts->resource == "root") {
    owner.id = owner.account;
  } else if (parts->resource != "*") {
    return std::nullopt;
  }
  return owner;
}

std::optional<std::string> principal_arn_of(std::string_view account,
                                            std::string_view owner,
                                            const identity::Snapshot& snapshot) {
  if (owner == account) {
    return concat("arn:aws:iam::", account, ":root");
  }
  if (const auto* user = snapshot.find<identity::User>(owner)) {
    return concat("arn:aws:iam::", account, ":user/", user->name);
  }
  if (const auto* role = snapshot.find<identity::Role>(owner)) {
    return concat("arn:aws:iam::", account, ":role/", role->name);
  }
  const std::string prefix = concat(account, ":");
  return owner.starts_with(prefix)
             ? std::optional(model::federated_user_arn(account, owner.substr(prefix.size())))
             : std::nullopt;
}

}  // namespace signet::signin
