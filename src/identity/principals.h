#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "identity/snapshot.h"
#include "policy_writing/pins.h"

namespace signet::identity {

// A snapshot's answers about the principals that policies name. Lives no longer than the snapshot.
class SnapshotPrincipals final : public policy::PrincipalDirectory {
 public:
  explicit SnapshotPrincipals(const Snapshot& snapshot) : snapshot_(snapshot) {}

  [[nodiscard]] std::optional<std::string> id_of(std::string_view arn) const override;
  [[nodiscard]] std::optional<std::string> arn_of(std::string_view id) const override;
  [[nodiscard]] std::optional<std::string> role_id_of(std::string_view account,
                                                      std::string_view name) const override;
  [[nodiscard]] bool has_account(std::string_view account) const override;

 private:
  const Snapshot& snapshot_;
};

}  // namespace signet::identity
