#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ctl/cli.h"

namespace signet::ctl {

// What a command did.
struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

// Runs `signet ARGUMENTS` in this process, in a folder of the test's own.
class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    std::string name = (std::filesystem::temp_directory_path() / "signet-ctl-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }

  ~CommandTest() override { std::filesystem::remove_all(folder_); }

  CommandTest(const CommandTest&) = delete;
  CommandTest& operator=(const CommandTest&) = delete;
  CommandTest(CommandTest&&) = delete;
  CommandTest& operator=(CommandTest&&) = delete;

  // The path of a file of that name in the test's folder.
  [[nodiscard]] std::string path(std::string_view name) const {
    return (folder_ / std::filesystem::path(name)).string();
  }

  // A new file with this text; its path.
  std::string file(std::string_view name, std::string_view text) {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  static std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

  static Ran signet(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "signet");
    std::vector<char*> argv;
    argv.reserve(arguments.size());
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Ran ran;
    ran.code = run(static_cast<int>(argv.size()), argv.data());
    ran.out = testing::internal::GetCapturedStdout();
    ran.err = testing::internal::GetCapturedStderr();
    return ran;
  }

  // The same with a text on standard input.
  Ran signet_reading(std::string_view input, std::vector<std::string> arguments) {
    const std::string name = file("input", input);
    EXPECT_NE(std::freopen(name.c_str(), "rb", stdin), nullptr);
    std::cin.clear();
    return signet(std::move(arguments));
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace signet::ctl
