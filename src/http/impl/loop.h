#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "http/impl/connection.h"
#include "http/impl/slot.h"
#include "http/impl/timer_wheel.h"
#include "http/impl/tls.h"
#include "http/impl/transport.h"

namespace signet::http {

// One event loop (epoll) and its thread.
class Loop final : public LoopServices {
 public:
  Loop(int loop_index, Handler& loop_handler, const Limits& loop_limits, const Clock& clock);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() override;

  // Starts the thread.
  void start();
  // Ends the thread; slots must be quiet.
  void join();

  // Thread-safe: serves this non-blocking socket.
  void adopt(UniqueFd socket, Peer peer, std::shared_ptr<const TlsContext> tls);
  // Thread-safe: closes idle connections and lets the others finish.
  void drain();
  // Thread-safe: closes all connections.
  void close_all();

  // Thread-safe. Calls watcher.on_events() on the loop until the descriptor is closed or unwatched.
  // False: the system refused, see errno.
  [[nodiscard]] bool watch(int fd, std::uint32_t events, Watcher& watcher);
  void unwatch(int fd);
  // On the loop: runs `work` when the next second begins.
  void at_next_tick(std::move_only_function<void()> work);

  // Thread-safe. Slots in use: open connections, and closed ones whose Responder is still out.
  [[nodiscard]] std::size_t slots_in_use() const { return in_use_.load(); }

  [[nodiscard]] std::int64_t now_seconds() const override { return wheel_.now(); }

  [[nodiscard]] std::string_view common_headers() override;
  [[nodiscard]] bool is_loop_thread() const override;
  // Ignored after join().
  void post(std::move_only_function<void()> work) override;

 private:
  friend class Slot;

  void run();
  // Waits for events, at most until the next tick, and hands them out.
  void wait_and_deliver();
  void deliver_ready();
  void flush();
  void run_posted();
  void tick(std::int64_t second);
  void wake();
  void start_slot(UniqueFd socket, Peer peer, const TlsContext* tls);
  void drop_free_slots();

  const Clock& clock_;
  UniqueFd epoll_;
  UniqueFd wake_;  // an eventfd: somebody posted
  TimerWheel wheel_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  std::vector<Slot*> ready_;  // can go on without an event
  std::vector<Slot*> delivering_;
  std::vector<Slot*> unflushed_;  // have an answer that is not written yet
  std::vector<std::move_only_function<void()>> at_next_tick_;
  std::atomic<std::size_t> in_use_ = 0;
  std::int64_t headers_second_ = -1;
  std::string headers_;
  std::atomic<bool> is_stopped_ = false;
  std::atomic<bool> has_posted_ = false;
  std::mutex mutex_;
  std::vector<std::move_only_function<void()>> posted_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace signet::http
