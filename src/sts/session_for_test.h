#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "model/caller.h"
#include "token/session_token.h"

namespace signet::sts {

// For tests: the session behind credentials that were issued just now. A failed test, and a session
// of nobody, where there are none.
template <class Response>
std::shared_ptr<const model::Session> session_behind(const Result<Response>& answer,
                                                     const api::ApiFixture& world) {
  EXPECT_EQ(outcome(answer), "ok");
  auto opened =
      answer ? token::open_session(
                   world.rings.current(), answer->credentials->session_token, world.clock.now())
             : std::nullopt;
  EXPECT_TRUE(opened.has_value());
  return opened ? opened->session : std::make_shared<const model::Session>();
}

}  // namespace signet::sts
