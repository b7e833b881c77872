// Times decide() over a folder of cases: context built beforehand, rotating over all requests.
//
//   policy_bench [--rounds N] [--check] [--decide-only | --answers] FOLDER...
//
// A folder holds policies.json, requests.json, principal.json and expected.json, optionally
// boundary.json, session.json, scps.json and resource_policies.json. Every decision is compared
// with expected.json first; --check stops there. --decide-only leaves out all but the decide line
// (for callgrind). --answers prints the engine's own answers only, one JSON array a folder, for the
// comparison with other engines (compare/).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <x86intrin.h>

#include "facts/condition_keys.h"
#include "policy_engine/decide.h"
#include "policy_engine/evaluate.h"
#include "policy_engine/index.h"
#include "policy_engine/set_walk.h"
#include "policy_telling/explain.h"
#include "policy_telling/offline.h"

namespace {

namespace facts = signet::facts;
using namespace signet::policy;  // NOLINT(google-build-using-namespace): one file, one room

double now_ns() {
  timespec ts{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return static_cast<double>(ts.tv_sec) * 1e9 + static_cast<double>(ts.tv_nsec);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

PolicyJson load(const std::string& path, bool is_required = true) {
  std::string text = read_file(path);
  if (text.empty() && !is_required) {
    text = "null";
  }
  auto json = PolicyJson::parse(std::move(text));
  if (!json) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), json.error().message.c_str());
    std::exit(2);
  }
  return *std::move(json);
}

std::string document_list(const PolicyJson& json, NodeId array) {
  std::string out = "[";
  for (NodeId node = array + 1; node < json[array].next; node = json[node].next) {
    out += out.size() > 1 ? "," : "";
    out += json.raw(json.member(node, "document"));
  }
  return out + "]";
}

// All cases of one folder, ready to be asked.
struct Cases {
  explicit Cases(const std::string& folder) : cache(kDefaultSettings) {
    const PolicyJson policies = load(folder + "/policies.json");
    const PolicyJson requests = load(folder + "/requests.json");
    const PolicyJson principal = load(folder + "/principal.json");
    expected = std::make_unique<PolicyJson>(load(folder + "/expected.json", false));
    const PolicyJson boundary = load(folder + "/boundary.json", false);
    const PolicyJson session = load(folder + "/session.json", false);
    const PolicyJson scps = load(folder + "/scps.json", false);
    resource_policies = load(folder + "/resource_policies.json", false);
    const std::string arn(principal.raw(principal.member(0, "arn")));
    std::string fixed = "{\"action\":\"x:y\",\"principal\":" + arn +
                        ",\"identity_policies\":" + document_list(policies, 0);
    if (boundary.is(0, JsonKind::Object)) {
      fixed += ",\"boundary\":[" + std::string(boundary.raw(0)) + "]";
    }
    if (session.is(0, JsonKind::Object)) {
      fixed += ",\"session_policy\":" + std::string(session.raw(0));
    }
    if (scps.is(0, JsonKind::Array)) {
      std::string levels;
      for (NodeId level = 1; level < scps[0].next; level = scps[level].next) {
        levels += (levels.empty() ? "" : ",") + document_list(scps, scps.member(level, "policies"));
      }
      fixed += ",\"scps\":[" + levels + "]";
    }
    prepare(read_question(fixed + "}", cache, prepared));
    for (NodeId node = 1; node < requests[0].next; node = requests[node].next) {
      add(requests, node, arn);
    }
  }

  static void prepare(const std::expected<void, std::string>& read) {
    if (!read) {
      std::fprintf(stderr, "%s\n", read.error().c_str());
      std::exit(2);
    }
  }

  void add(const PolicyJson& requests, NodeId node, const std::string& arn) {
    std::string text = "{\"principal\":" + arn;
    for (const auto& [from, to] : {std::pair{"action", "action"},
                                   {"resource", "resource"},
                                   {"resourceAccount", "resource_account"},
                                   {"context", "context"}}) {
      text +=
          std::string(",\"") + to + "\":" + std::string(requests.raw(requests.member(node, from)));
    }
    const std::string_view resource = requests[requests.member(node, "resource")].content;
    constexpr std::string_view kS3 = "arn:aws:s3:::";
    if (resource.starts_with(kS3) && resource_policies.is(0, JsonKind::Object)) {
      const std::string_view bucket = resource.substr(kS3.size(), resource.find('/') - kS3.size());
      const NodeId policy = resource_policies.member(0, bucket);
      if (policy != kNoNode) {
        text += ",\"resource_policy\":" + std::string(resource_policies.raw(policy));
      }
    }
    Question& question = questions.emplace_back();
    prepare(read_question(text + "}", cache, question));
    const PolicySet* own = question.inputs.resource;
    question.inputs = prepared.inputs;
    question.inputs.resource = own;
  }

  PolicyCache cache;
  Question prepared;
  PolicyJson resource_policies;
  std::unique_ptr<PolicyJson> expected;
  std::deque<Question> questions;
};

Decision ask(const Question& q) {
  return decide(q.request, q.principal, q.context, q.inputs);
}

// Without expected answers: the index against the statement-by-statement walk.
int check_against_walk(const Cases& cases) {
  int wrong = 0;
  for (const Question& q : cases.questions) {
    const RequestParts parts(q.request);
    Evaluation evaluation(
        parts, q.principal, q.context, kDefaultSettings, q.inputs.boundary != nullptr);
    for (const PolicySet* set :
         {q.inputs.identity, q.inputs.boundary, q.inputs.session, q.inputs.resource}) {
      if (set == nullptr) {
        continue;
      }
      const SetAnswer walked = evaluate_set_plainly(*set, evaluation, Wanted{});
      const SetAnswer indexed = evaluate_set(*set, evaluation, Wanted{});
      // What is denied is asked for no allowances.
      const bool is_same = walked.has_deny() == indexed.has_deny() &&
                           (walked.has_deny() || walked.allow_strength == indexed.allow_strength);
      wrong += is_same ? 0 : 1;
    }
  }
  return wrong;
}

std::string_view verdict_of(const Decision& decision) {
  return decision.is_allowed()                           ? "allowed"
         : decision.verdict == Verdict::ExplicitlyDenied ? "explicitDeny"
                                                         : "implicitDeny";
}

void print_answers(const Cases& cases) {
  std::string out = "[";
  for (const Question& question : cases.questions) {
    out += (out.size() > 1 ? ",\"" : "\"") + std::string(verdict_of(ask(question))) + "\"";
  }
  std::printf("%s]\n", out.c_str());
}

int check(const Cases& cases) {
  int wrong = 0;
  std::size_t i = 0;
  const PolicyJson& expected = *cases.expected;
  if (!expected.is(0, JsonKind::Array)) {
    return check_against_walk(cases);
  }
  for (NodeId node = 1; node < expected[0].next; node = expected[node].next, ++i) {
    const std::string_view want = expected[expected.member(node, "decision")].content;
    const std::string_view reason = expected[expected.member(node, "reason")].content;
    const Decision got = ask(cases.questions[i]);
    if (verdict_of(got) != want || name_of(got.type) != reason) {
      ++wrong;
    }
  }
  return wrong;
}

struct Quantiles {
  double median = 0;
  double p99 = 0;
  double mean = 0;
};

double tsc_per_ns() {
  timespec a{};
  timespec b{};
  clock_gettime(CLOCK_MONOTONIC, &a);
  const std::uint64_t begin = __rdtsc();
  do {
    clock_gettime(CLOCK_MONOTONIC, &b);
  } while ((b.tv_sec - a.tv_sec) * 1'000'000'000LL + (b.tv_nsec - a.tv_nsec) < 50'000'000);
  const std::uint64_t end = __rdtsc();
  return static_cast<double>(end - begin) /
         static_cast<double>((b.tv_sec - a.tv_sec) * 1'000'000'000LL + (b.tv_nsec - a.tv_nsec));
}

// Reads what a server has just written or parsed when it decides: the request and its context, but
// no policy.
std::uint64_t touch(const Question& q) {
  std::uint64_t sum = 0;
  const auto read = [&sum](const void* at, std::size_t size) {
    const auto* byte = static_cast<const volatile unsigned char*>(at);
    for (std::size_t i = 0; i < size; i += 64) {
      sum += byte[i];
    }
  };
  read(&q.request, sizeof q.request + sizeof q.principal + sizeof q.inputs);
  read(&q.context, sizeof q.context);
  for (const std::string_view text : {q.request.action.text(),
                                      q.request.resource.text(),
                                      q.request.resource_account,
                                      q.principal.account,
                                      q.principal.arn}) {
    read(text.data(), text.size());
  }
  for (const facts::ConditionKeyRow& row : facts::condition_keys()) {
    if (row.shape == facts::KeyShape::Single) {
      const std::string_view text = q.context.find(static_cast<KeyId>(row.id)).text;
      read(text.data(), text.size());
    }
  }
  return sum;
}

// The mean of the middle half: other processes on the machine do not decide it, and it is finer
// than the steps of a virtual machine's clock (10 ns on some).
double middle_mean(std::vector<float>& samples) {
  std::sort(samples.begin(), samples.end());
  const std::size_t first = samples.size() / 4;
  const std::size_t count = std::max<std::size_t>(1, samples.size() / 2);
  double sum = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    sum += static_cast<double>(samples[i]);
  }
  return sum / static_cast<double>(count);
}

// Ticks between two looks at the clock.
double clock_cost() {
  unsigned aux = 0;
  std::vector<float> samples;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t a = __rdtscp(&aux);
    const std::uint64_t b = __rdtscp(&aux);
    samples.push_back(static_cast<float>(b - a));
  }
  return middle_mean(samples);
}

// Rotates over all requests, each timed by itself; the cost of the clock is taken off. Per request
// the middle_mean() over the rounds, then quantiles over the requests; and the mean without a clock
// between the requests.
template <class Ask>
Quantiles measure(const std::deque<Question>& questions,
                  int rounds,
                  Ask ask_one,
                  bool is_at_hand = false) {
  const double scale = tsc_per_ns();
  const double cost = clock_cost();
  unsigned aux = 0;
  std::vector<std::vector<float>> samples(questions.size());
  std::uint64_t sink = 0;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < questions.size(); ++i) {
      sink += is_at_hand ? touch(questions[i]) : 0;
      const std::uint64_t a = __rdtscp(&aux);
      sink += ask_one(questions[i]);
      const std::uint64_t b = __rdtscp(&aux);
      samples[i].push_back(static_cast<float>(b - a));
    }
  }
  std::vector<double> times;
  for (std::vector<float>& one : samples) {
    times.push_back((middle_mean(one) - cost) / scale);
  }
  std::sort(times.begin(), times.end());
  Quantiles q{.median = times[times.size() / 2], .p99 = times[times.size() * 99 / 100]};
  const double begin = now_ns();
  for (int round = 0; round < rounds; ++round) {
    for (const Question& question : questions) {
      sink += ask_one(question);
    }
  }
  q.mean =
      (now_ns() - begin) / (static_cast<double>(rounds) * static_cast<double>(questions.size()));
  if (sink == 42) {
    std::printf(" ");
  }
  return q;
}

Quantiles measure_decide(const Cases& cases, int rounds, bool is_at_hand = false) {
  return measure(
      cases.questions,
      rounds,
      [](const Question& q) -> std::uint64_t { return ask(q).is_allowed() ? 1 : 0; },
      is_at_hand);
}

void print(const char* what, const Quantiles& q) {
  std::printf("  %s: median %.0f ns, p99 %.0f ns, mean %.0f ns\n", what, q.median, q.p99, q.mean);
}

std::uint64_t ask_naively(const Question& q) {
  const RequestParts parts(q.request);
  Evaluation evaluation(parts, q.principal, q.context, kDefaultSettings, false);
  return evaluate_set_plainly(*q.inputs.identity, evaluation, Wanted{}).has_deny() ? 1 : 0;
}

// Parse and compile of the identity policies, per statement; and the first decision of a cold set.
void measure_cold(const Cases& cases, const std::string& folder) {
  const PolicyJson policies = load(folder + "/policies.json");
  std::vector<std::string> texts;
  for (NodeId node = 1; node < policies[0].next; node = policies[node].next) {
    texts.emplace_back(policies.raw(policies.member(node, "document")));
  }
  std::size_t statements = 0;
  double compile_ns = 1e18;
  std::vector<PolicyMember> members;
  for (int i = 0; i < 15; ++i) {
    members.clear();
    statements = 0;
    std::vector<std::string> copies = texts;
    const double begin = now_ns();
    for (std::string& text : copies) {
      members.push_back({.policy = compile_text(std::move(text)), .id = "p", .pins = {}});
    }
    compile_ns = std::min(compile_ns, now_ns() - begin);
    for (const PolicyMember& member : members) {
      statements += document_of(*member.policy).statements().size();
    }
  }
  double set_ns = 1e18;
  double first_ns = 1e18;
  std::shared_ptr<const PolicySet> set;
  for (int i = 0; i < 15; ++i) {
    const double begin = now_ns();
    set = PolicySet::make(SetKind::Identity, members);
    const double made = now_ns();
    const Question& q = cases.questions[static_cast<std::size_t>(i) * 37 % cases.questions.size()];
    (void)decide(q.request, q.principal, q.context, {.identity = set.get()});
    set_ns = std::min(set_ns, made - begin);
    first_ns = std::min(first_ns, now_ns() - begin);
  }
  for (const Question& q : cases.questions) {
    (void)decide(q.request, q.principal, q.context, {.identity = set.get()});
  }
  std::printf(
      "  compile %.2f us/statement (%zu statements), set %.1f us, cold first decision %.1f us, "
      "index %.2f KiB\n",
      compile_ns / 1000.0 / static_cast<double>(statements),
      statements,
      set_ns / 1000.0,
      first_ns / 1000.0,
      static_cast<double>(set->index().memory()) / 1024.0);
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 200;
  bool only_check = false;
  bool decide_only = false;
  bool only_answers = false;
  int failures = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--rounds" && i + 1 < argc) {
      rounds = std::atoi(argv[++i]);
      continue;
    }
    if (arg == "--check") {
      only_check = true;
      continue;
    }
    if (arg == "--decide-only") {
      decide_only = true;
      continue;
    }
    if (arg == "--answers") {
      only_answers = true;
      continue;
    }
    Cases cases(arg);
    if (only_answers) {
      print_answers(cases);
      continue;
    }
    const int wrong = check(cases);
    const Quantiles engine = only_check ? Quantiles{} : measure_decide(cases, rounds);
    const Quantiles at_hand =
        only_check || decide_only ? Quantiles{} : measure_decide(cases, rounds, true);
    const Quantiles naive = only_check || decide_only
                                ? Quantiles{}
                                : measure(cases.questions, std::max(1, rounds / 100), ask_naively);
    failures += wrong;
    std::printf("%s: %zu requests, %d wrong answers\n", arg.c_str(), cases.questions.size(), wrong);
    if (only_check) {
      continue;
    }
    print("decide", engine);
    if (decide_only) {
      continue;
    }
    print("naive walk of the identity policies", naive);
    std::printf("  (%.0f times as long)\n", naive.mean / engine.mean);
    print("decide, request at hand", at_hand);
    measure_cold(cases, arg);
  }
  return failures == 0 ? 0 : 1;
}
