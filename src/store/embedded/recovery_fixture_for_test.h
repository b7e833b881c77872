#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "store/embedded/embedded_store.h"
#include "store/embedded/log_record.h"
#include "store/test_folder_for_test.h"

namespace signet::store {

using Contents = std::map<std::string, std::string>;

// A store whose folder can be copied as a crash leaves it; the copy is damaged and opened. For
// tests only.
class RecoveryTest : public testing::Test {
 protected:
  static constexpr std::size_t kFileBytes = 8 * kLogBlock;

  RecoveryTest() { open_original(); }

  void open_original() { store_ = open_at(original(), kFileBytes); }

  [[nodiscard]] std::string original() const { return folder_.path() + "/data"; }

  [[nodiscard]] std::string copied() const { return folder_.path() + "/copy"; }

  [[nodiscard]] std::string log_of(const std::string& folder, int number) const {
    return folder + "/signet.log." + std::to_string(number);
  }

  static std::unique_ptr<Store> open_at(const std::string& folder, std::size_t file_bytes) {
    Result<std::unique_ptr<Store>> store =
        open_embedded_store({.folder = folder, .log_file_bytes = file_bytes});
    EXPECT_TRUE(store.has_value()) << (store ? "" : store.error().cause);
    return std::move(store).value_or(nullptr);
  }

  Revision put(std::string key, std::string value) {
    const Transaction transaction{.puts = {Put{std::move(key), std::move(value)}}, .deletes = {}};
    const Result<Revision> result = store_->commit(std::span(&transaction, 1));
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().cause);
    return result.value_or(0);
  }

  // As a crash leaves it: nothing is closed.
  void crash() { crash(original()); }

  void crash(const std::string& folder) {
    std::filesystem::remove_all(copied());
    std::filesystem::copy(folder, copied());
  }

  static Contents contents(Store& store) {
    Contents all;
    const Result<Revision> loaded = store.load({}, [&all](const RecordView& record) -> Status {
      all.emplace(record.key, record.value);
      return {};
    });
    EXPECT_TRUE(loaded.has_value());
    all.emplace("revision", std::to_string(loaded.value_or(0)));
    return all;
  }

  [[nodiscard]] Contents recovered() const {
    const auto store = open_at(copied(), kFileBytes);
    return store == nullptr ? Contents() : contents(*store);
  }

  [[nodiscard]] std::string refusal() const {
    const auto store = open_embedded_store({.folder = copied()});
    return store ? "" : store.error().cause;
  }

  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  static void write(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  TestFolder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace signet::store
