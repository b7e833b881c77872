#include "iam/simulator.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "facts/iam_sentences.h"
#include "iam/simulated_guards.h"
#include "model/arn.h"
#include "policy_writing/validate.h"

namespace signet::iam {
namespace {

using policy::PolicyMember;
using policy::PolicySet;
using policy::PrincipalKind;
using policy::SetKind;

// Stands in for the trust policy of a role that SimulateCustomPolicy is not told: it leaves the
// decision to the identity policies, as AWS does, and is never listed.
constexpr std::string_view kUnknownTrust;

Failure invalid_caller() {
  return fail(ErrorCode::InvalidInput,
              "Invalid caller - Caller must be an IAM user in this context.");
}

// What SourcePolicyId shows: the name of a policy, not its ARN.
std::string shown_id(std::string_view id) {
  return std::string(id.starts_with("arn:") ? id.substr(id.rfind('/') + 1) : id);
}

// A text of PolicyInputList, held to what could be stored.
Result<PolicyMember> input_member(const std::string& text, std::string label) {
  auto document =
      policy::validate(text, {.profile = policy::Profile::Identity, .bucket = {}, .settings = {}});
  if (!document) {
    return invalid_simulated_policy(label, document.error().message);
  }
  return PolicyMember{
      .policy = policy::compile(*std::move(document)), .id = std::move(label), .pins = {}};
}

Status add_inputs(std::vector<PolicyMember>& members,
                  const std::vector<std::string>& texts,
                  std::string_view list) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    members.push_back(TRY(input_member(texts[i], concat(list, ".", std::to_string(i + 1)))));
  }
  return {};
}

bool is_trust_action(std::string_view action) {
  const std::string lower = to_lower(action);
  return lower.starts_with("sts:assumerole") || lower == "sts:tagsession" ||
         lower == "sts:setsourceidentity";
}

// Name and, where it has one, session of arn:aws:sts::ACCT:assumed-role/NAME/SESSION.
std::string_view role_of_session(std::string_view resource) {
  constexpr std::string_view kPrefix = "assumed-role/";
  const std::string_view rest = resource.substr(kPrefix.size());
  return rest.substr(0, rest.find('/'));
}

bool is_list_type(std::string_view type) {
  return type.ends_with("List");
}

bool is_same_family(std::string_view name, std::string_view tag_key) {
  constexpr std::string_view kPrefix = "aws:PrincipalTag/";
  return name.size() == kPrefix.size() + tag_key.size() &&
         equals_ignore_case(name.substr(0, kPrefix.size()), kPrefix) &&
         equals_ignore_case(name.substr(kPrefix.size()), tag_key);
}

}  // namespace

std::vector<PolicyMember> members_of(const PolicySource& source,
                                     const identity::Snapshot& snapshot,
                                     const PolicyExclusions& exclusions) {
  std::vector<PolicyMember> members;
  for (const identity::AppliedPolicy& applied : source.policies(snapshot)) {
    if (exclusions.has_policy(source, applied)) {
      continue;
    }
    // A policy that is gone or cannot be read stays as a member that denies (R-7.2).
    members.push_back(
        {.policy = applied.document != nullptr ? applied.document->policy() : policy::PolicyRef(),
         .id = shown_id(applied.id),
         .pins = {}});
  }
  return members;
}

Result<std::vector<std::string>> context_keys_of(const std::vector<PolicyMember>& members,
                                                 const std::vector<std::string>& texts) {
  std::vector<PolicyMember> all = members;
  TRY_STATUS(add_inputs(all, texts, "PolicyInputList"));
  std::vector<std::string> names;
  for (const PolicyMember& member : all) {
    if (member.policy == nullptr) {
      continue;
    }
    for (std::string& name : policy::context_keys(policy::document_of(*member.policy))) {
      const bool is_known = std::any_of(names.begin(), names.end(), [&](const std::string& known) {
        return equals_ignore_case(known, name);
      });
      if (!is_known) {
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

Result<std::unique_ptr<Simulator>> Simulator::make(const SimulationSubject& subject,
                                                   const SimulationRequest& request) {
  std::unique_ptr<Simulator> simulator(new Simulator(subject));
  TRY_STATUS(simulator->read_policies(request));
  TRY_STATUS(simulator->read_boundary(request));
  TRY_STATUS(simulator->read_caller(request));
  TRY_STATUS(simulator->read_resource_side(request));
  simulator->fill_known_keys(request);
  TRY_STATUS(simulator->read_context(request));
  return simulator;
}

Status Simulator::read_policies(const SimulationRequest& request) {
  std::vector<PolicyMember> members;
  if (subject_.source) {
    members = members_of(*subject_.source, subject_.snapshot, subject_.exclusions);
    guards_ = guards_of_account(subject_.snapshot, subject_.account, subject_.exclusions);
  } else {
    guards_ = TRY(guards_of_request(request.organization));
  }
  TRY_STATUS(add_inputs(members, request.policies, "PolicyInputList"));
  identity_ = PolicySet::make(SetKind::Identity, std::move(members));
  return {};
}

Status Simulator::read_boundary(const SimulationRequest& request) {
  std::vector<PolicyMember> members;
  TRY_STATUS(add_inputs(members, request.boundaries, "PermissionsBoundaryPolicyInputList"));
  const std::string_view arn = subject_.source ? subject_.source->boundary() : std::string_view();
  if (members.empty() && !arn.empty() && !subject_.exclusions.has_boundary(arn)) {
    const identity::ManagedPolicy* managed =
        subject_.snapshot.find_by_arn<identity::ManagedPolicy>(arn);
    members.push_back(
        {.policy = managed != nullptr ? managed->default_document()->policy() : policy::PolicyRef(),
         .id = shown_id(arn),
         .pins = {}});
  }
  if (!members.empty()) {
    boundary_ = PolicySet::make(SetKind::Identity, std::move(members));
  }
  return {};
}

Status Simulator::read_caller(const SimulationRequest& request) {
  principal_.kind = PrincipalKind::User;
  principal_.account = subject_.account;
  const PolicySource source = subject_.source.value_or(PolicySource());
  if (request.caller_arn) {
    TRY_STATUS(parse_caller(*request.caller_arn));
  } else if (source.user != nullptr) {
    caller_arn_ = identity::arn_of(*source.user);
    entity_arn_ = caller_arn_;
    principal_.entity_id = source.user->id;
  } else if (source.role != nullptr) {
    principal_.kind = PrincipalKind::AssumedRole;
    caller_arn_ = identity::arn_of(*source.role);
    entity_arn_ = caller_arn_;
    principal_.entity_id = source.role->id;
  }
  const bool is_user = principal_.kind == PrincipalKind::User && !entity_arn_.empty();
  if (request.resource_policy && !is_user) {
    return invalid_caller();
  }
  principal_.arn = caller_arn_;
  principal_.entity_arn = entity_arn_;
  return {};
}

// A user, a role, or a session of a role. The views stay good: they are into the request.
Status Simulator::parse_caller(std::string_view arn) {
  const auto parts = model::split_arn(arn);
  if (!parts || !model::is_account_id(parts->account)) {
    return invalid_caller();
  }
  caller_arn_ = arn;
  principal_.account = parts->account;
  if (parts->service == "iam" && parts->resource.starts_with("user/")) {
    entity_arn_ = arn;
    const identity::User* user = subject_.snapshot.find_by_arn<identity::User>(arn);
    principal_.entity_id = user != nullptr ? std::string_view(user->id) : std::string_view();
    return {};
  }
  const identity::Role* role = nullptr;
  if (parts->service == "iam" && parts->resource.starts_with("role/")) {
    entity_arn_ = arn;
    role = subject_.snapshot.find_by_arn<identity::Role>(arn);
  } else if (parts->service == "sts" && parts->resource.starts_with("assumed-role/")) {
    const std::string_view name = role_of_session(parts->resource);
    role = subject_.snapshot.find<identity::Role>(parts->account, name);
    entity_arn_ = role != nullptr ? identity::arn_of(*role)
                                  : model::iam_arn(parts->account, "role", "/", name);
    principal_.session_name = parts->resource.substr(parts->resource.rfind('/') + 1);
  } else {
    return invalid_caller();
  }
  principal_.kind = PrincipalKind::AssumedRole;
  principal_.entity_id = role != nullptr ? std::string_view(role->id) : std::string_view();
  return {};
}

Status Simulator::read_resource_side(const SimulationRequest& request) {
  owner_ = subject_.account;
  if (request.resource_owner) {
    const auto parts = model::split_arn(*request.resource_owner);
    owner_ = parts ? parts->account : std::string_view(*request.resource_owner);
    if (!model::is_account_id(owner_)) {
      return fail(ErrorCode::InvalidInput,
                  concat("Invalid resource owner ", *request.resource_owner));
    }
  }
  if (!request.resource_policy) {
    return {};
  }
  auto document = policy::Document::parse(*request.resource_policy);
  if (!document) {
    return invalid_simulated_policy("ResourcePolicy", document.error().message);
  }
  std::vector<PolicyMember> members;
  members.push_back(
      {.policy = policy::compile(*std::move(document)), .id = "ResourcePolicy", .pins = {}});
  resource_ = PolicySet::make(SetKind::Resource, std::move(members));
  return {};
}

// The keys that a request of the simulated entity would carry.
void Simulator::fill_known_keys(const SimulationRequest& request) {
  using facts::KeyId;
  if (!subject_.source || subject_.source->group != nullptr) {
    return;
  }
  const PolicySource& source = *subject_.source;
  context_.set(KeyId::AwsPrincipalAccount, subject_.account);
  context_.set_bool(KeyId::AwsPrincipalIsAWSService, false);
  context_.set(KeyId::AwsPrincipalArn, principal_.entity_arn);
  context_.set(KeyId::AwsPrincipalType, source.user != nullptr ? "User" : "AssumedRole");
  if (source.user != nullptr) {
    context_.set(KeyId::AwsUserid, source.user->id);
    context_.set(KeyId::AwsUsername, source.user->name);
  }
  if (guards_ != nullptr && !guards_->organization_id.empty()) {
    context_.set(KeyId::AwsPrincipalOrgID, guards_->organization_id);
  }
  if (guards_ != nullptr && !guards_->path.empty()) {
    context_.set_list(KeyId::AwsPrincipalOrgPaths, guards_->path);
  }
  // A tag that the request gives another value for is left to the request.
  for (const model::Tag& tag : *source.tags()) {
    const bool is_given = std::any_of(
        request.context.begin(), request.context.end(), [&tag](const ContextEntry& entry) {
          return is_same_family(entry.context_key_name.value_or(""), tag.key);
        });
    if (!is_given) {
      tags_.push_back(tag);
    }
  }
  if (!tags_.empty()) {
    context_.set_tags(facts::TagFamily::AwsPrincipalTag, tags_);
  }
}

Status Simulator::read_context(const SimulationRequest& request) {
  constexpr std::array<std::string_view, 12> kTypes = {"binary",
                                                       "binaryList",
                                                       "boolean",
                                                       "booleanList",
                                                       "date",
                                                       "dateList",
                                                       "ip",
                                                       "ipList",
                                                       "numeric",
                                                       "numericList",
                                                       "string",
                                                       "stringList"};
  lists_.reserve(request.context.size());
  for (const ContextEntry& entry : request.context) {
    const std::string_view type =
        entry.context_key_type ? std::string_view(*entry.context_key_type) : "string";
    if (!entry.context_key_name || entry.context_key_name->empty()) {
      return fail(ErrorCode::InvalidInput, "Invalid context entry: the key has no name.");
    }
    const std::string& name = *entry.context_key_name;
    if (!std::binary_search(kTypes.begin(), kTypes.end(), type)) {
      return fail(ErrorCode::InvalidInput,
                  concat("Invalid context entry ", name, ": unknown type ", type, "."));
    }
    const std::vector<std::string>& values = entry.context_key_values;
    if (is_list_type(type)) {
      context_.add_list(name, lists_.emplace_back(values.begin(), values.end()));
    } else if (values.size() == 1) {
      context_.add(name, values.front());
    } else {
      return fail(ErrorCode::InvalidInput,
                  concat("Invalid context entry ", name, ": type ", type, " takes one value."));
    }
  }
  return {};
}

// The policy that answers for assuming a role: the account's own role brings its trust policy.
policy::PolicySetRef Simulator::trust_of(std::string_view resource) const {
  const auto parts = model::split_arn(resource);
  if (!parts || parts->service != "iam" || !parts->resource.starts_with("role/")) {
    return nullptr;
  }
  std::vector<PolicyMember> members;
  if (!subject_.source) {
    members.push_back(
        {.policy = policy::compile_text(
             concat(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*",)",
                    R"("Principal":{"AWS":")",
                    principal_.account,
                    R"("}}})")),
         .id = std::string(kUnknownTrust),
         .pins = {}});
    return PolicySet::make(SetKind::Resource, std::move(members));
  }
  const identity::Role* role = parts->account == subject_.account
                                   ? subject_.snapshot.find_by_arn<identity::Role>(resource)
                                   : nullptr;
  if (role == nullptr) {
    return nullptr;
  }
  members.push_back({.policy = role->trust_policy->policy(),
                     .id = concat(role->name, ".AssumeRolePolicyDocument"),
                     .pins = role->trust_pins});
  return PolicySet::make(SetKind::Resource, std::move(members));
}

policy::SimulationResult Simulator::run(std::string_view action, std::string_view resource) const {
  const bool is_trust = is_trust_action(action);
  const policy::PolicySetRef trust = is_trust && !resource_ ? trust_of(resource) : nullptr;
  const auto parts = model::split_arn(resource);
  const bool names_account = is_trust && parts && model::is_account_id(parts->account);
  const policy::Request request{
      .action = action,
      .resource = resource,
      .resource_account = names_account ? parts->account : std::string_view(owner_),
      .wildcard_only = false,
      .resource_policy_must_allow = false};
  const bool is_guarded_resource =
      request.resource_account == subject_.account && authz::has_resource_controls(action);
  const policy::PolicyInputs inputs{
      .scps = guards_ ? guards_->scps.get() : nullptr,
      .rcps = guards_ && is_guarded_resource ? guards_->rcps.get() : nullptr,
      .endpoint = nullptr,
      .resource = trust ? trust.get() : resource_.get(),
      .identity = identity_.get(),
      .boundary = boundary_.get(),
      .session = nullptr};
  policy::SimulationResult result = policy::simulate(request, principal_, context_, inputs);
  std::erase_if(result.matched_statements, [](const policy::MatchedStatement& statement) {
    return statement.source_policy_id == kUnknownTrust;
  });
  return result;
}

}  // namespace signet::iam
