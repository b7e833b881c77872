#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "escalation/ways.h"
#include "identity/snapshot.h"

namespace signet::escalation {

// Finds what users and roles can make of what they may, in one state of a directory. Every call of
// every way was decided by the engine that decides requests, in the state that the calls before it
// leave. Made once for many questions; not safe for concurrent use. The snapshot must outlive it.
class Explorer {
 public:
  Explorer(const identity::Snapshot& snapshot, Instant now);
  ~Explorer();
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;
  Explorer(Explorer&&) = delete;
  Explorer& operator=(Explorer&&) = delete;

  // Of a user or role that there is; nothing otherwise.
  [[nodiscard]] std::optional<Powers> powers_of(std::string_view arn);

  // ARNs of all users and roles of an account, or of all accounts (empty), users first.
  [[nodiscard]] std::vector<std::string> principals(std::string_view account) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The powers of all users and roles of all accounts.
[[nodiscard]] std::vector<Powers> find_graph(const identity::Snapshot& snapshot, Instant now);

}  // namespace signet::escalation
