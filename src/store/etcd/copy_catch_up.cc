#include "store/etcd/copy_catch_up.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/etcd/messages.h"
#include "store/etcd/watch.h"

namespace signet::store {
namespace {

constexpr int kPatienceMs = 10'000;

// Whether the copy is of this history, and not of one that somebody put back to an earlier state.
bool was_counter(const CopyPoint& held, EtcdGateway& gateway, const EtcdLayout& layout) {
  const auto answer = gateway.ask(
      "/v3/kv/range", range_request({.first = layout.counter(), .end = {}}, 0, held.etcd_revision));
  if (!answer) {
    return false;
  }
  const auto range = read_range(*answer);
  return range && !range->records.empty() && range->records.front().value == held.counter;
}

// Adds the commits up to a revision. False: etcd no longer has them all, or they take too long.
bool follow(LocalCopy& copy,
            const CopyPoint& held,
            Revision wanted,
            EtcdGateway& gateway,
            const EtcdLayout& layout) {
  const std::int64_t deadline_ms = monotonic_ms() + kPatienceMs;
  WatchReader stream(layout, held.revision);
  Revision at = held.revision;
  const auto add = [&](const WatchedCommit& commit) {
    if (commit.change.revision <= wanted) {
      copy.append(commit.change, commit.counter, commit.etcd_revision);
      at = commit.change.revision;
    }
  };
  const std::string message = watch_request(layout.state(), held.etcd_revision + 1);
  static_cast<void>(gateway.stream("/v3/watch", message, [&](std::string_view bytes) {
    const auto outcome = stream.take(bytes, add);
    return outcome && *outcome == WatchReader::End::None && at < wanted &&
           monotonic_ms() < deadline_ms;
  }));
  return at == wanted;
}

}  // namespace

bool bring_to(LocalCopy& copy,
              const CopyPoint& held,
              const CopyPoint& now,
              EtcdGateway& gateway,
              const EtcdLayout& layout) {
  if (held.cluster != now.cluster || held.revision > now.revision) {
    return false;
  }
  if (held.revision == now.revision) {
    return held.counter == now.counter;
  }
  return was_counter(held, gateway, layout) && follow(copy, held, now.revision, gateway, layout);
}

}  // namespace signet::store
