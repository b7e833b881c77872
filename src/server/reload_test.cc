#include "server/reload.h"

#include <string>

#include <gtest/gtest.h>

#include "facts/errors.h"

namespace signet::server {
namespace {

TEST(ReloadHooks, RunInOrderWhateverBecomesOfTheOthers) {
  ReloadHooks hooks;
  std::string ran;
  hooks.add("a", [&ran]() -> Status {
    ran += "a";
    return {};
  });
  hooks.add("b", [&ran]() -> Status {
    ran += "b";
    return std::unexpected(facts::service_failure("no such file"));
  });
  hooks.add("c", [&ran]() -> Status {
    ran += "c";
    return {};
  });

  EXPECT_EQ(hooks.run(), 1);
  EXPECT_EQ(hooks.run(), 1) << "as often as it is told";

  EXPECT_EQ(ran, "abcabc");
}

}  // namespace
}  // namespace signet::server
