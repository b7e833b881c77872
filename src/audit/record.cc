#include "audit/record.h"

#include <algorithm>
#include <cstddef>

#include "codec/json_writer.h"
#include "codec/time.h"

namespace signet::audit {
namespace {

void append_member(std::string& out, std::string_view key, std::string_view value) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + key.size() + 4, [&](char* bytes, std::size_t) {
    char* at = bytes + before;
    *at++ = ',';
    *at++ = '"';
    at = std::copy(key.begin(), key.end(), at);
    *at++ = '"';
    *at = ':';
    return before + key.size() + 4;
  });
  codec::append_json_string(out, value);
}

std::string_view identity_type(const model::Caller& caller) {
  switch (caller.kind) {
    case model::CallerKind::Root:
      return "Root";
    case model::CallerKind::User:
      return "IAMUser";
    case model::CallerKind::AssumedRole:
      return "AssumedRole";
    case model::CallerKind::FederatedUser:
      return "FederatedUser";
    case model::CallerKind::Service:
      return "AWSService";
    case model::CallerKind::Anonymous:
      break;
  }
  return "AWSAccount";
}

void append_session(std::string& out, const model::Caller& caller) {
  const model::Session& session = *caller.session;
  out += ",\"sessionContext\":{";
  if (caller.kind == model::CallerKind::AssumedRole) {
    out += R"("sessionIssuer":{"type":"Role")";
    append_member(out, "principalId", caller.principal_id);
    append_member(out, "arn", caller.principal_arn);
    append_member(out, "accountId", caller.account);
    append_member(out, "userName", caller.name);
    out += "},";
  }
  out += R"("attributes":{"creationDate":")";
  codec::append_iso8601(out, session.issued);
  out += session.mfa_time ? R"(","mfaAuthenticated":"true"})" : R"(","mfaAuthenticated":"false"})";
  if (!session.source_identity.empty()) {
    append_member(out, "sourceIdentity", session.source_identity);
  }
  out += '}';
}

void append_identity(std::string& out, const model::Caller& caller) {
  out += ",\"userIdentity\":{\"type\":\"";
  out += identity_type(caller);
  out += '"';
  if (caller.kind == model::CallerKind::Anonymous) {
    append_member(out, "principalId", "");
    append_member(out, "accountId", "anonymous");
    out += '}';
    return;
  }
  append_member(out, "principalId", caller.user_id);
  append_member(out, "arn", caller.arn);
  append_member(out, "accountId", caller.account);
  append_member(out, "accessKeyId", caller.access_key_id);
  if (caller.kind == model::CallerKind::User) {
    append_member(out, "userName", caller.name);
  }
  if (caller.session) {
    append_session(out, caller);
  }
  out += '}';
}

}  // namespace

void append_json(std::string& out, const Record& record) {
  out += R"({"eventVersion":"1.11","eventTime":")";
  codec::append_iso8601(out, record.time);
  out += "\",\"eventSource\":\"";
  out += record.service.empty() ? std::string_view("signet") : record.service;
  out += ".amazonaws.com\"";
  append_member(out, "eventName", record.event_name);
  append_member(out, "awsRegion", record.region);
  append_member(out, "sourceIPAddress", record.source_ip);
  append_member(out, "userAgent", record.user_agent.substr(0, 1024));
  if (record.caller != nullptr) {
    append_identity(out, *record.caller);
  }
  if (!record.error_code.empty()) {
    append_member(out, "errorCode", record.error_code);
    append_member(out, "errorMessage", record.error_message.substr(0, 2048));
  }
  if (!record.resource.empty()) {
    out += ",\"resources\":[{\"ARN\":";
    codec::append_json_string(out, record.resource);
    out += "}]";
  }
  if (!record.authorization_message.empty()) {
    out += R"(,"additionalEventData":{"encodedAuthorizationMessage":)";
    codec::append_json_string(out, record.authorization_message);
    out += '}';
  }
  append_member(out, "requestID", record.request_id);
  out += record.is_read_only ? ",\"readOnly\":true" : ",\"readOnly\":false";
  out += R"(,"eventType":"AwsApiCall","managementEvent":)";
  out += record.service == "s3" ? "false" : "true";
  if (record.caller != nullptr && !record.caller->account.empty()) {
    append_member(out, "recipientAccountId", record.caller->account);
  }
  out += R"(,"eventCategory":")";
  out += record.service == "s3" ? "Data\"}" : "Management\"}";
  out += '\n';
}

}  // namespace signet::audit
