#include "server/housekeeper.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"

namespace signet::server {
namespace {

constexpr std::size_t kSweepMax = 1000;  // tickets erased in one write

}  // namespace

Housekeeper::Housekeeper(identity::Directory& directory,
                         authn::KeyRings& rings,
                         Random& random,
                         const Clock& clock)
    : directory_(directory), rings_(rings), random_(random), clock_(clock), thread_([this] {
        run();
      }) {}

Housekeeper::~Housekeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Housekeeper::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::minutes(1), [this] { return stopping_; })) {
    lock.unlock();
    if (const Status status = rings_.refresh(directory_, random_, clock_.now()); !status) {
      log(LogLevel::Error, "key_rotation_failed", {{"cause", status.error().cause}});
    }
    sweep();
    lock.lock();
  }
}

void Housekeeper::sweep() {
  const Instant now = clock_.now();
  if (directory_.current()->expired_tickets(now, 1).empty()) {
    return;
  }
  const auto erase = [now](const identity::Snapshot& snapshot,
                           identity::Transaction& transaction) -> Status {
    for (const identity::Ticket* ticket : snapshot.expired_tickets(now, kSweepMax)) {
      transaction.erase_ticket(ticket->kind, ticket->id_hash);
    }
    return {};
  };
  if (const auto result = directory_.apply(erase); !result) {
    log(LogLevel::Error, "ticket_sweep_failed", {{"cause", result.error().cause}});
  }
}

}  // namespace signet::server
