#include "upstream/upstream.h"

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "upstream/upstreams.h"

namespace signet::upstream {
namespace {

constexpr std::string_view kEmpty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// A server that answers the requests of its connections with texts, one after the other over all
// connections; after the last one it closes.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), generic, size), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    ::getsockname(listener_.get(), generic, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }

  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ScriptedServer(ScriptedServer&&) = delete;
  ScriptedServer& operator=(ScriptedServer&&) = delete;

  ~ScriptedServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] int connections() const { return connections_; }

  // The requests, heads and what came of bodies; once the server is through.
  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }

 private:
  void serve() {
    while (true) {
      const UniqueFd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer.valid()) {
        return;
      }
      connections_ += 1;
      while (answer_one(peer.get())) {
      }
    }
  }

  bool answer_one(int peer) {
    std::string request;
    char block[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(peer, block, sizeof block, 0);
      if (got <= 0) {
        return false;
      }
      request.append(block, static_cast<std::size_t>(got));
    }
    requests_.push_back(request);
    if (next_ == answers_.size()) {
      return false;
    }
    const std::string& answer = answers_[next_++];
    return ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) > 0 && next_ < answers_.size();
  }

  std::vector<std::string> answers_;
  std::size_t next_ = 0;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::vector<std::string> requests_;
  std::thread thread_;
};

class UpstreamTest : public ::testing::Test {
 protected:
  void start(std::vector<std::string> answers, std::size_t calls_max = 8) {
    server_ = std::make_unique<ScriptedServer>(std::move(answers));
    upstream_ = std::make_unique<Upstream>(
        Options{.endpoint = {.host = "127.0.0.1", .port = server_->port(), .authority = "s3.test"},
                .keys = {.access_key_id = "AKID", .secret_access_key = Secret("secret")},
                .timeout_seconds = 5,
                .calls_max = calls_max},
        clock_);
  }

  SystemClock clock_;
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<Upstream> upstream_;
};

TEST_F(UpstreamTest, SignsAndEncodesWhatItSends) {
  start({std::string(kEmpty)});

  const auto answered = upstream_->ask({.method = "PUT",
                                        .bucket = "b",
                                        .key = "a b/../\u00e4?x#y%2F",
                                        .query = {{"tagging", ""}, {"a&b", "c=d"}},
                                        .headers = {{"x-amz-meta-a", "1"}}},
                                       "body");

  ASSERT_TRUE(answered.has_value()) << answered.error().cause;
  EXPECT_EQ(answered->head.status, 200);
  const std::string request = server_->requests().at(0);
  EXPECT_TRUE(request.starts_with(
      "PUT /b/a%20b/../%C3%A4%3Fx%23y%252F?tagging=&a%26b=c%3Dd HTTP/1.1\r\nHost: s3.test\r\n"))
      << request;
  EXPECT_NE(request.find("Authorization: AWS4-HMAC-SHA256 Credential=AKID/"), std::string::npos);
  EXPECT_EQ(request.find("secret"), std::string::npos);
}

TEST_F(UpstreamTest, KeepsAConnectionWhoseAnswerWasRead) {
  start({std::string(kEmpty), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"});

  static_cast<void>(upstream_->ask({.bucket = "b"}));
  auto answered = upstream_->ask({.bucket = "b"});

  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(answered->exchange->read_all(10), "abc");
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(UpstreamTest, DropsAConnectionWhoseAnswerWasNotRead) {
  start({"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", std::string(kEmpty)});

  static_cast<void>(upstream_->ask({.bucket = "b"}));
  const auto answered = upstream_->ask({.bucket = "b"});

  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(UpstreamTest, DropsAConnectionWhoseRequestWasNotSentWhole) {
  start({std::string(kEmpty), std::string(kEmpty)});
  {
    const auto exchange =
        upstream_->begin({.method = "PUT", .bucket = "b"}, "abc", 6, "UNSIGNED-PAYLOAD");
    ASSERT_TRUE(exchange.has_value());
    ASSERT_TRUE((*exchange)->answer().has_value());
  }

  const auto answered = upstream_->ask({.bucket = "b"});

  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(UpstreamTest, SendsAReadAgainThatAKeptConnectionLost) {
  // The second request of the first connection is not answered; then there is a new connection.
  start({std::string(kEmpty), "", std::string(kEmpty)});
  static_cast<void>(upstream_->ask({.bucket = "b"}));

  EXPECT_TRUE(upstream_->ask({.bucket = "b"}).has_value());
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(UpstreamTest, SendsNoWriteAgain) {
  start({std::string(kEmpty), "", std::string(kEmpty)});
  static_cast<void>(upstream_->ask({.bucket = "b"}));

  const auto answered = upstream_->ask({.method = "PUT", .bucket = "b"}, "x");

  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().kind, Fault::Kind::NoAnswer);
  EXPECT_EQ(server_->requests().size(), 2U);
}

TEST_F(UpstreamTest, BoundsTheCallsUnderWay) {
  start({std::string(kEmpty), std::string(kEmpty)}, 1);
  auto first = upstream_->ask({.bucket = "b"});
  ASSERT_TRUE(first.has_value());

  const auto second = upstream_->ask({.bucket = "b"});
  first->exchange.reset();
  const auto third = upstream_->ask({.bucket = "b"});

  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, Fault::Kind::Busy);
  EXPECT_TRUE(third.has_value());
}

TEST_F(UpstreamTest, CutsAnAnswerThatIsTooLong) {
  start({"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"});
  auto answered = upstream_->ask({.bucket = "b"});
  ASSERT_TRUE(answered.has_value());

  EXPECT_FALSE(answered->exchange->read_all(10).has_value());
}

TEST_F(UpstreamTest, TellsABodyThatEndsTooEarly) {
  start({"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello"});
  auto answered = upstream_->ask({.bucket = "b"});
  ASSERT_TRUE(answered.has_value());

  EXPECT_FALSE(answered->exchange->read_all(100).has_value());
}

TEST(Upstreams, PreferABucketsOwn) {
  SystemClock clock;
  const auto make = [&clock](std::string host) {
    return std::make_unique<Upstream>(Options{.endpoint = {.host = std::move(host)}, .keys = {}},
                                      clock);
  };
  Upstreams upstreams;
  EXPECT_EQ(upstreams.of("b"), nullptr);

  EXPECT_TRUE(upstreams.add("b", make("one")));
  EXPECT_FALSE(upstreams.add("b", make("two")));
  EXPECT_EQ(upstreams.of("c"), nullptr);
  EXPECT_TRUE(upstreams.add("", make("all")));

  EXPECT_EQ(upstreams.of("b")->endpoint().host, "one");
  EXPECT_EQ(upstreams.of("c")->endpoint().host, "all");
}

}  // namespace
}  // namespace signet::upstream
