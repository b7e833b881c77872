#include "crypto/mixed_key.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace signet::crypto {
namespace {

class MixedKeyTest : public testing::Test {
 protected:
  SystemRandom random_;
  const SecretBox box_{[this] {
    std::vector<NamedKey> keys;
    keys.push_back(make_named_key(1, random_));
    return keys;
  }()};
  const Secret customer_{"0123456789abcdef0123456789abcdef"};
  const Secret other_{"another key of thirty-two bytes!"};
};

TEST_F(MixedKeyTest, IsHadWithBothSecretsAlone) {
  const SecretBox::NewKey made = make_mixed_key(box_, "a file", customer_, random_);
  const std::string nonce(kAeadNonceSize, 'n');
  std::string sealed;
  made.key.seal(nonce, "", "text", sealed);
  const auto opens = [&](const std::optional<AeadKey>& key) {
    std::string out;
    return key && key->open(nonce, "", sealed, out) && out == "text";
  };

  EXPECT_EQ(made.sealed.size(), kSealedKeySize);
  EXPECT_TRUE(opens(open_mixed_key(box_, "a file", customer_, made.sealed)));
  EXPECT_FALSE(opens(open_mixed_key(box_, "a file", other_, made.sealed)));
  EXPECT_FALSE(opens(open_mixed_key(box_, "another", customer_, made.sealed)));
  EXPECT_FALSE(opens(box_.open_key("a file", made.sealed)));
}

TEST_F(MixedKeyTest, AMarkIsOfItsSecretAndNoOther) {
  const std::string mark = mark_of("label", customer_, random_);

  EXPECT_TRUE(is_mark_of("label", mark, customer_));
  EXPECT_FALSE(is_mark_of("label", mark, other_));
  EXPECT_FALSE(is_mark_of("other", mark, customer_));
  EXPECT_NE(mark_of("label", customer_, random_), mark);
  for (const std::string& bad : {std::string(), mark.substr(1), mark + "x"}) {
    EXPECT_FALSE(is_mark_of("label", bad, customer_));
  }
}

}  // namespace
}  // namespace signet::crypto
