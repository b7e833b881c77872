#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "sigv4/signer.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"

namespace {

std::atomic<std::size_t> allocation_count = 0;

}  // namespace

// Counts every allocation of this test program. The sanitizers bring their own operators and count
// nothing here, which the test allows for.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void* operator new(std::size_t size) {
  ++allocation_count;
  void* memory = std::malloc(size);
  if (memory == nullptr) {
    std::abort();
  }
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
#endif

namespace signet::sigv4 {
namespace {

constexpr Instant kNow = Instant::from_seconds(1767225600);

TEST(SuccessPath, AllocatesNothingOnceItsBuffersHaveGrown) {
  for (const Profile& profile : {kSts, kS3}) {
    for (const Placement placement : {Placement::Header, Placement::Query}) {
      SigningRequest to_sign;
      to_sign.placement = placement;
      to_sign.method = "POST";
      to_sign.target = "/bucket/key%20with%20spaces?Action=GetCallerIdentity&b=2&a=1";
      to_sign.headers = {{"Host", "sts.us-east-1.amazonaws.com"},
                         {"x-amz-meta-a-long-header-name", "some  value"}};
      to_sign.access_key = "AKIAQNZGKIQY56JQ7WML";
      to_sign.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
      to_sign.session_token = "IQoJb3JpZ2luX2VjEJv//////////wEaCXVzLWVhc3QtMSJHMEUCIQDx";
      to_sign.service = profile.service;
      to_sign.timestamp = kNow;
      to_sign.normalize = profile.normalize_path;
      to_sign.sign_body = profile.signs_payload_header;
      const bool is_unsigned = profile.signs_payload_header && placement == Placement::Query;
      to_sign.payload_hash = is_unsigned ? "UNSIGNED-PAYLOAD" : "";
      const SignedRequest out = sign(to_sign);
      std::vector<HeaderView> headers;
      for (const auto& [name, value] : out.headers) {
        headers.push_back({name, value});
      }
      const RequestView request{.method = "POST", .target = out.target, .headers = headers};
      SigningKeyCache cache(16);
      Scratch scratch;
      const auto check = [&] {
        const Result<ParsedAuth> parsed = parse(request, profile, kNow, scratch);
        const SigningKey& key = cache.get(*parsed, to_sign.secret_key);
        std::array<char, 64> hash;
        crypto::write_hex(crypto::sha256(""), hash.data());
        return verify(*parsed, request, profile, key, {hash.data(), hash.size()}, scratch)
            .has_value();
      };
      ASSERT_TRUE(check());
      const std::size_t before = allocation_count;

      const bool is_good = check();

      EXPECT_EQ(allocation_count - before, 0U)
          << profile.service << (placement == Placement::Query ? " query" : " header");
      EXPECT_TRUE(is_good);
    }
  }
}

}  // namespace
}  // namespace signet::sigv4
