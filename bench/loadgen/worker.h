#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "histogram.h"
#include "options.h"
#include "requests.h"
#include "response_reader.h"

namespace signet::loadgen {

struct Stats {
  Histogram due;      // due time (open loop) or sending (closed loop) to the last byte
  Histogram service;  // sending to the last byte
  std::array<Histogram, kOps.size()> by_op;
  std::uint64_t requests = 0;
  std::uint64_t ok = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t connects = 0;
  std::uint64_t wrong_sent = 0;
  std::uint64_t wrong_rejected = 0;
  std::uint64_t wrong_accepted = 0;
  std::uint64_t unexpected_bodies = 0;
  std::uint64_t backlog_max = 0;
  std::uint64_t first_ns = 0;
  std::uint64_t last_ns = 0;
  std::map<std::string, std::uint64_t> errors;

  void merge(const Stats& other);
};

// Shared by the workers of one run.
struct Run {
  std::atomic<bool> is_over = false;
  std::atomic<std::uint64_t> done = 0;
  std::atomic<std::uint64_t> errors = 0;
};

// One thread with its share of the connections.
class Worker {
 public:
  Worker(const Options& options, Run& run, int index);

  void work();

  [[nodiscard]] const Stats& stats() const { return stats_; }

 private:
  struct Connection {
    enum class State : std::uint8_t { Down, Connecting, Idle, Sending, Waiting };
    int fd = -1;
    State state = State::Down;
    bool is_queued = false;
    bool has_request = false;
    int served = 0;
    std::uint32_t events = 0;
    std::uint64_t due = 0;
    std::uint64_t sent_at = 0;
    std::uint64_t retry_at = 0;
    std::size_t sent_head = 0;
    std::size_t sent_body = 0;
    Request request;
    ResponseReader response;
  };

  void pin() const;
  void schedule(std::uint64_t now);
  void hand_out(std::uint64_t now);
  [[nodiscard]] std::int64_t wait_ns() const;
  void on_event(Connection& c);
  void launch(Connection& c, std::uint64_t due);
  void connect(Connection& c);
  void start(Connection& c);
  void send(Connection& c);
  void receive(Connection& c);
  void on_closed(Connection& c);
  void finish(Connection& c);
  void record(const Connection& c, std::uint64_t now);
  void fail(Connection& c, const std::string& what);
  void down(Connection& c);
  void make_idle(Connection& c);
  void want(Connection& c, std::uint32_t events);
  Request next_request();

  const Options& options_;
  Run& run_;
  int index_;
  double rate_;
  RequestMaker maker_;
  std::mt19937_64 random_;
  std::exponential_distribution<double> gap_{1.0};
  Stats stats_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::deque<Connection*> idle_;
  std::deque<std::uint64_t> backlog_;
  std::vector<Request> pool_;
  std::size_t pool_at_ = 0;
  std::uint64_t measure_from_ = 0;
  std::uint64_t next_due_ = 0;
};

std::uint64_t now_ns();

// One request on a connection of its own; status 0 when there was no answer.
struct PlainAnswer {
  int status = 0;
  std::string body_start;
};

PlainAnswer send_alone(const Options& options, const Request& request, std::string_view body);

}  // namespace signet::loadgen
