#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "identity/entities.h"

namespace signet::s3 {

// The CORS rules that a bucket keeps, applied (S3 user guide "How does Amazon S3 evaluate the CORS
// configuration on a bucket?"; Fetch standard, CORS protocol).

// What the page of another origin does, or is about to do.
struct CrossOriginCall {
  std::string_view origin;
  std::string_view method;
  std::vector<std::string_view> headers;  // that a preflight asks for
};

struct CorsRule {
  std::vector<std::string> origins;
  std::vector<std::string> methods;
  std::vector<std::string> headers;
  std::vector<std::string> exposed;
  std::string max_age;  // seconds; empty: not told
};

// In their order; none if the bucket has no CORS configuration.
[[nodiscard]] std::vector<CorsRule> cors_rules(const identity::Bucket& bucket);

// The first rule that allows all of the call; null if none does.
[[nodiscard]] const CorsRule* rule_for(std::span<const CorsRule> rules,
                                       const CrossOriginCall& call);

// The names in Access-Control-Request-Headers.
[[nodiscard]] std::vector<std::string_view> requested_headers(std::string_view list);

// Tells the browser what the rule allows.
void add_cors_headers(const CorsRule& rule,
                      const CrossOriginCall& call,
                      http::ResponseHeaders& headers);

// Whether a text is what a rule's value with at most one '*' stands for.
[[nodiscard]] bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace signet::s3
