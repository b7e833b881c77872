#include "http/server.h"

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strings.h"
#include "http/client.h"

namespace signet::http {
namespace {

// A worker thread that runs what exchanges hand to it.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}

  ~Worker() {
    push(nullptr);
    thread_.join();
  }

  void push(std::move_only_function<void()> work) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    ready_.notify_one();
  }

 private:
  void run() {
    while (true) {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return !queue_.empty(); });
      auto work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      if (!work) {
        return;
      }
      work();
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::move_only_function<void()>> queue_;
  std::thread thread_;
};

struct Shared {
  Worker worker;
  std::string file_path;
  std::atomic<std::uint64_t> streamed = 0;
  std::atomic<int> aborted = 0;
};

// /echo answers the body; /worker the same from another thread; /upload counts a streamed body,
// pausing while the worker has the piece; /file?FROM-LENGTH sends a part of a file; /deny refuses
// before the body; /peer says who asks.
class TestExchange final : public Exchange {
 public:
  explicit TestExchange(Shared& shared) : shared_(shared) {}

  BodyPlan begin(const RequestHead& head, Call call) override {
    head_ = &head;
    if (head.path() == "/deny") {
      call.answer(Response{.status = 403});
    }
    return {.mode = head.path() == "/upload" ? BodyPlan::Mode::Stream : BodyPlan::Mode::Buffer,
            .max_bytes = 1ULL << 32};
  }

  void body(std::string_view piece, Call call) override {
    shared_.worker.push([this, piece, pause = call.pause()]() mutable {
      std::uint64_t sum = 0;
      for (const char c : piece) {
        sum += static_cast<unsigned char>(c);
      }
      sum_ += sum;
      shared_.streamed += piece.size();
    });
  }

  void finish(std::string_view whole_body, Call call) override {
    const std::string_view path = head_->path();
    Response response;
    if (path == "/worker") {
      shared_.worker.push([this, whole_body, responder = call.defer()]() mutable {
        Response later;
        later.body = std::string(head_->query()) + ":" + std::string(whole_body);
        responder.answer(std::move(later));
      });
      return;
    }
    if (path == "/upload") {
      response.body = std::to_string(sum_);
    } else if (path == "/file") {
      const std::string range(head_->query());
      const std::size_t dash = range.find('-');
      response.file =
          FileRange{.fd = UniqueFd(::open(shared_.file_path.c_str(), O_RDONLY | O_CLOEXEC)),
                    .offset = std::stoull(range.substr(0, dash)),
                    .length = std::stoull(range.substr(dash + 1))};
    } else if (path == "/peer") {
      response.body = std::string(head_->remote_address) + " " + std::to_string(head_->loop) + " " +
                      std::to_string(head_->listener);
    } else if (path == "/client") {
      response.body = concat(head_->remote_address,
                             head_->tls ? " https" : " http",
                             head_->is_forwarded ? " forwarded" : "");
    } else {
      response.body = whole_body;
    }
    call.answer(std::move(response));
  }

  void abort() override { ++shared_.aborted; }

 private:
  Shared& shared_;
  const RequestHead* head_ = nullptr;
  std::uint64_t sum_ = 0;
};

class TestHandler final : public Handler {
 public:
  explicit TestHandler(Shared& shared) : shared_(shared) {}

  ExchangePtr open(const RequestHead& /*head*/) override {
    return ExchangePtr(new TestExchange(shared_));
  }

  void loop_started(int /*loop*/) override { ++loops; }

  std::atomic<int> loops = 0;

 private:
  Shared& shared_;
};

class ServerTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    if (options.listeners.empty()) {
      options.listeners.emplace_back();
    }
    auto started = Server::start(std::move(options), handler_, clock_);
    ASSERT_TRUE(started.has_value()) << started.error();
    server_ = std::move(*started);
  }

  [[nodiscard]] Client client() const { return Client(ClientOptions{.port = server_->port()}); }

  [[nodiscard]] UniqueFd raw() const {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      fd.reset();
    }
    return fd;
  }

  // Everything until the server closes.
  static std::string read_all(int fd) {
    std::string all;
    char block[65536];
    ssize_t got = 0;
    while ((got = ::recv(fd, block, sizeof block, 0)) > 0) {
      all.append(block, static_cast<std::size_t>(got));
    }
    EXPECT_EQ(got, 0) << "no reset, no silence";
    return all;
  }

  static void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(n, 0);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  ManualClock clock_{Instant::from_seconds(784111777)};
  Shared shared_;
  TestHandler handler_{shared_};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersWithTheInjectedDate) {
  start();
  auto http = client();

  const auto answer = http.send({.method = "POST", .target = "/echo", .headers = {}, .body = "hi"});

  ASSERT_TRUE(answer.has_value()) << answer.error();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hi");
  EXPECT_EQ(answer->find("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(answer->find("server"), "Signet");
  clock_.advance_seconds(1);
  EXPECT_EQ(http.send({.target = "/echo"})->find("date"), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(server_->counters().connections, 1U) << "the client keeps its connection";
}

TEST_F(ServerTest, KeepsTheOrderOfPipelinedAnswersFromAnotherThread) {
  start();
  const UniqueFd fd = raw();
  std::string input;
  for (int i = 0; i < 300; ++i) {
    const std::string target = (i % 3 == 0 ? "/worker?" : "/worker?w") + std::to_string(i);
    input += "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nb";
  }
  input += "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  send_all(fd.get(), input);

  const std::string all = read_all(fd.get());

  std::size_t at = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string body = (i % 3 == 0 ? "\r\n\r\n" : "\r\n\r\nw") + std::to_string(i) + ":b";
    at = all.find(body, at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(ServerTest, GivesBackTheMemoryOfManyConnectionsThatEnded) {
  start();
  const UniqueFd stays = raw();
  for (int round = 0; round < 2; ++round) {
    std::vector<UniqueFd> many;
    for (int i = 0; i < 600; ++i) {
      many.push_back(raw());
      send_all(many.back().get(), "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }
    for (const UniqueFd& one : many) {
      EXPECT_TRUE(read_all(one.get()).starts_with("HTTP/1.1 200"));
    }
  }
  send_all(stays.get(), "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(read_all(stays.get()).starts_with("HTTP/1.1 200"));
}

TEST_F(ServerTest, DealsConnectionsToAllLoops) {
  ServerOptions options;
  options.loops = 3;
  start(std::move(options));
  int counts[3] = {};
  for (int i = 0; i < 9; ++i) {
    auto http = client();
    const auto answer = http.send({.target = "/peer"});
    ASSERT_TRUE(answer.has_value()) << answer.error();
    ASSERT_TRUE(answer->body.starts_with("127.0.0.1 "));
    ++counts[answer->body[10] - '0'];
  }

  EXPECT_EQ(handler_.loops, 3);
  for (const int count : counts) {
    EXPECT_EQ(count, 3);
  }
}

TEST_F(ServerTest, ListensOnSeveralAddressesAndUnmapsIpv4) {
  ServerOptions options;
  options.listeners = {Listener{}, Listener{.address = "::", .port = 0}};
  start(std::move(options));
  Client second(ClientOptions{.port = server_->port(1)});

  const auto answer = second.send({.target = "/peer"});

  ASSERT_TRUE(answer.has_value()) << answer.error();
  EXPECT_EQ(answer->body, "127.0.0.1 0 1");
}

TEST_F(ServerTest, IgnoresForwardingHeadersOfPeersThatAreNoTrustedProxies) {
  ServerOptions options;
  ASSERT_TRUE(options.trusted_proxies.add("10.0.0.0/8"));
  start(std::move(options));

  const auto answer = client().send({.target = "/client",
                                     .headers = {{"X-Forwarded-For", "192.0.2.1"},
                                                 {"X-Forwarded-Proto", "https"},
                                                 {"Forwarded", "for=192.0.2.1;proto=https"}}});

  EXPECT_EQ(answer->body, "127.0.0.1 http");
}

TEST_F(ServerTest, TakesTheClientOfEachRequestFromATrustedProxy) {
  ServerOptions options;
  ASSERT_TRUE(options.trusted_proxies.add("127.0.0.1"));
  start(std::move(options));
  Client proxy = client();

  const auto ask = [&proxy](std::vector<std::pair<std::string, std::string>> headers) {
    return proxy.send({.target = "/client", .headers = std::move(headers)})->body;
  };

  EXPECT_EQ(ask({{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "https"}}),
            "192.0.2.1 https forwarded");
  EXPECT_EQ(ask({{"Forwarded", "for=\"[2001:db8::1]\";proto=http"}}), "2001:db8::1 http forwarded");
  EXPECT_EQ(ask({{"X-Forwarded-For", "nonsense"}, {"X-Forwarded-Proto", "https"}}),
            "127.0.0.1 http forwarded");
  EXPECT_EQ(ask({}), "127.0.0.1 http");
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  start();
  ServerOptions taken;
  taken.listeners = {Listener{.address = "127.0.0.1", .port = server_->port()}};
  ServerOptions name;
  name.listeners = {Listener{.address = "localhost", .port = 0}};

  const auto first = Server::start(std::move(taken), handler_, clock_);
  const auto second = Server::start(std::move(name), handler_, clock_);

  ASSERT_FALSE(first.has_value());
  EXPECT_NE(first.error().find("in use"), std::string::npos) << first.error();
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find("not an IP address"), std::string::npos);
}

TEST_F(ServerTest, StreamsALargeUploadThroughAWorker) {
  start();
  std::string body(30'000'000, '\0');
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>(i * 31 % 251);
    sum += static_cast<unsigned char>(body[i]);
  }
  auto http = client();

  const auto counted =
      http.send({.method = "PUT", .target = "/upload", .headers = {}, .body = body});
  ASSERT_TRUE(counted.has_value()) << counted.error();
  EXPECT_EQ(counted->body, std::to_string(sum));

  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += 100'000) {
    chunks += "186a0\r\n" + body.substr(at, 100'000) + "\r\n";
  }
  chunks += "0\r\n\r\n";
  const auto chunked = http.send({.method = "PUT",
                                  .target = "/upload",
                                  .headers = {{"Transfer-Encoding", "chunked"}},
                                  .body = chunks});
  ASSERT_TRUE(chunked.has_value()) << chunked.error();
  EXPECT_EQ(chunked->body, std::to_string(sum));
}

TEST_F(ServerTest, SendsFilesAndRanges) {
  char path[] = "/tmp/signet_http_testXXXXXX";
  const UniqueFd fd(::mkstemp(path));
  std::string content;
  for (int i = 0; i < 3'000'000; ++i) {
    content += static_cast<char>(i * 7 % 253);
  }
  ASSERT_EQ(::write(fd.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  shared_.file_path = path;
  start();
  auto http = client();

  const auto whole = http.send({.target = "/file?0-3000000"});
  const auto part = http.send({.target = "/file?1234567-1000001"});
  const auto none = http.send({.target = "/file?5-0"});
  const auto head = http.send({.method = "HEAD", .target = "/file?0-3000000"});
  const auto beyond = http.send({.target = "/file?2999999-2"});
  ::unlink(path);

  ASSERT_TRUE(whole.has_value() && part.has_value() && none.has_value() && head.has_value());
  EXPECT_TRUE(whole->body == content);
  EXPECT_TRUE(part->body == content.substr(1234567, 1000001));
  EXPECT_EQ(none->body, "");
  EXPECT_EQ(head->find("Content-Length"), "3000000");
  EXPECT_EQ(head->body, "");
  EXPECT_FALSE(beyond.has_value()) << "a file that shrank is a broken answer, not a wrong one";
}

TEST_F(ServerTest, ShowsAnEarlyAnswerToAClientThatIsStillSending) {
  start();
  const UniqueFd fd = raw();
  send_all(fd.get(), "PUT /deny HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
  send_all(fd.get(), std::string(5'000'000, 'x'));
  ::shutdown(fd.get(), SHUT_WR);

  const std::string all = read_all(fd.get());

  EXPECT_TRUE(all.starts_with("HTTP/1.1 403 Forbidden\r\n")) << all;
  EXPECT_EQ(shared_.aborted, 0);
}

TEST_F(ServerTest, RefusesGarbageWithAnAnswer) {
  start();
  for (const std::string_view garbage : {
           std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls hello", 22),
           std::string_view("GET / HTTP/9.9\r\nHost: h\r\n\r\n"),
           std::string_view("\0\0\0\0", 4),
           std::string_view("GET / HTTP/1.1\r\nHost : h\r\n\r\n"),
       }) {
    const UniqueFd fd = raw();
    send_all(fd.get(), garbage);
    ::shutdown(fd.get(), SHUT_WR);
    const std::string all = read_all(fd.get());
    EXPECT_TRUE(all.starts_with("HTTP/1.1 400 ") || all.starts_with("HTTP/1.1 505 ")) << all;
    EXPECT_NE(all.find("<Error><Code>"), std::string::npos);
  }
  EXPECT_EQ(server_->counters().refused_requests, 4U);
  EXPECT_EQ(server_->counters().requests, 0U);
}

TEST_F(ServerTest, AbortsWhenTheClientVanishesInsideABody) {
  start();
  {
    const UniqueFd fd = raw();
    send_all(fd.get(), "PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
    while (shared_.streamed < 3) {
      std::this_thread::yield();
    }
  }
  while (server_->counters().open_connections > 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(shared_.aborted, 1);
}

TEST_F(ServerTest, BoundsItsConnections) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ServerOptions options;
  options.limits.max_connections = 2000;
  start(std::move(options));
  std::vector<UniqueFd> fds;
  for (int i = 0; i < 2000; ++i) {
    fds.push_back(raw());
    ASSERT_TRUE(fds.back().valid()) << i;
    send_all(fds.back().get(), "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    char block[512];
    ASSERT_GT(::recv(fds.back().get(), block, sizeof block, 0), 0) << i;
  }
  EXPECT_EQ(server_->counters().open_connections, 2000U);

  const UniqueFd one_more = raw();
  char block[512];
  EXPECT_LE(::recv(one_more.get(), block, sizeof block, 0), 0) << "closed at once";
  EXPECT_EQ(server_->counters().refused_connections, 1U);

  fds.clear();
  while (server_->counters().open_connections > 0) {
    std::this_thread::yield();
  }
  auto http = client();
  EXPECT_EQ(http.send({.target = "/echo"})->status, 200);
}

TEST_F(ServerTest, StopsIdleConnectionsAtOnceAndLetsABusyOneFinish) {
  start();
  auto idle = client();
  ASSERT_TRUE(idle.send({.target = "/echo"}).has_value());
  // The worker is held, so that the request is in progress when the server stops.
  std::mutex gate;
  gate.lock();
  shared_.worker.push([&gate] { const std::lock_guard wait(gate); });
  const UniqueFd busy = raw();
  send_all(busy.get(), "POST /worker HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbusy");
  while (server_->counters().requests < 2) {
    std::this_thread::yield();
  }
  std::thread stopping([this] { server_->stop(20); });
  while (server_->counters().open_connections > 1) {
    std::this_thread::yield();
  }
  gate.unlock();
  const std::string all = read_all(busy.get());
  stopping.join();

  EXPECT_TRUE(all.ends_with(":busy")) << all;
  EXPECT_NE(all.find("Connection: close"), std::string::npos);
  EXPECT_FALSE(client().send({.target = "/echo"}).has_value());
}

TEST_F(ServerTest, WaitsForRespondersWhenItIsDestroyed) {
  start();
  std::mutex gate;
  gate.lock();
  shared_.worker.push([&gate] { const std::lock_guard wait(gate); });
  const UniqueFd busy = raw();
  send_all(busy.get(), "POST /worker HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbusy");
  while (server_->counters().requests < 1) {
    std::this_thread::yield();
  }
  std::atomic<bool> is_gone = false;
  std::thread destroying([this, &is_gone] {
    server_.reset();
    is_gone = true;
  });
  EXPECT_EQ(read_all(busy.get()), "") << "no drain time: closed without an answer";
  EXPECT_FALSE(is_gone);
  gate.unlock();
  destroying.join();
}

// Out of descriptors a server must neither spin nor forget a listener: new connections wait and are
// served later.
TEST_F(ServerTest, SurvivesRunningOutOfDescriptors) {
  ServerOptions options;
  options.listeners = {Listener{}, Listener{}};
  start(std::move(options));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const UniqueFd first = raw();
  UniqueFd second(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const UniqueFd third(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  while (server_->counters().connections < 1) {
    std::this_thread::yield();
  }
  std::vector<UniqueFd> hoard;
  rlimit tight = before;
  tight.rlim_cur = 256;
  ::setrlimit(RLIMIT_NOFILE, &tight);
  for (UniqueFd fd(::dup(second.get())); fd.valid(); fd = UniqueFd(::dup(second.get()))) {
    hoard.push_back(std::move(fd));
  }
  for (const auto& [fd, listener] : {std::pair(second.get(), 0U), std::pair(third.get(), 1U)}) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port(listener));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    send_all(fd, "GET /peer HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  }
  pollfd wait{.fd = third.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&wait, 1, 250), 0) << "there is no descriptor to serve it with";

  hoard.clear();
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(read_all(second.get()).ends_with("127.0.0.1 0 0"));
  EXPECT_TRUE(read_all(third.get()).ends_with("127.0.0.1 0 1"));
}

TEST_F(ServerTest, RunsPostedWorkOnTheLoop) {
  start();
  std::atomic<bool> has_run = false;
  server_->post(0, [&has_run] { has_run = true; });
  while (!has_run) {
    std::this_thread::yield();
  }
}

TEST(Client, SaysWhyThereIsNoAnswer) {
  Client nobody(ClientOptions{.port = 1});
  const auto answer = nobody.send({});
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().find("refused"), std::string::npos) << answer.error();

  Client name(ClientOptions{.host = "example.invalid", .port = 1});
  EXPECT_NE(name.send({}).error().find("not an IP address"), std::string::npos);
}

}  // namespace
}  // namespace signet::http
