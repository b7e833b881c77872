#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace signet::audit {

// A test with an empty folder of its own.
class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    folder_ = testing::TempDir() + "audit_XXXXXX";
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/audit.jsonl";
  }

  ~FolderTest() override { std::filesystem::remove_all(folder_); }

  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  static void write(const std::string& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  static std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
      lines.push_back(line);
    }
    return lines;
  }

  // One record that a test can tell from others.
  static std::string record(int number) {
    const std::string id = std::to_string(number);
    return "{\"eventID\":\"id-" + id + "\",\"n\":" + id + "}\n";
  }

  std::string folder_;
  std::string path_;
};

}  // namespace signet::audit
