#include "http/impl/timer_wheel.h"

#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace signet::http {
namespace {

TEST(TimerWheel, FiresOnceAtTheDeadline) {
  TimerWheel wheel(100);
  TimerNode node;
  std::vector<std::int64_t> fired;
  const auto fire = [&](TimerNode&) {
    fired.push_back(wheel.now());
  };
  wheel.set(node, 105);
  wheel.advance(104, fire);
  EXPECT_TRUE(fired.empty());
  wheel.advance(110, fire);
  wheel.advance(300, fire);

  EXPECT_EQ(fired, std::vector<std::int64_t>{105});
}

TEST(TimerWheel, MovesBothWaysAndForgets) {
  TimerWheel wheel(0);
  TimerNode sooner;
  TimerNode later;
  TimerNode never;
  std::vector<TimerNode*> fired;
  const auto fire = [&](TimerNode& node) {
    fired.push_back(&node);
  };
  wheel.set(sooner, 50);
  wheel.set(sooner, 5);
  wheel.set(later, 5);
  wheel.set(later, 1000);
  wheel.set(never, 5);
  wheel.set(never, 0);
  wheel.advance(5, fire);
  EXPECT_EQ(fired, std::vector<TimerNode*>{&sooner});
  wheel.advance(999, fire);
  EXPECT_EQ(fired.size(), 1U);
  wheel.advance(1000, fire);

  EXPECT_EQ(fired, (std::vector<TimerNode*>{&sooner, &later}));
}

TEST(TimerWheel, FiresWhatIsOverdueAfterALongStop) {
  TimerWheel wheel(0);
  std::vector<TimerNode> nodes(200);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    wheel.set(nodes[i], static_cast<std::int64_t>(i) + 1);
  }
  int fired = 0;
  wheel.advance(100'000, [&](TimerNode&) { ++fired; });

  EXPECT_EQ(fired, 200);
}

// Against a map of deadlines, with nodes that set and remove others while they fire.
TEST(TimerWheel, AgreesWithAPlainMap) {
  std::mt19937 dice(7);
  TimerWheel wheel(0);
  std::vector<TimerNode> nodes(50);
  std::map<TimerNode*, std::int64_t> model;
  for (std::int64_t now = 1; now < 3000; ++now) {
    for (int i = 0; i < 3; ++i) {
      TimerNode& node = nodes[dice() % nodes.size()];
      const auto delay = static_cast<std::int64_t>(dice() % 150);
      const std::int64_t deadline = dice() % 4 == 0 ? 0 : now + delay;
      wheel.set(node, deadline);
      model.erase(&node);
      if (deadline != 0) {
        model[&node] = deadline;
      }
    }
    wheel.advance(now, [&](TimerNode& node) {
      ASSERT_TRUE(model.contains(&node));
      EXPECT_EQ(std::max(model[&node], now), now) << "not early";
      model.erase(&node);
      TimerNode& other = nodes[dice() % nodes.size()];
      wheel.remove(other);
      model.erase(&other);
    });
    for (const auto& [node, deadline] : model) {
      EXPECT_GE(deadline, now) << "not forgotten";
    }
  }
}

}  // namespace
}  // namespace signet::http
