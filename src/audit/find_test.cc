#include "audit/find.h"

#include <gtest/gtest.h>

#include "audit/folder_for_test.h"
#include "audit/trail_file.h"

namespace signet::audit {
namespace {

class FindLine : public FolderTest {
 protected:
  static bool any(std::string_view /*line*/) { return true; }
};

TEST_F(FindLine, LooksThroughFilledFilesToo) {
  write(rotated_name(path_, 1), "{\"id\":\"old\"}\n{\"id\":\"both\",\"n\":1}\n");
  write(path_, "{\"id\":\"both\",\"n\":2}\n");

  EXPECT_EQ(find_line(path_, "old", any), "{\"id\":\"old\"}");
  EXPECT_EQ(find_line(path_, "both", any), "{\"id\":\"both\",\"n\":2}") << "the newest one";
  EXPECT_EQ(find_line(path_, "none", any), std::nullopt);
}

TEST_F(FindLine, TakesOnlyWholeLinesThatAreWanted) {
  write(path_, "{\"a\":\"x\"}\n{\"b\":\"x\"}\n{\"c\":\"x");

  EXPECT_EQ(find_line(path_, "x", any), "{\"b\":\"x\"}");
  EXPECT_EQ(
      find_line(path_, "x", [](std::string_view line) { return line.find("\"a\"") != line.npos; }),
      "{\"a\":\"x\"}");
}

TEST_F(FindLine, ATrailThatIsNotThereHoldsNothing) {
  EXPECT_EQ(find_line(path_, "x", any), std::nullopt);
}

}  // namespace
}  // namespace signet::audit
