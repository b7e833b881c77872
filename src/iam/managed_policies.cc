#include <algorithm>

#include "base/strings.h"
#include "iam/checks.h"
#include "iam/documents.h"
#include "iam/ids.h"
#include "iam/listing.h"
#include "iam/tagging.h"
#include "iam/views.h"
#include "policy_language/size.h"

namespace signet::iam {

namespace {

using identity::ManagedPolicy;

const ManagedPolicy* usable(const api::HandlerContext& context, std::string_view arn) {
  return find_usable_policy(context.snapshot, context.caller.account, arn);
}

// Policies that are not the account's own can be seen, not changed. `what` goes into the sentence.
Status require_own(const api::HandlerContext& context,
                   std::string_view arn,
                   std::string_view what) {
  if (account_of_arn(arn) != context.caller.account) {
    return outside_own_account(what);
  }
  return {};
}

constexpr std::string_view kDelete = "delete policies";
constexpr std::string_view kDeleteVersions = "delete policy versions for policies";
constexpr std::string_view kUpdate = "update policies";

// The number in v<number>; nothing for ids that no version of ours has.
std::optional<std::uint32_t> parse_version_id(std::string_view id) {
  if (!id.starts_with("v")) {
    return std::nullopt;
  }
  const auto number = parse_decimal(id.substr(1));
  if (!number || *number < 1 || *number > 0xFFFF'FFFF || id[1] == '0') {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number);
}

// A policy and one of its versions.
struct VersionOf {
  const ManagedPolicy* policy = nullptr;
  const identity::PolicyVersion* version = nullptr;
};

// A missing policy and a missing version are told apart by nobody (aws-wire 4.3).
Result<VersionOf> require_version(const api::HandlerContext& context,
                                  std::string_view arn,
                                  std::string_view id) {
  const ManagedPolicy* policy = usable(context, arn);
  const std::optional<std::uint32_t> number = parse_version_id(id);
  const identity::PolicyVersion* version =
      policy != nullptr && number ? policy->version(*number) : nullptr;
  if (version == nullptr) {
    return version_not_attachable(arn, id);
  }
  return VersionOf{.policy = policy, .version = version};
}

PolicyVersion show_version(const ManagedPolicy& policy, const identity::PolicyVersion& version) {
  PolicyVersion shown;
  shown.version_id = version_id(version.number);
  shown.is_default_version = version.number == policy.default_version;
  shown.create_date = version.created;
  return shown;
}

Result<identity::DocumentRef> accept_managed_policy(std::string_view text) {
  identity::DocumentRef document = TRY(accept_identity_policy(text));
  if (policy::counted_characters(text) > policy::kManagedPolicyMax) {
    return quota_exceeded("PolicySize", policy::kManagedPolicyMax);
  }
  return document;
}

// The versions of all policies of the account together.
Status require_room_for_version(const identity::Snapshot& snapshot, std::string_view account) {
  return require_room(snapshot,
                      account,
                      Quota::PolicyVersionsInUse,
                      snapshot.parts<identity::ManagedPolicy>(account));
}

}  // namespace

// CreatePolicy

Result<CreatePolicyResponse> handle(const api::Authorized&,
                                    const CreatePolicyRequest& request,
                                    api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const Instant now = context.request.now;
  ManagedPolicy policy;
  policy.tags = TRY(first_tags<identity::ManagedPolicy>(request.tags, snapshot, account));
  identity::DocumentRef document = TRY(accept_managed_policy(request.policy_document));
  if (snapshot.find<identity::ManagedPolicy>(account, request.policy_name) != nullptr) {
    return policy_exists(request.policy_name);
  }
  TRY_STATUS(require_room(snapshot,
                          account,
                          Quota::PoliciesPerAccount,
                          snapshot.table<identity::ManagedPolicy>(account).size()));
  TRY_STATUS(require_room_for_version(snapshot, account));
  policy.account = account;
  policy.id = fresh_id<identity::ManagedPolicy>(snapshot, account, context.deps.random);
  policy.name = request.policy_name;
  policy.path = request.path.value_or("/");
  policy.description = request.description.value_or("");
  policy.created = now;
  policy.updated = now;
  policy.versions.push_back({.number = 1, .document = std::move(document), .created = now});
  // The description is not shown here (aws-wire 4.8).
  Policy shown = show(policy, snapshot, account);
  if (!policy.tags.empty()) {
    shown.tags = to_wire(policy.tags);
  }
  context.transaction->put(std::move(policy));
  return CreatePolicyResponse{.policy = std::move(shown)};
}

// GetPolicy

Result<GetPolicyResponse> handle(const api::Authorized&,
                                 const GetPolicyRequest& request,
                                 api::HandlerContext& context) {
  const ManagedPolicy* policy =
      TRY(require<ManagedPolicy>(context.snapshot, context.caller.account, request.policy_arn));
  Policy shown = show(*policy, context.snapshot, context.caller.account);
  if (!policy->description.empty()) {
    shown.description = policy->description;
  }
  shown.tags = to_wire(policy->tags);
  return GetPolicyResponse{.policy = std::move(shown)};
}

// DeletePolicy

Result<DeletePolicyResponse> handle(const api::Authorized&,
                                    const DeletePolicyRequest& request,
                                    api::HandlerContext& context) {
  TRY_STATUS(require_own(context, request.policy_arn, kDelete));
  const ManagedPolicy* policy =
      TRY(require<ManagedPolicy>(context.snapshot, context.caller.account, request.policy_arn));
  const identity::PolicyUse use =
      context.snapshot.policy_use(context.caller.account, request.policy_arn);
  if (use.attachments + use.boundaries > 0) {
    return policy_is_attached();
  }
  if (policy->versions.size() > 1) {
    return policy_has_versions();
  }
  context.transaction->erase<identity::ManagedPolicy>(policy->id);
  return DeletePolicyResponse{};
}

// Versions

Result<CreatePolicyVersionResponse> handle(const api::Authorized&,
                                           const CreatePolicyVersionRequest& request,
                                           api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  TRY_STATUS(require_own(context, request.policy_arn, kUpdate));
  identity::DocumentRef document = TRY(accept_managed_policy(request.policy_document));
  const ManagedPolicy* policy =
      TRY(require<ManagedPolicy>(context.snapshot, context.caller.account, request.policy_arn));
  const std::size_t limit = limit_of(context.snapshot, account, Quota::VersionsPerPolicy);
  if (policy->versions.size() >= limit) {
    return too_many_versions(limit);
  }
  TRY_STATUS(require_room_for_version(context.snapshot, account));
  ManagedPolicy changed = *policy;
  const std::uint32_t number = changed.next_version;
  changed.next_version += 1;
  changed.updated = context.request.now;
  changed.versions.push_back(
      {.number = number, .document = std::move(document), .created = context.request.now});
  if (request.set_as_default.value_or(false)) {
    changed.default_version = number;
  }
  PolicyVersion shown = show_version(changed, changed.versions.back());
  context.transaction->put(std::move(changed));
  return CreatePolicyVersionResponse{.policy_version = std::move(shown)};
}

Result<GetPolicyVersionResponse> handle(const api::Authorized&,
                                        const GetPolicyVersionRequest& request,
                                        api::HandlerContext& context) {
  const VersionOf found = TRY(require_version(context, request.policy_arn, request.version_id));
  PolicyVersion shown = show_version(*found.policy, *found.version);
  shown.document = found.version->document->text();
  return GetPolicyVersionResponse{.policy_version = std::move(shown)};
}

Result<ListPolicyVersionsResponse> handle(const api::Authorized&,
                                          const ListPolicyVersionsRequest& request,
                                          api::HandlerContext& context) {
  const ManagedPolicy* policy =
      TRY(require<ManagedPolicy>(context.snapshot, context.caller.account, request.policy_arn));
  const PageQuery query = TRY(page_query(request, context, policy->id));
  PageBuilder<PolicyVersion> builder(query);
  // Newest first: the key falls as the number grows.
  for (auto it = policy->versions.rbegin(); it != policy->versions.rend(); ++it) {
    const std::string falling = std::to_string(0xFFFF'FFFFU - it->number);
    const std::string key = concat(std::string(10 - falling.size(), '0'), falling);
    if (!builder.add(key, show_version(*policy, *it))) {
      break;
    }
  }
  Page<PolicyVersion> page = builder.take();
  ListPolicyVersionsResponse response;
  set_position(response, page);
  response.versions = std::move(page.items);
  return response;
}

Result<DeletePolicyVersionResponse> handle(const api::Authorized&,
                                           const DeletePolicyVersionRequest& request,
                                           api::HandlerContext& context) {
  TRY_STATUS(require_own(context, request.policy_arn, kDeleteVersions));
  const VersionOf found = TRY(require_version(context, request.policy_arn, request.version_id));
  const std::uint32_t number = found.version->number;
  if (number == found.policy->default_version) {
    return is_default_version();
  }
  ManagedPolicy changed = *found.policy;
  std::erase_if(changed.versions, [number](const identity::PolicyVersion& version) {
    return version.number == number;
  });
  context.transaction->put(std::move(changed));
  return DeletePolicyVersionResponse{};
}

Result<SetDefaultPolicyVersionResponse> handle(const api::Authorized&,
                                               const SetDefaultPolicyVersionRequest& request,
                                               api::HandlerContext& context) {
  TRY_STATUS(require_own(context, request.policy_arn, kUpdate));
  const VersionOf found = TRY(require_version(context, request.policy_arn, request.version_id));
  ManagedPolicy changed = *found.policy;
  changed.default_version = found.version->number;
  changed.updated = context.request.now;
  context.transaction->put(std::move(changed));
  return SetDefaultPolicyVersionResponse{};
}

// Tags

Result<TagPolicyResponse> handle(const api::Authorized&,
                                 const TagPolicyRequest& request,
                                 api::HandlerContext& context) {
  return tag<TagPolicyResponse, identity::ManagedPolicy>(request, context);
}

Result<UntagPolicyResponse> handle(const api::Authorized&,
                                   const UntagPolicyRequest& request,
                                   api::HandlerContext& context) {
  return untag<UntagPolicyResponse, identity::ManagedPolicy>(request, context);
}

Result<ListPolicyTagsResponse> handle(const api::Authorized&,
                                      const ListPolicyTagsRequest& request,
                                      api::HandlerContext& context) {
  return list_tags<ListPolicyTagsResponse, identity::ManagedPolicy>(request, context);
}

}  // namespace signet::iam
