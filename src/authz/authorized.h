#pragma once

#include <utility>

#include "authz/check.h"

namespace signet::authz {

class Authorizer;

// Proof that every check of a request was allowed, and which they were. Only the Authorizer makes
// one, so a handler, which demands it, cannot run without authorization: forging it does not
// compile (authorized_test.cc). What the checks borrow belongs to the state that they were decided
// on and to the request.
class Authorized {
 public:
  Authorized(const Authorized&) = delete;
  Authorized& operator=(const Authorized&) = delete;
  Authorized(Authorized&&) = default;
  Authorized& operator=(Authorized&&) = default;
  ~Authorized() = default;

  // Never empty.
  [[nodiscard]] const CheckList& checks() const { return checks_; }

 private:
  friend class Authorizer;

  explicit Authorized(CheckList checks) : checks_(std::move(checks)) {}

  CheckList checks_;
};

}  // namespace signet::authz
