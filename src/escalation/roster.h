#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "identity/snapshot.h"

// Everybody in a snapshot, by ARN, and whom the trust policies name.

namespace signet::escalation {

template <class Entity>
struct Listed {
  std::string arn;
  const Entity* entity = nullptr;
};

// Of all accounts, sorted by ARN. The snapshot must outlive it.
class Roster {
 public:
  explicit Roster(const identity::Snapshot& snapshot);

  std::vector<Listed<identity::User>> users;
  std::vector<Listed<identity::Role>> roles;
  std::vector<Listed<identity::Group>> groups;
  std::vector<Listed<identity::ManagedPolicy>> policies;  // the accounts' own
  std::vector<Listed<identity::SamlProvider>> providers;

  // Roles whose trust policy may let in everybody, whoever that is.
  std::vector<const identity::Role*> open_to_all;

  // Roles whose trust policy names a user, a role or a session of it, a SAML provider, or a
  // service.
  [[nodiscard]] std::vector<const identity::Role*> naming(const identity::User& user) const;
  [[nodiscard]] std::vector<const identity::Role*> naming(const identity::Role& role) const;
  [[nodiscard]] std::vector<const identity::Role*> naming(std::string_view provider) const;
  // What trust policies name that begins so, sorted.
  [[nodiscard]] std::vector<std::string> names_from(std::string_view prefix) const;

 private:
  void read_trust(const identity::Role& role);
  void add_of(const std::string& name, std::vector<const identity::Role*>& out) const;

  std::map<std::string, std::vector<const identity::Role*>, std::less<>> named_;
};

}  // namespace signet::escalation
