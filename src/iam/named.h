#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strings.h"
#include "facts/iam_sentences.h"
#include "iam/names.h"
#include "identity/snapshot.h"
#include "model/arn.h"

namespace signet::iam {

// Users and roles fold the case of tag keys and keep what was written; everything else tells cases
// apart (aws-wire 4.2).
enum class TagKeys : std::uint8_t { CaseInsensitive, CaseSensitive };

// How requests mean an entity of a kind: what in the request names it, what the account has by that
// name, how a decision and AccessDenied call it (aws-wire 2.4), what is said when it is not there,
// and whether it may be changed. With it checks, look-ups and tags are written once for all kinds.
template <class Entity>
struct Named;

// Kinds that are named by their name. What does not exist is decided on by the ARN that it would
// have at the root path, so that refusals tell nothing.
template <class Entity>
struct NamedByName {
  static constexpr TagKeys kTagKeys = TagKeys::CaseSensitive;

  static const Entity* find(const identity::Snapshot& snapshot,
                            std::string_view account,
                            std::string_view name) {
    return snapshot.find<Entity>(account, name);
  }

  static std::string resource(const Entity* entity,
                              std::string_view account,
                              std::string_view name) {
    return entity != nullptr ? identity::arn_of(*entity)
                             : model::iam_arn(account, identity::Kind<Entity>::kArn, "/", name);
  }

  static std::string_view resource_account(std::string_view) { return {}; }

  static std::string shown(std::string_view name) {
    return concat(identity::Kind<Entity>::kNoun, " ", name);
  }

  // Before it is looked for: whether the account may change what has that name.
  static Status require_own(std::string_view, std::string_view) { return {}; }

  static Status require_modifiable(const Entity&) { return {}; }
};

// Kinds that are named by their ARN. Another account's are as good as none; what is no ARN is
// decided on as a name at the root path.
template <class Entity>
struct NamedByArn : NamedByName<Entity> {
  static const Entity* find(const identity::Snapshot& snapshot,
                            std::string_view account,
                            std::string_view arn) {
    const Entity* entity = snapshot.find_by_arn<Entity>(arn);
    return entity != nullptr && entity->account == account ? entity : nullptr;
  }

  static std::string resource(const Entity*, std::string_view account, std::string_view arn) {
    return model::split_arn(arn) ? std::string(arn)
                                 : model::iam_arn(account, identity::Kind<Entity>::kArn, "/", arn);
  }

  static std::string_view resource_account(std::string_view arn) { return account_of_arn(arn); }
};

template <>
struct Named<identity::User> : NamedByName<identity::User> {
  static constexpr TagKeys kTagKeys = TagKeys::CaseInsensitive;

  static std::string_view name_in(const auto& request) { return request.user_name; }

  static Failure not_found(std::string_view name) { return user_not_found(name); }
};

template <>
struct Named<identity::Group> : NamedByName<identity::Group> {
  static std::string_view name_in(const auto& request) { return request.group_name; }

  static Failure not_found(std::string_view name) { return group_not_found(name); }
};

template <>
struct Named<identity::Role> : NamedByName<identity::Role> {
  static constexpr TagKeys kTagKeys = TagKeys::CaseInsensitive;

  static std::string_view name_in(const auto& request) { return request.role_name; }

  static Failure not_found(std::string_view name) { return role_not_found(name); }

  // Paths of service-linked roles and of IAM Identity Center's.
  static bool is_protected_path(std::string_view path) {
    return path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/");
  }

  static bool is_service_linked(const identity::Role& role) {
    return role.path.starts_with("/aws-service-role/");
  }

  // Roles that AWS made are AWS's to change.
  static Status require_modifiable(const identity::Role& role) {
    if (is_protected_path(role.path)) {
      return protected_role(role.name);
    }
    return {};
  }

  // Tags are the account's own, also on its service-linked roles (Terraform's
  // aws_iam_service_linked_role puts them there with TagRole).
  static Status require_taggable(const identity::Role& role) {
    return is_service_linked(role) ? Status() : require_modifiable(role);
  }
};

template <>
struct Named<identity::InstanceProfile> : NamedByName<identity::InstanceProfile> {
  static std::string_view name_in(const auto& request) { return request.instance_profile_name; }

  static Failure not_found(std::string_view name) { return instance_profile_not_found(name); }
};

// AWS's policies belong to whoever asks, and can be seen, not changed.
template <>
struct Named<identity::ManagedPolicy> : NamedByArn<identity::ManagedPolicy> {
  static std::string_view name_in(const auto& request) { return request.policy_arn; }

  static const identity::ManagedPolicy* find(const identity::Snapshot& snapshot,
                                             std::string_view account,
                                             std::string_view arn) {
    return find_usable_policy(snapshot, account, arn);
  }

  static Failure not_found(std::string_view arn) { return policy_not_found(arn); }

  static Status require_own(std::string_view account, std::string_view arn) {
    if (account_of_arn(arn) != account) {
      return outside_own_account("update policies");
    }
    return {};
  }
};

template <>
struct Named<identity::MfaDevice> : NamedByArn<identity::MfaDevice> {
  static std::string_view name_in(const auto& request) { return request.serial_number; }

  static std::string shown(std::string_view) { return {}; }  // as its ARN

  static Failure not_found(std::string_view serial) { return mfa_device_not_found(serial); }
};

template <>
struct Named<identity::SamlProvider> : NamedByArn<identity::SamlProvider> {
  static std::string_view name_in(const auto& request) { return request.saml_provider_arn; }

  static std::string shown(std::string_view) { return {}; }  // as its ARN

  static Failure not_found(std::string_view arn) { return saml_provider_not_found(arn); }
};

template <>
struct Named<identity::OidcProvider> : NamedByArn<identity::OidcProvider> {
  static std::string_view name_in(const auto& request) {
    return request.open_id_connect_provider_arn;
  }

  static std::string shown(std::string_view) { return {}; }  // as its ARN

  static Failure not_found(std::string_view arn) { return oidc_provider_not_found(arn); }
};

template <>
struct Named<identity::ServerCertificate> : NamedByName<identity::ServerCertificate> {
  static std::string_view name_in(const auto& request) { return request.server_certificate_name; }

  static Failure not_found(std::string_view name) { return server_certificate_not_found(name); }
};

// The entity, or NoSuchEntity in its kind's words.
template <class Entity>
[[nodiscard]] Result<const Entity*> require(const identity::Snapshot& snapshot,
                                            std::string_view account,
                                            std::string_view name) {
  const Entity* entity = Named<Entity>::find(snapshot, account, name);
  if (entity == nullptr) {
    return Named<Entity>::not_found(name);
  }
  return entity;
}

// The entity if it exists and may be changed.
template <class Entity>
[[nodiscard]] Result<const Entity*> require_modifiable(const identity::Snapshot& snapshot,
                                                       std::string_view account,
                                                       std::string_view name) {
  TRY_STATUS(Named<Entity>::require_own(account, name));
  const Entity* entity = TRY(require<Entity>(snapshot, account, name));
  TRY_STATUS(Named<Entity>::require_modifiable(*entity));
  return entity;
}

// The entity if it exists and its tags may be changed.
template <class Entity>
[[nodiscard]] Result<const Entity*> require_taggable(const identity::Snapshot& snapshot,
                                                     std::string_view account,
                                                     std::string_view name) {
  if constexpr (requires(const Entity& v) { Named<Entity>::require_taggable(v); }) {
    const Entity* entity = TRY(require<Entity>(snapshot, account, name));
    TRY_STATUS(Named<Entity>::require_taggable(*entity));
    return entity;
  } else {
    return require_modifiable<Entity>(snapshot, account, name);
  }
}

}  // namespace signet::iam
