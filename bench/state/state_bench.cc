// Durable writes and loading of the embedded store under the directory.
//
//   state_bench writes FOLDER [WRITERS] [SECONDS]
//     users created by concurrent writers: rate, p50, p99
//   state_bench floor FOLDER
//     what the disk takes for one small durable write, in the ways to do it
//   state_bench fill FOLDER COUNT [DOCUMENTS]
//     COUNT roles of about 0.5 KB with DOCUMENTS distinct inline policies and 3,000 trust policies,
//     each with a tag of 100 and a policy of AWS's; every fourth has a description of its own,
//     every tenth a tag of its own besides
//   state_bench load FOLDER
//     time and memory of opening what `fill` made
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/process.h"
#include "crypto/random.h"
#include "identity/directory.h"
#include "store/embedded/embedded_store.h"
#include "token/ids.h"

namespace {

using namespace signet;            // NOLINT(google-build-using-namespace): a program of one file
using namespace signet::identity;  // NOLINT(google-build-using-namespace): a program of one file
using SteadyClock = std::chrono::steady_clock;

constexpr const char* kAccount = "111122223333";

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

// CPU time of this process, which a busy machine disturbs less than the clock on the wall.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// Resident memory of this process in MiB.
double resident_mib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      double kib = 0;
      status >> kib;
      return kib / 1024;
    }
  }
  return 0;
}

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", what, result.error().cause.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

struct Opened {
  crypto::SystemRandom random;
  Secret master_key = Secret(std::string(32, 'm'));
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Directory> directory;

  explicit Opened(const std::string& folder)
      : store(must(store::open_embedded_store({.folder = folder}), "store")) {
    directory = must(
        Directory::open(
            {.store = *store, .master_key = master_key, .random = random, .catalogue = nullptr}),
        "directory");
    if (directory->current()->find<Account>(kAccount) == nullptr) {
      must(directory->apply([](const Snapshot&, Transaction& transaction) -> Status {
        Account account;
        account.id = kAccount;
        transaction.put(std::move(account));
        return {};
      }),
           "account");
    }
  }
};

void write_users(Opened& opened,
                 int writer,
                 SteadyClock::time_point end,
                 std::vector<double>& latencies) {
  for (int i = 0; SteadyClock::now() < end; ++i) {
    User user;
    user.account = kAccount;
    user.id = token::make_id(token::kUserPrefix, kAccount, opened.random);
    user.name = "user-" + std::to_string(writer) + "-" + std::to_string(i);
    user.inline_policies = {{"p", make_document(std::string(300, ' ') + user.name)}};
    const auto start = SteadyClock::now();
    must(opened.directory->apply([user](const Snapshot&, Transaction& transaction) -> Status {
      transaction.put(user);
      return {};
    }),
         "write");
    latencies.push_back(seconds_since(start) * 1e6);
  }
}

void bench_writes(const std::string& folder, int writers, double seconds) {
  Opened opened(folder);
  const auto start = SteadyClock::now();
  const auto end = start + std::chrono::milliseconds(static_cast<int>(seconds * 1000));
  std::vector<std::vector<double>> latencies(static_cast<std::size_t>(writers));
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back(
        [&, w] { write_users(opened, w, end, latencies[static_cast<std::size_t>(w)]); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const double elapsed = seconds_since(start);
  std::vector<double> all;
  for (const std::vector<double>& own : latencies) {
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  std::printf("writers %d: %.0f durable writes/s, p50 %.0f us, p99 %.0f us\n",
              writers,
              static_cast<double>(all.size()) / elapsed,
              all[all.size() / 2],
              all[all.size() * 99 / 100]);
}

// A durable write of `bytes` bytes, again and again: into blocks that were written before, or at
// the end of a growing file.
struct Way {
  const char* name;
  std::size_t bytes;
  int open_flags;
  bool is_growing;
};

void bench_way(const std::string& path, const Way& way) {
  constexpr std::size_t kFileBytes = std::size_t{4} << 20;
  constexpr int kWrites = 1000;
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | way.open_flags, 0600);
  const std::unique_ptr<void, decltype(&std::free)> buffer(std::aligned_alloc(4096, kFileBytes),
                                                           &std::free);
  std::memset(buffer.get(), 0, kFileBytes);
  const bool is_ready =
      fd >= 0 && (way.is_growing || pwrite(fd, buffer.get(), kFileBytes, 0) > 0) && fsync(fd) == 0;
  std::vector<double> latencies;
  std::size_t at = 0;
  for (int i = 0; is_ready && i < kWrites; ++i) {
    const auto start = SteadyClock::now();
    const ssize_t written = pwrite(fd, buffer.get(), way.bytes, static_cast<off_t>(at));
    if (written < 0 || ((way.open_flags & O_DSYNC) == 0 && fdatasync(fd) != 0)) {
      break;
    }
    latencies.push_back(seconds_since(start) * 1e6);
    at = way.is_growing || at + 2 * way.bytes <= kFileBytes ? at + way.bytes : 0;
  }
  if (latencies.empty()) {
    std::perror(way.name);
  } else {
    std::sort(latencies.begin(), latencies.end());
    std::printf("%-40s p50 %.0f us, p99 %.0f us\n",
                way.name,
                latencies[latencies.size() / 2],
                latencies[latencies.size() * 99 / 100]);
  }
  close(fd);
  unlink(path.c_str());
}

void bench_floor(const std::string& folder) {
  for (const Way& way :
       {Way{"12 KiB, growing, fdatasync", 12288, 0, true},
        Way{"12 KiB, overwriting, fdatasync", 12288, 0, false},
        Way{"4 KiB, overwriting, fdatasync", 4096, 0, false},
        Way{"4 KiB, overwriting, O_DIRECT and O_DSYNC", 4096, O_DIRECT | O_DSYNC, false}}) {
    bench_way(folder + "/state_bench.floor", way);
  }
}

constexpr int kTrustDocuments = 3000;

Role make_role(Opened& opened, int number, int documents) {
  Role role;
  role.account = kAccount;
  role.id = token::make_id(token::kRolePrefix, kAccount, opened.random);
  role.name = "application-role-" + std::to_string(number);
  role.trust_policy = make_document(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},)"
      R"("Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x)" +
      std::to_string(number % kTrustDocuments) + R"("}}}]})");
  role.inline_policies = {
      {"access",
       make_document(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":)"
                     R"(["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket-)" +
                     std::to_string(number % documents) + R"(/*"}]})")}};
  role.tags = {{"team", "team-" + std::to_string(number % 100)}};
  if (number % 10 == 0) {
    role.tags.push_back({"owner", "owner-" + std::to_string(number)});
  }
  if (number % 4 == 0) {
    role.description = "What application " + std::to_string(number) + " reads and writes";
  }
  role.attached_policies = {"arn:aws:iam::aws:policy/ReadOnlyAccess"};
  return role;
}

void fill(const std::string& folder, int count, int documents) {
  Opened opened(folder);
  constexpr int kStep = 5000;
  for (int first = 0; first < count; first += kStep) {
    must(opened.directory->apply([&](const Snapshot&, Transaction& transaction) -> Status {
      for (int i = first; i < std::min(first + kStep, count); ++i) {
        transaction.put(make_role(opened, i, documents));
      }
      return {};
    }),
         "fill");
  }
  std::printf("filled %zu roles\n", opened.directory->current()->table<Role>(kAccount).size());
}

void bench_load(const std::string& folder) {
  const double before = resident_mib();
  const auto start = SteadyClock::now();
  const double cpu_start = cpu_seconds();
  const Opened opened(folder);
  const double elapsed = seconds_since(start);
  std::printf("%zu roles: %.3f s (CPU %.3f s), resident %.1f MiB (%.1f before)\n",
              opened.directory->current()->table<Role>(kAccount).size(),
              elapsed,
              cpu_seconds() - cpu_start,
              resident_mib(),
              before);
}

}  // namespace

int main(int argc, char** argv) {
  map_large_blocks();  // as the server does
  const std::vector<std::string> args(argv + 1, argv + argc);
  const auto number = [&args](std::size_t index, int otherwise) {
    return args.size() > index ? std::atoi(args[index].c_str()) : otherwise;
  };
  if (args.size() >= 2 && args[0] == "writes") {
    bench_writes(args[1], number(2, 64), number(3, 3));
  } else if (args.size() >= 2 && args[0] == "floor") {
    bench_floor(args[1]);
  } else if (args.size() >= 3 && args[0] == "fill") {
    fill(args[1], number(2, 100'000), number(3, 6000));
  } else if (args.size() >= 2 && args[0] == "load") {
    bench_load(args[1]);
  } else {
    std::fputs(
        "usage: state_bench writes FOLDER [WRITERS] [SECONDS] | floor FOLDER | "
        "fill FOLDER COUNT [DOCUMENTS] | load FOLDER\n",
        stderr);
    return 2;
  }
  return 0;
}
