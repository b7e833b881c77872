#include "crypto/random.h"

#include <array>
#include <atomic>
#include <cstring>

#include <openssl/rand.h>
#include <pthread.h>

#include "base/assertion.h"

namespace signet::crypto {
namespace {

constexpr std::size_t kPoolSize = 4096;

// Counts the forks this process descends from. OpenSSL reseeds itself after a fork; our pool must
// forget by itself.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): it is the process that forks
std::atomic<std::uint64_t> fork_count{0};

void after_fork_in_child() {
  fork_count.fetch_add(1, std::memory_order_relaxed);
}

void watch_forks() {
  static const int result = pthread_atfork(nullptr, nullptr, after_fork_in_child);
  SIGNET_ASSERT(result == 0);
}

void draw(std::uint8_t* out, std::size_t size) {
  SIGNET_ASSERT(RAND_priv_bytes(out, static_cast<int>(size)) == 1);
}

class Pool {
 public:
  Pool() { watch_forks(); }

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  Pool(Pool&&) = delete;
  Pool& operator=(Pool&&) = delete;

  ~Pool() { explicit_bzero(bytes_.data(), bytes_.size()); }

  void take(std::span<std::uint8_t> out) {
    const std::uint64_t forks = fork_count.load(std::memory_order_relaxed);
    if (forks != forks_ || out.size() > kPoolSize - used_) {
      draw(bytes_.data(), bytes_.size());
      used_ = 0;
      forks_ = forks;
    }
    std::memcpy(out.data(), bytes_.data() + used_, out.size());
    explicit_bzero(bytes_.data() + used_, out.size());
    used_ += out.size();
  }

 private:
  std::array<std::uint8_t, kPoolSize> bytes_{};
  std::size_t used_ = kPoolSize;
  std::uint64_t forks_ = 0;
};

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> out) {
  constexpr std::size_t kLargest = 1U << 20;  // RAND_priv_bytes counts in int
  while (out.size() > kPoolSize / 8) {
    const std::size_t size = out.size() < kLargest ? out.size() : kLargest;
    draw(out.data(), size);
    out = out.subspan(size);
  }
  if (!out.empty()) {
    static thread_local Pool pool;
    pool.take(out);
  }
}

std::string random_bytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

std::uint8_t random_below(Random& random, unsigned bound) {
  SIGNET_ASSERT(bound >= 1 && bound <= 256);
  const unsigned limit = 256 - 256 % bound;
  std::array<std::uint8_t, 1> byte;
  do {
    random.fill(byte);
  } while (byte[0] >= limit);
  return static_cast<std::uint8_t>(byte[0] % bound);
}

}  // namespace signet::crypto
