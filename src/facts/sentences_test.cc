#include <gtest/gtest.h>

#include "facts/errors.h"
#include "facts/iam_sentences.h"
#include "facts/sts_sentences.h"

namespace signet {
namespace {

TEST(Sentences, HoldWhatTheyAreGivenInItsPlaces) {
  const auto failure = iam::role_not_in_profile("R", "P");

  EXPECT_EQ(failure.error().code, ErrorCode::NoSuchEntity);
  EXPECT_EQ(failure.error().message, "Role R in Instance Profile P cannot be found.");
}

TEST(Sentences, WriteNumbersInDigits) {
  EXPECT_EQ(iam::inline_policies_too_large(10'240, "role", "r").error().message,
            "Maximum policy size of 10240 bytes exceeded for role r");
  EXPECT_EQ(iam::quota_exceeded("ACLSizePerRole", 2'048).error().message,
            "Cannot exceed quota for ACLSizePerRole: 2048");
}

TEST(Sentences, WithoutPlacesStandAsTheyAre) {
  EXPECT_EQ(iam::password_required().error().message,
            "1 validation error detected: Value at 'password' failed to satisfy constraint: "
            "Member must not be null");
  EXPECT_EQ(sts::reserved_tag_key().error().message,
            "Tag keys starting with \"aws:\" are reserved for internal use.");
}

}  // namespace
}  // namespace signet
