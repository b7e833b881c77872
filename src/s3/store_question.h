#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authz/check.h"
#include "identity/snapshot.h"

namespace signet::s3 {

// What a store asks: may the owner of a key do this?
struct StoreQuestion {
  std::string access_key_id;
  std::string action;  // "s3:GetObject"
  std::string bucket;  // empty: none
  std::string key;     // empty: the bucket
  // Only whether it is denied is asked: what a caller may always do unless a policy denies it.
  bool is_about_denials = false;
  std::string source_ip;
  std::string user_agent;
  std::string referer;
  bool is_secure = false;
  std::vector<authz::ContextEntry> keys;
};

// Reads MinIO's form: {"input": {"account", "action", "bucket", "object", "conditions", "denyOnly",
// ...}}. Nothing for what has not that form.
[[nodiscard]] std::optional<StoreQuestion> read_store_question(std::string_view document);

// The decision that it asks for.
[[nodiscard]] authz::Check check_for(const StoreQuestion& question,
                                     std::string_view caller_account,
                                     const identity::Snapshot& snapshot);

}  // namespace signet::s3
