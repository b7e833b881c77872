#include "server/bootstrap_calls.h"

#include <algorithm>
#include <iterator>

#include "base/assertion.h"
#include "base/strings.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "facts/errors.h"
#include "iam/service.h"
#include "model/root_caller.h"

namespace signet::server {
namespace {

using facts::Operation;
using policy::JsonKind;

// How a member becomes parameters of a call.
enum class Form : unsigned char {
  Text,
  Number,
  Flag,
  Document,    // of a policy
  Tags,        // {"key": "value"}: Tags.member.N.Key and .Value
  Texts,       // a list: parameter.member.N
  PolicyArns,  // a list, a call for each
  Names,       // a list, a call for each
  Documents,   // {"name": document}, a call for each
};

struct Member {
  std::string_view name;
  std::string_view parameter;
  Form form = Form::Text;
  bool is_required = false;
};

// Further calls for what has been made.
struct Link {
  Member member;
  Operation operation;
};

// A list of an account whose items are made by an operation. `key` is the member that names an
// item in the calls of its links.
struct Section {
  std::string_view name;
  Operation create;
  std::span<const Member> members;
  std::string_view key;
  std::span<const Link> links;
};

// Trusts nobody. Roles are made with it: the policy that a file gives them may name roles that
// stand further down.
constexpr std::string_view kTrustsNobody =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},)"
    R"("Action":"sts:AssumeRole"}]})";

constexpr Member kManagedPolicyMembers[] = {
    {.name = "name", .parameter = "PolicyName", .is_required = true},
    {.name = "path", .parameter = "Path"},
    {.name = "description", .parameter = "Description"},
    {.name = "document",
     .parameter = "PolicyDocument",
     .form = Form::Document,
     .is_required = true},
    {.name = "tags", .parameter = "Tags", .form = Form::Tags},
};

constexpr Member kGroupMembers[] = {
    {.name = "name", .parameter = "GroupName", .is_required = true},
    {.name = "path", .parameter = "Path"},
};

constexpr Link kGroupLinks[] = {
    {{.name = "policies", .parameter = "PolicyArn", .form = Form::PolicyArns},
     Operation::AttachGroupPolicy},
    {{.name = "inline_policies", .parameter = "PolicyDocument", .form = Form::Documents},
     Operation::PutGroupPolicy},
};

constexpr Member kRoleMembers[] = {
    {.name = "name", .parameter = "RoleName", .is_required = true},
    {.name = "path", .parameter = "Path"},
    {.name = "description", .parameter = "Description"},
    {.name = "max_session_duration", .parameter = "MaxSessionDuration", .form = Form::Number},
    {.name = "permissions_boundary", .parameter = "PermissionsBoundary"},
    {.name = "tags", .parameter = "Tags", .form = Form::Tags},
};

constexpr Link kRoleLinks[] = {
    {{.name = "trust_policy",
      .parameter = "PolicyDocument",
      .form = Form::Document,
      .is_required = true},
     Operation::UpdateAssumeRolePolicy},
    {{.name = "policies", .parameter = "PolicyArn", .form = Form::PolicyArns},
     Operation::AttachRolePolicy},
    {{.name = "inline_policies", .parameter = "PolicyDocument", .form = Form::Documents},
     Operation::PutRolePolicy},
};

constexpr Member kInstanceProfileMembers[] = {
    {.name = "name", .parameter = "InstanceProfileName", .is_required = true},
    {.name = "path", .parameter = "Path"},
    {.name = "tags", .parameter = "Tags", .form = Form::Tags},
};

constexpr Link kInstanceProfileLinks[] = {
    {{.name = "role", .parameter = "RoleName"}, Operation::AddRoleToInstanceProfile},
};

constexpr Member kOidcProviderMembers[] = {
    {.name = "url", .parameter = "Url", .is_required = true},
    {.name = "client_ids", .parameter = "ClientIDList", .form = Form::Texts},
    {.name = "thumbprints", .parameter = "ThumbprintList", .form = Form::Texts},
    {.name = "tags", .parameter = "Tags", .form = Form::Tags},
};

constexpr Section kSections[] = {
    {.name = "managed_policies",
     .create = Operation::CreatePolicy,
     .members = kManagedPolicyMembers,
     .key = {},
     .links = {}},
    {.name = "groups",
     .create = Operation::CreateGroup,
     .members = kGroupMembers,
     .key = "GroupName",
     .links = kGroupLinks},
    {.name = "roles",
     .create = Operation::CreateRole,
     .members = kRoleMembers,
     .key = "RoleName",
     .links = kRoleLinks},
    {.name = "instance_profiles",
     .create = Operation::CreateInstanceProfile,
     .members = kInstanceProfileMembers,
     .key = "InstanceProfileName",
     .links = kInstanceProfileLinks},
    {.name = "oidc_providers",
     .create = Operation::CreateOpenIDConnectProvider,
     .members = kOidcProviderMembers,
     .key = {},
     .links = {}},
};

constexpr std::string_view kPasswordPolicy = "password_policy";

constexpr Member kPasswordPolicyMembers[] = {
    {.name = "minimum_password_length", .parameter = "MinimumPasswordLength", .form = Form::Number},
    {.name = "require_symbols", .parameter = "RequireSymbols", .form = Form::Flag},
    {.name = "require_numbers", .parameter = "RequireNumbers", .form = Form::Flag},
    {.name = "require_uppercase_characters",
     .parameter = "RequireUppercaseCharacters",
     .form = Form::Flag},
    {.name = "require_lowercase_characters",
     .parameter = "RequireLowercaseCharacters",
     .form = Form::Flag},
    {.name = "allow_users_to_change_password",
     .parameter = "AllowUsersToChangePassword",
     .form = Form::Flag},
    {.name = "max_password_age", .parameter = "MaxPasswordAge", .form = Form::Number},
    {.name = "password_reuse_prevention",
     .parameter = "PasswordReusePrevention",
     .form = Form::Number},
    {.name = "hard_expiry", .parameter = "HardExpiry", .form = Form::Flag},
};

constexpr Link kUserLinks[] = {
    {{.name = "permissions_boundary", .parameter = "PermissionsBoundary"},
     Operation::PutUserPermissionsBoundary},
    {{.name = "tags", .parameter = "Tags", .form = Form::Tags}, Operation::TagUser},
    {{.name = "groups", .parameter = "GroupName", .form = Form::Names}, Operation::AddUserToGroup},
    {{.name = "policies", .parameter = "PolicyArn", .form = Form::PolicyArns},
     Operation::AttachUserPolicy},
    {{.name = "inline_policies", .parameter = "PolicyDocument", .form = Form::Documents},
     Operation::PutUserPolicy},
};

// What has to be there before what. Everything not named here refers to what is.
int rank_of(Operation operation) {
  switch (operation) {
    case Operation::UpdateAccountPasswordPolicy:
    case Operation::CreatePolicy:
      return 0;
    case Operation::CreateGroup:
    case Operation::CreateRole:
    case Operation::CreateInstanceProfile:
    case Operation::CreateOpenIDConnectProvider:
      return 1;
    case Operation::UpdateAssumeRolePolicy:
      return 2;
    default:
      return 3;
  }
}

Result<std::string> policy_arn(const JsonPlace& place) {
  std::string arn = TRY(place.as_text());
  if (!arn.starts_with("arn:")) {
    return place.refuse(
        concat("expected the ARN of a policy, not its name: arn:aws:iam::aws:policy/",
               arn,
               " if it is AWS's, arn:aws:iam::ACCOUNT:policy/",
               arn,
               " if it is an account's"));
  }
  return arn;
}

// Builds one call.
class CallDraft {
 public:
  CallDraft(Operation operation, const std::string& account, const JsonPlace& place)
      : call_{.operation = operation, .account = account, .parameters = {}, .place = place} {}

  CallDraft& set(std::string_view parameter, std::string value) {
    call_.parameters.emplace_back(parameter, std::move(value));
    return *this;
  }

  // Adds a member that is there to the one call; for forms that are one.
  Status add(const Member& member, const JsonPlace& value) {
    switch (member.form) {
      case Form::Number:
        return add_literal(member, value, JsonKind::Number, "expected a number");
      case Form::Flag:
        return add_literal(member, value, JsonKind::Bool, "expected true or false");
      case Form::Document:
        set(member.parameter, TRY(document_text(value)));
        return {};
      case Form::Tags:
        return add_tags(member, value);
      case Form::Text:
      case Form::PolicyArns:
      case Form::Names:
      case Form::Documents:
      case Form::Texts:
        break;
    }
    set(member.parameter, TRY(value.as_text()));
    return {};
  }

  void add_texts(const Member& member, const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      set(concat(member.parameter, ".member.", std::to_string(i + 1)), texts[i]);
    }
  }

  [[nodiscard]] BootstrapCall take() { return std::move(call_); }

 private:
  Status add_literal(const Member& member,
                     const JsonPlace& value,
                     JsonKind kind,
                     std::string_view expected) {
    if (!value.is(kind)) {
      return value.refuse(expected);
    }
    set(member.parameter, std::string(value.content()));
    return {};
  }

  Status add_tags(const Member& member, const JsonPlace& value) {
    std::size_t number = 0;
    for (const auto& [key, text] : TRY(value.named_values())) {
      const std::string prefix = concat(member.parameter, ".member.", std::to_string(++number));
      set(concat(prefix, ".Key"), key);
      set(concat(prefix, ".Value"), TRY(text.as_text()));
    }
    return {};
  }

  BootstrapCall call_;
};

// A thing that has been made, to which its links add.
struct Made {
  std::string_view key;  // parameter that names it
  std::string name;
  std::string account;
};

void add_link_call(const Link& link,
                   const Made& made,
                   const JsonPlace& place,
                   std::string value,
                   std::vector<BootstrapCall>& out) {
  CallDraft draft(link.operation, made.account, place);
  draft.set(made.key, made.name).set(link.member.parameter, std::move(value));
  out.push_back(draft.take());
}

Status read_link(const Link& link,
                 const Made& made,
                 const JsonPlace& owner,
                 std::vector<BootstrapCall>& out) {
  const auto value = owner.find(link.member.name);
  if (!value) {
    return link.member.is_required
               ? Status(owner.refuse(concat("\"", link.member.name, "\" is missing")))
               : Status();
  }
  switch (link.member.form) {
    case Form::PolicyArns:
      for (const JsonPlace& item : TRY(owner.list_at(link.member.name))) {
        add_link_call(link, made, item, TRY(policy_arn(item)), out);
      }
      return {};
    case Form::Names:
      for (const JsonPlace& item : TRY(owner.list_at(link.member.name))) {
        add_link_call(link, made, item, TRY(item.as_text()), out);
      }
      return {};
    case Form::Documents:
      for (const auto& [name, document] : TRY(value->named_values())) {
        add_link_call(link, made, document, TRY(document_text(document)), out);
        out.back().parameters.emplace_back("PolicyName", name);
      }
      return {};
    default:
      break;
  }
  CallDraft draft(link.operation, made.account, *value);
  draft.set(made.key, made.name);
  TRY_STATUS(draft.add(link.member, *value));
  out.push_back(draft.take());
  return {};
}

Status add_members(std::span<const Member> members, const JsonPlace& object, CallDraft& draft) {
  for (const Member& member : members) {
    const auto value = object.find(member.name);
    if (!value && member.is_required) {
      return object.refuse(concat("\"", member.name, "\" is missing"));
    }
    if (value && member.form == Form::Texts) {
      std::vector<std::string> texts;
      for (const JsonPlace& item : TRY(object.list_at(member.name))) {
        texts.push_back(TRY(item.as_text()));
      }
      draft.add_texts(member, texts);
    } else if (value) {
      TRY_STATUS(draft.add(member, *value));
    }
  }
  return {};
}

std::vector<std::string_view> names_of(std::span<const Member> members,
                                       std::span<const Link> links) {
  std::vector<std::string_view> names;
  for (const Member& member : members) {
    names.push_back(member.name);
  }
  for (const Link& link : links) {
    names.push_back(link.member.name);
  }
  return names;
}

Status read_item(const Section& section,
                 const JsonPlace& item,
                 const std::string& account,
                 std::vector<BootstrapCall>& out) {
  TRY_STATUS(item.expect_members(names_of(section.members, section.links)));
  CallDraft draft(section.create, account, item);
  TRY_STATUS(add_members(section.members, item, draft));
  if (section.create == Operation::CreateRole) {
    draft.set("AssumeRolePolicyDocument", std::string(kTrustsNobody));
  }
  out.push_back(draft.take());
  if (section.links.empty()) {
    return {};
  }
  const Made made{
      .key = section.key, .name = TRY(item.required_text_at("name")), .account = account};
  for (const Link& link : section.links) {
    TRY_STATUS(read_link(link, made, item, out));
  }
  return {};
}

std::string form_of(const BootstrapCall& call) {
  std::string form;
  for (const auto& [name, value] : call.parameters) {
    form += form.empty() ? "" : "&";
    codec::append_percent_encoded(form, name);
    form += '=';
    codec::append_percent_encoded(form, value);
  }
  return form;
}

// The pipeline's steps, in one place and at once.
Status make_call(const BootstrapCall& call,
                 const api::Deps& deps,
                 identity::Transaction& transaction) {
  const iam::IamService service;
  const auto invocation = service.make(facts::operation_row(call.operation));
  SIGNET_ASSERT(invocation != nullptr);
  const auto form = codec::FormParams::parse(form_of(call));
  if (!form) {
    return fail(ErrorCode::ValidationError, "more than 10000 values, or text that is not UTF-8");
  }
  TRY_STATUS(invocation->decode(*form));
  const model::Caller caller = model::root_caller(call.account);
  const api::RequestInfo request{.request_id = {},
                                 .source_ip = "127.0.0.1",
                                 .user_agent = {},
                                 .referer = {},
                                 .region = {},
                                 .is_secure = true,
                                 .now = deps.clock.now()};
  const identity::Snapshot before = transaction.view();
  api::CheckList checks = TRY(
      invocation->checks({.snapshot = before, .caller = caller, .request = request, .deps = deps}));
  authz::Authorizer authorizer;
  const api::Authorized proof =
      TRY(authorizer.authorize({before, caller, request}, std::move(checks)));
  api::HandlerContext context{.snapshot = before,
                              .transaction = &transaction,
                              .caller = caller,
                              .request = request,
                              .deps = deps};
  return invocation->handle(proof, context);
}

}  // namespace

std::vector<std::string_view> account_members_with_calls() {
  std::vector<std::string_view> names{kPasswordPolicy};
  for (const Section& section : kSections) {
    names.push_back(section.name);
  }
  return names;
}

std::vector<std::string_view> user_members_with_calls() {
  return names_of({}, kUserLinks);
}

Status read_account_calls(const JsonPlace& account,
                          const std::string& id,
                          std::vector<BootstrapCall>& out) {
  if (const auto policy = account.find(kPasswordPolicy)) {
    TRY_STATUS(policy->expect_members(names_of(kPasswordPolicyMembers, {})));
    CallDraft draft(Operation::UpdateAccountPasswordPolicy, id, *policy);
    TRY_STATUS(add_members(kPasswordPolicyMembers, *policy, draft));
    out.push_back(draft.take());
  }
  for (const Section& section : kSections) {
    for (const JsonPlace& item : TRY(account.list_at(section.name))) {
      TRY_STATUS(read_item(section, item, id, out));
    }
  }
  return {};
}

Status read_user_calls(const JsonPlace& user,
                       const std::string& user_name,
                       const std::string& id,
                       std::vector<BootstrapCall>& out) {
  const Made made{.key = "UserName", .name = user_name, .account = id};
  for (const Link& link : kUserLinks) {
    TRY_STATUS(read_link(link, made, user, out));
  }
  return {};
}

Result<std::string> document_text(const JsonPlace& place) {
  if (place.is(JsonKind::Object)) {
    return std::string(place.raw());
  }
  if (place.is(JsonKind::String)) {
    return std::string(place.content());
  }
  return place.refuse("expected a policy document: an object, or its text in a string");
}

void order_calls(std::vector<BootstrapCall>& calls) {
  std::ranges::stable_sort(
      calls, {}, [](const BootstrapCall& call) { return rank_of(call.operation); });
}

Status make_calls(std::span<const BootstrapCall> calls,
                  const api::Deps& deps,
                  identity::Transaction& transaction) {
  for (const BootstrapCall& call : calls) {
    const Status made = make_call(call, deps, transaction);
    if (made) {
      continue;
    }
    const facts::ErrorRow& row = facts::error_row(made.error().code);
    if (row.is_receiver) {
      return made;
    }
    return call.place.refuse(concat(facts::operation_row(call.operation).name,
                                    ": ",
                                    row.wire_code,
                                    ": ",
                                    made.error().message));
  }
  return {};
}

}  // namespace signet::server
