#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "facts/iam_sentences.h"
#include "iam/access_reports.h"
#include "iam/access_subject.h"
#include "iam/allowed_services.h"
#include "iam/checks.h"
#include "iam/listing.h"
#include "policy_engine/compiled.h"

namespace signet::iam {

namespace {

using identity::OrgLevel;
using identity::OrgPolicies;
using Services = std::vector<const facts::CatalogueService*>;

// o-.../r-.../ou-.../, without a slash at the end.
std::string_view without_slash(std::string_view path) {
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path;
}

// The organization of the caller, if the caller's account manages it.
const OrgPolicies* managed_by(const identity::Snapshot& snapshot, std::string_view account) {
  const OrgPolicies* own = snapshot.find<OrgPolicies>(account);
  return own != nullptr && own->is_management && !own->organization_id.empty() ? own : nullptr;
}

using Accesses = std::map<std::string, identity::ServiceAccess, std::less<>>;

// What of each service was accessed last in an account, by any user, role or root.
Accesses accesses_of(const identity::Snapshot& snapshot, const std::string& account, Instant now) {
  Accesses latest;
  const auto look_at = [&](std::string_view id) {
    const identity::LastAccess* access = snapshot.find<identity::LastAccess>(id);
    for (std::size_t i = 0; access != nullptr && i < access->services.size(); ++i) {
      const identity::ServiceAccess& service = access->services[i];
      if (!identity::is_access_told(service.at, now)) {
        continue;
      }
      const auto [entry, is_new] = latest.try_emplace(service.service, service);
      if (!is_new && service.at > entry->second.at) {
        entry->second = service;
      }
    }
  };
  look_at(account);
  for (const auto& entry : snapshot.table<identity::User>(account)) {
    look_at(entry.value->id);
  }
  for (const auto& entry : snapshot.table<identity::Role>(account)) {
    look_at(entry.value->id);
  }
  return latest;
}

// One account that a report is about, and its place.
struct Member {
  const OrgPolicies* organization = nullptr;
  std::string path;        // o-.../r-.../ACCOUNT
  bool is_entity = false;  // the report is about the account itself
  Accesses accesses;
};

// The accounts of the organization at or under an entity path.
std::vector<Member> members_under(const identity::Snapshot& snapshot,
                                  std::string_view organization,
                                  std::string_view entity,
                                  Instant now) {
  std::vector<Member> members;
  for (const identity::Account* account : snapshot.accounts()) {
    const OrgPolicies* record = snapshot.find<OrgPolicies>(account->id);
    if (record == nullptr || record->organization_id != organization || record->path.empty()) {
      continue;
    }
    std::string path = concat(without_slash(record->path), "/", account->id);
    const bool is_entity = path == entity;
    if (is_entity || path.starts_with(concat(entity, "/"))) {
      members.push_back({.organization = record,
                         .path = std::move(path),
                         .is_entity = is_entity,
                         .accesses = accesses_of(snapshot, account->id, now)});
    }
  }
  return members;
}

// The levels of policies that lie upon the entity itself: all of an account's; as many of an
// organizational unit's as it has names behind the organization's.
std::size_t levels_upon(std::string_view entity, const Member& member) {
  const std::size_t all = member.organization->scps.size();
  const auto names = static_cast<std::size_t>(std::ranges::count(entity, '/'));
  return member.is_entity ? all : std::min(all, names);
}

bool allows(const OrgLevel& level, std::string_view service) {
  bool is_allowed = false;
  for (const identity::OrgPolicy& policy : level.policies) {
    if (policy.document == nullptr || policy.document->policy() == nullptr) {
      return false;
    }
    const policy::Document& document = policy::document_of(*policy.document->policy());
    if (denies_service(document, service)) {
      return false;
    }
    is_allowed = is_allowed || allows_service(document, service);
  }
  return is_allowed;
}

// Whether service control policies leave something of the service to the entity. They never reach
// the management account, nor an account that has none.
bool is_accessible(std::string_view entity, const Member& member, std::string_view service) {
  const std::vector<OrgLevel>& levels = member.organization->scps;
  const std::size_t upon = levels_upon(entity, member);
  return member.organization->is_management ||
         std::all_of(levels.begin(),
                     levels.begin() + static_cast<std::ptrdiff_t>(upon),
                     [service](const OrgLevel& level) { return allows(level, service); });
}

// A policy is named by its id; here the name or the ARN of one may end in it, and AWS's own is
// p-FullAWSAccess.
bool has_id(const identity::OrgPolicy& policy, std::string_view id) {
  return policy.name == id || policy.name.ends_with(concat("/", id)) ||
         concat("p-", policy.name) == id;
}

const identity::OrgPolicy* find_policy(const std::vector<Member>& members, std::string_view id) {
  for (const Member& member : members) {
    for (const OrgLevel& level : member.organization->scps) {
      const auto found = std::ranges::find_if(
          level.policies, [id](const identity::OrgPolicy& policy) { return has_id(policy, id); });
      if (found != level.policies.end()) {
        return &*found;
      }
    }
  }
  return nullptr;
}

AccessDetail detail_of(const facts::CatalogueService& service, const std::vector<Member>& members) {
  AccessDetail shown;
  shown.service_name = service.title;
  shown.service_namespace = service.prefix;
  std::int64_t accounts = 0;
  for (const Member& member : members) {
    const auto found = member.accesses.find(service.prefix);
    if (found == member.accesses.end()) {
      continue;
    }
    ++accounts;
    if (!shown.last_authenticated_time || found->second.at > *shown.last_authenticated_time) {
      shown.last_authenticated_time = found->second.at;
      shown.region = found->second.region;
      shown.entity_path = member.path;
    }
  }
  shown.total_authenticated_entities = accounts;
  return shown;
}

// Sorted as the request wants it: by service, or by time and then by service. What was never
// accessed is the oldest.
void sort_details(std::vector<AccessDetail>& details, std::string_view key) {
  const bool is_descending = key.ends_with("_DESCENDING");
  if (key.starts_with("LAST_AUTHENTICATED_TIME")) {
    std::ranges::stable_sort(details, [is_descending](const auto& a, const auto& b) {
      const Instant first = a.last_authenticated_time.value_or(Instant());
      const Instant second = b.last_authenticated_time.value_or(Instant());
      return is_descending ? second < first : first < second;
    });
  } else if (is_descending) {
    std::ranges::reverse(details);
  }
}

// What a report says: services, and what of them was accessed.
struct OrganizationReport {
  std::vector<AccessDetail> details;  // sorted by service
  std::int64_t not_accessed = 0;
};

Result<OrganizationReport> make_report(const identity::AccessReport& report,
                                       const api::HandlerContext& context) {
  const OrgPolicies* organization = managed_by(context.snapshot, report.account);
  if (organization == nullptr) {
    return not_the_management_account();
  }
  const std::string_view entity = without_slash(report.subject);
  const std::vector<Member> members =
      members_under(context.snapshot, organization->organization_id, entity, context.request.now);
  if (members.empty()) {
    return organization_entity_not_found(report.subject);
  }
  const identity::OrgPolicy* only =
      report.policy_id.empty() ? nullptr : find_policy(members, report.policy_id);
  if (only == nullptr && !report.policy_id.empty()) {
    return organization_policy_not_found(report.policy_id);
  }
  OrganizationReport made;
  for (const facts::CatalogueService& service : facts::services()) {
    const bool is_told = only != nullptr ? allows(OrgLevel{.policies = {*only}}, service.prefix)
                                         : std::ranges::any_of(members, [&](const Member& member) {
                                             return is_accessible(entity, member, service.prefix);
                                           });
    if (is_told) {
      made.details.push_back(detail_of(service, members));
      made.not_accessed += *made.details.back().total_authenticated_entities == 0 ? 1 : 0;
    }
  }
  return made;
}

}  // namespace

// GenerateOrganizationsAccessReport: what is wrong with the request shows in the report
// (ErrorDetails).

Result<api::CheckList> checks(const GenerateOrganizationsAccessReportRequest& request,
                              const api::CheckContext& context) {
  const std::string arn = model::iam_arn(
      context.caller.account, "access-report", "/", without_slash(request.entity_path));
  api::Check check;
  check.action = action_of(request);
  check.resource = arn;
  check.wording.resource = arn;
  if (request.organizations_policy_id) {
    add_key(check, "iam:OrganizationsPolicyId", *request.organizations_policy_id);
  }
  return one_check(std::move(check));
}

Result<GenerateOrganizationsAccessReportResponse> handle(
    const api::Authorized&,
    const GenerateOrganizationsAccessReportRequest& request,
    api::HandlerContext& context) {
  identity::AccessReport report;
  report.kind = identity::AccessReportKind::Organization;
  report.subject = request.entity_path;
  report.policy_id = request.organizations_policy_id.value_or("");
  return GenerateOrganizationsAccessReportResponse{
      .job_id = TRY(add_access_report(std::move(report), context))};
}

// GetOrganizationsAccessReport

Result<GetOrganizationsAccessReportResponse> handle(
    const api::Authorized&,
    const GetOrganizationsAccessReportRequest& request,
    api::HandlerContext& context) {
  const identity::AccessReport* report =
      TRY(find_access_report(request.job_id, identity::AccessReportKind::Organization, context));
  const std::string order = request.sort_key.value_or("SERVICE_NAMESPACE_ASCENDING");
  const PageQuery query = TRY(page_query(request, context, concat(report->id, "/", order)));
  GetOrganizationsAccessReportResponse response;
  response.job_creation_date = report->created;
  response.job_completion_date = report->created;
  response.is_truncated = false;
  auto made = make_report(*report, context);
  if (!made) {
    response.job_status = "FAILED";
    response.error_details = error_details(made.error());
    return response;
  }
  response.job_status = "COMPLETED";
  response.number_of_services_accessible = static_cast<std::int64_t>(made->details.size());
  response.number_of_services_not_accessed = made->not_accessed;
  sort_details(made->details, order);
  auto page = page_of_numbered(
      made->details.size(), query, [&](std::size_t at) { return std::move(made->details[at]); });
  set_position(response, page);
  response.access_details = std::move(page.items);
  return response;
}

}  // namespace signet::iam
