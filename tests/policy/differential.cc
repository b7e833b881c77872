#include "differential.h"

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include "generator.h"
#include "policy_engine/decide.h"
#include "policy_telling/offline.h"

namespace signet::ref {
namespace {

std::string name_of_statement(const policy::Decision& decision,
                              const policy::PolicyInputs& inputs) {
  std::size_t level = 0;
  const policy::GuardRails* rails = decision.type == policy::PolicyType::Scp     ? inputs.scps
                                    : decision.type == policy::PolicyType::Rcp   ? inputs.rcps
                                    : decision.type == policy::PolicyType::Scope ? inputs.scopes
                                                                                 : nullptr;
  if (rails != nullptr) {
    while (level < rails->levels().size() &&
           rails->levels()[level].get() != decision.statement.set) {
      ++level;
    }
  }
  return std::to_string(level) + "/" + std::to_string(decision.statement.policy) + "/" +
         std::to_string(decision.statement.statement);
}

// Empty when the engine's decision is one the reference may give.
std::string compare(const Answer& expected,
                    const policy::Decision& got,
                    const policy::PolicyInputs& inputs) {
  const std::string_view verdict = policy::name_of(got.verdict);
  const std::string_view reason = policy::name_of(got.type);
  const std::string statement = got.statement.is_set() ? name_of_statement(got, inputs) : "";
  const bool is_same_statement =
      expected.matched.empty() ? statement.empty() : expected.matched.contains(statement);
  if (verdict == expected.verdict && reason == expected.reason && is_same_statement) {
    return {};
  }
  std::string text = "reference " + expected.verdict + " " + expected.reason + " {";
  for (const std::string& name : expected.matched) {
    text += " " + name;
  }
  return text + " }, engine " + std::string(verdict) + " " + std::string(reason) + " " + statement;
}

// A text as JSON reads it between quotes.
std::string unescaped(const std::string& text) {
  return text.find('\\') == std::string::npos ? text : parse_json("\"" + text + "\"").text;
}

// Makes a request part of the reference's question; the policies stay.
void put_request(const Request& request, Question& out) {
  out.principal = request.principal.empty() ? std::nullopt : std::optional(request.principal);
  out.principal_id = request.principal_id;
  out.canonical_user_id = request.canonical_user_id;
  out.action = unescaped(request.action);
  out.resource = unescaped(request.resource);
  out.resource_account = request.resource_account;
  out.wildcard_only = request.wildcard_only;
  out.creates_resource = request.creates_resource;
  out.context.clear();
  for (const Request::Entry& entry : request.context) {
    ContextValue& value = out.context[entry.name];
    value.is_list = entry.is_list;
    for (const std::string& text : entry.values) {
      value.values.push_back(unescaped(text));
    }
  }
}

std::uint64_t fingerprint(std::string_view text, std::uint64_t seed) {
  return std::hash<std::string_view>{}(text) ^ (seed * 0x9E3779B97F4A7C15ULL);
}

// Questions of one world, the policies prepared once for both sides.
class Arena {
 public:
  Arena(const GeneratedPolicies& world, const Settings& settings)
      : settings_(settings), cache_(engine_settings(settings)) {
    const std::string text = question_of(world, "");
    reference_ = read_question(parse_json(text));
    const auto read = policy::read_question(text, cache_, prepared_);
    error_ = read ? std::string() : read.error();
  }

  [[nodiscard]] const std::string& error() const { return error_; }

  std::string ask(const Request& request, Counts* counts) {
    put_request(request, reference_);
    const Answer expected = decide(reference_, settings_);
    const std::string text = "{" + json_of(request) + "}";
    policy::Question question;
    if (const auto read = policy::read_question(text, cache_, question); !read) {
      return "engine cannot read the question: " + read.error();
    }
    const policy::Decision got = policy::decide(question.request,
                                                question.principal,
                                                question.context,
                                                prepared_.inputs,
                                                cache_.settings());
    if (counts != nullptr) {
      ++counts->comparisons;
      counts->allowed += got.is_allowed() ? 1 : 0;
      counts->explicitly_denied += got.verdict == policy::Verdict::ExplicitlyDenied ? 1 : 0;
      ++counts->reasons.at(static_cast<std::size_t>(got.type));
      counts->questions.push_back(fingerprint(text, counts->worlds.back()));
    }
    return compare(expected, got, prepared_.inputs);
  }

 private:
  static policy::Settings engine_settings(const Settings& settings) {
    policy::Settings out;
    for (const auto& [name, value] : settings) {
      (void)policy::set_by_name(out, name, value);
    }
    return out;
  }

  const Settings& settings_;
  policy::PolicyCache cache_;
  Question reference_;
  policy::Question prepared_;
  std::string error_;
};

bool differs(const GeneratedPolicies& world, const Request& request, const Settings& settings) {
  Arena arena(world, settings);
  return arena.error().empty() && !arena.ask(request, nullptr).empty();
}

// Drops documents and levels one by one while the difference stays.
GeneratedPolicies shrink(GeneratedPolicies world,
                         const Request& request,
                         const Settings& settings) {
  bool is_smaller = true;
  while (is_smaller) {
    is_smaller = false;
    for (auto* list :
         {&world.identity, &world.boundary, &world.session, &world.resource, &world.endpoint}) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        GeneratedPolicies attempt = world;
        auto& target = list == &world.identity   ? attempt.identity
                       : list == &world.boundary ? attempt.boundary
                       : list == &world.session  ? attempt.session
                       : list == &world.resource ? attempt.resource
                                                 : attempt.endpoint;
        target.erase(target.begin() + static_cast<std::ptrdiff_t>(i));
        if (differs(attempt, request, settings)) {
          world = std::move(attempt);
          is_smaller = true;
          break;
        }
      }
    }
    for (const auto levels :
         {&GeneratedPolicies::scps, &GeneratedPolicies::rcps, &GeneratedPolicies::scopes}) {
      GeneratedPolicies attempt = world;
      (attempt.*levels).clear();
      if (!(world.*levels).empty() && differs(attempt, request, settings)) {
        world = std::move(attempt);
        is_smaller = true;
      }
    }
  }
  return world;
}

// Settings of the world: mostly the defaults.
Settings random_settings(Random& random) {
  static const std::vector<std::string> names{"match_resources_per_part",
                                              "empty_value_is_unresolved",
                                              "null_treats_empty_as_absent",
                                              "four_digits_are_a_year",
                                              "list_key_needs_quantifier",
                                              "variables_in_bool",
                                              "star_reaches_services",
                                              "report_rcp_before_scp",
                                              "root_may_assume_roles",
                                              "create_sees_request_tags_as_resource_tags"};
  Settings settings;
  if (random.percent(15)) {
    settings[random.pick(names)] = random.percent(50);
  }
  return settings;
}

}  // namespace

std::string difference_of(const std::string& question, const Settings& settings) {
  policy::Settings engine;
  for (const auto& [name, value] : settings) {
    (void)policy::set_by_name(engine, name, value);
  }
  policy::PolicyCache cache(engine);
  policy::Question read;
  if (const auto done = policy::read_question(question, cache, read); !done) {
    return "engine cannot read the question: " + done.error();
  }
  const Answer expected = decide(read_question(parse_json(question)), settings);
  return compare(expected,
                 policy::decide(read.request, read.principal, read.context, read.inputs, engine),
                 read.inputs);
}

namespace {

std::uint64_t fingerprint(const GeneratedPolicies& world, const Settings& settings) {
  std::uint64_t print = fingerprint(question_of(world, ""), 0);
  for (const auto& [name, value] : settings) {
    print = fingerprint(name, print + (value ? 1 : 0));
  }
  return print;
}

// What a person needs to see the difference again, in one piece: several threads may print.
void print_difference(const std::string& where,
                      const std::string& difference,
                      const GeneratedPolicies& world,
                      const Request& request,
                      const Settings& settings) {
  std::string text = where + ": " + difference + "\n" +
                     question_of(shrink(world, request, settings), json_of(request)) + "\n";
  for (const auto& [name, value] : settings) {
    text += "setting " + name + (value ? "=1\n" : "=0\n");
  }
  std::fputs(text.c_str(), stderr);
}

}  // namespace

void Counts::add(const Counts& other) {
  comparisons += other.comparisons;
  allowed += other.allowed;
  explicitly_denied += other.explicitly_denied;
  differences += other.differences;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    reasons[i] += other.reasons[i];
  }
  worlds.insert(worlds.end(), other.worlds.begin(), other.worlds.end());
  questions.insert(questions.end(), other.questions.begin(), other.questions.end());
}

Counts compare_random(std::uint64_t seed,
                      std::uint64_t worlds,
                      std::uint64_t requests,
                      bool stop_silently) {
  Counts counts;
  for (std::uint64_t w = 0; w < worlds; ++w) {
    // Scrambled: two streams whose starts differ by the generator's own step are one stream.
    Random random(Random(seed + w).next());
    const Settings settings = random_settings(random);
    const GeneratedPolicies world = make_world(random);
    const std::string where = "seed " + std::to_string(seed) + " world " + std::to_string(w);
    Arena arena(world, settings);
    if (!arena.error().empty()) {
      std::fprintf(stderr, "%s: %s\n", where.c_str(), arena.error().c_str());
      ++counts.differences;
      return counts;
    }
    counts.worlds.push_back(fingerprint(world, settings));
    for (std::uint64_t i = 0; i < requests; ++i) {
      const Request request = make_request(world, random);
      const std::string difference = arena.ask(request, &counts);
      if (difference.empty()) {
        continue;
      }
      ++counts.differences;
      if (!stop_silently) {
        print_difference(
            where + " request " + std::to_string(i), difference, world, request, settings);
      }
      return counts;
    }
  }
  return counts;
}

}  // namespace signet::ref
