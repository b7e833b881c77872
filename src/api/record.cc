#include "api/record.h"

#include <algorithm>

#include "codec/json_writer.h"
#include "codec/utf8.h"
#include "crypto/uuid.h"
#include "facts/errors.h"

namespace signet::api {

namespace {

void append_members(std::string& out,
                    const std::vector<std::pair<std::string, std::string>>& members) {
  codec::JsonWriter json(out);
  json.begin_object();
  for (const auto& [name, value] : members) {
    json.member(name, codec::cut_utf8(value, audit::kStrangersText));
  }
  json.end_object();
}

}  // namespace

void RecordDraft::clear() {
  record = {};
  resources.clear();
  for (std::string* text :
       {&event, &error_message, &parameters, &elements, &additional, &refusal, &rest}) {
    text->clear();
  }
}

void draft_request(RecordDraft& draft, const RequestInfo& request, std::string_view host) {
  audit::Record& record = draft.record;
  record.request_id = request.request_id;
  record.source_ip = request.source_ip;
  record.user_agent = request.user_agent;
  record.region = request.region;
  record.host = host;
  record.time = request.now;
  record.is_secure = request.is_secure;
}

namespace {

// "s3:GetObject" for GetObject of s3, which the record says anyway.
bool is_called_as_event(const RecordDraft& draft, const Check& check) {
  const std::string_view service = draft.record.service;
  const std::string_view action = check.action;
  const std::string_view event =
      draft.event.empty() ? draft.record.event_name : std::string_view(draft.event);
  return action.size() > service.size() && action.starts_with(service) &&
         action[service.size()] == ':' && action.substr(service.size() + 1) == event;
}

}  // namespace

void draft_checks(RecordDraft& draft, const CheckList& checks, const model::Caller* caller) {
  std::vector<audit::Resource>& resources = draft.resources;
  const std::string_view own = caller != nullptr ? std::string_view(caller->account) : "";
  for (const Check& check : checks) {
    const bool is_known =
        std::any_of(resources.begin(), resources.end(), [&](const auto& resource) {
          return resource.arn == check.resource;
        });
    if (!is_known) {
      resources.push_back(
          {.arn = check.resource,
           .account = check.resource_account.empty() ? own : check.resource_account});
    }
  }
  draft.record.resources = resources;
  if (checks.empty() || (checks.size() == 1 && is_called_as_event(draft, checks.front()))) {
    return;
  }
  codec::JsonWriter json(draft.additional);
  json.begin_object();
  json.key("checkedActions");
  json.begin_array();
  for (const Check& check : checks) {
    json.begin_object();
    json.member("action", check.action);
    json.member("resource", check.resource);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void draft_error(RecordDraft& draft, const Error& error, std::string_view refusal) {
  const facts::ErrorRow& row = facts::error_row(error.code);
  draft.record.error_code = row.wire_code;
  draft.record.error_message = error.message;
  if (!refusal.empty()) {
    draft.refusal = refusal;
  } else if (!row.is_receiver && !error.cause.empty()) {
    codec::JsonWriter json(draft.refusal);
    json.begin_object();
    json.member("reason", error.cause);
    json.end_object();
  }
}

void draft_web(RecordDraft& draft, const WebRecord& told) {
  audit::Record& record = draft.record;
  record.service = told.service;
  draft.event = told.event;
  draft.error_message = told.error;
  record.error_code = {};
  record.error_message = {};
  record.is_read_only = !told.is_change;
  record.type =
      told.service == "signin" ? audit::EventType::ConsoleSignIn : audit::EventType::ApiCall;
  append_members(draft.elements, told.elements);
  append_members(draft.rest, told.additional);
}

void finish_line(std::string& line, RecordDraft& draft, Random& random) {
  audit::Record& record = draft.record;
  const crypto::UuidText id = crypto::uuid_v4_text(random);
  record.event_id = {id.data(), id.size()};
  record.request_parameters = draft.parameters;
  record.response_elements = draft.elements;
  record.additional = draft.additional;
  record.protocol_additional = draft.rest;
  record.refusal = draft.refusal;
  if (!draft.event.empty()) {
    record.event_name = draft.event;
  }
  if (!draft.error_message.empty()) {
    record.error_message = draft.error_message;
  }
  audit::append_json(line, record);
  record.event_id = {};
}

bool send_line(audit::Sink& sink,
               const audit::Record& record,
               std::string_view line,
               bool is_change) {
  if (audit::is_of_stranger(record)) {
    sink.append_unauthenticated(line);
    return true;
  }
  if (is_change || sink.is_required()) {
    return sink.keep(line) || !sink.is_required();
  }
  sink.append(line);
  return true;
}

}  // namespace signet::api
