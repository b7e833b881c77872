#include "analysis/recorded_access.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "facts/catalogue.h"
#include "policy_engine/decide.h"

namespace signet::analysis {
namespace {

using codec::Json;

// Whose permissions a call used: of a role's session the role's.
std::string_view principal_of(const Json& record) {
  const Json* identity = record.find("userIdentity");
  const Json* context = identity != nullptr ? identity->find("sessionContext") : nullptr;
  const Json* issuer = context != nullptr ? context->find("sessionIssuer") : nullptr;
  if (issuer != nullptr && !issuer->string_at("arn").empty()) {
    return issuer->string_at("arn");
  }
  return identity != nullptr ? identity->string_at("arn") : std::string_view();
}

bool is_known(std::string_view action) {
  const std::size_t colon = action.find(':');
  const facts::CatalogueService* service = facts::find_service(action.substr(0, colon));
  return service != nullptr && colon != std::string_view::npos &&
         service->action(action.substr(colon + 1)).has_value();
}

std::string event_of(const Json& record) {
  const std::string_view source = record.string_at("eventSource");
  return concat(source.substr(0, source.find('.')), ":", record.string_at("eventName"));
}

std::string resource_of(const Json& record) {
  const Json* resources = record.find("resources");
  if (resources == nullptr || resources->items().empty()) {
    return "*";
  }
  return std::string(resources->items().front().string_at("ARN"));
}

}  // namespace

RecordedAccess::RecordedAccess(std::string principal_arn, std::string since, std::string until)
    : principal_(std::move(principal_arn)), since_(std::move(since)), until_(std::move(until)) {}

void RecordedAccess::add(std::string_view line) {
  if (line.find(principal_) == std::string_view::npos) {
    return;
  }
  const std::optional<Json> record = Json::parse(line);
  if (!record || principal_of(*record) != principal_ || !record->string_at("errorCode").empty()) {
    return;
  }
  const std::string_view time = record->string_at("eventTime");
  if (time.substr(0, since_.size()) < since_ || time.substr(0, until_.size()) > until_) {
    return;
  }
  records_ += 1;
  const auto note = [&](std::string_view action, std::string_view resource) {
    if (policy::needs_no_permission(action)) {
      return;
    }
    Uses& uses = accesses_[{.action = std::string(action), .resource = std::string(resource)}];
    uses.count += 1;
    if (uses.first.empty() || time < uses.first) {
      uses.first = time;
    }
    uses.last = std::max(uses.last, std::string(time));
  };
  const Json* additional = record->find("additionalEventData");
  const Json* checked = additional != nullptr ? additional->find("checkedActions") : nullptr;
  if (checked != nullptr) {
    for (const Json& check : checked->items()) {
      note(check.string_at("action"), check.string_at("resource"));
    }
    return;
  }
  const std::string event = event_of(*record);
  if (is_known(event)) {
    note(event, resource_of(*record));
  } else {
    unexplained_[event] += 1;
  }
}

}  // namespace signet::analysis
