#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "store/etcd/gateway.h"
#include "store/etcd/layout.h"

namespace signet::store {

// The office of doing what one process of all should do: a key that ends with a lease of etcd's,
// which its holder renews. Whoever finds it free takes it.
class EtcdOffice {
 public:
  static constexpr std::int64_t kLeaseSeconds = 6;

  // `holder` tells this process from others; the layout outlives this.
  EtcdOffice(const EtcdLayout& layout, std::string holder)
      : layout_(layout), holder_(std::move(holder)) {}

  // Renews it, or takes it where it is free. To be called every second, on one thread.
  void look(EtcdGateway& gateway);
  // Gives it back.
  void leave(EtcdGateway& gateway);

  // Thread-safe.
  [[nodiscard]] bool is_held() const;

 private:
  [[nodiscard]] bool renew(EtcdGateway& gateway);
  [[nodiscard]] bool grant(EtcdGateway& gateway);
  [[nodiscard]] bool take(EtcdGateway& gateway);

  const EtcdLayout& layout_;
  std::string holder_;
  std::int64_t lease_ = 0;
  std::atomic<std::int64_t> held_until_ms_ = 0;  // monotonic
};

}  // namespace signet::store
