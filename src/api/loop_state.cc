#include "api/loop_state.h"

#include <utility>

namespace signet::api {
namespace {

// Keys remembered to be noted already; when full the loop starts over.
constexpr std::size_t kMaxNoted = 10'000;

constexpr std::int64_t kLastUsedSeconds = 15 * 60;

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
    return;  // on its way
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
