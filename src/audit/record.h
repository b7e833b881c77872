#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "model/caller.h"

namespace signet::audit {

// One request as the audit trail keeps it, in CloudTrail's shape (aws-wire 7). Views live as long
// as the call.
struct Record {
  std::string_view service;     // "iam", "sts", "s3", "signin"
  std::string_view event_name;  // operation name; empty if the request named none
  std::string_view request_id;
  std::string_view source_ip;
  std::string_view user_agent;
  std::string_view region;
  std::string_view error_code;             // wire code; empty: the call succeeded
  std::string_view error_message;          // what the caller was told
  std::string_view resource;               // ARN the decision was about; empty: none
  std::string_view authorization_message;  // encoded, of a refusal; empty: none
  const model::Caller* caller = nullptr;   // null: authentication failed, nobody is named
  Instant time;
  int status = 0;
  bool is_read_only = true;
};

// Appends the record as one line of JSON, newline included. Never writes a secret, a signature, a
// session token or a query string.
void append_json(std::string& out, const Record& record);

}  // namespace signet::audit
