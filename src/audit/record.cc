#include "audit/record.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "codec/json_writer.h"
#include "codec/time.h"
#include "codec/utf8.h"

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

// What strangers may have of a JSON object.
constexpr std::size_t kStrangersObject = 2048;

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

void append_issuer(std::string& out, const model::Caller& caller) {
  const bool is_role = caller.kind == model::CallerKind::AssumedRole;
  const bool is_of_root = caller.principal_id == caller.account;
  out += R"("sessionIssuer":{"type":")";
  out += is_role ? "Role" : is_of_root ? "Root" : "IAMUser";
  out += '"';
  append_member(out, "principalId", caller.principal_id);
  if (is_role) {
    append_member(out, "arn", caller.principal_arn);
  }
  append_member(out, "accountId", caller.account);
  if (is_role) {
    append_member(out, "userName", caller.name);
  }
  out += "},";
}

void append_session(std::string& out, const model::Caller& caller) {
  const model::Session& session = *caller.session;
  out += ",\"sessionContext\":{";
  if (caller.kind == model::CallerKind::AssumedRole ||
      caller.kind == model::CallerKind::FederatedUser) {
    append_issuer(out, caller);
  }
  out += R"("attributes":{"creationDate":")";
  codec::append_iso8601(out, session.issued);
  out += session.mfa_time ? R"(","mfaAuthenticated":"true"})" : R"(","mfaAuthenticated":"false"})";
  if (!session.source_identity.empty()) {
    append_member(out, "sourceIdentity", session.source_identity);
  }
  if (session.kind == model::SessionKind::AssumedRoot) {
    append_member(out, "assumedRoot", "true");
  }
  out += '}';
}

// The user of IAM Identity Center that a session was made for (CloudTrail userIdentity element).
void append_user_behind(std::string& out, const model::Session& session) {
  const std::string_view user = session.claim("identitystore:UserId");
  if (user.empty()) {
    return;
  }
  out += R"(,"onBehalfOf":{"userId":)";
  codec::append_json_string(out, user);
  append_member(out, "identityStoreArn", session.claim("identitystore:IdentityStoreArn"));
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
    append_user_behind(out, *caller.session);
  }
  out += '}';
}

void append_vouched(std::string& out, const model::Vouched& who, std::size_t longest) {
  out += ",\"userIdentity\":{\"type\":\"";
  out += who.kind == model::Vouched::Kind::Saml ? "SAMLUser" : "WebIdentityUser";
  out += '"';
  append_member(out, "principalId", codec::cut_utf8(who.id, longest));
  append_member(out, "userName", codec::cut_utf8(who.name, longest));
  append_member(out, "identityProvider", codec::cut_utf8(who.provider, longest));
  out += '}';
}

// The CloudFormation type of what an ARN names; empty: not one that we know.
std::string_view type_of(std::string_view arn) {
  constexpr std::string_view kBucket = "arn:aws:s3:::";
  if (arn.starts_with(kBucket)) {
    return arn.find('/') == std::string_view::npos ? "AWS::S3::Bucket" : "AWS::S3::Object";
  }
  const std::size_t colon = arn.rfind(':');
  if (!arn.starts_with("arn:aws:iam::") || colon == std::string_view::npos) {
    return {};
  }
  const std::string_view name = arn.substr(colon + 1);
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {"group/", "AWS::IAM::Group"},
      {"instance-profile/", "AWS::IAM::InstanceProfile"},
      {"mfa/", "AWS::IAM::VirtualMFADevice"},
      {"policy/", "AWS::IAM::ManagedPolicy"},
      {"role/", "AWS::IAM::Role"},
      {"user/", "AWS::IAM::User"},
  };
  for (const auto& [prefix, type] : kTypes) {
    if (name.starts_with(prefix)) {
      return type;
    }
  }
  return {};
}

void append_resources(std::string& out, std::span<const Resource> resources, std::size_t longest) {
  bool is_first = true;
  for (const Resource& resource : resources) {
    if (resource.arn.empty() || resource.arn == "*") {
      continue;
    }
    out += is_first ? ",\"resources\":[{\"ARN\":" : ",{\"ARN\":";
    is_first = false;
    codec::append_json_string(out, codec::cut_utf8(resource.arn, longest));
    if (!resource.account.empty()) {
      append_member(out, "accountId", resource.account);
    }
    if (const std::string_view type = type_of(resource.arn); !type.empty()) {
      append_member(out, "type", type);
    }
    out += '}';
  }
  out += is_first ? "" : "]";
}

bool is_nothing(std::string_view object) {
  return object.size() <= 2;
}

// Members of additionalEventData, each with a comma before it.
class Additional {
 public:
  void add(std::string_view name, std::string_view text) { append_member(members_, name, text); }

  void add_object(std::string_view object) {
    if (!is_nothing(object)) {
      members_ += ',';
      members_ += object.substr(1, object.size() - 2);
    }
  }

  void add_raw(std::string_view name, std::string_view json) {
    members_ += ",\"";
    members_ += name;
    members_ += "\":";
    members_ += json;
  }

  void append_to(std::string& out) const {
    if (!members_.empty()) {
      out += ",\"additionalEventData\":{";
      out += std::string_view(members_).substr(1);
      out += '}';
    }
  }

 private:
  std::string members_;
};

// A JSON object that is part of the record, unless it is too long for that.
void append_object(std::string& out,
                   std::string_view name,
                   std::string_view object,
                   Additional& additional) {
  const bool fits = object.size() <= kLongestRecord / 2 - 16 * 1024;
  out += ",\"";
  out += name;
  out += "\":";
  out += is_nothing(object) || !fits ? std::string_view("null") : object;
  if (!fits) {
    additional.add(std::string(name) + "OmittedBytes", std::to_string(object.size()));
  }
}

void append_error(std::string& out, const Record& record, std::size_t longest) {
  if (!record.error_code.empty()) {
    append_member(out, "errorCode", record.error_code);
  }
  if (!record.error_message.empty() || !record.error_code.empty()) {
    append_member(out, "errorMessage", codec::cut_utf8(record.error_message, longest));
  }
}

// What the request says about itself, apart from what it asks for.
void append_origin(std::string& out, const Record& record, std::size_t longest) {
  append_member(out, "awsRegion", codec::cut_utf8(record.region, longest));
  append_member(out, "sourceIPAddress", record.source_ip);
  append_member(
      out, "userAgent", codec::cut_utf8(record.user_agent, std::min<std::size_t>(longest, 1024)));
}

}  // namespace

// One whom a provider vouches for is a stranger still while refused: some issuers vouch for
// anybody.
bool is_of_stranger(const Record& record) {
  return record.caller == nullptr ||
         (record.caller->kind == model::CallerKind::Anonymous && !record.error_code.empty());
}

void append_json(std::string& out, const Record& record) {
  const bool is_stranger = is_of_stranger(record);
  const std::size_t longest = is_stranger ? kStrangersText : 2048;
  out += R"({"eventVersion":"1.11","eventTime":")";
  codec::append_iso8601(out, record.time);
  out += '"';
  append_member(out, "eventID", record.event_id);
  out += ",\"eventSource\":";
  codec::append_json_string(
      out,
      record.service.empty() ? std::string_view("signet") : codec::cut_utf8(record.service, 64));
  out.back() = '.';  // in place of the closing quote
  out += "amazonaws.com\"";
  append_member(out, "eventName", codec::cut_utf8(record.event_name, kStrangersText));
  append_origin(out, record, longest);
  if (record.vouched != nullptr) {
    append_vouched(out, *record.vouched, longest);
  } else if (record.caller != nullptr) {
    append_identity(out, *record.caller);
  }
  append_error(out, record, longest);
  Additional additional;
  if (!is_stranger || record.request_parameters.size() <= kStrangersObject) {
    append_object(out, "requestParameters", record.request_parameters, additional);
  }
  append_object(out, "responseElements", record.response_elements, additional);
  append_resources(out, record.resources, longest);
  if (!is_stranger || record.additional.size() <= kStrangersObject) {
    additional.add_object(record.additional);
  }
  additional.add_object(record.protocol_additional);
  if (!is_nothing(record.refusal)) {
    additional.add_raw("refusal", record.refusal);
  }
  if (!record.authorization_message.empty()) {
    additional.add("encodedAuthorizationMessage", record.authorization_message);
  }
  additional.append_to(out);
  append_member(out, "requestID", record.request_id);
  out += record.is_read_only ? ",\"readOnly\":true" : ",\"readOnly\":false";
  out += R"(,"eventType":")";
  out += record.type == EventType::ApiCall ? "AwsApiCall" : "AwsConsoleSignIn";
  out += record.is_data_event ? R"(","managementEvent":false)" : R"(","managementEvent":true)";
  if (record.caller != nullptr && !record.caller->account.empty()) {
    append_member(out, "recipientAccountId", record.caller->account);
  }
  if (record.is_secure) {
    out += ",\"tlsDetails\":{\"clientProvidedHostHeader\":";
    codec::append_json_string(out, codec::cut_utf8(record.host, kStrangersText));
    out += '}';
  }
  out += record.is_data_event ? R"(,"eventCategory":"Data"})" : R"(,"eventCategory":"Management"})";
  out += '\n';
}

}  // namespace signet::audit
