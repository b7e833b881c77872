#include "server/notification_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/strings.h"
#include "identity/fixture_for_test.h"

namespace signet::server {
namespace {

class NotificationFilesTest : public testing::Test {
 protected:
  NotificationFilesTest() { std::filesystem::remove_all(folder_); }

  void put(const std::string& id,
           const std::string& message,
           const std::string& account = identity::kAccount) {
    const auto done = fixture_.directory().apply(
        [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          if (account == identity::kOtherAccount) {
            transaction.put(identity::make_account(account));
          }
          identity::Notification one = identity::make_notification(id);
          one.account = account;
          one.channel = "arn:aws:sns:us-east-1:111122223333:topic";
          one.message = identity::make_shared_secret(message);
          transaction.put(std::move(one));
          return {};
        });
    ASSERT_TRUE(done);
  }

  std::size_t waiting() {
    return fixture_.directory().current()->table<identity::Notification>(identity::kAccount).size();
  }

  [[nodiscard]] std::string file() const { return folder_ + "/111122223333.jsonl"; }

  [[nodiscard]] std::string content() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  std::string folder_ = testing::TempDir() + "/notifications-of-this-test";
  identity::Fixture fixture_;
};

TEST_F(NotificationFilesTest, WritesWhatWaitsOnceAndForItsUserAlone) {
  const NotificationFiles files(folder_);
  put("n1", R"({"a":"b"})");

  ASSERT_TRUE(files.deliver(fixture_.directory()));
  ASSERT_TRUE(files.deliver(fixture_.directory()));

  EXPECT_EQ(
      content(),
      R"({"Type":"Notification","MessageId":"n1","TopicArn":"arn:aws:sns:us-east-1:111122223333:topic","Message":"{\"a\":\"b\"}","Timestamp":"1970-01-01T00:00:00.000Z"})"
      "\n");
  EXPECT_EQ(waiting(), 0U);
  struct stat about{};
  ASSERT_EQ(::stat(file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat(folder_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0700U);
}

TEST_F(NotificationFilesTest, WhatCannotBeWrittenWaits) {
  std::ofstream(folder_) << "a file is in the way";
  put("n1", "m");
  EXPECT_FALSE(NotificationFiles(folder_).deliver(fixture_.directory()));
  EXPECT_EQ(waiting(), 1U);
  std::filesystem::remove(folder_);
  EXPECT_TRUE(NotificationFiles(folder_).deliver(fixture_.directory()));
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(NotificationFilesTest, AFileThatCannotBeWrittenHoldsUpNoOther) {
  std::filesystem::create_directories(concat(folder_, "/", identity::kOtherAccount, ".jsonl"));
  put("n1", "m");
  put("n2", "m", identity::kOtherAccount);
  const NotificationFiles files(folder_);

  EXPECT_FALSE(files.deliver(fixture_.directory()));
  EXPECT_FALSE(files.deliver(fixture_.directory()));

  EXPECT_EQ(std::ranges::count(content(), '\n'), 1) << "once, though the other failed twice";
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(
      fixture_.directory().current()->table<identity::Notification>(identity::kOtherAccount).size(),
      1U);
}

TEST_F(NotificationFilesTest, WritesNothingWithoutAFolder) {
  put("n1", "m");
  EXPECT_TRUE(NotificationFiles("").deliver(fixture_.directory()));
  EXPECT_EQ(waiting(), 1U);
}

TEST_F(NotificationFilesTest, FollowsNoLink) {
  std::filesystem::create_directory(folder_);
  std::filesystem::create_symlink(folder_ + "/elsewhere", file());
  put("n1", "m");
  EXPECT_FALSE(NotificationFiles(folder_).deliver(fixture_.directory()));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/elsewhere"));
}

}  // namespace
}  // namespace signet::server
