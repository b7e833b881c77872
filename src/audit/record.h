#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "model/caller.h"

namespace signet::audit {

// Something that a decision was about.
struct Resource {
  std::string_view arn;
  std::string_view account;  // owner; empty: not known
};

enum class EventType : std::uint8_t { ApiCall, ConsoleSignIn };

// One request as the audit trail keeps it, in CloudTrail's shape (aws-wire 7). Views live as long
// as the call.
struct Record {
  std::string_view service;     // "iam", "sts", "s3", "signin", or what the request named
  std::string_view event_name;  // operation name; empty if the request named none
  std::string_view event_id;
  std::string_view request_id;
  std::string_view source_ip;
  std::string_view user_agent;
  std::string_view region;
  std::string_view host;                   // the Host header; empty: absent
  std::string_view error_code;             // wire code; empty: the call succeeded
  std::string_view error_message;          // what the caller was told
  std::span<const Resource> resources;     // what the decisions were about; "*" is left out
  std::string_view authorization_message;  // encoded, of a refusal; empty: none
  // JSON objects; empty or "{}": null.
  std::string_view request_parameters;
  std::string_view response_elements;
  // JSON objects, members of additionalEventData; empty: none.
  std::string_view additional;
  std::string_view protocol_additional;
  std::string_view refusal;               // JSON object, why: for the operator; empty: none
  const model::Caller* caller = nullptr;  // null: authentication failed, nobody is named
  // Who a token or an assertion says it is, once that was verified; null: no such call.
  const model::Vouched* vouched = nullptr;
  Instant time;
  EventType type = EventType::ApiCall;
  bool is_read_only = true;
  bool is_data_event = false;  // about an object, not about the account
  bool is_secure = false;      // over TLS
};

// Whether the request is one of a caller that nobody vouches for: it goes to the strangers' trail.
// A stranger who was answered without an error (a public object) used what somebody granted.
[[nodiscard]] bool is_of_stranger(const Record& record);

// Appends the record as one line of JSON, newline included. Never writes a secret, a signature, a
// session token or a query string. What a stranger chose is cut at kStrangersText bytes; a record
// is never longer than kLongestRecord: parameters or elements that would make it so are left out,
// and their sizes stand in additionalEventData.
void append_json(std::string& out, const Record& record);

inline constexpr std::size_t kStrangersText = 256;
inline constexpr std::size_t kLongestRecord = 512 * 1024;

}  // namespace signet::audit
