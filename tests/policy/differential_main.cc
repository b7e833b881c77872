// Compares the engine with the reference on random questions.
//
//   policy_differential [--seed N] [--comparisons N | --seconds N] [--jobs N]
//       compares and prints what was asked; exit code 1 on a difference. The questions of a seed
//       are the same whatever the number of jobs (threads).
//   policy_differential --mutants [--all] [--seed N] [--comparisons N] [FILE...]
//       runs every mutant on the cases of the files, then on at most N random questions those that
//       the cases miss (--all: every one); exit code 1 if one survives
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "differential.h"
#include "policy_engine/decide.h"

namespace {

using signet::ref::Counts;

constexpr std::uint64_t kRequestsPerWorld = 50;
constexpr std::uint64_t kWorldsPerRound = 200;
// A soak keeps the fingerprints of its first questions only: 8 bytes each.
constexpr std::size_t kFingerprintsMax = 16'000'000;

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t comparisons = 100'000;  // for --mutants: at most, each
  std::uint64_t seconds = 0;
  std::uint64_t jobs = 1;
  bool mutants = false;
  bool all = false;
  std::vector<std::string> files;
};

// Hands out rounds to the threads and collects what they found.
class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        rounds_((options.comparisons + kWorldsPerRound * kRequestsPerWorld - 1) /
                (kWorldsPerRound * kRequestsPerWorld)) {}

  // The work of one thread.
  void work() {
    for (std::uint64_t round = next_++; !is_over(round); round = next_++) {
      Counts counts = signet::ref::compare_random(
          options_.seed + round * 1'000'003, kWorldsPerRound, kRequestsPerWorld, false);
      const std::lock_guard lock(mutex_);
      if (total_.questions.size() > kFingerprintsMax) {
        counts.worlds.clear();
        counts.questions.clear();
      }
      total_.add(counts);
      is_stopped_ = is_stopped_ || counts.differences > 0;
    }
  }

  [[nodiscard]] Counts& total() { return total_; }

  [[nodiscard]] std::uint64_t elapsed() const {
    return static_cast<std::uint64_t>(std::time(nullptr) - begin_);
  }

 private:
  [[nodiscard]] bool is_over(std::uint64_t round) const {
    return is_stopped_ || (options_.seconds > 0 ? elapsed() >= options_.seconds : round >= rounds_);
  }

  const Options& options_;
  std::uint64_t rounds_;
  std::time_t begin_ = std::time(nullptr);
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> is_stopped_ = false;
  std::mutex mutex_;
  Counts total_;
};

std::size_t distinct(std::vector<std::uint64_t>& prints) {
  std::sort(prints.begin(), prints.end());
  return static_cast<std::size_t>(std::unique(prints.begin(), prints.end()) - prints.begin());
}

void print_variety(Counts& total) {
  const std::size_t asked = total.questions.size();
  std::printf("%zu distinct policy sets, %zu distinct questions of the first %zu\ndecided by:",
              distinct(total.worlds),
              distinct(total.questions),
              asked);
  for (std::size_t i = 0; i < total.reasons.size(); ++i) {
    const auto name = signet::policy::name_of(static_cast<signet::policy::PolicyType>(i));
    std::printf(" %.*s %llu",
                static_cast<int>(name.size()),
                name.data(),
                static_cast<unsigned long long>(total.reasons[i]));
  }
  std::printf("\n");
}

int run_comparison(const Options& options) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  Run run(options);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 1; i < options.jobs; ++i) {
      threads.emplace_back([&run] { run.work(); });
    }
    run.work();
  }
  Counts& total = run.total();
  print_variety(total);
  std::printf("%llu comparisons, %llu allowed, %llu explicitly denied, %llu differences, %llu s\n",
              static_cast<unsigned long long>(total.comparisons),
              static_cast<unsigned long long>(total.allowed),
              static_cast<unsigned long long>(total.explicitly_denied),
              static_cast<unsigned long long>(total.differences),
              static_cast<unsigned long long>(run.elapsed()));
  return total.differences == 0 ? 0 : 1;
}

// Names the first case of the data files whose documented answer a mutated reference misses.
std::string killing_case(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const signet::ref::Json cases = signet::ref::parse_json(text);
    for (const signet::ref::Json& one : cases.items) {
      const signet::ref::Json& expect = *one.find("expect");
      if (expect.find("error") != nullptr) {
        continue;
      }
      signet::ref::Settings settings;
      if (const signet::ref::Json* given = one.find("settings")) {
        for (const auto& [name, value] : given->members) {
          settings[name] = value.text == "true";
        }
      }
      const auto answer =
          signet::ref::decide(signet::ref::read_question(*one.find("question")), settings);
      if (answer.verdict != expect.find("verdict")->text ||
          answer.reason != expect.find("reason")->text) {
        return one.find("id")->text + " (" + one.find("note")->text + ")";
      }
    }
  }
  return {};
}

int run_mutants(const Options& options) {
  const std::uint64_t worlds = options.comparisons / kRequestsPerWorld;
  int survivors = 0;
  std::printf(
      "| mutant | mistake | killed by a case | killed by random questions |\n|---|---|---|---|\n");
  signet::ref::select_mutant(0);
  if (const std::string wrong = killing_case(options.files); !wrong.empty()) {
    std::printf("the reference itself misses %s\n", wrong.c_str());
    return 1;
  }
  if (signet::ref::compare_random(options.seed, worlds, kRequestsPerWorld, false).differences > 0) {
    return 1;
  }
  for (const signet::ref::Mutant& mutant : signet::ref::mutants()) {
    signet::ref::select_mutant(mutant.number);
    const std::string by_case = killing_case(options.files);
    // Random questions only for what the documented cases miss; with --all for every mutant.
    Counts counts;
    if (by_case.empty() || options.all) {
      counts = signet::ref::compare_random(options.seed, worlds, kRequestsPerWorld, true);
    }
    const std::string by_random = counts.differences > 0
                                      ? "after " + std::to_string(counts.comparisons)
                                  : counts.comparisons > 0 ? std::string("no")
                                                           : std::string("not asked");
    std::printf("| %d | %s | %s | %s |\n",
                mutant.number,
                mutant.mistake,
                by_case.empty() ? "no" : by_case.c_str(),
                by_random.c_str());
    std::fflush(stdout);
    survivors += by_case.empty() && counts.differences == 0 ? 1 : 0;
  }
  signet::ref::select_mutant(0);
  std::printf("\n%zu mutants, %d survive\n", signet::ref::mutants().size(), survivors);
  return survivors == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const auto number = [&] {
      return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0ULL;
    };
    if (arg == "--seed") {
      options.seed = number();
    } else if (arg == "--comparisons") {
      options.comparisons = number();
    } else if (arg == "--seconds") {
      options.seconds = number();
    } else if (arg == "--jobs") {
      options.jobs = number();
    } else if (arg == "--all") {
      options.all = true;
    } else if (arg == "--mutants") {
      options.mutants = true;
    } else {
      options.files.emplace_back(arg);
    }
  }
  return options.mutants ? run_mutants(options) : run_comparison(options);
}
