#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "iam/access_reports.h"
#include "iam/access_subject.h"
#include "iam/allowed_services.h"
#include "iam/checks.h"
#include "iam/listing.h"
#include "iam/policy_source.h"

namespace signet::iam {

namespace {

constexpr std::string_view kServiceLevel = "SERVICE_LEVEL";
constexpr std::string_view kActionLevel = "ACTION_LEVEL";
constexpr std::string_view kCompleted = "COMPLETED";
constexpr std::string_view kFailed = "FAILED";

// Who accessed last.
struct Latest {
  const AccessEntity* entity = nullptr;
  Instant at;
  std::string_view region;

  void take(const AccessEntity& by, Instant time, std::string_view where) {
    if (entity == nullptr || time > at) {
      *this = {.entity = &by, .at = time, .region = where};
    }
  }
};

// One report of a subject, on one state.
class Report {
 public:
  Report(const AccessSubject& subject, const api::HandlerContext& context)
      : subject_(subject), snapshot_(context.snapshot), now_(context.request.now) {}

  [[nodiscard]] ServiceLastAccessed service(const facts::CatalogueService& service,
                                            bool has_actions) const {
    Latest latest;
    std::int64_t entities = 0;
    for (const AccessEntity& entity : subject_.entities) {
      if (const auto* access = find_access(snapshot_, entity.id(), service.prefix, now_)) {
        latest.take(entity, access->at, access->region);
        ++entities;
      }
    }
    ServiceLastAccessed shown;
    shown.service_name = service.title;
    shown.service_namespace = service.prefix;
    shown.total_authenticated_entities = entities;
    if (latest.entity != nullptr) {
      shown.last_authenticated = latest.at;
      shown.last_authenticated_entity = latest.entity->arn();
      shown.last_authenticated_region = latest.region;
    }
    if (has_actions && has_tracked_actions(service.prefix)) {
      shown.tracked_actions_last_accessed = actions(service);
    }
    return shown;
  }

 private:
  [[nodiscard]] std::vector<TrackedActionLastAccessed> actions(
      const facts::CatalogueService& service) const {
    std::vector<TrackedActionLastAccessed> shown;
    for (const std::string_view name : allowed_actions(subject_.documents, service)) {
      shown.push_back(action(service.prefix, name));
    }
    return shown;
  }

  [[nodiscard]] TrackedActionLastAccessed action(std::string_view service,
                                                 std::string_view name) const {
    Latest latest;
    for (const AccessEntity& entity : subject_.entities) {
      const auto* access = find_access(snapshot_, entity.id(), service, now_);
      const auto* done = access == nullptr ? nullptr : find_action_access(*access, name, now_);
      if (done != nullptr) {
        latest.take(entity, done->at, done->region);
      }
    }
    TrackedActionLastAccessed shown;
    shown.action_name = std::string(name);
    if (latest.entity != nullptr) {
      shown.last_accessed_entity = latest.entity->arn();
      shown.last_accessed_time = latest.at;
      shown.last_accessed_region = std::string(latest.region);
    }
    return shown;
  }

  const AccessSubject& subject_;
  const identity::Snapshot& snapshot_;
  Instant now_;
};

// What every answer about a report begins with.
template <class Response>
Response begin_answer(const identity::AccessReport& report) {
  Response response;
  response.job_status = kCompleted;
  response.job_creation_date = report.created;
  response.job_completion_date = report.created;
  response.is_truncated = false;
  return response;
}

// The subject is gone since: the report cannot be made any more.
template <class Response>
Response failed(Response response, const Error& error) {
  response.job_status = kFailed;
  response.error = error_details(error);
  return response;
}

}  // namespace

// GenerateServiceLastAccessedDetails

Result<api::CheckList> checks(const GenerateServiceLastAccessedDetailsRequest& request,
                              const api::CheckContext& context) {
  if (is_policy_arn(request.arn)) {
    api::Check check =
        entity_check<identity::ManagedPolicy>(action_of(request), context, request.arn);
    check.wording.resource = check.resource;
    return one_check(std::move(check));
  }
  return policy_source_checks(action_of(request), request.arn, context);
}

Result<GenerateServiceLastAccessedDetailsResponse> handle(
    const api::Authorized&,
    const GenerateServiceLastAccessedDetailsRequest& request,
    api::HandlerContext& context) {
  TRY_STATUS(require_access_subject(context.snapshot, context.caller.account, request.arn));
  identity::AccessReport report;
  report.kind = identity::AccessReportKind::Services;
  report.subject = request.arn;
  report.has_actions = request.granularity == kActionLevel;
  return GenerateServiceLastAccessedDetailsResponse{
      .job_id = TRY(add_access_report(std::move(report), context))};
}

// GetServiceLastAccessedDetails

Result<GetServiceLastAccessedDetailsResponse> handle(
    const api::Authorized&,
    const GetServiceLastAccessedDetailsRequest& request,
    api::HandlerContext& context) {
  const identity::AccessReport* report =
      TRY(find_access_report(request.job_id, identity::AccessReportKind::Services, context));
  const PageQuery query = TRY(page_query(request, context, report->id));
  auto response = begin_answer<GetServiceLastAccessedDetailsResponse>(*report);
  response.job_type = std::string(report->has_actions ? kActionLevel : kServiceLevel);
  const auto subject = find_access_subject(context.snapshot, report->account, report->subject);
  if (!subject) {
    return failed(std::move(response), subject.error());
  }
  const Report told(*subject, context);
  PageBuilder<ServiceLastAccessed> builder(query);
  for (const facts::CatalogueService* service : allowed_services(subject->documents)) {
    if (service->prefix <= query.after) {
      continue;  // told on an earlier page
    }
    if (!builder.add(service->prefix, told.service(*service, report->has_actions))) {
      break;
    }
  }
  Page<ServiceLastAccessed> page = builder.take();
  set_position(response, page);
  response.services_last_accessed = std::move(page.items);
  return response;
}

// GetServiceLastAccessedDetailsWithEntities

namespace {

EntityDetails details(const AccessEntity& entity,
                      std::string_view service,
                      const api::HandlerContext& context) {
  EntityDetails shown{.entity_info = {.arn = entity.arn(),
                                      .name = std::string(entity.name()),
                                      .type = entity.user != nullptr ? "USER" : "ROLE",
                                      .id = std::string(entity.id()),
                                      .path = std::string(entity.path())},
                      .last_authenticated = {}};
  if (const auto* access =
          find_access(context.snapshot, entity.id(), service, context.request.now)) {
    shown.last_authenticated = access->at;
  }
  return shown;
}

}  // namespace

Result<GetServiceLastAccessedDetailsWithEntitiesResponse> handle(
    const api::Authorized&,
    const GetServiceLastAccessedDetailsWithEntitiesRequest& request,
    api::HandlerContext& context) {
  const identity::AccessReport* report =
      TRY(find_access_report(request.job_id, identity::AccessReportKind::Services, context));
  const std::string service = to_lower(request.service_namespace);
  const PageQuery query = TRY(page_query(request, context, concat(report->id, "/", service)));
  auto response = begin_answer<GetServiceLastAccessedDetailsWithEntitiesResponse>(*report);
  const auto subject = find_access_subject(context.snapshot, report->account, report->subject);
  if (!subject) {
    return failed(std::move(response), subject.error());
  }
  const bool is_allowed = std::ranges::any_of(
      subject->documents,
      [&](const policy::Document* document) { return allows_service(*document, service); });
  if (!is_allowed) {
    return response;  // nobody has it from there
  }
  std::vector<EntityDetails> all;
  for (const AccessEntity& entity : subject->entities) {
    all.push_back(details(entity, service, context));
  }
  Page<EntityDetails> page = page_of(std::move(all), query, [](const EntityDetails& one) {
    return concat(one.entity_info.type, "/", identity::fold_name(one.entity_info.name));
  });
  set_position(response, page);
  response.entity_details_list = std::move(page.items);
  return response;
}

}  // namespace signet::iam
