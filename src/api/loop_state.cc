#include "api/loop_state.h"

#include <algorithm>
#include <utility>

namespace signet::api {
namespace {

// Keys remembered to be noted already; when full the loop starts over.
constexpr std::size_t kMaxNoted = 10'000;

constexpr std::int64_t kLastUsedSeconds = 15 * 60;

// How exactly it is known when a sign-in session was used last, unless it ends sooner.
constexpr std::int64_t kSessionUseSeconds = 5 * 60;

// The session if its use is to be noted at `now`.
const identity::Ticket* session_to_note(const identity::Snapshot& snapshot,
                                        const std::string& id,
                                        Instant now) {
  const auto* ticket = snapshot.find<identity::Ticket>({identity::TicketKind::ConsoleSession, id});
  if (ticket == nullptr || !ticket->session) {
    return nullptr;
  }
  const std::int64_t idle = ticket->session->idle_seconds;
  const std::int64_t exact = idle > 0 ? std::min(kSessionUseSeconds, idle / 4) : kSessionUseSeconds;
  return ticket->session->last_used.plus_seconds(exact) <= now ? ticket : nullptr;
}

}  // namespace

void LoopState::note_use(const identity::Snapshot& snapshot,
                         const model::Caller& caller,
                         const RequestInfo& request,
                         std::string_view service) {
  const bool is_role = caller.kind == model::CallerKind::AssumedRole;
  if (!is_role && caller.is_temporary()) {
    return;
  }
  const std::string& id = is_role ? caller.principal_id : caller.access_key_id;
  const auto found = noted_.find(id);
  const bool is_noted_lately = found != noted_.end() &&
                               request.now < found->second.at.plus_seconds(kLastUsedSeconds) &&
                               found->second.at <= request.now;
  if (is_noted_lately && is_stored(snapshot, id, found->second)) {
    return;
  }
  if (is_noted_lately && request.now < found->second.at.plus_seconds(1)) {
    return;  // the previous note is queued but not stored yet
  }
  if (noted_.size() >= kMaxNoted) {
    noted_.clear();
  }
  noted_[id] = Noted{.at = request.now};
  identity::LastUsed used{.account = caller.account,
                          .id = id,
                          .at = request.now,
                          .region = std::string(request.region),
                          .service = std::string(service)};
  parts.directory.submit(
      [used = std::move(used)](const identity::Snapshot&,
                               identity::Transaction& transaction) -> Status {
        transaction.put(used);
        return {};
      },
      [](const Result<std::uint64_t>&) {});
}

void LoopState::note_session(const identity::Snapshot& snapshot,
                             const model::Caller& caller,
                             Instant now) {
  if (!caller.session || caller.session->console_session_id.empty()) {
    return;
  }
  const std::string& id = caller.session->console_session_id;
  if (session_to_note(snapshot, id, now) == nullptr) {
    return;
  }
  const auto told = told_sessions_.find(id);
  if (told != told_sessions_.end() && told->second <= now && now < told->second.plus_seconds(1)) {
    return;  // the previous note is queued but not stored yet
  }
  if (told_sessions_.size() >= kMaxNoted) {
    told_sessions_.clear();
  }
  told_sessions_[id] = now;
  parts.directory.submit(
      [id, now](const identity::Snapshot& newest, identity::Transaction& transaction) -> Status {
        if (const identity::Ticket* ticket = session_to_note(newest, id, now)) {
          identity::Ticket used = *ticket;
          used.session->last_used = now;
          transaction.put(std::move(used));
        }
        return {};
      },
      [](const Result<std::uint64_t>&) {});
}

bool LoopState::is_stored(const identity::Snapshot& snapshot, const std::string& id, Noted& noted) {
  if (noted.stored_revision == snapshot.revision() && noted.stored_revision != 0) {
    return true;
  }
  if (snapshot.find<identity::LastUsed>(id) == nullptr) {
    return false;
  }
  noted.stored_revision = snapshot.revision();
  return true;
}

bool DescriptionBudget::take(Instant now) {
  constexpr unsigned kHalf = 32;
  const std::uint64_t second = static_cast<std::uint64_t>(now.seconds()) << kHalf;
  std::uint64_t used = used_.load(std::memory_order_relaxed);
  while (true) {
    const bool is_new_second = (used >> kHalf) << kHalf != second;
    const std::uint64_t next = is_new_second ? second + 1 : used + 1;
    if (next - second > per_second_) {
      return false;
    }
    if (used_.compare_exchange_weak(used, next, std::memory_order_relaxed)) {
      return true;
    }
  }
}

}  // namespace signet::api
