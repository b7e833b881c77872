#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "facts/errors.h"
#include "sigv4/signer.h"
#include "sigv4/verify.h"

// What the tests of parse() share.
namespace signet::sigv4 {

inline constexpr Instant kNow = Instant::from_seconds(1767225600);  // 2026-01-01T00:00:00Z

// A signed request that tests bend before it is parsed.
struct Bent {
  std::string method = "POST";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::vector<HeaderView> views() const {
    std::vector<HeaderView> out;
    for (const auto& [name, value] : headers) {
      out.push_back({name, value});
    }
    return out;
  }

  std::string& header(std::string_view name) {
    for (auto& [key, value] : headers) {
      if (key == name) {
        return value;
      }
    }
    return headers.emplace_back(name, "").second;
  }

  void remove(std::string_view name) {
    std::erase_if(headers, [&](const auto& field) { return field.first == name; });
  }

  void replace(std::string& text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << text;
    text.replace(at, from.size(), to);
  }
};

inline Bent signed_request(std::string_view service, Placement placement, Instant when = kNow) {
  SigningRequest request;
  request.placement = placement;
  request.method = "POST";
  request.headers = {{"Host", "example.com"}};
  request.access_key = "AKIDEXAMPLE";
  request.secret_key = "secret";
  request.service = service;
  request.timestamp = when;
  request.normalize = service != "s3";
  request.sign_body = service == "s3";
  if (service == "s3" && placement == Placement::Query) {
    request.payload_hash = "UNSIGNED-PAYLOAD";
  }
  SignedRequest out = sign(request);
  return Bent{.method = "POST", .target = out.target, .headers = out.headers};
}

inline Result<ParsedAuth> parse_bent(const Bent& bent, const Profile& profile, Scratch& scratch) {
  const std::vector<HeaderView> headers = bent.views();
  return parse(
      {.method = bent.method, .target = bent.target, .headers = headers}, profile, kNow, scratch);
}

struct Refusal {
  std::string name;
  Placement placement;
  std::function<void(Bent&)> bend;
  ErrorCode code;
  std::string message;
  Profile profile = kSts;
  std::int64_t age_seconds = 0;  // how long before now the request was signed
};

inline void expect_refusals(const std::vector<Refusal>& table) {
  for (const Refusal& row : table) {
    SCOPED_TRACE(row.name);
    Bent bent =
        signed_request(row.profile.service, row.placement, kNow.plus_seconds(-row.age_seconds));
    Scratch scratch;
    if (row.age_seconds == 0 && row.profile.expected_region.empty()) {
      EXPECT_TRUE(parse_bent(bent, row.profile, scratch).has_value());
    }
    row.bend(bent);

    const Result<ParsedAuth> parsed = parse_bent(bent, row.profile, scratch);

    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().code, row.code);
    EXPECT_EQ(parsed.error().message, row.message);
  }
}

inline const auto kNothing = [](Bent&) {
};

}  // namespace signet::sigv4
