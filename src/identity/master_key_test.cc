#include "identity/master_key.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/secret_access.h"
#include "identity/fixture_for_test.h"
#include "store/test_folder_for_test.h"

namespace signet::identity {
namespace {

class MasterKeyTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder_.path() + "/master.key"; }

  void write(const std::string& text, std::filesystem::perms mode) const {
    std::ofstream(path()) << text;
    std::filesystem::permissions(path(), mode);
  }

  store::TestFolder folder_;
  CountingRandom random_;
};

constexpr auto kOwnerOnly = std::filesystem::perms(0600);

TEST_F(MasterKeyTest, IsMadeOnceForTheOwnerOnlyAndReadAgain) {
  const auto made = load_or_create_master_key(path(), random_);
  const auto again = load_or_create_master_key(path(), random_);

  ASSERT_TRUE(made.has_value()) << made.error().cause;
  EXPECT_EQ(made->size(), 32u);
  EXPECT_TRUE(again->equals(made->reveal(secret_access())));
  struct stat info{};
  ASSERT_EQ(stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(MasterKeyTest, RefusesAFileThatOthersMayRead) {
  for (const int mode : {0640, 0604, 0620, 0602}) {
    write(std::string(64, 'a'), std::filesystem::perms(mode));

    EXPECT_FALSE(load_or_create_master_key(path(), random_).has_value()) << mode;
  }
}

TEST_F(MasterKeyTest, RefusesOtherTextsWithoutRepeatingThem) {
  for (const std::string& text : {std::string(),
                                  std::string(63, 'a'),
                                  std::string(66, 'a'),
                                  std::string(64, 'g'),
                                  std::string(300, 'a')}) {
    write(text, kOwnerOnly);

    const auto key = load_or_create_master_key(path(), random_);

    ASSERT_FALSE(key.has_value()) << text.size();
    EXPECT_TRUE(text.empty() || key.error().cause.find(text) == std::string::npos);
  }
}

TEST_F(MasterKeyTest, RefusesAFolderThatIsNotThere) {
  EXPECT_FALSE(load_or_create_master_key(folder_.path() + "/no/such", random_).has_value());
}

TEST(ParseMasterKey, TakesHexOfEitherCaseAndSpaceAround) {
  const auto key = parse_master_key(" \n" + std::string(32, 'a') + std::string(32, 'B') + "\r\n",
                                    "SIGNET_MASTER_KEY");

  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->reveal(secret_access()), std::string(16, '\xaa') + std::string(16, '\xbb'));
}

}  // namespace
}  // namespace signet::identity
