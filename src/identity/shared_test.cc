#include "identity/shared.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "identity/document_pool.h"
#include "identity/lazy.h"

namespace signet::identity {
namespace {

TEST(Shared, CopiesAreOneValue) {
  const auto one = Shared<std::string>::make("value");
  Shared<std::string> other = one;
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.use_count(), 2u);
  EXPECT_NE(one, Shared<std::string>::make("value"));
  other = nullptr;
  EXPECT_EQ(one.use_count(), 1u);
  EXPECT_EQ(other.get(), nullptr);
  EXPECT_FALSE(other);
  other = Shared<std::string>(one);
  const Shared<std::string> moved = std::move(other);
  EXPECT_EQ(one.use_count(), 2u);
  EXPECT_EQ(*moved, "value");
}

TEST(SharedList, AChangeIsSeenByNobodyElse) {
  SharedList<std::string> one = {"a", "b"};
  const SharedList<std::string> other = one;
  one.edit([](std::vector<std::string>& items) { items.push_back("c"); });
  EXPECT_EQ(one, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(other, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(one.edit([](std::vector<std::string>& items) { return std::erase(items, "a"); }), 1u);
  EXPECT_EQ(one.front(), "b");
  one.clear();
  EXPECT_TRUE(one.empty());
  EXPECT_EQ(one, SharedList<std::string>(std::vector<std::string>()));
}

TEST(DocumentPool, EqualListsAreOneObject) {
  DocumentPool pool;
  const DocumentRef document = pool.intern("{}");
  const auto tags = pool.intern(SharedList<Tag>{{"team", "red"}});
  const auto policies = pool.intern(SharedList<InlinePolicy>{{"p", document}});
  EXPECT_EQ(&*tags, &*pool.intern(SharedList<Tag>{{"team", "red"}}));
  EXPECT_NE(&*tags, &*pool.intern(SharedList<Tag>{{"team", "blue"}}));
  EXPECT_NE(&*tags, &*pool.intern(SharedList<Tag>{{"team", "red"}, {"team", "red"}}));
  EXPECT_NE(&*tags, &*pool.intern(SharedList<Tag>{{"teamr", "ed"}}));
  EXPECT_EQ(&*policies, &*pool.intern(SharedList<InlinePolicy>{{"p", document}}));
  EXPECT_NE(&*policies, &*pool.intern(SharedList<InlinePolicy>{{"q", document}}));
  EXPECT_NE(&*policies, &*pool.intern(SharedList<InlinePolicy>{{"p", pool.intern("[]")}}));
}

TEST(DocumentPool, KeepsNoneOfManyListsThatDiffer) {
  DocumentPool pool;
  const auto shared = pool.intern(SharedList<Tag>{{"team", "red"}});
  const SharedList<Tag> again = shared;
  std::vector<SharedList<Tag>> own;
  for (int i = 0; i < 10'000; ++i) {
    own.push_back(pool.intern(SharedList<Tag>{{"number", std::to_string(i)}}));
  }
  EXPECT_EQ(own.front().use_count(), 1u);
  EXPECT_EQ(&*shared, &*pool.intern(SharedList<Tag>{{"team", "red"}}));
}

TEST(Lazy, IsMadeOnceAndNotCopied) {
  int made = 0;
  const auto make = [&made] {
    made += 1;
    return std::string("made");
  };
  Lazy<std::string> one;
  EXPECT_EQ(&one.get(make), &one.get(make));
  EXPECT_EQ(made, 1);
  const Lazy<std::string> copy = one;
  EXPECT_EQ(copy.get(make), "made");
  EXPECT_EQ(made, 2);
  const Lazy<std::string> moved = std::move(one);
  EXPECT_EQ(moved.get(make), "made");
  EXPECT_EQ(made, 2);
}

}  // namespace
}  // namespace signet::identity
