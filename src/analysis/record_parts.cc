#include "analysis/record_parts.h"

#include "base/strings.h"

namespace signet::analysis {

using codec::Json;

std::string_view principal_of(const Json& record) {
  const Json* identity = record.find("userIdentity");
  const Json* context = identity != nullptr ? identity->find("sessionContext") : nullptr;
  const Json* issuer = context != nullptr ? context->find("sessionIssuer") : nullptr;
  if (issuer != nullptr && !issuer->string_at("arn").empty()) {
    return issuer->string_at("arn");
  }
  return identity != nullptr ? identity->string_at("arn") : std::string_view();
}

std::string event_of(const Json& record) {
  const std::string_view source = record.string_at("eventSource");
  return concat(source.substr(0, source.find('.')), ":", record.string_at("eventName"));
}

const Json* checked_actions(const Json& record) {
  const Json* additional = record.find("additionalEventData");
  return additional != nullptr ? additional->find("checkedActions") : nullptr;
}

}  // namespace signet::analysis
