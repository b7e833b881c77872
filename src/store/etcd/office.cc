#include "store/etcd/office.h"

#include "base/clock.h"
#include "store/etcd/messages.h"

namespace signet::store {
namespace {

// Ends for its holder before it ends for others.
constexpr std::int64_t kMarginMs = 2000;

}  // namespace

bool EtcdOffice::is_held() const {
  return monotonic_ms() < held_until_ms_.load();
}

void EtcdOffice::look(EtcdGateway& gateway) {
  const std::int64_t asked_ms = monotonic_ms();
  const bool is_alive = lease_ != 0 ? renew(gateway) : grant(gateway);
  if (is_alive && take(gateway)) {
    held_until_ms_ = asked_ms + kLeaseSeconds * 1000 - kMarginMs;
  }
}

bool EtcdOffice::renew(EtcdGateway& gateway) {
  bool lives_on = true;
  std::string line;
  const auto asked = gateway.stream(
      "/v3/lease/keepalive", keep_alive_request(lease_), [&](std::string_view piece) {
        line.append(piece);
        const std::size_t end = line.find('\n');
        if (end == std::string::npos) {
          return true;
        }
        lives_on = read_keep_alive(std::string_view(line).substr(0, end)).value_or(false);
        return false;
      });
  if (!asked) {
    return false;
  }
  if (!lives_on) {
    lease_ = 0;
  }
  return lives_on;
}

bool EtcdOffice::grant(EtcdGateway& gateway) {
  const auto answer = gateway.ask("/v3/lease/grant", grant_request(kLeaseSeconds));
  if (!answer) {
    return false;
  }
  lease_ = read_grant(*answer).value_or(0);
  return lease_ != 0;
}

// Whether it is ours: asks first, so that nothing is written while another one has it.
bool EtcdOffice::take(EtcdGateway& gateway) {
  const auto found =
      gateway.ask("/v3/kv/range", range_request({.first = layout_.office(), .end = {}}, 0, 0));
  if (!found) {
    return false;
  }
  const auto range = read_range(*found);
  if (!range) {
    return false;
  }
  if (!range->records.empty()) {
    return range->records.front().value == holder_;
  }
  const auto answer = gateway.ask(
      "/v3/kv/txn",
      txn_request(
          {.key = layout_.office(), .value = std::nullopt}, {{layout_.office(), holder_}}, lease_));
  if (!answer) {
    return false;
  }
  const auto taken = read_txn(*answer);
  return taken && taken->is_done;
}

void EtcdOffice::leave(EtcdGateway& gateway) {
  held_until_ms_ = 0;
  if (lease_ != 0) {
    static_cast<void>(gateway.ask("/v3/lease/revoke", revoke_request(lease_)));
    lease_ = 0;
  }
}

}  // namespace signet::store
