#pragma once

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assertion.h"
#include "base/clock.h"
#include "base/unique_fd.h"
#include "http/client.h"
#include "store/test_folder_for_test.h"

namespace signet::store {

// A port of loopback that nobody has just now.
inline std::uint16_t free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  SIGNET_ASSERT(::bind(fd.get(), any, length) == 0);
  SIGNET_ASSERT(::getsockname(fd.get(), any, &length) == 0);
  return ntohs(address.sin_port);
}

// A real etcd of one member on loopback, in a folder of its own, gone with this. For tests only.
class EtcdProcess {
 public:
  static bool is_installed() {
    for (const char* folder : {"/usr/bin/etcd", "/usr/local/bin/etcd"}) {
      if (::access(folder, X_OK) == 0) {
        return true;
      }
    }
    return false;
  }

  // `flags`: more of etcd's own.
  explicit EtcdProcess(std::vector<std::string> flags = {}) : flags_(std::move(flags)) {
    do {  // another process may have taken a port meanwhile
      port_ = free_port();
      peer_port_ = free_port();
      folder_.emplace();
    } while (!has_started());
  }

  EtcdProcess(const EtcdProcess&) = delete;
  EtcdProcess& operator=(const EtcdProcess&) = delete;
  EtcdProcess(EtcdProcess&&) = delete;
  EtcdProcess& operator=(EtcdProcess&&) = delete;

  ~EtcdProcess() { kill(); }

  void kill() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
      process_ = -1;
    }
  }

  // It stands still, connections stay: what a partition looks like.
  void suspend() const { ::kill(process_, SIGSTOP); }

  void resume() const { ::kill(process_, SIGCONT); }

  // Again, on its folder.
  void start() { SIGNET_ASSERT(has_started()); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  // Asks etcd itself, past the store.
  [[nodiscard]] std::string ask(const std::string& path, const std::string& message) const {
    http::Client client({.port = port_, .timeout_seconds = 5});
    const auto answer = client.send({.method = "POST", .target = path, .body = message});
    return answer ? answer->body : std::string();
  }

 private:
  // False: it ended at once.
  [[nodiscard]] bool has_started() {
    const std::string client = url(port_);
    const std::string peer = url(peer_port_);
    std::vector<std::string> words = {"etcd",
                                      "--name=one",
                                      "--data-dir=" + folder_->path() + "/etcd",
                                      "--listen-client-urls=" + client,
                                      "--advertise-client-urls=" + client,
                                      "--listen-peer-urls=" + peer,
                                      "--initial-advertise-peer-urls=" + peer,
                                      "--initial-cluster=one=" + peer,
                                      "--log-level=error"};
    words.insert(words.end(), flags_.begin(), flags_.end());
    std::vector<char*> arguments;
    for (std::string& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    char* nothing = nullptr;  // of the environment
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    SIGNET_ASSERT(
        ::posix_spawnp(&process_, "etcd", &actions, nullptr, arguments.data(), &nothing) == 0);
    posix_spawn_file_actions_destroy(&actions);
    return answers();
  }

  static std::string url(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

  [[nodiscard]] bool answers() {
    const std::int64_t deadline = monotonic_ms() + 60'000;
    while (ask("/v3/kv/range", R"({"key":"YQ=="})").find("header") == std::string::npos) {
      if (::waitpid(process_, nullptr, WNOHANG) == process_) {
        process_ = -1;
        return false;
      }
      SIGNET_ASSERT(monotonic_ms() < deadline);
      ::poll(nullptr, 0, 20);
    }
    return true;
  }

  std::optional<TestFolder> folder_;
  std::uint16_t port_ = 0;
  std::uint16_t peer_port_ = 0;
  std::vector<std::string> flags_;
  pid_t process_ = -1;
};

}  // namespace signet::store
