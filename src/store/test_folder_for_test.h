#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/assertion.h"

namespace signet::store {

// A fresh folder below the system's temporary folder, removed at the end of the scope. For tests
// only.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "signet-test-XXXXXX").string();
    SIGNET_ASSERT(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  TestFolder(TestFolder&&) = delete;
  TestFolder& operator=(TestFolder&&) = delete;

  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace signet::store
