#include <algorithm>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "iam/checks.h"
#include "iam/documents.h"
#include "iam/listing.h"
#include "iam/tags.h"
#include "iam/views.h"

namespace signet::iam {

namespace {

// The account's entities in one list, which one marker pages: users, groups, roles, own policies,
// AWS's. A key is the section's digit and the name.
using Detail = std::variant<UserDetail, GroupDetail, RoleDetail, ManagedPolicyDetail>;

struct Section {
  char digit;
  std::string_view filter;
};

constexpr Section kUsers = {.digit = '1', .filter = "User"};
constexpr Section kGroups = {.digit = '2', .filter = "Group"};
constexpr Section kRoles = {.digit = '3', .filter = "Role"};
constexpr Section kLocalPolicies = {.digit = '4', .filter = "LocalManagedPolicy"};
constexpr Section kAwsPolicies = {.digit = '5', .filter = "AWSManagedPolicy"};

std::vector<PolicyDetail> show_inline(const std::vector<identity::InlinePolicy>& policies) {
  std::vector<PolicyDetail> shown;
  shown.reserve(policies.size());
  for (const identity::InlinePolicy& policy : policies) {
    shown.push_back({.policy_name = policy.name, .policy_document = policy.document->text()});
  }
  return shown;
}

std::vector<AttachedPolicy> show_attached(const std::vector<std::string>& arns,
                                          const identity::Snapshot& snapshot) {
  std::vector<AttachedPolicy> shown;
  shown.reserve(arns.size());
  for (const std::string& arn : arns) {
    shown.push_back({.policy_name = label_of(snapshot, arn).name, .policy_arn = arn});
  }
  return shown;
}

std::optional<AttachedPermissionsBoundary> boundary_of(const std::string& arn) {
  return arn.empty() ? std::optional<AttachedPermissionsBoundary>() : show_boundary(arn);
}

// What is left out and what is empty: aws-wire 4.20.
UserDetail detail_of(const identity::User& user, const identity::Snapshot& snapshot) {
  UserDetail detail;
  detail.path = user.path;
  detail.user_name = user.name;
  detail.user_id = user.id;
  detail.arn = identity::arn_of(user);
  detail.create_date = user.created;
  if (!user.inline_policies.empty()) {
    detail.user_policy_list = show_inline(user.inline_policies);
  }
  std::vector<std::string>& groups = detail.group_list.emplace();
  for (const identity::Group* group : snapshot.groups_of(user)) {
    groups.push_back(group->name);
  }
  detail.attached_managed_policies = show_attached(user.attached_policies, snapshot);
  detail.permissions_boundary = boundary_of(user.boundary);
  detail.tags = to_wire(user.tags);
  return detail;
}

GroupDetail detail_of(const identity::Group& group, const identity::Snapshot& snapshot) {
  GroupDetail detail;
  detail.path = group.path;
  detail.group_name = group.name;
  detail.group_id = group.id;
  detail.arn = identity::arn_of(group);
  detail.create_date = group.created;
  detail.group_policy_list = show_inline(group.inline_policies);
  detail.attached_managed_policies = show_attached(group.attached_policies, snapshot);
  return detail;
}

RoleDetail detail_of(const identity::Role& role, const identity::Snapshot& snapshot, Instant now) {
  RoleDetail detail;
  detail.path = role.path;
  detail.role_name = role.name;
  detail.role_id = role.id;
  detail.arn = identity::arn_of(role);
  detail.create_date = role.created;
  detail.assume_role_policy_document = shown_trust_policy(role, snapshot);
  std::vector<InstanceProfile>& profiles = detail.instance_profile_list.emplace();
  for (const identity::InstanceProfile* profile : snapshot.instance_profiles_of(role)) {
    profiles.push_back(show(*profile, snapshot));
  }
  detail.role_policy_list = show_inline(role.inline_policies);
  detail.attached_managed_policies = show_attached(role.attached_policies, snapshot);
  detail.permissions_boundary = boundary_of(role.boundary);
  detail.tags = to_wire(role.tags);
  detail.role_last_used = show_last_used(role, snapshot, now);
  return detail;
}

ManagedPolicyDetail detail_of(const identity::ManagedPolicy& policy,
                              const identity::Snapshot& snapshot,
                              std::string_view account) {
  Policy shown = show(policy, snapshot, account);
  ManagedPolicyDetail detail;
  detail.policy_name = std::move(shown.policy_name);
  detail.policy_id = std::move(shown.policy_id);
  detail.arn = std::move(shown.arn);
  detail.path = std::move(shown.path);
  detail.default_version_id = std::move(shown.default_version_id);
  detail.attachment_count = shown.attachment_count;
  detail.permissions_boundary_usage_count = shown.permissions_boundary_usage_count;
  detail.is_attachable = shown.is_attachable;
  if (!policy.description.empty()) {
    detail.description = policy.description;
  }
  detail.create_date = shown.create_date;
  detail.update_date = shown.update_date;
  std::vector<PolicyVersion>& versions = detail.policy_version_list.emplace();
  for (auto it = policy.versions.rbegin(); it != policy.versions.rend(); ++it) {
    versions.push_back({.document = it->document->text(),
                        .version_id = version_id(it->number),
                        .is_default_version = it->number == policy.default_version,
                        .create_date = it->created});
  }
  return detail;
}

// Walks the sections of one call.
class DetailPage {
 public:
  DetailPage(const GetAccountAuthorizationDetailsRequest& request, const PageQuery& query)
      : request_(request), query_(query), builder_(query) {}

  template <class Table, class Show>
  void add_table(const Section& section, const Table& table, const Show& show_detail) {
    if (!is_wanted(section)) {
      return;
    }
    const std::string start = query_.after.starts_with(section.digit) ? query_.after.substr(1) : "";
    for (auto it = table.lower_bound(start); it != table.end() && !is_full_; ++it) {
      add(section, identity::key_text(it->key), show_detail(*it->value));
    }
  }

  // AWS's policies that the account has attached somewhere.
  void add_catalogue(const identity::Snapshot& snapshot, std::string_view account) {
    if (!is_wanted(kAwsPolicies) || snapshot.catalogue() == nullptr) {
      return;
    }
    for (const identity::ManagedPolicy* policy : snapshot.catalogue()->all()) {
      const bool is_attached =
          snapshot.policy_use(account, identity::arn_of(*policy)).attachments > 0;
      if (is_attached && !is_full_) {
        add(kAwsPolicies, policy->name, detail_of(*policy, snapshot, account));
      }
    }
  }

  [[nodiscard]] Page<Detail> take() { return builder_.take(); }

 private:
  // Asked for, and not wholly on earlier pages.
  [[nodiscard]] bool is_wanted(const Section& section) const {
    const bool is_asked_for =
        request_.filter.empty() ||
        std::ranges::find(request_.filter, section.filter) != request_.filter.end();
    return is_asked_for && !is_full_ &&
           (query_.after.empty() || query_.after.front() <= section.digit);
  }

  void add(const Section& section, std::string_view name, Detail detail) {
    is_full_ = !builder_.add(concat(std::string_view(&section.digit, 1), name), std::move(detail));
  }

  const GetAccountAuthorizationDetailsRequest& request_;
  const PageQuery& query_;
  PageBuilder<Detail> builder_;
  bool is_full_ = false;
};

// Puts each detail into the list of its kind; all four are there even if empty.
void distribute(Page<Detail>& page, GetAccountAuthorizationDetailsResponse& response) {
  response.user_detail_list.emplace();
  response.group_detail_list.emplace();
  response.role_detail_list.emplace();
  response.policies.emplace();
  for (Detail& detail : page.items) {
    if (auto* user = std::get_if<UserDetail>(&detail)) {
      response.user_detail_list->push_back(std::move(*user));
    } else if (auto* group = std::get_if<GroupDetail>(&detail)) {
      response.group_detail_list->push_back(std::move(*group));
    } else if (auto* role = std::get_if<RoleDetail>(&detail)) {
      response.role_detail_list->push_back(std::move(*role));
    } else if (auto* policy = std::get_if<ManagedPolicyDetail>(&detail)) {
      response.policies->push_back(std::move(*policy));
    }
  }
}

// Names the filtered list: a marker of one filter is refused by another.
std::string filter_text(const GetAccountAuthorizationDetailsRequest& request) {
  std::vector<std::string> wanted = request.filter;
  std::ranges::sort(wanted);
  std::string text;
  for (const std::string& one : wanted) {
    text.append(one).append(" ");
  }
  return text;
}

}  // namespace

Result<GetAccountAuthorizationDetailsResponse> handle(
    const api::Authorized&,
    const GetAccountAuthorizationDetailsRequest& request,
    api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const PageQuery query = TRY(page_query(request, context, filter_text(request)));
  DetailPage details(request, query);
  details.add_table(kUsers,
                    snapshot.table<identity::User>(account),
                    [&](const identity::User& user) { return detail_of(user, snapshot); });
  details.add_table(kGroups,
                    snapshot.table<identity::Group>(account),
                    [&](const identity::Group& group) { return detail_of(group, snapshot); });
  details.add_table(
      kRoles, snapshot.table<identity::Role>(account), [&](const identity::Role& role) {
        return detail_of(role, snapshot, context.request.now);
      });
  details.add_table(
      kLocalPolicies,
      snapshot.table<identity::ManagedPolicy>(account),
      [&](const identity::ManagedPolicy& policy) { return detail_of(policy, snapshot, account); });
  details.add_catalogue(snapshot, account);
  Page<Detail> page = details.take();
  GetAccountAuthorizationDetailsResponse response;
  set_position(response, page);
  distribute(page, response);
  return response;
}

}  // namespace signet::iam
