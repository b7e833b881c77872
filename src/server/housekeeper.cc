#include "server/housekeeper.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "iam/credential_report.h"
#include "iam/delegation.h"
#include "server/issuer_rotation.h"

namespace signet::server {
namespace {

constexpr std::size_t kSweepMax = 1000;  // tickets erased in one write
constexpr int kSecondsAMinute = 60;

}  // namespace

Housekeeper::Housekeeper(identity::Directory& directory,
                         authn::KeyRings& rings,
                         Random& random,
                         const Clock& clock,
                         std::function<void()> each_second)
    : directory_(directory),
      rings_(rings),
      random_(random),
      clock_(clock),
      each_second_(std::move(each_second)),
      thread_([this] { run(); }) {}

Housekeeper::~Housekeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Housekeeper::run() {
  int second = 0;
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    each_second_();
    if (directory_.is_in_office()) {
      make_reports();
    }
    if (second == 0) {
      each_minute();
    }
    second = (second + 1) % kSecondsAMinute;
    lock.lock();
  } while (!wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; }));
}

void Housekeeper::each_minute() {
  if (const Status status = rings_.refresh(directory_, random_, clock_.now()); !status) {
    log(LogLevel::Error, "key_rotation_failed", {{"cause", status.error().cause}});
  }
  if (!directory_.is_in_office()) {
    return;  // one node of a cluster does what follows
  }
  if (const Status status = rotate_issuer_keys(directory_, clock_.now()); !status) {
    log(LogLevel::Error, "issuer_key_rotation_failed", {{"cause", status.error().cause}});
  }
  sweep();
  end_delegations();
}

void Housekeeper::make_reports() {
  if (const Status status = iam::make_credential_reports(directory_, clock_.now()); !status) {
    log(LogLevel::Error, "credential_report_failed", {{"cause", status.error().cause}});
  }
}

bool Housekeeper::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

// In writes of a bounded size, until none is left, so that it cannot be outrun.
void Housekeeper::sweep() {
  const Instant now = clock_.now();
  while (!is_stopping() && !directory_.current()->expired_tickets(now, 1).empty()) {
    const auto erase = [now](const identity::Snapshot& snapshot,
                             identity::Transaction& transaction) -> Status {
      for (const identity::Ticket* ticket : snapshot.expired_tickets(now, kSweepMax)) {
        transaction.erase<identity::Ticket>({ticket->kind, ticket->id_hash});
      }
      return {};
    };
    if (const auto result = directory_.apply(erase); !result) {
      log(LogLevel::Error, "ticket_sweep_failed", {{"cause", result.error().cause}});
      return;
    }
  }
}

// Likewise.
void Housekeeper::end_delegations() {
  const Instant now = clock_.now();
  bool has_ended = true;
  while (has_ended && !is_stopping()) {
    const auto end = [&](const identity::Snapshot& snapshot,
                         identity::Transaction& transaction) -> Status {
      has_ended = iam::end_delegations(snapshot, now, kSweepMax, random_, transaction);
      return {};
    };
    if (const auto result = directory_.apply(end); !result) {
      log(LogLevel::Error, "delegation_sweep_failed", {{"cause", result.error().cause}});
      return;
    }
  }
}

}  // namespace signet::server
