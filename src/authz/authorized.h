#pragma once

#include <utility>

namespace signet::authz {

class Authorizer;

// Proof that every check of a request was allowed. Only the Authorizer makes one, so a handler,
// which demands it, cannot run without authorization: forging it does not compile
// (authorized_test.cc).
class Authorized {
 public:
  Authorized(const Authorized&) = delete;
  Authorized& operator=(const Authorized&) = delete;
  Authorized(Authorized&&) = default;
  Authorized& operator=(Authorized&&) = default;
  ~Authorized() = default;

 private:
  friend class Authorizer;
  Authorized() = default;
};

}  // namespace signet::authz
