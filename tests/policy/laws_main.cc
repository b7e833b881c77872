// Laws that need no second opinion, on random questions: policy_laws [WORLDS].
//
// The order of policies plays no part; one more Deny never allows; one more identity Allow never
// denies; white space plays no part; a document without variables means the same in either version.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "generator.h"
#include "policy_telling/batch.h"

namespace {

using signet::ref::GeneratedPolicies;
using signet::ref::Random;

std::string verdict_of(const GeneratedPolicies& world, const std::string& request) {
  signet::policy::BatchEvaluator batch;
  std::string out;
  (void)batch.evaluate(signet::ref::question_of(world, request), out);
  return out.substr(0, out.find(",\"matched\""));
}

bool is_allowed(const std::string& verdict) {
  return verdict.find("\"Allowed\"") != std::string::npos;
}

// White space between tokens, none inside strings.
std::string spaced(const std::string& json) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    const bool is_escaped = i > 0 && json[i - 1] == '\\' && (i < 2 || json[i - 2] != '\\');
    in_string = c == '"' && !is_escaped ? !in_string : in_string;
    out += c;
    out += !in_string && std::string_view("{}[],:").find(c) != std::string_view::npos ? "\n " : "";
  }
  return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

int complain(const char* law,
             const GeneratedPolicies& world,
             const std::string& request,
             const std::string& a,
             const std::string& b) {
  std::fprintf(stderr,
               "%s: %s but %s\n%s\n",
               law,
               a.c_str(),
               b.c_str(),
               signet::ref::question_of(world, request).c_str());
  return 1;
}

int check(const GeneratedPolicies& world, const std::string& request) {
  const std::string before = verdict_of(world, request);
  int broken = 0;
  GeneratedPolicies turned = world;
  std::reverse(turned.identity.begin(), turned.identity.end());
  std::reverse(turned.session.begin(), turned.session.end());
  if (const std::string after = verdict_of(turned, request); after != before) {
    broken += complain("order", world, request, before, after);
  }
  GeneratedPolicies stricter = world;
  stricter.identity.push_back(R"({"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}})");
  if (const std::string after = verdict_of(stricter, request);
      is_allowed(after) && !is_allowed(before)) {
    broken += complain("a Deny more", world, request, before, after);
  }
  GeneratedPolicies wider = world;
  wider.identity.push_back(R"({"Statement":{"Effect":"Allow","Action":["*"],"Resource":["*"]}})");
  if (const std::string after = verdict_of(wider, request);
      !is_allowed(after) && is_allowed(before)) {
    broken += complain("an Allow more", world, request, before, after);
  }
  GeneratedPolicies roomy = world;
  GeneratedPolicies other_version = world;
  for (auto* list : {&roomy.identity, &roomy.boundary, &roomy.session, &roomy.resource}) {
    std::transform(list->begin(), list->end(), list->begin(), spaced);
  }
  for (auto* list : {&other_version.identity,
                     &other_version.boundary,
                     &other_version.session,
                     &other_version.resource}) {
    for (std::string& text : *list) {
      text =
          text.find("${") == std::string::npos ? replaced(text, "2012-10-17", "2008-10-17") : text;
    }
  }
  for (const GeneratedPolicies* same : {&roomy, &other_version}) {
    if (const std::string after = verdict_of(*same, request); after != before) {
      broken += complain("the same document written otherwise", world, request, before, after);
    }
  }
  return broken;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long worlds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 400;
  int broken = 0;
  for (unsigned long w = 0; w < worlds && broken == 0; ++w) {
    Random random(w + 1);
    const GeneratedPolicies world = signet::ref::make_world(random);
    for (int i = 0; i < 5 && broken == 0; ++i) {
      broken += check(world, signet::ref::json_of(signet::ref::make_request(world, random)));
    }
  }
  std::printf("%lu worlds, %d laws broken\n", worlds, broken);
  return broken == 0 ? 0 : 1;
}
