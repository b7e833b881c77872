// fuzz-deps: base sigv4
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "sigv4/canonical.h"
#include "sigv4/presigned_v2.h"
#include "sigv4/signer.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

namespace {

constexpr Instant kNow = Instant::from_seconds(1767225600);

std::string canonical_query(std::string_view raw) {
  sigv4::Scratch scratch;
  std::string out;
  sigv4::append_canonical_query(out, raw, {}, scratch);
  return out;
}

// Whatever target was presigned verifies, and does not once anything is added to it.
void check_round_trip(std::string_view target, std::string_view service) {
  sigv4::SigningRequest to_sign;
  to_sign.placement = sigv4::Placement::Query;
  to_sign.target = target;
  to_sign.headers = {{"Host", "h"}};
  to_sign.access_key = "AKID";
  to_sign.secret_key = "secret";
  to_sign.service = service;
  to_sign.timestamp = kNow;
  to_sign.normalize = service != "s3";
  if (service == "s3") {
    to_sign.payload_hash = "UNSIGNED-PAYLOAD";
  }
  const sigv4::SignedRequest out = sigv4::sign(to_sign);
  const std::vector<sigv4::HeaderView> headers{{"Host", "h"}};
  const sigv4::Profile& profile = service == "s3" ? sigv4::kS3 : sigv4::kSts;
  const crypto::HmacKey key = sigv4::derive_signing_key("secret", "20260101", "us-east-1", service);
  const std::string body_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const auto verifies = [&](std::string_view as_sent) {
    const sigv4::RequestView request{.method = "GET", .target = as_sent, .headers = headers};
    sigv4::Scratch scratch;
    const auto parsed = sigv4::parse(request, profile, kNow, scratch);
    return parsed && sigv4::verify(*parsed, request, profile, key, body_hash, scratch).has_value();
  };
  SIGNET_ASSERT(verifies(out.target));
  SIGNET_ASSERT(!verifies(out.target + "&added=1"));
}

}  // namespace

// The canonical query is a fixed point; raw queries parse or are refused; presigning any target
// round-trips.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string once = canonical_query(text);
  SIGNET_ASSERT(canonical_query(once) == once);

  const std::string target = "/?" + std::string(text);
  const std::vector<sigv4::HeaderView> headers{{"Host", "h"}};
  const sigv4::RequestView request{.method = "GET", .target = target, .headers = headers};
  sigv4::Scratch scratch;
  for (const sigv4::Profile& profile : {sigv4::kIam, sigv4::kS3}) {
    const auto parsed = sigv4::parse(request, profile, kNow, scratch);
    SIGNET_ASSERT(parsed || !parsed.error().message.empty());
  }
  const auto link = sigv4::parse_presigned_v2(request, kNow, scratch);
  SIGNET_ASSERT(link || !link.error().message.empty());
  SIGNET_ASSERT(!link || !sigv4::verify_presigned_v2(*link, request, "b", "secret", scratch));
  if (text.find("X-Amz-") == std::string_view::npos) {
    check_round_trip(target, "s3");
    check_round_trip(target, "sts");
  }
  return 0;
}
