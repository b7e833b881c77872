// Attacks the prover: policy_proofs [--seed N] [--pairs N] [--requests N] [--attack N].
//
// Random policies and small changes of them are compared. Where the prover says that nothing new is
// allowed, random requests, made of the policies' own statements and fragments, look for what it
// missed; where it shows a request, that is decided once more. Policies written otherwise
// (written.h) are equivalent. Goes on until there were so many pairs and, in all, so many requests
// against what was proved (--attack). Exit code 1 on the first proof that is wrong, and where next
// to nothing was proved or no request was allowed.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "generator.h"
#include "policy_language/policy_json.h"
#include "policy_prove/callers.h"
#include "policy_prove/prove.h"
#include "policy_prove/request_kinds.h"
#include "policy_telling/batch.h"
#include "written.h"

namespace {

namespace prove = signet::policy::prove;
using prove::Callers;
using prove::DimensionValue;
using prove::Proof;
using prove::ProofResult;
using signet::concat;
using signet::ref::GeneratedPolicies;
using signet::ref::Random;

struct Tally {
  unsigned long passed = 0;
  unsigned long failed = 0;
  unsigned long unknown = 0;
  unsigned long requests = 0;
  unsigned long allowed = 0;
  unsigned long equal = 0;  // policies proved to be the same written otherwise, in one direction
  unsigned long not_proved = 0;

  // The numbers mean something.
  [[nodiscard]] bool is_plausible() const {
    return passed > unknown && failed > 0 && allowed > 0 && equal > 4 * not_proved;
  }
};

const std::vector<std::string> kCallers{"arn:aws:iam::111122223333:user/u",
                                        "arn:aws:iam::111122223333:user/p/u",
                                        "arn:aws:sts::111122223333:assumed-role/R/s",
                                        "arn:aws:sts::444455556666:assumed-role/R/s",
                                        "arn:aws:sts::111122223333:federated-user/u",
                                        "arn:aws:iam::111122223333:root",
                                        "arn:aws:iam::444455556666:root",
                                        "logs.amazonaws.com",
                                        ""};

class Decider {
 public:
  bool is_allowed(const std::string& question) {
    std::string out;
    const bool is_decided = batch_.evaluate(question, out);
    return is_decided && out.find("\"verdict\":\"Allowed\"") != std::string::npos;
  }

 private:
  signet::policy::BatchEvaluator batch_;
};

std::string replaced_once(const std::string& text,
                          std::string_view from,
                          std::string_view to,
                          Random& random) {
  std::vector<std::size_t> places;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
    places.push_back(at);
  }
  if (places.empty()) {
    return text;
  }
  std::string out = text;
  return out.replace(random.pick(places), from.size(), to);
}

// A small change of one document.
std::string changed(const std::string& document, Random& random) {
  static const std::vector<std::pair<std::string, std::string>> kChanges{
      {"\"Deny\"", "\"Allow\""},
      {"\"Allow\"", "\"Deny\""},
      {"NotAction", "Action"},
      {"\"Action\"", "\"NotAction\""},
      {"NotResource", "Resource"},
      {"\"Resource\"", "\"NotResource\""},
      {"\"s3:", "\"iam:"},
      {"arn:aws:s3:::b", "arn:aws:s3:::b2"},
      {"*", "?"},
      {"*", "*x"},
      {"?", "*"},
      {"/", "/*"},
      {"IfExists", ""},
      {"Equals\"", "EqualsIfExists\""},
      {"StringEquals", "StringLike"},
      {"StringNotEquals", "StringEquals"},
      {"StringLike", "StringEquals"},
      {"LessThan", "GreaterThan"},
      {"Equals\"", "LessThan\""},
      {"ForAllValues:", "ForAnyValue:"},
      {"ForAnyValue:", "ForAllValues:"},
      {"true", "false"},
      {"111122223333", "444455556666"},
      {"203.0.113.0/24", "203.0.113.0/25"},
      {"${aws:username}", "u"},
      {"u", "${aws:username}"},
      {"2026", "2027"},
      {"10", "11"}};
  for (int attempt = 0; attempt < 20; ++attempt) {
    const auto& [from, to] = random.pick(kChanges);
    std::string out = replaced_once(document, from, to, random);
    if (out != document && signet::policy::PolicyJson::parse(out)) {
      return out;
    }
  }
  return document;
}

GeneratedPolicies changed(const GeneratedPolicies& world, Random& random) {
  GeneratedPolicies out = world;
  std::vector<std::vector<std::string>*> lists;
  for (auto* list : {&out.identity, &out.boundary, &out.session, &out.resource, &out.endpoint}) {
    lists.push_back(list);
  }
  for (auto* levels : {&out.scps, &out.rcps, &out.scopes}) {
    for (auto& level : *levels) {
      lists.push_back(&level);
    }
  }
  std::erase_if(lists, [](const auto* list) { return list->empty(); });
  if (lists.empty()) {
    return out;
  }
  auto& list = *random.pick(lists);
  const std::size_t at = random.below(list.size());
  if (random.percent(12) && list.size() > 1) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
  } else {
    list[at] = changed(list[at], random);
  }
  return out;
}

// The requests of one comparison: a random one as somebody of the kind could send it. Empty: it is
// beyond repair.
class Requests {
 public:
  Requests(const GeneratedPolicies& world, std::string account)
      : world_(world), account_(std::move(account)) {}

  // `principal`: null takes the request's own.
  std::string next(const std::string* principal, Random& random) {
    signet::ref::Request request = signet::ref::make_request(world_, random);
    if (random.percent(50)) {
      signet::ref::aim(world_, request, random);
    }
    request.principal = principal == nullptr ? request.principal : *principal;
    request.resource_account = account_;
    request.principal_id.clear();
    request.canonical_user_id.clear();
    if (!is_fine(request)) {
      return {};
    }
    signet::policy::PolicyCache cache{signet::policy::kDefaultSettings};
    signet::policy::Question bare;
    if (!signet::policy::read_question(concat("{", json_of(bare_of(request)), "}"), cache, bare)) {
      return {};
    }
    const prove::Caller caller = prove::caller_of(bare.principal);
    std::erase_if(request.context, [&](const auto& entry) { return !may_carry(caller, entry); });
    complete(caller, request);
    return json_of(request);
  }

 private:
  static signet::ref::Request bare_of(const signet::ref::Request& request) {
    signet::ref::Request bare = request;
    bare.context.clear();
    return bare;
  }

  static bool is_fine(const signet::ref::Request& request) {
    const std::string_view action = request.action;
    const std::size_t colon = action.find(':');
    const bool is_action =
        colon != 0 && colon != std::string_view::npos && colon + 1 < action.size() &&
        std::ranges::all_of(action.substr(colon + 1),
                            [](char c) { return signet::is_alpha(c) || signet::is_digit(c); }) &&
        std::ranges::all_of(action.substr(0, colon), [](char c) {
          return signet::is_alpha(c) || signet::is_digit(c) || c == '-';
        });
    static const prove::Language kArn = prove::arn_language("arn:aws*:?*:*:*:?*");
    const bool is_free = signet::equals_ignore_case(action, "sts:GetCallerIdentity") ||
                         signet::equals_ignore_case(action, "sts:GetSessionToken");
    return is_action && !is_free &&
           (request.resource == "*" ||
            (kArn.contains(request.resource) && has_plain_head(request.resource)));
  }

  // The first five parts are ASCII: an account of twelve bytes has twelve characters.
  static bool has_plain_head(std::string_view arn) {
    int colons = 0;
    return std::ranges::all_of(arn, [&colons](char c) {
      colons += c == ':' ? 1 : 0;
      return colons >= 5 || static_cast<unsigned char>(c) < 0x80;
    });
  }

  // As text between quotes of JSON.
  static std::string plain(const std::string& text) {
    const auto json = signet::policy::PolicyJson::parse("\"" + text + "\"");
    return json ? std::string((*json)[0].content) : std::string();
  }

  static bool may_carry(const prove::Caller& caller, const signet::ref::Request::Entry& entry) {
    const auto key = signet::policy::resolve_key(entry.name);
    DimensionValue value{
        .kind = entry.is_list ? DimensionValue::Kind::List : DimensionValue::Kind::Single,
        .texts = {}};
    for (const std::string& text : entry.values) {
      value.texts.push_back(plain(text));
    }
    return !(entry.is_list && entry.values.empty()) && is_of_domain(caller.domain_of(key), value);
  }

  // Adds what no request of the caller lacks.
  static void complete(const prove::Caller& caller, signet::ref::Request& request) {
    prove::Budget budget(prove::kUsualBudget);
    for (const std::string_view name : {"aws:CurrentTime",
                                        "aws:EpochTime",
                                        "aws:SecureTransport",
                                        "aws:PrincipalArn",
                                        "aws:PrincipalAccount",
                                        "aws:PrincipalType",
                                        "aws:userid",
                                        "aws:username",
                                        "aws:TokenIssueTime",
                                        "aws:PrincipalServiceName"}) {
      const prove::DimensionDomain domain = caller.domain_of(signet::policy::resolve_key(name));
      const bool is_there = std::ranges::any_of(
          request.context, [name](const auto& entry) { return entry.name == name; });
      if (!domain.may_be_absent && !is_there) {
        request.context.push_back({.name = std::string(name),
                                   .is_list = false,
                                   .values = {find_value(domain.text, {}, budget).text}});
      }
    }
  }

  const GeneratedPolicies& world_;
  std::string account_;
};

struct Settings {
  std::uint64_t seed = 1;
  unsigned long pairs = 400;
  unsigned long requests = 60;
  unsigned long attack = 0;
};

class Attack {
 public:
  explicit Attack(const Settings& settings) : settings_(settings) {}

  bool run() {
    for (unsigned long pair = 0; pair < settings_.pairs || tally_.requests < settings_.attack;
         ++pair) {
      Random random(settings_.seed + pair);
      const bool is_document = random.percent(25);
      GeneratedPolicies now = signet::ref::make_world(random);
      if (is_document) {
        now = documents_of(now);
      }
      GeneratedPolicies before = random.percent(90) ? changed(now, random) : now;
      if (random.percent(30)) {
        before = changed(before, random);
      }
      const bool is_right = compare(now, before, is_document, random) &&
                            (!random.percent(30) || is_equivalent(now, is_document, random));
      if (!is_right) {
        std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(settings_.seed + pair));
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  // A resource policy alone: whoever comes may do what it says.
  static GeneratedPolicies documents_of(const GeneratedPolicies& world) {
    GeneratedPolicies out = world;
    const std::string all = R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
    out.identity = {all};
    out.has_boundary = false;
    out.has_session = true;
    out.session = {all};
    out.endpoint.clear();
    out.scps.clear();
    out.rcps.clear();
    out.scopes.clear();
    return out;
  }

  static std::string side(const GeneratedPolicies& world,
                          const std::string& principal,
                          const std::string& account) {
    std::string request = "\"action\":\"x:y\"";
    request += principal.empty() ? "" : concat(",\"principal\":\"", principal, "\"");
    request += account.empty() ? "" : concat(",\"resource_account\":\"", account, "\"");
    return question_of(world, request);
  }

  static std::string owner(bool is_document, Random& random) {
    if (is_document) {
      return "777788889999";
    }
    return random.percent(50) ? "" : (random.percent(75) ? "111122223333" : "444455556666");
  }

  static std::expected<Proof, std::string> prove_new(std::string now,
                                                     std::string before,
                                                     bool is_document) {
    return prove::find_new_access({.now = std::move(now),
                                   .before = std::move(before),
                                   .within = {},
                                   .callers = is_document ? Callers::Everybody : Callers::Given});
  }

  // Policies written otherwise allow the same, both ways.
  bool is_equivalent(const GeneratedPolicies& world, bool is_document, Random& random) {
    const std::string principal = is_document ? "" : random.pick(kCallers);
    const std::string account = owner(is_document, random);
    std::string a = side(world, principal, account);
    std::string b = side(rewritten(world, random), principal, account);
    for (int direction = 0; direction < 2; ++direction) {
      const auto proof = prove_new(a, b, is_document);
      if (!proof || proof->result == ProofResult::Fail) {
        std::fprintf(stderr,
                     "not equivalent: %s\n%s\n%s\n",
                     a.c_str(),
                     b.c_str(),
                     proof ? proof->witness->question.c_str() : proof.error().c_str());
        return false;
      }
      ++(proof->result == ProofResult::Pass ? tally_.equal : tally_.not_proved);
      std::swap(a, b);
    }
    return true;
  }

  bool compare(const GeneratedPolicies& now,
               const GeneratedPolicies& before,
               bool is_document,
               Random& random) {
    const std::string principal = is_document ? "" : random.pick(kCallers);
    const std::string account = owner(is_document, random);
    const auto proof =
        prove_new(side(now, principal, account), side(before, principal, account), is_document);
    if (!proof) {
      return true;  // a change that no reader takes
    }
    if (proof->result == ProofResult::Fail) {
      ++tally_.failed;
      const bool is_shown = decider_.is_allowed(proof->witness->question) &&
                            !decider_.is_allowed(proof->witness->before);
      if (!is_shown) {
        std::fprintf(stderr, "no witness: %s\n", proof->witness->question.c_str());
      }
      return is_shown;
    }
    if (proof->result == ProofResult::Unknown) {
      ++tally_.unknown;
      return true;
    }
    ++tally_.passed;
    return attack(now, before, is_document ? nullptr : &principal, account, random);
  }

  bool attack(const GeneratedPolicies& now,
              const GeneratedPolicies& before,
              const std::string* principal,
              const std::string& account,
              Random& random) {
    Requests of_now(now, account);
    Requests of_before(before, account);
    for (unsigned long n = 0; n < settings_.requests; ++n) {
      const std::string request = (random.percent(50) ? of_now : of_before).next(principal, random);
      if (request.empty()) {
        continue;
      }
      ++tally_.requests;
      const std::string question = question_of(now, request);
      if (!decider_.is_allowed(question)) {
        continue;
      }
      ++tally_.allowed;
      if (!decider_.is_allowed(question_of(before, request))) {
        std::fprintf(stderr,
                     "a proof is wrong: allowed\n%s\nand not\n%s\n",
                     question.c_str(),
                     question_of(before, request).c_str());
        return false;
      }
    }
    return true;
  }

  Settings settings_;
  Decider decider_;
  Tally tally_;
};

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--seed") {
      settings.seed = value;
    } else if (name == "--pairs") {
      settings.pairs = value;
    } else if (name == "--requests") {
      settings.requests = value;
    } else if (name == "--attack") {
      settings.attack = value;
    } else {
      std::fprintf(stderr, "policy_proofs [--seed N] [--pairs N] [--requests N] [--attack N]\n");
      return 2;
    }
  }
  Attack attack(settings);
  const bool is_fine = attack.run();
  const Tally& tally = attack.tally();
  std::printf(
      "%lu pass, %lu fail, %lu unknown; %lu requests against the passes, %lu of them allowed; "
      "%lu proofs that policies written otherwise are the same, %lu not made\n",
      tally.passed,
      tally.failed,
      tally.unknown,
      tally.requests,
      tally.allowed,
      tally.equal,
      tally.not_proved);
  return is_fine && tally.is_plausible() ? 0 : 1;
}
