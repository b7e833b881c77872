#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "facts/insight_sentences.h"
#include "insight/handlers.h"
#include "insight/hypothetical.h"

// ListBecoming: whom a principal can become in one step, and whether it can give itself whatever it
// wants. Each step is decided by the authorizer that decides requests.
namespace signet::insight {
namespace {

constexpr std::string_view kEverything = "arn:aws:iam::aws:policy/AdministratorAccess";

// A principal that asks: as it comes, and, of a user, with MFA.
struct Asker {
  std::string arn;
  const identity::User* user = nullptr;  // exactly one of the two
  const identity::Role* role = nullptr;
  model::Caller plain;
  std::optional<model::Caller> with_mfa;
};

enum class Answer : std::uint8_t { No, WithMfa, Yes };

class Search {
 public:
  Search(const Asker& asker, api::HandlerContext& context) : asker_(asker), context_(context) {}

  // The first of these actions that it may do to the resource.
  bool step(const std::string& to, std::initializer_list<std::string_view> actions) {
    for (const std::string_view action : actions) {
      const Answer answer = ask(check_for(action, to, context_.snapshot));
      if (answer != Answer::No) {
        steps_.push_back({.principal_arn = to,
                          .action = std::string(action),
                          .needs_mfa = answer == Answer::WithMfa});
        return true;
      }
    }
    return false;
  }

  // Whether it may put its own policies in place of those that limit it.
  bool gives_itself_all() {
    const std::string_view kind = asker_.user != nullptr ? "User" : "Role";
    return may(concat("iam:Put", kind, "Policy"), asker_.arn) ||
           may(concat("iam:Attach", kind, "Policy"), asker_.arn) || rewrites_own_policy() ||
           (asker_.user != nullptr && changes_own_group());
  }

  std::vector<BecomingStep> take() { return std::move(steps_); }

 private:
  Answer ask(const api::Check& check) {
    if (decide(asker_.plain, check)) {
      return Answer::Yes;
    }
    return asker_.with_mfa && decide(*asker_.with_mfa, check) ? Answer::WithMfa : Answer::No;
  }

  bool decide(const model::Caller& caller, const api::Check& check) {
    return context_.authorizer->allows(
        {.snapshot = context_.snapshot, .caller = caller, .request = context_.request}, check);
  }

  bool may(std::string_view action, std::string_view resource) {
    api::Check check = check_for(action, resource, context_.snapshot);
    if (action.starts_with("iam:Attach")) {
      check.context = {{.key = "iam:PolicyARN", .values = {std::string(kEverything)}}};
    }
    return ask(check) != Answer::No;
  }

  bool rewrites_own_policy() {
    const auto policies = asker_.user != nullptr ? context_.snapshot.policies_of(*asker_.user)
                                                 : context_.snapshot.policies_of(*asker_.role);
    for (const identity::AppliedPolicy& policy : policies) {
      const bool is_own = policy.id.starts_with(concat("arn:aws:iam::", asker_.plain.account));
      if (is_own && may("iam:CreatePolicyVersion", policy.id)) {
        return true;
      }
    }
    return false;
  }

  bool changes_own_group() {
    for (const identity::Group* group : context_.snapshot.groups_of(*asker_.user)) {
      const std::string arn = identity::arn_of(*group);
      if (may("iam:PutGroupPolicy", arn) || may("iam:AttachGroupPolicy", arn)) {
        return true;
      }
    }
    return false;
  }

  const Asker& asker_;
  api::HandlerContext& context_;
  std::vector<BecomingStep> steps_;
};

std::optional<Asker> asker_named(const std::string& arn, const api::HandlerContext& context) {
  auto plain = caller_named(arn, context.caller.account, context.snapshot, context.request.now);
  if (!plain) {
    return std::nullopt;
  }
  Asker asker{.arn = arn, .plain = *std::move(plain), .with_mfa = {}};
  asker.user = context.snapshot.find_by_arn<identity::User>(arn);
  asker.role = context.snapshot.find_by_arn<identity::Role>(arn);
  if (asker.user != nullptr) {
    asker.with_mfa = caller_with_mfa(*asker.user, context.request.now);
  }
  return asker;
}

// A user is become with a key or a password of theirs, a role by assuming it, trusted or not yet.
void find_steps(const Asker& asker, Search& search, const api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  for (const auto& entry : context.snapshot.table<identity::Role>(account)) {
    const std::string arn = identity::arn_of(*entry.value);
    if (arn != asker.arn) {
      search.step(arn, {"sts:AssumeRole", "iam:UpdateAssumeRolePolicy"});
    }
  }
  for (const auto& entry : context.snapshot.table<identity::User>(account)) {
    const std::string arn = identity::arn_of(*entry.value);
    if (arn != asker.arn) {
      search.step(arn, {"iam:CreateAccessKey", "iam:UpdateLoginProfile", "iam:CreateLoginProfile"});
    }
  }
}

}  // namespace

Result<api::CheckList> checks(const ListBecomingRequest& request,
                              const api::CheckContext& context) {
  api::CheckList list;
  list.reserve(request.principal_arns.size() + 1);
  for (const std::string& arn : request.principal_arns) {
    list.push_back(permission_for(arn, context.snapshot));
  }
  // Who there is in the account is told with it.
  api::Check& everybody = list.emplace_back();
  everybody.action = "iam:GetAccountAuthorizationDetails";
  everybody.resource = "*";
  everybody.wildcard_only = true;
  return list;
}

Result<ListBecomingResponse> handle(const api::Authorized& /*proof*/,
                                    const ListBecomingRequest& request,
                                    api::HandlerContext& context) {
  ListBecomingResponse response;
  for (const std::string& arn : request.principal_arns) {
    const auto asker = asker_named(arn, context);
    if (!asker) {
      return principal_not_found(arn);
    }
    Search search(*asker, context);
    const bool is_administrator = search.gives_itself_all();
    // Who can give itself everything can become everybody: there is nothing to list.
    if (!is_administrator) {
      find_steps(*asker, search, context);
    }
    response.results.push_back(
        {.principal_arn = arn, .is_administrator = is_administrator, .steps = search.take()});
  }
  return response;
}

}  // namespace signet::insight
