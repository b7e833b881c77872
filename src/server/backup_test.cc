#include "server/backup.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "base/place_file.h"
#include "server/backup_files.h"
#include "store/test_folder_for_test.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

BackupManifest sample() {
  return {.head = {.program = "signet 0.1.0",
                   .made = "2026-11-30T02:00:00Z",
                   .by = "uid 7",
                   .source = "/var/lib/signet",
                   .master_key = "1a2b3c4d",
                   .has_master_key = true,
                   .accounts = {"111122223333"},
                   .objects = 2,
                   .object_bytes = 10},
          .files = {{.path = "signet.db", .size = 3, .sha256 = std::string(64, 'a')},
                    {.path = "objects/data/ab/abcd", .size = 0, .sha256 = std::string(64, '0')}}};
}

std::string refusal(const std::string& text) {
  const auto manifest = parse_manifest(text);
  return manifest ? "" : manifest.error().message;
}

// The text with one piece replaced, and the digest made right again.
std::string with(const std::string& from, const std::string& to) {
  BackupManifest manifest = sample();
  std::string text = manifest_text(manifest);
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(BackupManifest, ComesBackAsItWasWritten) {
  const auto read = parse_manifest(manifest_text(sample()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->files, sample().files);
  EXPECT_EQ(read->head.accounts, sample().head.accounts);
  EXPECT_EQ(read->head.master_key, "1a2b3c4d");
  EXPECT_TRUE(read->head.has_master_key);
  EXPECT_EQ(read->head.object_bytes, 10U);
  EXPECT_EQ(manifest_text(*read), manifest_text(sample()));
}

TEST(BackupManifest, OneThatWasCutOrChangedIsRefused) {
  const std::string text = manifest_text(sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(refusal(text.substr(0, size)), "") << size;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(refusal(changed), "") << i;
  }
  EXPECT_NE(refusal(text + "x\n"), "");
}

TEST(BackupManifest, FilesOutsideTheFolderAreNoFilesOfABackup) {
  for (const char* path :
       {"", "/etc/passwd", "../signet.db", "a/../../b", "a//b", "a/.", "a/", "./a", "a\\\\b"}) {
    BackupManifest manifest = sample();
    manifest.files.front().path = path;
    EXPECT_NE(refusal(manifest_text(manifest)).find("names no file of a backup"), std::string::npos)
        << path;
  }
}

TEST(BackupManifest, ANewerOneIsRefusedWithBothVersions) {
  const std::string said = refusal(with(R"("version":1)", R"("version":2)"));
  EXPECT_NE(said.find("has version 2, but this program knows version 1"), std::string::npos)
      << said;
}

class BackupFilesTest : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(root_.path() + "/" + name, std::ios::binary) << text;
    return root_.path() + "/" + name;
  }

  store::TestFolder root_;
};

TEST_F(BackupFilesTest, AFileIsPlacedAndNeverOverwritten) {
  const std::string from = file("from", "bytes");
  for (const Placing how : {Placing::Link, Placing::Copy}) {
    const std::string to = root_.path() + (how == Placing::Link ? "/link" : "/copy");
    EXPECT_EQ(place_file(from, to, how), 0);
    EXPECT_EQ(fs::file_size(to), 5U);
    EXPECT_EQ(place_file(from, to, how), EEXIST);
  }
  fs::create_symlink(from, root_.path() + "/symlink");
  EXPECT_NE(place_file(root_.path() + "/symlink", root_.path() + "/x", Placing::Copy), 0);
  EXPECT_NE(place_file(root_.path() + "/none", root_.path() + "/x", Placing::Copy), 0);
  EXPECT_NE(place_file(root_.path(), root_.path() + "/x", Placing::Copy), 0);
  EXPECT_FALSE(fs::exists(root_.path() + "/x"));
}

TEST_F(BackupFilesTest, WhatDiffersFromTheManifestIsNamed) {
  file("signet.db", "abc");
  const auto found = digest_of(root_.path(), "signet.db");
  ASSERT_TRUE(found) << found.error().cause;
  BackupManifest manifest;
  manifest.files = {*found, {.path = "gone", .size = 1, .sha256 = std::string(64, '0')}};
  std::string said;
  const auto show = [&said](std::string_view what) {
    said += std::string(what) + "\n";
  };
  EXPECT_EQ(verify_backup(root_.path(), manifest, show), 1U);
  EXPECT_NE(said.find("/gone"), std::string::npos) << said;
  file("signet.db", "abd");
  EXPECT_EQ(verify_backup(root_.path(), manifest, show), 2U);
  EXPECT_NE(said.find("signet.db is not what was stored: its digest differs"), std::string::npos)
      << said;
}

TEST_F(BackupFilesTest, ABackupThatWasNotFinishedIsNone) {
  EXPECT_FALSE(is_backup(root_.path()));
  EXPECT_NE(read_backup(root_.path()).error().message.find("is no backup"), std::string::npos);
  file("signet.backup.unfinished", "");
  EXPECT_TRUE(is_backup(root_.path()));
  EXPECT_NE(read_backup(root_.path()).error().message.find("was not finished"), std::string::npos);
}

}  // namespace
}  // namespace signet::server
