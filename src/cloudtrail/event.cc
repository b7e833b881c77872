#include "cloudtrail/event.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/json_writer.h"
#include "codec/time.h"

namespace signet::cloudtrail {
namespace {

using codec::Json;

// Members of our records that AWS's events have not: places in the chain.
constexpr std::array<std::string_view, 3> kOurs = {"sequence", "previous", "chain"};
// Of additionalEventData, what is for the operator.
constexpr std::array<std::string_view, 3> kOperators = {
    "refusal", "encodedAuthorizationMessage", "checkedActions"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, name) != names.end();
}

// An object without the members of those names; empty if nothing is left.
template <std::size_t N>
std::string object_without(const Json& object, const std::array<std::string_view, N>& names) {
  std::string out;
  codec::JsonWriter writer(out);
  writer.begin_object();
  for (const auto& [name, value] : object.members()) {
    if (!is_one_of(name, names)) {
      std::string text;
      append_json(text, value);
      writer.key(name);
      writer.literal(text);
    }
  }
  writer.end_object();
  constexpr std::size_t kNothing = 2;
  return out.size() > kNothing ? out : std::string();
}

std::string event_text(const Json& record) {
  std::string out;
  codec::JsonWriter writer(out);
  writer.begin_object();
  for (const auto& [name, value] : record.members()) {
    if (is_one_of(name, kOurs)) {
      continue;
    }
    std::string text;
    if (name == "additionalEventData") {
      text = object_without(value, kOperators);
    } else {
      append_json(text, value);
    }
    if (!text.empty()) {
      writer.key(name);
      writer.literal(text);
    }
  }
  writer.end_object();
  return out;
}

std::string_view text_at(const Json* object, std::string_view name) {
  return object != nullptr ? object->string_at(name) : std::string_view();
}

// The account whose event it is: the caller's, or that of what a caller without an account used
// (AssumeRoleWithSAML).
bool is_of(const Json& record, std::string_view account) {
  const Json* recipient = record.find("recipientAccountId");
  if (recipient != nullptr) {
    return recipient->text() == account;
  }
  const Json* resources = record.find("resources");
  return record.find("userIdentity") != nullptr && resources != nullptr &&
         std::ranges::any_of(resources->items(), [account](const Json& resource) {
           return resource.string_at("accountId") == account;
         });
}

// As the console names who did it.
std::string username_of(const Json* identity) {
  const std::string_view type = text_at(identity, "type");
  if (type == "Root") {
    return "root";
  }
  if (const std::string_view name = text_at(identity, "userName"); !name.empty()) {
    return std::string(name);
  }
  // AROA...:SESSION and ACCOUNT:NAME
  const std::string_view id = text_at(identity, "principalId");
  return std::string(id.substr(id.find(':') + 1));
}

void add(std::vector<Resource>& resources, std::string_view type, std::string_view name) {
  if (!type.empty() && !name.empty()) {
    resources.push_back({.resource_type = std::string(type), .resource_name = std::string(name)});
  }
}

// What the event was about, by ARN and by name, and the keys that it made.
std::vector<Resource> resources_of(const Json& record) {
  std::vector<Resource> found;
  if (const Json* resources = record.find("resources")) {
    for (const Json& resource : resources->items()) {
      const std::string_view arn = resource.string_at("ARN");
      add(found, resource.string_at("type"), arn);
      add(found, resource.string_at("type"), arn.substr(arn.find_last_of(":/") + 1));
    }
  }
  if (const Json* elements = record.find("responseElements")) {
    for (const std::string_view made : {"credentials", "accessKey"}) {
      add(found, "AWS::IAM::AccessKey", text_at(elements->find(made), "accessKeyId"));
    }
  }
  return found;
}

std::optional<std::string> if_any(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

std::optional<Event> event_of(std::string_view line,
                              std::string_view account,
                              std::string_view region) {
  // Most lines of others are told apart before they are read. A caller's text cannot look like a
  // member: its quotes are escaped.
  if (account.empty() || line.find(account) == std::string_view::npos) {
    return std::nullopt;
  }
  const auto record = Json::parse(line);
  if (!record || record->string_at("eventCategory") != "Management" ||
      record->string_at("awsRegion") != region || !is_of(*record, account)) {
    return std::nullopt;
  }
  const auto time = codec::parse_iso8601(record->string_at("eventTime"));
  if (!time) {
    return std::nullopt;
  }
  const Json* identity = record->find("userIdentity");
  const Json* read_only = record->find("readOnly");
  return Event{.event_id = if_any(record->string_at("eventID")),
               .event_name = if_any(record->string_at("eventName")),
               .read_only = read_only != nullptr ? if_any(read_only->text()) : std::nullopt,
               .access_key_id = if_any(text_at(identity, "accessKeyId")),
               .event_time = time,
               .event_source = if_any(record->string_at("eventSource")),
               .username = if_any(username_of(identity)),
               .resources = resources_of(*record),
               .cloud_trail_event = event_text(*record)};
}

bool has_attribute(const Event& event, const LookupAttribute& attribute) {
  const std::string& key = attribute.attribute_key;
  const std::string& value = attribute.attribute_value;
  if (key == "ResourceName" || key == "ResourceType") {
    return std::ranges::any_of(*event.resources, [&](const Resource& resource) {
      return (key == "ResourceName" ? resource.resource_name : resource.resource_type) == value;
    });
  }
  const std::optional<std::string>& held = key == "EventId"       ? event.event_id
                                           : key == "EventName"   ? event.event_name
                                           : key == "ReadOnly"    ? event.read_only
                                           : key == "Username"    ? event.username
                                           : key == "EventSource" ? event.event_source
                                                                  : event.access_key_id;
  return held == value;
}

}  // namespace signet::cloudtrail
