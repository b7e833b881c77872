#include "oidc/issuer_keys.h"

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "base/testdata_for_test.h"
#include "codec/json.h"

namespace signet::oidc {
namespace {

using Kind = FetchFault::Kind;

constexpr std::string_view kIssuer = "idp.example.com/a";
constexpr const char* kDiscovery = "https://idp.example.com/a/.well-known/openid-configuration";
constexpr const char* kKeys = "https://keys.example.com/jwks?v=1";

// The set that holds the keys at these places of testdata/jose/pyjwt.json: "r", "a", "b", "c".
std::string key_set(const std::vector<std::size_t>& which) {
  std::ostringstream text;
  text << std::ifstream(testdata_path("jose/pyjwt.json")).rdbuf();
  const std::optional<codec::Json> json = codec::Json::parse(text.str());
  SIGNET_ASSERT(json.has_value());
  std::string set = R"({"keys":[)";
  for (const std::size_t i : which) {
    set += set.ends_with('[') ? "" : ",";
    append_json(set, json->find("keys")->items().at(i));
  }
  return set + "]}";
}

jose::CompactJws token(std::string key_id, jose::Algorithm algorithm) {
  return {.algorithm = algorithm, .key_id = std::move(key_id)};
}

jose::CompactJws rsa_token() {
  return token("r", jose::Algorithm::Rs256);
}

jose::CompactJws other_token() {
  return token("a", jose::Algorithm::Es256);
}

class IssuerKeysTest : public testing::Test {
 protected:
  std::expected<std::string, FetchFault> fetch(const std::string& url) {
    ++fetches_;
    if (fault_) {
      return std::unexpected(*fault_);
    }
    if (url == kDiscovery) {
      return discovery_;
    }
    EXPECT_EQ(url, kKeys);
    return keys_;
  }

  std::string ask(const jose::CompactJws& token) {
    const auto keys = issuers_.find(kIssuer, token);
    if (!keys) {
      return keys.error().cause;
    }
    EXPECT_NE((*keys)->find(token), nullptr);
    return "found";
  }

  void pass(std::int64_t ms) { now_ms_ += ms; }

  static std::string discovery(std::string_view issuer, std::string_view keys = kKeys) {
    return concat(R"({"issuer":")", issuer, R"(","jwks_uri":")", keys, R"("})");
  }

  std::atomic<int> fetches_ = 0;
  std::int64_t now_ms_ = 1'000;
  std::optional<FetchFault> fault_;
  std::string discovery_ = discovery("https://idp.example.com/a");
  std::string keys_ = key_set({0});
  IssuerKeys issuers_{[this](const std::string& url) { return fetch(url); },
                      [this] {
                        return now_ms_;
                      }};
};

constexpr const char* kUnknown =
    "the token names no key that its issuer publishes for its algorithm";

TEST_F(IssuerKeysTest, FetchOnceAndServeFromMemory) {
  EXPECT_EQ(ask(rsa_token()), "found");
  EXPECT_EQ(ask(rsa_token()), "found");
  pass(kFreshMs - 1);
  EXPECT_EQ(ask(rsa_token()), "found");
  EXPECT_EQ(fetches_, 2) << "the discovery document and the keys";
  pass(1);
  EXPECT_EQ(ask(rsa_token()), "found");
  EXPECT_EQ(fetches_, 4);
}

TEST_F(IssuerKeysTest, AskAgainForAKeyThatIsNew) {
  EXPECT_EQ(ask(rsa_token()), "found");
  keys_ = key_set({0, 1});
  pass(kPauseMs);
  EXPECT_EQ(ask(other_token()), "found");
  EXPECT_EQ(ask(rsa_token()), "found");
  EXPECT_EQ(fetches_, 4);
}

TEST_F(IssuerKeysTest, AreNotAskedForByEveryTokenThatNamesAnUnknownKey) {
  EXPECT_EQ(ask(rsa_token()), "found");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask(token("x" + std::to_string(i), jose::Algorithm::Rs256)), kUnknown);
  }
  EXPECT_EQ(fetches_, 2);
  pass(kPauseMs);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask(token("x" + std::to_string(i), jose::Algorithm::Rs256)), kUnknown);
  }
  EXPECT_EQ(fetches_, 4);
  EXPECT_EQ(ask(token("r", jose::Algorithm::Es256)), kUnknown) << "a key of another kind";
  EXPECT_EQ(fetches_, 4);
}

TEST_F(IssuerKeysTest, ForgetAKeyThatIsWithdrawn) {
  EXPECT_EQ(ask(rsa_token()), "found");
  keys_ = key_set({1});
  pass(kFreshMs);
  EXPECT_EQ(ask(rsa_token()), kUnknown);
}

TEST_F(IssuerKeysTest, ServeOnForAWhileWhenTheIssuerIsAway) {
  EXPECT_EQ(ask(rsa_token()), "found");
  fault_ = FetchFault{.kind = Kind::Unreachable, .cause = "away"};
  pass(kFreshMs);
  EXPECT_EQ(ask(rsa_token()), "found");
  EXPECT_EQ(ask(rsa_token()), "found");
  EXPECT_EQ(fetches_, 3) << "asked once, then left alone";
  pass(kUsableMs - kFreshMs);
  EXPECT_EQ(ask(rsa_token()), "away");
  EXPECT_EQ(ask(rsa_token()), "away");
  EXPECT_EQ(fetches_, 4);
  fault_.reset();
  EXPECT_EQ(ask(rsa_token()), "away") << "too early to ask";
  pass(kPauseMs);
  EXPECT_EQ(ask(rsa_token()), "found");
}

TEST_F(IssuerKeysTest, TakeNoDiscoveryDocumentOfAnotherIssuer) {
  discovery_ = discovery("https://evil.example.com/a");
  EXPECT_EQ(ask(rsa_token()),
            "the discovery document is of the issuer https://evil.example.com/a, not of "
            "https://idp.example.com/a");
  EXPECT_EQ(fetches_, 1) << "its keys are not asked for";
  discovery_ = discovery("https://idp.example.com/a/");
  pass(kPauseMs);
  EXPECT_EQ(ask(rsa_token()), "found") << "a slash at the end makes no other issuer";
}

TEST_F(IssuerKeysTest, RefuseDocumentsThatAreNone) {
  const auto refused = [this](std::string text) {
    discovery_ = std::move(text);
    pass(kPauseMs);
    return ask(rsa_token());
  };
  EXPECT_EQ(refused("<html>"), "the discovery document is no JSON object");
  EXPECT_EQ(refused("[]"), "the discovery document is no JSON object");
  const std::string url = "the discovery document has no jwks_uri of the form https://...";
  EXPECT_EQ(refused(R"({"issuer":"https://idp.example.com/a"})"), url);
  EXPECT_EQ(refused(discovery("https://idp.example.com/a", "http://keys.example.com/")), url);
  EXPECT_EQ(refused(discovery("https://idp.example.com/a", "file:///etc/passwd")), url);
  keys_ = "{}";
  EXPECT_EQ(refused(discovery("https://idp.example.com/a")),
            concat(kKeys, ": the key set has no array of keys"));
}

TEST_F(IssuerKeysTest, AreNeverAskedForWhereTheyAreFixed) {
  auto set = jose::JwkSet::read(key_set({1}));
  ASSERT_TRUE(set);
  issuers_.set_fixed(std::string(kIssuer), *std::move(set));
  EXPECT_EQ(ask(other_token()), "found");
  EXPECT_EQ(ask(rsa_token()), kUnknown);
  EXPECT_EQ(fetches_, 0);
}

TEST_F(IssuerKeysTest, AreFetchedOnceForManyWhoWait) {
  std::vector<std::jthread> threads;
  std::atomic<int> found = 0;
  for (std::size_t i = 0; i < kMaxWaiting; ++i) {
    threads.emplace_back([&] { found += issuers_.find(kIssuer, rsa_token()) ? 1 : 0; });
  }
  threads.clear();
  EXPECT_EQ(found, static_cast<int>(kMaxWaiting));
  EXPECT_EQ(fetches_, 2);
}

}  // namespace
}  // namespace signet::oidc
