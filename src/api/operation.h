#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/work.h"
#include "authz/authorizer.h"
#include "authz/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "facts/operations.h"
#include "identity/snapshot.h"
#include "identity/transaction.h"
#include "model/caller.h"

namespace signet::audit {
class Sink;
}

namespace signet::authn {
class KeyRings;
class MfaGate;
}  // namespace signet::authn

namespace signet::http {
struct RequestHead;
}

namespace signet::identity {
class PolicyCatalogue;
class TemplateCatalogue;
}  // namespace signet::identity

namespace signet::oidc {
class IssuerKeys;
}

namespace signet::api {

using authz::Authorized;
using authz::Check;
using authz::CheckList;
using authz::RequestInfo;

// Collaborators that every service may use. Owned by the server; all are safe to use from any
// thread.
struct Deps {
  const Clock& clock;
  Random& random;
  const authn::KeyRings& rings;
  authn::MfaGate& mfa;
  const identity::PolicyCatalogue& catalogue;
  // Null: no issuer's keys can be had, so that no token of one is good.
  oidc::IssuerKeys* issuer_keys = nullptr;
  // Where verifiers of web identity tokens reach this server: a URL without a slash at its end,
  // empty while it is not known. Null: tokens cannot be issued.
  std::function<std::string()> issuer_base = {};
  const identity::TemplateCatalogue* templates = nullptr;  // null: there are none
  const audit::Sink* trail = nullptr;  // what requests leave records in; null: nothing is kept
};

// What checks() sees: nothing may be changed here.
struct CheckContext {
  const identity::Snapshot& snapshot;
  const model::Caller& caller;
  const RequestInfo& request;
  const Deps& deps;
  // As they were sent, for a signature that the service checks itself (HasEvidence); null where no
  // request was.
  const http::RequestHead* head = nullptr;
  std::string_view body = {};
};

// What handle() sees. `snapshot` is the very state that the proof is of: what checks() found there,
// handle() finds too. For operations whose facts say `write` it is the newest one and `transaction`
// takes the changes; the answer leaves only after they are durable. A handler that returns an error
// has changed nothing. It may run on the directory's writer thread, so it must not block.
struct HandlerContext {
  const identity::Snapshot& snapshot;
  identity::Transaction* transaction;  // null for reads
  const model::Caller& caller;
  const RequestInfo& request;
  const Deps& deps;
  // Of this thread, for calls that report per item or whose error depends on what the caller may
  // see (S3 DeleteObjects, a missing key). Null for writes.
  authz::Authorizer* authorizer = nullptr;
  // For work that is long and then changes what is not in the directory (objects): decides the call
  // again on the newest state, which it answers, or the refusal. Set on the worker pool.
  std::function<Result<std::shared_ptr<const identity::Snapshot>>()> decide_again;
};

using facts::RunMode;

// One request of one operation, from its typed form to its typed answer. Made by the route table,
// driven by the pipeline (pipeline.h). checks() and authorize are repeated when handle() gets
// another state than they had.
class Invocation {
 public:
  Invocation() = default;
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;
  Invocation(Invocation&&) = delete;
  Invocation& operator=(Invocation&&) = delete;
  virtual ~Invocation() = default;

  // The service's IAM prefix and the operation's name, for instance "iam" and "CreateUser".
  [[nodiscard]] virtual std::string_view service() const = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Its place among the operations of its service.
  [[nodiscard]] virtual std::size_t number() const = 0;
  [[nodiscard]] virtual RunMode run_mode() const = 0;

  // For PreparedWrite, Blocking and those with evidence: which pool runs the slow part.
  [[nodiscard]] virtual Work work() const = 0;

  // Takes what a call uses up by being made, whatever becomes of it: an MFA code. Called once,
  // before the first checks(). May fail with the caller's error; then nothing is used up.
  [[nodiscard]] virtual Status spend(const CheckContext& /*context*/) { return {}; }

  // Whether spend() used something up, which keep_spent() has to store before the call is answered.
  [[nodiscard]] virtual bool has_spent() const { return false; }

  // On the directory's writer thread, also when the call was refused.
  virtual void keep_spent(const identity::Snapshot& /*snapshot*/,
                          const Deps& /*deps*/,
                          identity::Transaction& /*transaction*/) const {}

  // Whether the request brings what says who asks, in place of a signature (a token, an assertion).
  [[nodiscard]] virtual bool has_evidence() const { return false; }

  // Looks at that, which may take long and wait for others: on a thread of a pool, once, before the
  // first checks(); what it finds is kept for checks() and handle(). May fail with the caller's
  // error.
  [[nodiscard]] virtual Status examine(const CheckContext& /*context*/) { return {}; }

  // Who that says it is, once examine() has verified it; null before, and for all other calls.
  [[nodiscard]] virtual const model::Vouched* vouched() const { return nullptr; }

  // The decisions this call needs, on the state of the context; on each state that the call is
  // decided on, so it begins afresh each time. May fail with the caller's error (a name that no
  // rule admits).
  [[nodiscard]] virtual Result<CheckList> checks(const CheckContext& context) = 0;

  // The slow part of a PreparedWrite, once, after the call was authorized; what it makes is kept
  // for handle(). The state may change before handle() runs: the call is decided again then, and
  // handle() checks again what else matters.
  [[nodiscard]] virtual Status prepare(const CheckContext& /*context*/) { return {}; }

  // Does the work and keeps the answer for encode(). Called once for reads; for writes it may be
  // called again if an earlier write that it saw could not be made durable, so it starts afresh
  // each time.
  [[nodiscard]] virtual Status handle(const Authorized& proof, HandlerContext& context) = 0;
};

}  // namespace signet::api
