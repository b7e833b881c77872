#include "worker.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace signet::loadgen {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kRetryAfter = 20'000'000;
constexpr std::int64_t kWaitMax = 1'000'000;

sockaddr_in address_of(const Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  ::inet_pton(AF_INET, options.address.c_str(), &address.sin_addr);
  return address;
}

int open_socket(const Options& options, int flags) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (options.reconnect > 0) {
    // A reset instead of a TIME_WAIT for every connection.
    const linger abrupt{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
  }
  return fd;
}

}  // namespace

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

void Stats::merge(const Stats& other) {
  due.merge(other.due);
  service.merge(other.service);
  for (std::size_t i = 0; i < by_op.size(); ++i) {
    by_op[i].merge(other.by_op[i]);
  }
  requests += other.requests;
  ok += other.ok;
  bytes_in += other.bytes_in;
  connects += other.connects;
  wrong_sent += other.wrong_sent;
  wrong_rejected += other.wrong_rejected;
  wrong_accepted += other.wrong_accepted;
  unexpected_bodies += other.unexpected_bodies;
  backlog_max = std::max(backlog_max, other.backlog_max);
  first_ns = first_ns == 0 ? other.first_ns : first_ns;
  last_ns = std::max(last_ns, other.last_ns);
  for (const auto& [what, count] : other.errors) {
    errors[what] += count;
  }
}

Worker::Worker(const Options& options, Run& run, int index)
    : options_(options),
      run_(run),
      index_(index),
      rate_(options.rate / options.threads),
      maker_(options, 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(index + 1)),
      random_(static_cast<std::uint64_t>(index) + 99),
      connections_(
          static_cast<std::size_t>(options.connections / options.threads +
                                   (index < options.connections % options.threads ? 1 : 0))) {}

void Worker::pin() const {
  if (options_.first_cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(options_.first_cpu + index_), &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  }
}

void Worker::work() {
  pin();
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < options_.presigned; ++i) {
    pool_.push_back(maker_.next());
  }
  const std::uint64_t start = now_ns();
  measure_from_ =
      start + static_cast<std::uint64_t>(options_.warmup * static_cast<double>(kSecond));
  const std::uint64_t end =
      measure_from_ + static_cast<std::uint64_t>(options_.duration * static_cast<double>(kSecond));
  next_due_ = start;
  for (Connection& c : connections_) {
    make_idle(c);
  }
  std::vector<epoll_event> events(512);
  for (std::uint64_t now = start; now < end && !run_.is_over; now = now_ns()) {
    schedule(now);
    hand_out(now);
    const timespec wait{.tv_sec = 0, .tv_nsec = wait_ns()};
    const int count =
        ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    for (int i = 0; i < count; ++i) {
      on_event(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
  }
  for (Connection& c : connections_) {
    down(c);
  }
  ::close(epoll_);
}

// Open loop: requests become due whether or not the server keeps up.
void Worker::schedule(std::uint64_t now) {
  if (rate_ <= 0) {
    return;
  }
  const double interval = static_cast<double>(kSecond) / rate_;
  while (next_due_ <= now) {
    backlog_.push_back(next_due_);
    next_due_ +=
        static_cast<std::uint64_t>(options_.is_poisson ? gap_(random_) * interval : interval);
  }
  if (now >= measure_from_) {
    stats_.backlog_max = std::max<std::uint64_t>(stats_.backlog_max, backlog_.size());
  }
  if (backlog_.size() > options_.max_backlog) {
    ++stats_.errors["backlog limit reached"];
    run_.is_over = true;
  }
}

void Worker::hand_out(std::uint64_t now) {
  for (std::size_t left = idle_.size(); left > 0 && (rate_ <= 0 || !backlog_.empty()); --left) {
    Connection& c = *idle_.front();
    idle_.pop_front();
    if (c.state == Connection::State::Down && c.retry_at > now) {
      idle_.push_back(&c);
      continue;
    }
    c.is_queued = false;
    std::uint64_t due = now;
    if (rate_ > 0) {
      due = backlog_.front();
      backlog_.pop_front();
    }
    launch(c, due);
  }
}

std::int64_t Worker::wait_ns() const {
  if (rate_ <= 0) {
    return kWaitMax;
  }
  const std::uint64_t now = now_ns();
  return next_due_ > now ? std::min(static_cast<std::int64_t>(next_due_ - now), kWaitMax) : 0;
}

Request Worker::next_request() {
  if (pool_.empty()) {
    return maker_.next();
  }
  const Request& request = pool_[pool_at_];
  pool_at_ = (pool_at_ + 1) % pool_.size();
  return request;
}

void Worker::launch(Connection& c, std::uint64_t due) {
  c.due = due;
  c.request = next_request();
  c.has_request = true;
  if (c.state == Connection::State::Idle) {
    start(c);
  } else {
    connect(c);
  }
}

void Worker::connect(Connection& c) {
  c.fd = open_socket(options_, SOCK_NONBLOCK);
  c.events = 0;
  c.state = Connection::State::Connecting;
  ++stats_.connects;
  const sockaddr_in address = address_of(options_);
  if (::connect(c.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    fail(c, std::string("connect: ") + std::strerror(errno));
    return;
  }
  want(c, EPOLLOUT);
}

void Worker::on_event(Connection& c) {
  switch (c.state) {
    case Connection::State::Down:
      return;
    case Connection::State::Connecting: {
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) {
        fail(c, std::string("connect: ") + std::strerror(error));
      } else {
        start(c);
      }
      return;
    }
    case Connection::State::Sending:
      send(c);
      return;
    case Connection::State::Idle:
    case Connection::State::Waiting:
      receive(c);
      return;
  }
}

void Worker::start(Connection& c) {
  c.sent_head = c.sent_body = 0;
  c.response.reset(c.request.op == Op::Head);
  c.state = Connection::State::Sending;
  c.sent_at = now_ns();
  if (rate_ <= 0) {
    c.due = c.sent_at;
  }
  send(c);
}

void Worker::send(Connection& c) {
  while (true) {
    std::string_view part = std::string_view(c.request.head).substr(c.sent_head);
    const bool is_head = !part.empty();
    if (!is_head && c.request.has_object_body) {
      part = std::string_view(maker_.object_body()).substr(c.sent_body);
    }
    if (part.empty()) {
      c.state = Connection::State::Waiting;
      want(c, EPOLLIN);
      return;
    }
    const int more = is_head && c.request.has_object_body ? MSG_MORE : 0;
    const ssize_t sent = ::send(c.fd, part.data(), part.size(), MSG_NOSIGNAL | more);
    if (sent < 0) {
      if (errno == EAGAIN) {
        want(c, EPOLLOUT);
      } else {
        fail(c, std::string("send: ") + std::strerror(errno));
      }
      return;
    }
    (is_head ? c.sent_head : c.sent_body) += static_cast<std::size_t>(sent);
  }
}

void Worker::receive(Connection& c) {
  static thread_local std::vector<char> block(256 * 1024);
  while (true) {
    const ssize_t got = ::recv(c.fd, block.data(), block.size(), 0);
    if (got < 0 && errno == EAGAIN) {
      return;
    }
    if (got <= 0) {
      on_closed(c);
      return;
    }
    stats_.bytes_in += static_cast<std::uint64_t>(got);
    if (c.state == Connection::State::Idle) {
      fail(c, "bytes that nobody asked for");
      return;
    }
    bool ok = true;
    c.response.feed({block.data(), static_cast<std::size_t>(got)}, ok);
    if (!ok) {
      fail(c, "malformed answer");
      return;
    }
    if (c.response.is_done()) {
      finish(c);
      return;
    }
    if (static_cast<std::size_t>(got) < block.size()) {
      return;
    }
  }
}

void Worker::on_closed(Connection& c) {
  if (c.state == Connection::State::Idle) {
    down(c);  // it stays queued and connects again when it is its turn
    return;
  }
  if (c.response.finish_by_close()) {
    finish(c);
    return;
  }
  if (c.served > 0 && !c.response.has_begun()) {
    down(c);  // a kept connection closed as we wrote: once more on a new one
    connect(c);
    return;
  }
  fail(c, "closed without an answer");
}

void Worker::finish(Connection& c) {
  const std::uint64_t now = now_ns();
  c.has_request = false;
  ++c.served;
  if (now >= measure_from_ && !run_.is_over) {
    record(c, now);
  }
  if (c.response.closes() || (options_.reconnect > 0 && c.served >= options_.reconnect)) {
    down(c);
    c.retry_at = 0;
  } else {
    c.state = Connection::State::Idle;
  }
  make_idle(c);
}

void Worker::record(const Connection& c, std::uint64_t now) {
  stats_.first_ns = measure_from_;
  stats_.last_ns = now;
  ++stats_.requests;
  const int status = c.response.status();
  const bool is_good = status >= 200 && status < 300;
  if (c.request.has_wrong_signature) {
    ++stats_.wrong_sent;
    stats_.wrong_rejected += status == 403 ? 1 : 0;
    stats_.wrong_accepted += is_good ? 1 : 0;
  } else if (is_good) {
    const std::string_view tag = row_of(c.request.op).root_tag;
    stats_.unexpected_bodies +=
        !tag.empty() && c.response.body_start().find(tag) == std::string::npos ? 1 : 0;
    ++stats_.ok;
    stats_.due.add(now - c.due);
    stats_.service.add(now - c.sent_at);
    stats_.by_op[static_cast<std::size_t>(c.request.op)].add(now - c.due);
  } else {
    ++stats_.errors["HTTP " + std::to_string(status) + " " +
                    xml_text(c.response.body_start(), "Code")];
    if (++run_.errors >= options_.max_errors) {
      run_.is_over = true;
    }
  }
  if (options_.max_requests != 0 && ++run_.done >= options_.max_requests) {
    run_.is_over = true;
  }
}

void Worker::fail(Connection& c, const std::string& what) {
  const std::uint64_t now = now_ns();
  if (now >= measure_from_) {
    ++stats_.errors[what];
  }
  if (++run_.errors >= options_.max_errors) {
    run_.is_over = true;
  }
  c.has_request = false;
  down(c);
  c.retry_at = now + kRetryAfter;
  make_idle(c);
}

void Worker::down(Connection& c) {
  if (c.fd >= 0) {
    ::close(c.fd);
  }
  c.fd = -1;
  c.events = 0;
  c.served = 0;
  c.state = Connection::State::Down;
}

void Worker::make_idle(Connection& c) {
  if (!c.is_queued) {
    c.is_queued = true;
    idle_.push_back(&c);
  }
}

void Worker::want(Connection& c, std::uint32_t events) {
  if (c.events == events) {
    return;
  }
  epoll_event event{};
  event.events = events;
  event.data.ptr = &c;
  ::epoll_ctl(epoll_, c.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, c.fd, &event);
  c.events = events;
}

PlainAnswer send_alone(const Options& options, const Request& request, std::string_view body) {
  const int fd = open_socket(options, 0);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const sockaddr_in address = address_of(options);
  PlainAnswer answer;
  const std::string all = request.head + std::string(body);
  std::size_t sent = 0;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    ssize_t n = 0;
    while (sent < all.size() &&
           (n = ::send(fd, all.data() + sent, all.size() - sent, MSG_NOSIGNAL)) > 0) {
      sent += static_cast<std::size_t>(n);
    }
    ResponseReader reader;
    char block[16 * 1024];
    bool ok = true;
    while (ok && !reader.is_done() && (n = ::recv(fd, block, sizeof block, 0)) > 0) {
      reader.feed({block, static_cast<std::size_t>(n)}, ok);
    }
    if (reader.is_done() || reader.finish_by_close()) {
      answer = {.status = reader.status(), .body_start = reader.body_start()};
    }
  }
  ::close(fd);
  return answer;
}

}  // namespace signet::loadgen
