#include "ctl/tool_run.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strings.h"
#include "base/unique_fd.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxOutput = 64 * 1024;

// "NAME=value" of this process and the variables, which win; not those that are left out.
std::vector<std::string> environment_with(const Variables& variables,
                                          const std::vector<std::string>& without = {}) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool is_replaced = std::ranges::any_of(
        variables, [name](const auto& variable) { return variable.first == name; });
    if (!is_replaced && std::ranges::find(without, name) == without.end()) {
      all.emplace_back(text);
    }
  }
  for (const auto& [name, value] : variables) {
    all.push_back(concat(name, "=", value));
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

// Starts the program in a process group of its own, its output into `write_end`. -1: it cannot be.
pid_t start(std::vector<std::string> words, const Variables& variables, int write_end) {
  std::vector<std::string> environment = environment_with(variables);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDERR_FILENO);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid,
                                 words.front().c_str(),
                                 &actions,
                                 &attributes,
                                 pointers(words).data(),
                                 pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error == 0 ? pid : -1;
}

// What comes until the end, or until there is no time left: false.
bool read_all(int fd, int timeout_seconds, std::string& out) {
  const std::int64_t until = monotonic_ms() + (std::int64_t{1000} * timeout_seconds);
  std::array<char, 4096> buffer{};
  while (true) {
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    const std::int64_t left = until - monotonic_ms();
    const int ready = left <= 0 ? 0 : ::poll(&entry, 1, static_cast<int>(left));
    if (ready == 0) {
      return false;
    }
    const ssize_t got = ready < 0 ? -1 : ::read(fd, buffer.data(), buffer.size());
    if (got == 0) {
      return true;
    }
    if (got < 0 && errno != EINTR) {
      return false;
    }
    out.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    out.resize(std::min(out.size(), kMaxOutput));
  }
}

sigset_t waited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

// In this process group, with nothing blocked or ignored. -1: it cannot be.
pid_t start_in_foreground(std::vector<std::string> words, std::vector<std::string> environment) {
  sigset_t none;
  sigset_t usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid,
                                 words.front().c_str(),
                                 nullptr,
                                 &attributes,
                                 pointers(words).data(),
                                 pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  return error == 0 ? pid : -1;
}

// The status of the program once it has ended.
int await_end(pid_t pid) {
  const sigset_t signals = waited_signals();
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    int received = 0;
    if (sigwait(&signals, &received) == 0 && (received == SIGTERM || received == SIGHUP)) {
      ::kill(pid, received);
    }
  }
  return status;
}

}  // namespace

std::optional<ToolRun> run_tool(const std::vector<std::string>& words,
                                const Variables& variables,
                                int timeout_seconds) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return std::nullopt;
  }
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t pid = start(words, variables, write_end.get());
  write_end.reset();
  if (pid < 0) {
    return std::nullopt;
  }
  ToolRun run;
  const bool has_ended = read_all(read_end.get(), timeout_seconds, run.output);
  if (!has_ended) {
    ::kill(-pid, SIGKILL);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  run.is_done = has_ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return run;
}

void block_signals() {
  const sigset_t signals = waited_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::optional<int> run_in_foreground(const std::vector<std::string>& words,
                                     const Variables& variables,
                                     const std::vector<std::string>& without) {
  constexpr int kSignalled = 128;
  block_signals();
  const pid_t pid = start_in_foreground(words, environment_with(variables, without));
  if (pid < 0) {
    return std::nullopt;
  }
  const int status = await_end(pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

void await_signal() {
  const sigset_t signals = waited_signals();
  int received = SIGCHLD;
  while (sigwait(&signals, &received) == 0 && received == SIGCHLD) {
  }
}

bool has_variable(const std::string& name) {
  const std::string begin = name + "=";
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.starts_with(begin)) {
      return text.size() > begin.size();
    }
  }
  return false;
}

}  // namespace signet::ctl
