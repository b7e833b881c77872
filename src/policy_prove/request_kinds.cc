#include "policy_prove/request_kinds.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "policy_engine/decide.h"

namespace signet::policy::prove {
namespace {

constexpr auto kKnown = std::to_array<std::string_view>({"sts:GetCallerIdentity",
                                                         "sts:GetSessionToken",
                                                         "sts:AssumeRole",
                                                         "sts:AssumeRoleWithSAML",
                                                         "sts:AssumeRoleWithWebIdentity",
                                                         "sts:TagSession",
                                                         "sts:SetSourceIdentity",
                                                         "sts:SetContext",
                                                         "s3:GetBucketPolicy",
                                                         "s3:PutBucketPolicy",
                                                         "s3:DeleteBucketPolicy",
                                                         "kms:*"});

bool is_among(std::string_view action, std::size_t first, std::size_t count) {
  return std::ranges::any_of(std::span(kKnown).subspan(first, count),
                             [action](auto name) { return equals_ignore_case(action, name); });
}

// Every case once more for either side of a pattern.
template <class Mark>
void split(std::vector<ResourceCase>& cases, const std::string& pattern, Mark mark) {
  std::vector<ResourceCase> out;
  for (const ResourceCase& one : cases) {
    for (const bool is_inside : {true, false}) {
      ResourceCase part = one;
      part.limits.push_back({.pattern = pattern, .is_inside = is_inside});
      mark(part.kind, is_inside);
      out.push_back(std::move(part));
    }
  }
  cases = std::move(out);
}

// The account in the ARN says whose the resource is; without one it is the caller's.
void split_by_account(std::vector<ResourceCase>& cases, std::string_view account) {
  constexpr std::string_view kAnyAccount = "*:*:*:*:????????????:*";
  std::vector<ResourceCase> out;
  for (const ResourceCase& one : cases) {
    ResourceCase named = one;
    named.limits.push_back({.pattern = concat("*:*:*:*:", account, ":*"), .is_inside = true});
    ResourceCase nobodys = one;
    nobodys.limits.push_back({.pattern = std::string(kAnyAccount), .is_inside = false});
    ResourceCase other = one;
    other.limits.push_back({.pattern = std::string(kAnyAccount), .is_inside = true});
    other.limits.push_back({.pattern = concat("*:*:*:*:", account, ":*"), .is_inside = false});
    other.kind.is_own = false;
    out.push_back(std::move(nobodys));
    out.push_back(std::move(named));
    out.push_back(std::move(other));
  }
  cases = std::move(out);
}

}  // namespace

std::span<const std::string_view> known_by_name() {
  return kKnown;
}

ActionTraits traits_of(std::string_view action) {
  return {.is_trust = is_among(action, 2, 6),
          .is_key = equals_ignore_case(action.substr(0, 4), "kms:"),
          .is_bucket_policy = is_among(action, 8, 3),
          .is_assume_role = is_among(action, 2, 1),
          .needs_no_permission = policy::needs_no_permission(action),
          .is_of_sts = equals_ignore_case(action.substr(0, 4), "sts:")};
}

std::vector<ResourceCase> resource_cases(const Caller& caller,
                                         const ActionTraits& action,
                                         std::string_view resource_account) {
  const bool has_account = !caller.account.empty();
  const RequestKind kind{.is_own = true,
                         .is_bucket_policy = action.is_bucket_policy,
                         .is_assume_role = action.is_assume_role};
  std::vector<ResourceCase> cases{{.is_arn = true, .kind = kind, .limits = {}}};
  if (has_account && resource_account.empty()) {
    split_by_account(cases, caller.account);
  } else if (has_account) {
    cases.front().kind.is_own = resource_account == caller.account;
  }
  if (action.is_trust) {
    split(cases, "*:*:iam:*:*:role/*", [](RequestKind& part, bool is_role) {
      part.must_allow = is_role;
    });
  }
  if (action.is_key) {
    split(cases, "*:*:kms:*:*:*", [](RequestKind& part, bool is_key) { part.must_allow = is_key; });
  }
  if (has_account) {
    split(cases, concat("*:", caller.partition, ":*:*:*:*"), [](RequestKind& part, bool is_same) {
      part.is_foreign = !is_same;
    });
  }
  cases.push_back({.is_arn = false, .kind = kind, .limits = {}});
  return cases;
}

Language arn_language(std::string_view pattern) {
  Glob whole;
  std::size_t begin = 0;
  for (int part = 0; part < 5; ++part) {
    const std::size_t end = pattern.find(':', begin);
    const Glob glob = make_glob(pattern.substr(begin, end - begin), true);
    whole.tokens.insert(whole.tokens.end(), glob.tokens.begin(), glob.tokens.end());
    whole.add_text(":");
    begin = end + 1;
  }
  const Glob tail = make_glob(pattern.substr(begin));
  whole.tokens.insert(whole.tokens.end(), tail.tokens.begin(), tail.tokens.end());
  return {.globs = {std::move(whole)}};
}

}  // namespace signet::policy::prove
