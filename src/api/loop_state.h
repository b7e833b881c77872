#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/access_notes.h"
#include "api/parts.h"
#include "api/request_counters.h"
#include "api/shares.h"
#include "authn/authenticator.h"
#include "authn/credentials.h"

namespace signet::api {

// How many refusals may be described in a second: descriptions cost several times what the refusal
// does, so a flood of refused calls gets so many of them. Thread-safe.
class DescriptionBudget {
 public:
  explicit DescriptionBudget(std::uint32_t per_second) : per_second_(per_second) {}

  [[nodiscard]] bool take(Instant now);

 private:
  const std::uint32_t per_second_;
  std::atomic<std::uint64_t> used_ = 0;  // low half: how many; high half: in which second
};

inline constexpr std::uint32_t kDescribedPerSecond = 500;
// On the directory's writer and the pools' threads, for which others wait.
inline constexpr std::uint32_t kDescribedElsewherePerSecond = 100;

// Log lines of an event loop about signatures that differ: strangers can send any number of them.
inline constexpr std::uint32_t kSignatureLinesPerSecond = 2;

// Large bodies of IAM and STS calls that may be on their way at once under one access key: whether
// the signature is right shows only when such a body is whole, and key ids are no secret.
inline constexpr ShareLimits kUnverifiedBodies{.account_places = 1'000'000, .caller_places = 16};

// What all event loops share.
struct SharedState {
  SharedState(const Services& services, const ShareLimits& limits)
      : writes(limits), counted(services) {}

  authz::Authorizer writer_authorizer;  // of the directory's writer thread: used there only
  Shares writes;                        // that wait for the directory
  Shares bodies{kUnverifiedBodies};
  DescriptionBudget descriptions{kDescribedElsewherePerSecond};
  CountedOperations counted;
};

// What one event loop keeps between requests. Touched by that loop's thread only, but for the
// counters.
class LoopState {
 public:
  LoopState(Parts& all_parts, SharedState& shared_state)
      : parts(all_parts),
        shared(shared_state),
        reader(all_parts.directory),
        authenticator(all_parts.deps.rings),
        counters(shared_state.counted),
        accesses(all_parts.directory) {}

  Parts& parts;
  SharedState& shared;
  identity::SnapshotReader reader;
  authn::Authenticator authenticator;
  authz::Authorizer authorizer;
  DescriptionBudget descriptions{kDescribedPerSecond};
  DescriptionBudget signature_lines{kSignatureLinesPerSecond};
  RequestCounters counters;
  AccessNotes accesses;

  // Notes when a key or a role was last used, at most once in 15 minutes each (aws-wire 4.17 allows
  // them), without waiting for it.
  void note_use(const identity::Snapshot& snapshot,
                const model::Caller& caller,
                const RequestInfo& request,
                std::string_view service);

  // Notes, to some minutes, that a sign-in session was used (Ticket::session), without waiting for
  // it. Nothing for a caller of none.
  void note_session(const identity::Snapshot& snapshot, const model::Caller& caller, Instant now);

 private:
  struct Noted {
    Instant at;
    std::uint64_t stored_revision = 0;  // of the last snapshot in which it was found
  };

  // Whether a snapshot has the note; asked once per revision.
  static bool is_stored(const identity::Snapshot& snapshot, const std::string& id, Noted& noted);

  std::unordered_map<std::string, Noted> noted_;
  std::unordered_map<std::string, Instant> told_sessions_;  // of which the directory was told, when
};

}  // namespace signet::api
