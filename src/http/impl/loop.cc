#include "http/impl/loop.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assertion.h"
#include "base/process.h"
#include "http/impl/http_date.h"

namespace signet::http {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): each thread has its own
thread_local const Loop* current_loop = nullptr;

constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::size_t kEventsAtOnce = 128;
// So many answers are written together: a peer on this machine is woken once for all of them, and
// none waits long for the others.
constexpr std::size_t kAnswersAtOnce = 16;
// Beyond this, and beyond as many as are in use, the memory of closed connections is given back.
constexpr std::size_t kMostFreeSlots = 256;

}  // namespace

Loop::Loop(int loop_index, Handler& loop_handler, const Limits& loop_limits, const Clock& clock)
    : clock_(clock),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      wheel_(monotonic_ms() / kMsPerSecond) {
  handler = &loop_handler;
  limits = &loop_limits;
  index = loop_index;
  SIGNET_ASSERT(epoll_.valid() && wake_.valid());
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  SIGNET_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) == 0);
}

Loop::~Loop() {
  join();
}

void Loop::start() {
  // Signals belong to the thread that waits for them, not to a loop.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Loop::run() {
  pthread_setname_np(pthread_self(), "signet-loop");
  current_loop = this;
  handler->loop_started(index);
  while (!is_stopped_.load(std::memory_order_acquire)) {
    wait_and_deliver();
    flush();
    if (has_posted_.load(std::memory_order_acquire)) {
      run_posted();
      flush();
    }
    deliver_ready();
    tick(monotonic_ms() / kMsPerSecond);
    flush();
    if (free_.size() > kMostFreeSlots && free_.size() > slots_.size() / 2) {
      drop_free_slots();
    }
  }
}

void Loop::join() {
  if (thread_.joinable()) {
    is_stopped_.store(true, std::memory_order_release);
    wake();
    thread_.join();
  }
}

void Loop::wait_and_deliver() {
  std::array<epoll_event, kEventsAtOnce> events;
  const bool can_go_on = !ready_.empty() || has_posted_.load(std::memory_order_acquire);
  const auto until_tick = static_cast<int>(kMsPerSecond - monotonic_ms() % kMsPerSecond);
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, can_go_on ? 0 : until_tick);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr != nullptr) {
      static_cast<Watcher*>(event.data.ptr)->on_events(event.events);
      if (unflushed_.size() >= kAnswersAtOnce) {
        flush();
      }
    } else {
      std::uint64_t unused = 0;
      [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &unused, sizeof unused);
    }
  }
}

void Loop::deliver_ready() {
  delivering_.swap(ready_);
  for (Slot* slot : delivering_) {
    slot->is_queued_ = false;
    slot->deliver();
  }
  delivering_.clear();
}

// Flushing calls no handler, so nothing is added meanwhile.
void Loop::flush() {
  for (Slot* slot : unflushed_) {
    slot->connection().on_flush();
  }
  unflushed_.clear();
}

void Loop::run_posted() {
  std::vector<std::move_only_function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
    has_posted_.store(false, std::memory_order_relaxed);
  }
  for (std::move_only_function<void()>& one : work) {
    one();
  }
}

void Loop::tick(std::int64_t second) {
  if (second == wheel_.now()) {
    return;
  }
  wheel_.advance(second,
                 [](TimerNode& node) { static_cast<Slot&>(node).connection().on_deadline(); });
  std::vector<std::move_only_function<void()>> due;
  due.swap(at_next_tick_);
  for (std::move_only_function<void()>& one : due) {
    one();
  }
}

void Loop::at_next_tick(std::move_only_function<void()> work) {
  at_next_tick_.push_back(std::move(work));
}

bool Loop::watch(int fd, std::uint32_t events, Watcher& watcher) {
  epoll_event event{.events = events, .data = {.ptr = &watcher}};
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Loop::unwatch(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void Loop::adopt(UniqueFd socket, Peer peer, std::shared_ptr<const TlsContext> tls) {
  post([this, tls = std::move(tls), moved = std::move(socket), who = std::move(peer)]() mutable {
    if (!is_draining) {
      start_slot(std::move(moved), std::move(who), tls.get());
    }
  });
}

void Loop::start_slot(UniqueFd socket, Peer peer, const TlsContext* tls) {
  if (free_.empty()) {
    slots_.push_back(std::make_unique<Slot>(*this));
    free_.push_back(slots_.back().get());
  }
  Slot& slot = *free_.back();
  free_.pop_back();
  in_use_.fetch_add(1);
  slot.start(std::move(socket), std::move(peer), tls);
}

// Between events, when everything is flushed: what still refers to a free slot is ready_ alone.
void Loop::drop_free_slots() {
  std::erase_if(slots_, [](const std::unique_ptr<Slot>& slot) {
    return slot->is_free_ && !slot->is_queued_;
  });
  free_.clear();
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (slot->is_free_) {
      free_.push_back(slot.get());
    }
  }
  return_freed_memory();
}

void Loop::drain() {
  post([this] {
    is_draining = true;
    for (const auto& slot : slots_) {
      slot->connection().drain();
    }
  });
}

void Loop::close_all() {
  post([this] {
    for (const auto& slot : slots_) {
      slot->connection().close();
    }
  });
}

std::string_view Loop::common_headers() {
  const std::int64_t second = clock_.now().seconds();
  if (second != headers_second_) {
    headers_second_ = second;
    headers_ = "Date: " + http_date(second) + "\r\nServer: Signet\r\n";
  }
  return headers_;
}

bool Loop::is_loop_thread() const {
  return current_loop == this;
}

void Loop::post(std::move_only_function<void()> work) {
  bool was_idle = false;
  {
    const std::lock_guard lock(mutex_);
    was_idle = posted_.empty();
    posted_.push_back(std::move(work));
    has_posted_.store(true, std::memory_order_release);
  }
  // The loop itself looks before it waits.
  if (was_idle && !is_loop_thread()) {
    wake();
  }
}

void Loop::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

}  // namespace signet::http
