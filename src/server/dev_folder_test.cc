#include "server/dev_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/test_folder_for_test.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

TEST(DevFolder, IsMadeAnewForItsOwnerAloneAndRemoved) {
  const store::TestFolder parent;
  std::string path;
  {
    const Result<DevFolder> folder = DevFolder::make(parent.path());
    ASSERT_TRUE(folder) << folder.error().cause;
    path = folder->path();
    EXPECT_TRUE(fs::is_empty(path));
    struct stat info{};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    std::ofstream(path + "/file") << "x";
  }

  EXPECT_FALSE(fs::exists(path));
}

TEST(DevFolder, LeftoversAreRemovedAndWhatIsInUseStays) {
  const store::TestFolder parent;
  const Result<DevFolder> used = DevFolder::make(parent.path());
  ASSERT_TRUE(used);
  fs::create_directories(parent.path() + "/signet-dev.killed/data");

  const Result<DevFolder> next = DevFolder::make(parent.path());

  ASSERT_TRUE(next);
  EXPECT_NE(next->path(), used->path());
  EXPECT_TRUE(fs::exists(used->path()));
  EXPECT_FALSE(fs::exists(parent.path() + "/signet-dev.killed"));
}

TEST(DevFolder, NothingElseIsTouched) {
  const store::TestFolder parent;
  fs::create_directories(parent.path() + "/elsewhere/precious");
  fs::create_directories(parent.path() + "/signet-development");
  fs::create_directory_symlink(parent.path() + "/elsewhere", parent.path() + "/signet-dev.linked");

  const Result<DevFolder> folder = DevFolder::make(parent.path());

  ASSERT_TRUE(folder);
  EXPECT_TRUE(fs::exists(parent.path() + "/elsewhere/precious"));
  EXPECT_TRUE(fs::exists(parent.path() + "/signet-development"));
}

TEST(DevFolder, AParentThatIsNotThereIsNamed) {
  const Result<DevFolder> folder = DevFolder::make("/no/such");

  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().cause.find("/no/such"), std::string::npos);
}

}  // namespace
}  // namespace signet::server
