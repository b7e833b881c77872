#include "store/embedded/log_header.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::store {
namespace {

constexpr LogHeader kHeader{
    .id = {'o', 'n', 'e', ' ', 'd', 'a', 't', 'a', 'b', 'a', 's', 'e', '.', '.', '.', '.'},
    .number = 1,
    .size = 2097152};

TEST(LogHeader, IsReadAsItWasWrittenAndFillsABlock) {
  const std::string bytes = make_log_header(kHeader);

  EXPECT_EQ(bytes.size(), kLogBlock);
  EXPECT_EQ(bytes.substr(0, 8), "SgntLogF");
  EXPECT_EQ(read_log_header(bytes), kHeader);
}

TEST(LogHeader, EveryChangedByteMakesItNone) {
  const std::string bytes = make_log_header(kHeader);
  for (std::size_t at = 0; at < 44; ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);

    EXPECT_EQ(read_log_header(changed), std::nullopt) << at;
  }
}

TEST(LogHeader, APartOfItIsNone) {
  const std::string bytes = make_log_header(kHeader);
  for (std::size_t size = 0; size < 44; ++size) {
    EXPECT_EQ(read_log_header(bytes.substr(0, size)), std::nullopt) << size;
  }
}

}  // namespace
}  // namespace signet::store
