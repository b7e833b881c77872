// CPU time of one signature check, one token and their parts. Numbers: bench/RESULTS.md.
#include <array>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "codec/base64.h"
#include "crypto/aead.h"
#include "crypto/checksum.h"
#include "crypto/hmac.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "mfa/totp.h"
#include "sigv4/signer.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"
#include "token/ids.h"
#include "token/session_token.h"

namespace signet {
namespace {

constexpr Instant kNow = Instant::from_seconds(1767225600);
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

// A POST of about 800 bytes as an SDK sends it.
struct SignedPost {
  sigv4::SignedRequest request;
  std::string body;
  std::vector<sigv4::HeaderView> headers;

  explicit SignedPost(std::string_view session_token) {
    body =
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%"
        "2Fapplication%2F"
        "reader&RoleSessionName=botocore-session-1767225600&DurationSeconds=3600";
    sigv4::SigningRequest to_sign;
    to_sign.method = "POST";
    to_sign.headers = {{"Host", "sts.us-east-1.amazonaws.com"},
                       {"Accept-Encoding", "identity"},
                       {"User-Agent",
                        "Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.18 md/arch#x86_64 "
                        "lang/python#3.11.2"},
                       {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                       {"Content-Length", "173"},
                       {"amz-sdk-invocation-id", "4d3c2f6e-8a1b-4f1e-9d3c-2b1a0f9e8d7c"},
                       {"amz-sdk-request", "attempt=1"}};
    to_sign.body = body;
    to_sign.access_key = "AKIAQNZGKIQY56JQ7WML";
    to_sign.secret_key = kSecret;
    to_sign.session_token = session_token;
    to_sign.service = "sts";
    to_sign.timestamp = kNow;
    request = sigv4::sign(to_sign);
    for (const auto& [name, value] : request.headers) {
      headers.push_back({name, value});
    }
  }

  [[nodiscard]] sigv4::RequestView view() const {
    return {.method = "POST", .target = request.target, .headers = headers};
  }
};

bool check(const SignedPost& post, sigv4::SigningKeyCache& cache, sigv4::Scratch& scratch) {
  const sigv4::RequestView view = post.view();
  const Result<sigv4::ParsedAuth> parsed = sigv4::parse(view, sigv4::kSts, kNow, scratch);
  if (!parsed) {
    return false;
  }
  const sigv4::SigningKey& key = cache.get(*parsed, kSecret);
  std::array<char, 64> hash;
  crypto::write_hex(crypto::sha256(post.body), hash.data());
  return sigv4::verify(*parsed, view, sigv4::kSts, key, {hash.data(), hash.size()}, scratch)
      .has_value();
}

void run_verify(benchmark::State& state, const SignedPost& post) {
  sigv4::SigningKeyCache cache;
  sigv4::Scratch scratch;
  for (auto _ : state) {
    if (!check(post, cache, scratch)) {
      state.SkipWithError("the signature does not verify");
    }
  }
}

void BM_VerifyPostKeyCached(benchmark::State& state) {
  run_verify(state, SignedPost(""));
}

BENCHMARK(BM_VerifyPostKeyCached);

void BM_VerifyPostWithSessionTokenKeyCached(benchmark::State& state) {
  run_verify(state, SignedPost("IQoJ" + std::string(796, 'a')));
}

BENCHMARK(BM_VerifyPostWithSessionTokenKeyCached);

void BM_VerifyPostKeyDerived(benchmark::State& state) {
  const SignedPost post("");
  sigv4::Scratch scratch;
  for (auto _ : state) {
    const sigv4::RequestView view = post.view();
    const Result<sigv4::ParsedAuth> parsed = sigv4::parse(view, sigv4::kSts, kNow, scratch);
    const sigv4::SigningKey key = sigv4::derive_key(*parsed, kSecret);
    std::array<char, 64> hash;
    crypto::write_hex(crypto::sha256(post.body), hash.data());
    if (!sigv4::verify(*parsed, view, sigv4::kSts, key, {hash.data(), hash.size()}, scratch)) {
      state.SkipWithError("the signature does not verify");
    }
  }
}

BENCHMARK(BM_VerifyPostKeyDerived);

void BM_Parse(benchmark::State& state) {
  const SignedPost post("");
  sigv4::Scratch scratch;
  for (auto _ : state) {
    benchmark::DoNotOptimize(sigv4::parse(post.view(), sigv4::kSts, kNow, scratch));
  }
}

BENCHMARK(BM_Parse);

void BM_SigningKeyCacheHit(benchmark::State& state) {
  sigv4::SigningKeyCache cache;
  for (auto _ : state) {
    benchmark::DoNotOptimize(&cache.get({.access_key_id = "AKIAQNZGKIQY56JQ7WML",
                                         .scope_date = "20260101",
                                         .region = "us-east-1",
                                         .service = "sts"},
                                        kSecret));
  }
}

BENCHMARK(BM_SigningKeyCacheHit);

model::Session session() {
  return model::Session{.kind = model::SessionKind::AssumedRole,
                        .access_key_id = "ASIAQNZGKIQY56JQ7WML",
                        .account = "029608264753",
                        .principal_id = "AROAQNZGKIQY56JQ7WMLX",
                        .session_name = "botocore-session-1767225600",
                        .issued = kNow,
                        .expires = kNow.plus_seconds(3600)};
}

token::KeyRing ring() {
  crypto::SystemRandom random;
  std::vector<token::RingKey> keys;
  keys.push_back(token::make_ring_key(1, kNow, kNow.plus_seconds(1'000'000), random));
  return token::KeyRing(keys);
}

void BM_TokenSeal(benchmark::State& state) {
  crypto::SystemRandom random;
  const token::KeyRing keys = ring();
  const model::Session sealed = session();
  const Secret secret = token::make_secret_access_key(random);
  for (auto _ : state) {
    benchmark::DoNotOptimize(token::seal_session(keys, sealed, secret, kNow, random));
  }
}

BENCHMARK(BM_TokenSeal);

void BM_TokenOpen(benchmark::State& state) {
  crypto::SystemRandom random;
  const token::KeyRing keys = ring();
  const auto text =
      token::seal_session(keys, session(), token::make_secret_access_key(random), kNow, random);
  if (!text) {
    state.SkipWithError("the session cannot be sealed");
    return;
  }
  state.counters["characters"] = static_cast<double>(text->size());
  for (auto _ : state) {
    benchmark::DoNotOptimize(token::open_session(keys, *text, kNow));
  }
}

BENCHMARK(BM_TokenOpen);

void BM_MakeKeyPair(benchmark::State& state) {
  crypto::SystemRandom random;
  for (auto _ : state) {
    benchmark::DoNotOptimize(token::make_id("ASIA", "123456789012", random));
    benchmark::DoNotOptimize(token::make_secret_access_key(random));
  }
}

BENCHMARK(BM_MakeKeyPair);

void BM_Sha256(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto::sha256(text));
  }
}

BENCHMARK(BM_Sha256)->Arg(64)->Arg(300)->Arg(65536);

void BM_HmacShort(benchmark::State& state) {
  const crypto::HmacKey key("key");
  const std::string text(64, 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(key.mac(text));
  }
}

BENCHMARK(BM_HmacShort);

void BM_AeadOpen(benchmark::State& state) {
  const crypto::AeadKey key(std::string(32, 'k'));
  const std::string nonce(12, 'n');
  std::string sealed;
  key.seal(nonce, "12345678", std::string(static_cast<std::size_t>(state.range(0)), 'p'), sealed);
  std::string opened;
  for (auto _ : state) {
    opened.clear();
    benchmark::DoNotOptimize(key.open(nonce, "12345678", sealed, opened));
  }
}

BENCHMARK(BM_AeadOpen)->Arg(300)->Arg(600);

void BM_Base64Decode(benchmark::State& state) {
  const std::string text =
      codec::encode_base64(std::string(static_cast<std::size_t>(state.range(0)), 'p'));
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec::decode_base64(text));
  }
}

BENCHMARK(BM_Base64Decode)->Arg(336);

void BM_Base64Encode(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'p');
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec::encode_base64(bytes));
  }
}

BENCHMARK(BM_Base64Encode)->Arg(336);

void BM_Checksum(benchmark::State& state) {
  const std::string text(65536, 'x');
  const auto algorithm = static_cast<crypto::ChecksumAlgorithm>(state.range(0));
  for (auto _ : state) {
    crypto::Checksum checksum(algorithm);
    checksum.update(text);
    benchmark::DoNotOptimize(checksum.finish());
  }
  state.SetBytesProcessed(state.iterations() * 65536);
}

BENCHMARK(BM_Checksum)->DenseRange(1, 5);

void BM_TotpVerifyWindow(benchmark::State& state) {
  const std::string seed(40, 's');
  for (auto _ : state) {
    benchmark::DoNotOptimize(mfa::totp_code(seed, 58907520));
  }
}

BENCHMARK(BM_TotpVerifyWindow);

}  // namespace
}  // namespace signet
