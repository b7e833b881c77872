#include "server/master_key.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/secret_access.h"
#include "identity/fixture_for_test.h"

namespace signet::server {
namespace {

class MasterKeyTest : public testing::Test {
 protected:
  MasterKeyTest() : folder_(testing::TempDir() + "signet-master-key-test") {
    ::unsetenv("SIGNET_MASTER_KEY");  // NOLINT(concurrency-mt-unsafe): one thread
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  ~MasterKeyTest() override {
    ::unsetenv("SIGNET_MASTER_KEY");  // NOLINT(concurrency-mt-unsafe): one thread
    std::filesystem::remove_all(folder_);
  }

  MasterKeyTest(const MasterKeyTest&) = delete;
  MasterKeyTest& operator=(const MasterKeyTest&) = delete;
  MasterKeyTest(MasterKeyTest&&) = delete;
  MasterKeyTest& operator=(MasterKeyTest&&) = delete;

  [[nodiscard]] std::string path() const { return folder_ + "/master.key"; }

  void write(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path()) << text;
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
  }

  // The cause of the refusal; empty if a key was loaded.
  std::string refusal() {
    const auto key = load_master_key(folder_, MissingKey::Make, random_);
    return key ? "" : key.error().cause;
  }

  std::string folder_;
  identity::CountingRandom random_;
};

TEST_F(MasterKeyTest, IsMadeOnceForItsOwnerOnly) {
  const auto first = load_master_key(folder_, MissingKey::Make, random_);
  ASSERT_TRUE(first) << first.error().cause;
  EXPECT_EQ(first->size(), 32U);
  struct stat info{};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(info.st_size, 65);

  const auto second = load_master_key(folder_, MissingKey::Make, random_);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->equals(first->reveal(secret_access())));
}

TEST_F(MasterKeyTest, AFileThatOthersMayReadIsRefused) {
  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U, 0601U}) {
    write(std::string(64, 'a') + "\n", mode);
    EXPECT_NE(refusal().find("chmod 600"), std::string::npos) << std::oct << mode;
  }
  for (const mode_t mode : {0600U, 0400U}) {
    write(std::string(64, 'a') + "\n", mode);
    EXPECT_EQ(refusal(), "");
    ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
  }
}

TEST_F(MasterKeyTest, AFileThatIsNoKeyIsRefusedAndKept) {
  for (const std::string& text : {std::string(),
                                  std::string("\n"),
                                  std::string(63, 'a'),
                                  std::string(66, 'a'),
                                  std::string(64, 'g'),
                                  std::string(200, 'a')}) {
    write(text);
    EXPECT_NE(refusal().find("64 hexadecimal digits"), std::string::npos) << text;
    EXPECT_EQ(std::filesystem::file_size(path()), text.size());
  }
}

TEST_F(MasterKeyTest, TheEnvironmentWinsAndIsCheckedToo) {
  write(std::string(64, 'a'));
  const std::string key(64, 'b');
  ::setenv("SIGNET_MASTER_KEY", key.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  const auto loaded = load_master_key(folder_, MissingKey::Make, random_);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->equals(std::string(32, '\xBB')));

  ::setenv("SIGNET_MASTER_KEY", "short", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_NE(refusal().find("SIGNET_MASTER_KEY"), std::string::npos);
}

TEST_F(MasterKeyTest, AMissingFileIsNeverMadeBesideWhatItsKeyWraps) {
  const auto key = load_master_key(folder_, MissingKey::Refuse, random_);

  ASSERT_FALSE(key);
  EXPECT_NE(key.error().cause.find(path() + " is missing"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(MasterKeyTest, AFolderThatIsNotThereIsAnErrorThatNamesTheFile) {
  const auto key = load_master_key(folder_ + "/none", MissingKey::Make, random_);
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().cause.find("master.key"), std::string::npos);
}

}  // namespace
}  // namespace signet::server
