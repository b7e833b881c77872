#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "crypto/ecdsa_signature.h"
#include "facts/errors.h"
#include "sigv4/chunked.h"
#include "sigv4/explain.h"
#include "sigv4/parse_test_support.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"

// SigV4A: requests that awscrt 0.38.0 signed through botocore 1.44.8, and every way to bend one.
namespace signet::sigv4 {
namespace {

constexpr std::string_view kKeyId = "AKISORANDOMAASORANDOM";
constexpr std::string_view kSecret = "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom";
constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// The same request in its three forms.
Bent recorded(const Profile& profile, Placement placement) {
  Bent bent{.method = "GET", .target = "/b/a%20b?z=1&a=b%2Fc", .headers = {}};
  bent.header("Host") = "example.com";
  bent.header("X-Amz-Meta-A") = "x  y";
  if (placement == Placement::Query) {
    bent.target +=
        "&X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256"
        "&X-Amz-Credential=AKISORANDOMAASORANDOM%2F20260101%2Fs3%2Faws4_request"
        "&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host%3Bx-amz-meta-a&X-Amz-Expires=3600"
        "&X-Amz-Security-Token=TOKEN&X-Amz-Region-Set=us-east-1%2Ceu-%2A"
        "&X-Amz-Signature=304502200795f039ae983487430e244582c2f84182f147d6fbe50dbc1a350eb477e091f20"
        "22100aac15590f31ade74f4f78d08bc282a930f773818458580c7f5ba5128eea536c6";
    return bent;
  }
  bent.header("X-Amz-Date") = "20260101T000000Z";
  bent.header("X-Amz-Security-Token") = "TOKEN";
  bent.header("X-Amz-Region-Set") = "us-east-1,eu-*";
  if (profile.service == "sts") {
    bent.header("Authorization") =
        "AWS4-ECDSA-P256-SHA256 Credential=AKISORANDOMAASORANDOM/20260101/sts/aws4_request, "
        "SignedHeaders=host;x-amz-date;x-amz-meta-a;x-amz-region-set;x-amz-security-token, "
        "Signature=30440220446ade9d2b0f682a3e29f92a2d952af3386144a3c94460aae1dd65ab0a259ca302"
        "2016f951211f104e1b7a9fa1f68cbe96c9c423d64defde8d4a070b48d974c79cd3";
    return bent;
  }
  bent.header("x-amz-content-sha256") = kEmptyHash;
  bent.header("Authorization") =
      "AWS4-ECDSA-P256-SHA256 Credential=AKISORANDOMAASORANDOM/20260101/s3/aws4_request, "
      "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-a;x-amz-region-set;x-amz-"
      "security-token, Signature=3046022100b545dfc3ddd05e93ab2b6112a1e854c079b90c9b2708c58d001b87fd"
      "60cdf054022100acaafffc6f6a4de3d3ca9c553a99e7e147bec0743948db845aadd6404f9c3129";
  return bent;
}

const std::vector<std::pair<Profile, Placement>>& forms() {
  static const std::vector<std::pair<Profile, Placement>> all{
      {kSts, Placement::Header}, {kS3, Placement::Header}, {kS3, Placement::Query}};
  return all;
}

Status check(const Bent& bent, const Profile& profile, std::string_view secret = kSecret) {
  const std::vector<HeaderView> headers = bent.views();
  const RequestView request{.method = bent.method, .target = bent.target, .headers = headers};
  Scratch scratch;
  const ParsedAuth parsed = TRY(parse(request, profile, kNow, scratch));
  SigningKeyCache cache;
  return verify(parsed, request, profile, cache.get(parsed, secret), kEmptyHash, scratch);
}

TEST(SigV4A, DerivesTheKeyPairOfAnAccessKey) {
  const auto half = derive_key_pair(kKeyId, kSecret).ec();

  ASSERT_TRUE(half.has_value());
  std::string x;
  codec::append_hex(x, {reinterpret_cast<const std::uint8_t*>(half->x.data()), half->x.size()});
  EXPECT_EQ(x, "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb");
}

TEST(SigV4A, TakesWhatAwscrtSigned) {
  for (const auto& [profile, placement] : forms()) {
    const Bent bent = recorded(profile, placement);
    Scratch scratch;
    const Result<ParsedAuth> parsed = parse_bent(bent, profile, scratch);

    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(parsed->access_key_id, kKeyId);
    EXPECT_EQ(parsed->service, profile.service);
    EXPECT_EQ(parsed->region, "") << "of a set no single one";
    EXPECT_EQ(parsed->session_token, "TOKEN");
    EXPECT_TRUE(check(bent, profile).has_value());
    const std::vector<HeaderView> headers = bent.views();
    const auto scope =
        peek_scope({.method = "GET", .target = bent.target, .headers = headers}, scratch);
    EXPECT_EQ(scope->service, profile.service);
    EXPECT_EQ(scope->access_key_id, kKeyId);
  }
}

TEST(SigV4A, RefusesWhatWasChangedAndOtherSecrets) {
  for (const auto& [profile, placement] : forms()) {
    SCOPED_TRACE(profile.service);
    const ErrorCode wrong = profile.service == "s3" ? ErrorCode::S3SignatureDoesNotMatch
                                                    : ErrorCode::SignatureDoesNotMatch;
    const auto code_of = [&](const Bent& bent, std::string_view secret = kSecret) {
      const Status status = check(bent, profile, secret);
      return status ? std::string("taken")
                    : std::string(facts::error_row(status.error().code).name);
    };
    const std::string refused(facts::error_row(wrong).name);
    const Bent good = recorded(profile, placement);
    EXPECT_EQ(code_of(good, "other"), refused);
    Bent bent = good;
    bent.method = "PUT";
    EXPECT_EQ(code_of(bent), refused);
    bent = good;
    bent.replace(bent.target, "a%20b", "a%20c");
    EXPECT_EQ(code_of(bent), refused);
    bent = good;
    bent.header("X-Amz-Meta-A") = "z";
    EXPECT_EQ(code_of(bent), refused);
    bent = good;
    std::string& carrier =
        placement == Placement::Query ? bent.target : bent.header("Authorization");
    const std::string whole = carrier;
    const std::size_t at = carrier.find("Signature=") + 10;
    for (std::size_t i = at; i < carrier.size(); ++i) {
      carrier[i] = carrier[i] == '0' ? '1' : '0';
      ASSERT_EQ(code_of(bent), refused) << i;
      carrier = whole;
    }
    for (const std::string_view end : {"00", "0", "zz", "**"}) {
      carrier = whole + std::string(end);
      EXPECT_EQ(code_of(bent), refused) << end;
    }
    bent = good;
    if (placement == Placement::Header) {
      bent.header("X-Amz-Region-Set") = "*";
    } else {
      bent.replace(bent.target, "us-east-1%2Ceu-%2A", "%2A");
    }
    EXPECT_EQ(code_of(bent), refused) << "the set of regions is signed";
  }
}

TEST(SigV4A, SaysWhatIsMissing) {
  const auto refusal = [](Bent bent, const Profile& profile) {
    Scratch scratch;
    const Result<ParsedAuth> parsed = parse_bent(bent, profile, scratch);
    return parsed ? std::string("taken") : parsed.error().message;
  };
  Bent bent = recorded(kSts, Placement::Header);
  bent.remove("X-Amz-Region-Set");
  EXPECT_TRUE(
      refusal(bent, kSts)
          .starts_with("Authorization header requires existence of a 'X-Amz-Region-Set' header. "))
      << refusal(bent, kSts);
  bent = recorded(kSts, Placement::Header);
  bent.replace(bent.header("Authorization"), "x-amz-region-set;", "");
  EXPECT_EQ(refusal(bent, kSts),
            "'X-Amz-Region-Set' must be a 'SignedHeader' in the AWS Authorization.");
  bent = recorded(kSts, Placement::Header);
  bent.replace(bent.header("Authorization"), "/sts/", "/us-east-1/sts/");
  EXPECT_EQ(
      refusal(bent, kSts),
      "Credential must have exactly 4 slash-delimited elements, e.g. keyid/date/service/term, "
      "got 'AKISORANDOMAASORANDOM/20260101/us-east-1/sts/aws4_request'");
  bent = recorded(kSts, Placement::Header);
  bent.replace(bent.header("Authorization"), "/sts/", "/iam/");
  EXPECT_EQ(refusal(bent, kSts), "Credential should be scoped to correct service: 'sts'. ");
  bent = recorded(kS3, Placement::Header);
  bent.remove("X-Amz-Region-Set");
  EXPECT_TRUE(refusal(bent, kS3).ends_with("missing X-Amz-Region-Set.")) << refusal(bent, kS3);
  bent = recorded(kS3, Placement::Header);
  bent.header("x-amz-content-sha256") = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
  EXPECT_NE(refusal(bent, kS3), "taken") << "chunks of the other form";
  bent = recorded(kS3, Placement::Query);
  bent.replace(bent.target, "&X-Amz-Region-Set=us-east-1%2Ceu-%2A", "");
  EXPECT_EQ(refusal(bent, kS3), "X-Amz-Region-Set is missing");
}

TEST(SigV4A, IsForTheRegionItNamesAlone) {
  SigningRequest to_sign{.algorithm = Algorithm::EcdsaP256Sha256,
                         .method = "POST",
                         .headers = {{"Host", "example.com"}},
                         .access_key = kKeyId,
                         .secret_key = kSecret,
                         .region = "eu-central-1",
                         .service = "sts",
                         .timestamp = kNow};
  const SignedRequest out = sign(to_sign);
  const Bent bent{.method = "POST", .target = out.target, .headers = out.headers};
  Scratch scratch;

  EXPECT_EQ(parse_bent(bent, kSts, scratch)->region, "eu-central-1");
  EXPECT_TRUE(check(bent, kSts).has_value());
  const std::vector<HeaderView> headers = bent.views();
  const ReceivedExplanation explained = explain_received(
      {.method = "POST", .target = out.target, .headers = headers}, kSts, kSecret, "", kNow);
  EXPECT_TRUE(explained.matches);
  EXPECT_EQ(explained.computed.signature, "");
  EXPECT_EQ(explained.computed.string_to_sign, out.string_to_sign);
}

// The body of a stream of one chunk, signed as SDKs do: each signature padded to 144 characters.
std::string stream_of(std::string_view data, const ParsedAuth& auth, bool has_trailer) {
  const crypto::SignKey pair = derive_key_pair(kKeyId, kSecret);
  std::string previous(auth.signature);
  const auto signature_of = [&](std::string_view kind, std::string_view hashes) {
    const std::string text = concat("AWS4-ECDSA-P256-SHA256-",
                                    kind,
                                    "\n",
                                    auth.amz_date,
                                    "\n",
                                    auth.scope,
                                    "\n",
                                    previous,
                                    "\n",
                                    hashes);
    const auto der = crypto::ecdsa_to_der(pair.sign(crypto::Digest::Sha256, text).value(), 32);
    previous.clear();
    codec::append_hex(previous, {reinterpret_cast<const std::uint8_t*>(der->data()), der->size()});
    return previous + std::string(144 - previous.size(), '*');
  };
  const auto chunk_of = [&](std::string_view piece, std::string_view size) {
    return concat(size,
                  ";chunk-signature=",
                  signature_of("PAYLOAD", concat(kEmptyHash, "\n", crypto::sha256_hex(piece))),
                  "\r\n",
                  piece,
                  piece.empty() ? "" : "\r\n");
  };
  std::string body = chunk_of(data, "5");
  body += chunk_of("", "0");
  if (has_trailer) {
    const std::string line = "x-amz-checksum-crc32:NhCmhg==";
    body += concat(line,
                   "\r\nx-amz-trailer-signature:",
                   signature_of("TRAILER", crypto::sha256_hex(line + "\n")),
                   "\r\n");
  }
  return body + "\r\n";
}

TEST(SigV4A, ReadsSignedChunks) {
  for (const bool has_trailer : {false, true}) {
    const Bent bent = recorded(kS3, Placement::Header);
    Scratch scratch;
    const ParsedAuth auth = parse_bent(bent, kS3, scratch).value();
    const std::string body = stream_of("hello", auth, has_trailer);
    const auto read = [&](std::string_view text) {
      ChunkDecoder decoder(
          auth,
          derive_key(auth, kSecret),
          {.kind = has_trailer ? PayloadKind::StreamSignedTrailer : PayloadKind::StreamSigned,
           .decoded_length = 5,
           .trailer_header = has_trailer ? "x-amz-checksum-crc32" : ""});
      std::string data;
      while (!text.empty()) {
        const auto step = decoder.next(text);
        if (!step) {
          return std::string("refused");
        }
        data += step->data;
        text.remove_prefix(step->consumed);
      }
      return decoder.is_finished() ? data : std::string("unfinished");
    };

    EXPECT_EQ(read(body), "hello");
    for (std::size_t i = 0; i < body.size(); ++i) {
      std::string changed = body;
      changed[i] = changed[i] == '0' ? '1' : '0';
      EXPECT_NE(read(changed), "hello") << i;
    }
  }
}

}  // namespace
}  // namespace signet::sigv4
