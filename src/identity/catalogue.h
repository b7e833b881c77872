#pragma once

#include <span>
#include <string_view>

#include "identity/entities.h"

namespace signet::identity {

// The managed policies that AWS publishes (arn:aws:iam::aws:policy/...), which live outside the
// store. Read-only and safe to use from any thread; the policies live as long as the catalogue.
class PolicyCatalogue {
 public:
  PolicyCatalogue() = default;
  PolicyCatalogue(const PolicyCatalogue&) = delete;
  PolicyCatalogue& operator=(const PolicyCatalogue&) = delete;
  PolicyCatalogue(PolicyCatalogue&&) = delete;
  PolicyCatalogue& operator=(PolicyCatalogue&&) = delete;
  virtual ~PolicyCatalogue() = default;

  // The policy with exactly this ARN; null if there is none.
  [[nodiscard]] virtual const ManagedPolicy* find(std::string_view arn) const = 0;

  // All of them, sorted by name.
  [[nodiscard]] virtual std::span<const ManagedPolicy* const> all() const = 0;
};

}  // namespace signet::identity
