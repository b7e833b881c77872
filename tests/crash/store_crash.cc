// store_crash [ROUNDS] [SEED]: concurrent writers over directory and embedded store in a child
// process that is killed with SIGKILL at a random moment. After each round the store must open, all
// invariants hold, and every write that the child reported as acknowledged (through a pipe, which
// survives it) be there. Rounds build on each other: the same folder grows old. Exit status 0 only
// if all rounds were clean.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "base/secret_access.h"
#include "crypto/random.h"
#include "identity/directory.h"
#include "identity/invariants.h"
#include "store/embedded/embedded_store.h"

namespace {

using namespace signet;            // NOLINT(google-build-using-namespace): a program of one file
using namespace signet::identity;  // NOLINT(google-build-using-namespace): a program of one file

constexpr const char* kAccount = "111122223333";
constexpr const char* kPolicyArn = "arn:aws:iam::111122223333:policy/shared";
constexpr int kWriters = 8;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "store_crash: %s\n", why.c_str());
  std::exit(1);
}

struct Opened {
  crypto::SystemRandom random;
  Secret master_key = Secret(std::string(32, 'm'));
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Directory> directory;

  explicit Opened(const std::string& folder) {
    // A small log makes checkpoints part of what is interrupted.
    auto made = store::open_embedded_store({.folder = folder, .log_file_bytes = 64 * 1024});
    if (!made) {
      give_up("the store does not open: " + made.error().cause);
    }
    store = std::move(*made);
    auto opened = Directory::open(
        {.store = *store, .master_key = master_key, .random = random, .catalogue = nullptr});
    if (!opened) {
      give_up("the directory does not open: " + opened.error().cause);
    }
    directory = std::move(*opened);
  }
};

// One acknowledged fact, small enough for an atomic write to the pipe. Generation 0: the user is
// gone.
struct Report {
  std::uint32_t writer = 0;
  std::uint32_t user = 0;
  std::uint32_t generation = 0;
};

struct Round {
  std::uint32_t number = 0;
  std::uint32_t seed = 0;
};

std::string user_id(std::uint32_t writer, std::uint32_t user) {
  return "AIDA-" + std::to_string(writer) + "-" + std::to_string(user);
}

// A user, its key and its attachment make one transaction: all or nothing.
void write_user(Transaction& transaction, const Report& report) {
  const std::string id = user_id(report.writer, report.user);
  const std::string key_id = "AKIA-" + id;
  if (report.generation == 0) {
    if (transaction.view().find<AccessKey>(key_id) != nullptr) {
      transaction.erase<AccessKey>(key_id);
    }
    if (transaction.view().find<User>(id) != nullptr) {
      transaction.erase<User>(id);
    }
    return;
  }
  User user;
  user.account = kAccount;
  user.id = id;
  user.name = "name-" + std::to_string(report.writer) + "-" + std::to_string(report.user) + "-" +
              std::to_string(report.generation);
  user.attached_policies = {kPolicyArn};
  user.group_ids = {report.generation % 2 == 0 ? "AGPA-even" : "AGPA-odd"};
  user.tags = {{"generation", std::to_string(report.generation)}};
  transaction.put(std::move(user));
  AccessKey key;
  key.id = key_id;
  key.account = kAccount;
  key.user_id = id;
  key.secret = make_shared_secret("secret-" + std::to_string(report.generation));
  transaction.put(std::move(key));
}

void run_writer(Directory& directory, int pipe, std::uint32_t writer, const Round& round) {
  std::mt19937 dice(round.seed * 1000 + round.number * 10 + writer);
  for (std::uint32_t generation = round.number * 100'000 + 1;; ++generation) {
    const bool is_erase = dice() % 5 == 0;
    const Report report{.writer = writer,
                        .user = static_cast<std::uint32_t>(dice() % 20),
                        .generation = is_erase ? 0 : generation};
    // Written before and after: a user whose last write is in doubt may have either state.
    const Report intent{
        .writer = writer + 1000, .user = report.user, .generation = report.generation};
    if (::write(pipe, &intent, sizeof intent) != sizeof intent) {
      _exit(3);
    }
    const auto result =
        directory.apply([&report](const Snapshot&, Transaction& transaction) -> Status {
          write_user(transaction, report);
          return {};
        });
    if (!result) {
      std::fprintf(stderr, "write failed: %s\n", result.error().cause.c_str());
      _exit(4);
    }
    if (::write(pipe, &report, sizeof report) != sizeof report) {
      _exit(3);
    }
  }
}

void prepare(Transaction& transaction) {
  Account account;
  account.id = kAccount;
  transaction.put(std::move(account));
  ManagedPolicy policy;
  policy.account = kAccount;
  policy.id = "ANPA-shared";
  policy.name = "shared";
  policy.versions.push_back({.number = 1, .document = make_document("{}"), .created = Instant{}});
  transaction.put(std::move(policy));
  for (const char* name : {"even", "odd"}) {
    Group group;
    group.account = kAccount;
    group.id = std::string("AGPA-") + name;
    group.name = name;
    transaction.put(std::move(group));
  }
}

[[noreturn]] void run_child(const std::string& folder, int pipe, const Round& round) {
  Opened opened(folder);
  if (opened.directory->current()->find<Account>(kAccount) == nullptr) {
    const auto result =
        opened.directory->apply([](const Snapshot&, Transaction& transaction) -> Status {
          prepare(transaction);
          return {};
        });
    if (!result) {
      _exit(5);
    }
  }
  std::vector<std::thread> writers;
  for (std::uint32_t w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] { run_writer(*opened.directory, pipe, w, round); });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  _exit(6);
}

using UserKey = std::pair<std::uint32_t, std::uint32_t>;

// What must be: the last acknowledged generation of each user, and the one in doubt.
struct Expected {
  std::map<UserKey, std::uint32_t> acknowledged;
  std::map<UserKey, std::uint32_t> in_doubt;
  std::uint64_t acknowledgements = 0;
};

void read_reports(int pipe, Expected& expected) {
  Report report;
  while (true) {
    const ssize_t size = ::read(pipe, &report, sizeof report);
    if (size != static_cast<ssize_t>(sizeof report)) {
      return;
    }
    if (report.writer >= 1000) {
      expected.in_doubt[{report.writer - 1000, report.user}] = report.generation;
    } else {
      expected.acknowledged[{report.writer, report.user}] = report.generation;
      expected.in_doubt.erase({report.writer, report.user});
      expected.acknowledgements += 1;
    }
  }
}

// The generation the snapshot shows for a user; 0: none. Ends the program if user and key do not
// agree.
std::uint32_t generation_of(const Snapshot& snapshot, const UserKey& who) {
  const std::string id = user_id(who.first, who.second);
  const User* user = snapshot.find<User>(id);
  const AccessKey* key = snapshot.find<AccessKey>("AKIA-" + id);
  if ((user == nullptr) != (key == nullptr)) {
    give_up(id + ": half of a transaction");
  }
  if (user == nullptr) {
    return 0;
  }
  const std::string& generation = user->tags->at(0).value;
  if (key->secret->reveal(secret_access()) != "secret-" + generation ||
      !user->name.ends_with("-" + generation)) {
    give_up(id + ": parts of two transactions");
  }
  return static_cast<std::uint32_t>(std::strtoul(generation.c_str(), nullptr, 10));
}

// Compares and settles what was in doubt for the next round.
void check(const std::string& folder, Expected& expected) {
  const Opened opened(folder);
  const Snapshot& snapshot = *opened.directory->current();
  const std::vector<std::string> defects = verify_invariants(snapshot);
  if (!defects.empty()) {
    give_up("invariant broken: " + defects.front());
  }
  std::map<UserKey, std::uint32_t> settled;
  for (std::uint32_t writer = 0; writer < kWriters; ++writer) {
    for (std::uint32_t user = 0; user < 20; ++user) {
      const UserKey who{writer, user};
      const std::uint32_t found = generation_of(snapshot, who);
      const auto acknowledged = expected.acknowledged.find(who);
      const std::uint32_t wanted =
          acknowledged == expected.acknowledged.end() ? 0 : acknowledged->second;
      const auto doubt = expected.in_doubt.find(who);
      const bool is_fine =
          found == wanted || (doubt != expected.in_doubt.end() && found == doubt->second);
      if (!is_fine) {
        give_up(user_id(writer, user) + ": acknowledged generation " + std::to_string(wanted) +
                ", found " + std::to_string(found));
      }
      settled[who] = found;
    }
  }
  expected.acknowledged = std::move(settled);
  expected.in_doubt.clear();
}

void run_round(const std::string& folder,
               const Round& round,
               int kill_after_ms,
               Expected& expected) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) {
    give_up("pipe");
  }
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    run_child(folder, ends[1], round);
  }
  close(ends[1]);
  std::thread killer([child, kill_after_ms] {
    usleep(static_cast<useconds_t>(kill_after_ms) * 1000);
    kill(child, SIGKILL);
  });
  read_reports(ends[0], expected);
  killer.join();
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
    give_up("the writer ended by itself, status " + std::to_string(status));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  const auto seed = static_cast<std::uint32_t>(argc > 2 ? std::atoi(argv[2]) : 1);
  std::string folder = (std::filesystem::temp_directory_path() / "signet-crash-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    give_up("no temporary folder");
  }
  std::mt19937 dice(seed);
  Expected expected;
  for (int round = 0; round < rounds; ++round) {
    const int kill_after_ms = 20 + static_cast<int>(dice() % 400);
    run_round(folder + "/data",
              {.number = static_cast<std::uint32_t>(round), .seed = seed},
              kill_after_ms,
              expected);
    check(folder + "/data", expected);
  }
  std::filesystem::remove_all(folder);
  std::printf("store_crash: %d rounds, seed %u, %llu acknowledged writes, all there\n",
              rounds,
              seed,
              static_cast<unsigned long long>(expected.acknowledgements));
  return expected.acknowledgements > 0 ? 0 : 1;
}
