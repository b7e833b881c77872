#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/request_handler.h"
#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "base/assertion.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/uri.h"
#include "crypto/random.h"
#include "gated_store.h"
#include "http/impl/connection_fixture.h"
#include "iam/service.h"
#include "identity/fixture_for_test.h"
#include "objects/object_store.h"
#include "s3/service.h"
#include "sigv4/signer.h"
#include "sts/service.h"

namespace signet::races {

// A loop whose thread is the test: what other threads post runs when the test waits for an answer.
class MeetingLoop final : public http::FakeLoop {
 public:
  [[nodiscard]] bool is_loop_thread() const override {
    return std::this_thread::get_id() == owner_;
  }

  void post(std::move_only_function<void()> work) override {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(work));
    wake_.notify_one();
  }

  void run_until(const std::function<bool()>& is_done) {
    while (!is_done()) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !queue_.empty(); });
      auto work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      flush();
    }
  }

 private:
  std::thread::id owner_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> queue_;
};

struct Key {
  std::string id;
  std::string secret;
  std::string token{};  // of temporary credentials
};

struct Message {
  std::string service;  // iam, sts or s3
  std::string body{};
  std::string method = "POST";
  std::string target = "/";
};

// A form of the Query protocol; values are percent-encoded here.
inline Message query(std::string_view service,
                     std::string_view action,
                     const std::vector<std::pair<std::string, std::string>>& params) {
  std::string body =
      concat("Action=", action, "&Version=", service == "iam" ? "2010-05-08" : "2011-06-15");
  for (const auto& [name, value] : params) {
    body += concat("&", name, "=", codec::percent_encode(value, codec::Slash::Encode));
  }
  return {.service = std::string(service), .body = std::move(body)};
}

inline Message s3(std::string_view method, std::string_view target, std::string_view body = {}) {
  return {.service = "s3",
          .body = std::string(body),
          .method = std::string(method),
          .target = std::string(target)};
}

// A document with one statement.
inline std::string policy(std::string_view statements) {
  return concat(R"({"Version":"2012-10-17","Statement":[)", statements, "]}");
}

inline constexpr std::string_view kAllowAll = R"({"Effect":"Allow","Action":"*","Resource":"*"})";
inline constexpr std::string_view kDenyAll = R"({"Effect":"Deny","Action":"*","Resource":"*"})";

// One request on a connection of its own.
class Request {
 public:
  Request(MeetingLoop& loop, std::string wire) : loop_(loop), wire_(loop), rest_(std::move(wire)) {
    wire_.connection.start(http::Peer{.address = "127.0.0.1"});
  }

  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  Request(Request&&) = delete;
  Request& operator=(Request&&) = delete;

  ~Request() { wire_.connection.close(); }

  // Sends the head and half of the body, or as much of that as the server takes now.
  void send_half() {
    const std::size_t head = rest_.find("\r\n\r\n") + 4;
    const std::size_t half = head + (rest_.size() - head) / 2;
    const std::string left = wire_.feed(rest_.substr(0, half));
    rest_.erase(0, half - left.size());
  }

  // As much as the server takes now; the remainder while an answer is waited for.
  void send_rest() {
    rest_ = wire_.feed(std::exchange(rest_, {}));
    is_sending_ = !rest_.empty();
  }

  // The peer is gone. The request must stay until what the server has of it is done.
  void leave() { wire_.connection.close(); }

  [[nodiscard]] bool is_answered() const { return !wire_.sent.empty(); }

  // Whether the answer has that text; after answer().
  [[nodiscard]] bool tells(std::string_view text) const {
    return wire_.sent.find(text) != std::string::npos;
  }

  // "200", or status and error code: "403 AccessDenied". Waits for it.
  [[nodiscard]] std::string answer() {
    loop_.run_until([this] {
      if (is_sending_) {
        send_rest();
      }
      return is_answered();
    });
    const std::string status = wire_.sent.substr(9, 3);
    const std::size_t code = wire_.sent.find("<Code>");
    if (code == std::string::npos) {
      return status;
    }
    const std::size_t begin = code + 6;
    return concat(status, " ", wire_.sent.substr(begin, wire_.sent.find('<', begin) - begin));
  }

 private:
  MeetingLoop& loop_;
  http::FakeTransport wire_;
  std::string rest_;
  bool is_sending_ = false;
};

// A server without sockets: everything from the connection to a store with a gate.
class RaceFixture : public testing::Test {
 protected:
  static constexpr const char* kAccount = identity::kAccount;
  static constexpr const char* kOther = identity::kOtherAccount;

  RaceFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-races-XXXXXX").string();
    SIGNET_ASSERT(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    auto opened = objects::ObjectStore::open({.folder = folder_, .is_durable = false}, random_);
    SIGNET_ASSERT(opened.has_value());
    objects_ = *std::move(opened);
    s3_ = std::make_unique<s3::S3Service>(*objects_, s3::S3Service::Options{});
    auto directory = identity::Directory::open(
        {.store = store_, .master_key = master_key_, .random = random_, .catalogue = &catalogue_});
    SIGNET_ASSERT(directory.has_value());
    directory_ = *std::move(directory);
    SIGNET_ASSERT(rings_.refresh(*directory_, random_, clock_.now()).has_value());
    const api::WorkerPoolOptions one{
        .name = "test",
        .threads = 1,
        .queue = {.places = 64, .account_places = 64, .caller_places = 64, .caller_running = 1}};
    pools_ = std::make_unique<api::WorkerPools>(api::WorkerPools::Options{one, one, one, one, one});
    requests_ = std::make_unique<api::RequestHandler>(
        api::Parts{.deps = deps_,
                   .directory = *directory_,
                   .audit = audit_,
                   .pools = *pools_,
                   .services = {{"iam", &iam_}, {"sts", &sts_}, {"s3", s3_.get()}},
                   .write_shares = {.account_places = 6, .caller_places = 3},
                   .loops = 1});
    loop_.handler = requests_.get();
    write([](identity::Transaction& transaction) {
      transaction.put(identity::make_account(kAccount));
      transaction.put(identity::make_account(kOther));
    });
    admin_ = make_user("admin", kAllowAll);
    stranger_ = make_user("stranger", kAllowAll, kOther);
  }

  ~RaceFixture() override {
    store_.open();
    pools_->stop();
    directory_->stop();
    std::filesystem::remove_all(folder_);
  }

  void write(const std::function<void(identity::Transaction&)>& change) {
    const auto done = directory_->apply(
        [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          change(transaction);
          return {};
        });
    ASSERT_TRUE(done) << done.error().cause;
  }

  // The same without waiting for it.
  void queue(std::function<void(identity::Transaction&)> change) {
    directory_->submit(
        [change = std::move(change)](const identity::Snapshot&,
                                     identity::Transaction& transaction) -> Status {
          change(transaction);
          return {};
        },
        [](const Result<std::uint64_t>&) {});
  }

  // A user with an inline policy and a key that was used before, so that its use is not noted
  // again.
  Key make_user(const std::string& name,
                std::string_view statements,
                const std::string& account = kAccount) {
    identity::User user = identity::make_user(concat("AIDA", account, name), name);
    user.account = account;
    user.inline_policies.push_back(
        {.name = "p", .document = identity::make_document(policy(statements))});
    const std::string id = concat("AKIA", std::string(15, 'A'), std::string(1, next_key_++));
    identity::AccessKey key = identity::make_key(id, user.id);
    key.account = account;
    Key made{.id = id, .secret = std::string(key.secret->reveal(secret_access())), .token = {}};
    write([&](identity::Transaction& transaction) {
      transaction.put(std::move(user));
      transaction.put(std::move(key));
    });
    EXPECT_EQ(call(made, query("sts", "GetCallerIdentity", {})), "200");
    write([](identity::Transaction&) {});
    return made;
  }

  [[nodiscard]] std::string wire_of(const Key& key, const Message& message) const {
    const sigv4::SignedRequest sent = sigv4::sign({.method = message.method,
                                                   .target = message.target,
                                                   .headers = {{"Host", "localhost"}},
                                                   .body = message.body,
                                                   .access_key = key.id,
                                                   .secret_key = key.secret,
                                                   .session_token = key.token,
                                                   .service = message.service,
                                                   .timestamp = clock_.now(),
                                                   .normalize = message.service != "s3",
                                                   .sign_body = message.service == "s3"});
    std::string wire = concat(message.method, " ", sent.target, " HTTP/1.1\r\n");
    for (const auto& [name, value] : sent.headers) {
      wire += concat(name, ": ", value, "\r\n");
    }
    if (message.service != "s3") {
      wire += "Content-Type: application/x-www-form-urlencoded\r\n";
    }
    return concat(
        wire, "Content-Length: ", std::to_string(message.body.size()), "\r\n\r\n", message.body);
  }

  // A request of which nothing was sent yet.
  std::unique_ptr<Request> begin(const Key& key, const Message& message) {
    return std::make_unique<Request>(loop_, wire_of(key, message));
  }

  std::unique_ptr<Request> send(const Key& key, const Message& message) {
    auto request = begin(key, message);
    request->send_rest();
    return request;
  }

  std::string call(const Key& key, const Message& message) { return send(key, message)->answer(); }

  [[nodiscard]] std::shared_ptr<const identity::Snapshot> snapshot() const {
    return directory_->current();
  }

  // Runs `meanwhile` while the only thread of each pool is busy: what is sent in it waits.
  void while_pool_is_busy(const std::function<void()>& meanwhile) {
    std::counting_semaphore<> is_over(0);
    for (const auto& pool : pools_->all()) {
      run_on(*pool, [&](authz::Authorizer&) { is_over.acquire(); });
    }
    meanwhile();
    is_over.release(static_cast<std::ptrdiff_t>(api::kWorkKinds));
    drain_pool();
  }

  // Returns once the pools have done what waits for them.
  void drain_pool() {
    for (const auto& pool : pools_->all()) {
      // The queue is fair, so a job of ours may come before the last one of somebody else.
      do {
        std::binary_semaphore is_done(0);
        run_on(*pool, [&](authz::Authorizer&) { is_done.release(); });
        is_done.acquire();
      } while (pool->counters().waiting > 0);
    }
  }

  static void run_on(api::WorkerPool& pool, api::WorkerPool::Job job) {
    const api::Share ours{.account = "of the test", .caller = "test"};
    SIGNET_ASSERT(pool.submit(ours, std::move(job)) == api::Admission::Queued);
  }

  MeetingLoop loop_;
  GatedStore store_;
  ManualClock clock_{Instant::from_seconds(1'790'000'000)};
  crypto::SystemRandom random_;
  identity::SmallCatalogue catalogue_;
  Secret master_key_{std::string(32, 'm')};
  authn::KeyRings rings_;
  authn::MfaGate mfa_;
  api::Deps deps_{
      .clock = clock_, .random = random_, .rings = rings_, .mfa = mfa_, .catalogue = catalogue_};
  audit::Sink audit_;
  std::string folder_;
  std::unique_ptr<objects::ObjectStore> objects_;
  iam::IamService iam_;
  sts::StsService sts_;
  std::unique_ptr<s3::S3Service> s3_;
  std::unique_ptr<identity::Directory> directory_;
  std::unique_ptr<api::WorkerPools> pools_;
  std::unique_ptr<api::RequestHandler> requests_;
  char next_key_ = 'A';
  Key admin_;
  Key stranger_;
};

}  // namespace signet::races
