#include "objects/listing.h"

#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace signet::objects {
namespace {

class MapCursor final : public KeyCursor {
 public:
  explicit MapCursor(const std::set<std::string>& keys) : keys_(keys), at_(keys.end()) {}

  Status seek(std::string_view from) override {
    steps_ += 1;
    at_ = keys_.lower_bound(std::string(from));
    return {};
  }

  Status next() override {
    steps_ += 1;
    ++at_;
    return {};
  }

  [[nodiscard]] bool at_end() const override { return at_ == keys_.end(); }

  [[nodiscard]] std::string_view key() const override { return *at_; }

  [[nodiscard]] Result<ObjectInfo> info() const override { return ObjectInfo{.key = *at_}; }

  [[nodiscard]] std::size_t steps() const { return steps_; }

 private:
  const std::set<std::string>& keys_;
  std::set<std::string>::const_iterator at_;
  std::size_t steps_ = 0;
};

// What a listing is, said naively: all items in order, cut to size.
struct NaiveItem {
  std::string name;
  bool is_prefix = false;

  bool operator==(const NaiveItem&) const = default;
};

std::vector<NaiveItem> naive_items(const std::set<std::string>& keys,
                                   const std::string& prefix,
                                   const std::string& delimiter) {
  std::vector<NaiveItem> out;
  for (const std::string& key : keys) {
    if (!key.starts_with(prefix)) {
      continue;
    }
    NaiveItem item{.name = key};
    if (const std::size_t at = key.find(delimiter, prefix.size());
        !delimiter.empty() && at != std::string::npos) {
      item = NaiveItem{.name = key.substr(0, at + delimiter.size()), .is_prefix = true};
    }
    if (out.empty() || !(out.back() == item)) {
      out.push_back(item);
    }
  }
  return out;
}

std::vector<std::string> names(const std::vector<ObjectInfo>& objects) {
  std::vector<std::string> out;
  for (const ObjectInfo& object : objects) {
    out.push_back(object.key);
  }
  return out;
}

ListPage page_of(const std::set<std::string>& keys, const ListQuery& query) {
  MapCursor cursor(keys);
  return list_page(cursor, query).value();
}

// A page's items in one order, to compare with the model.
std::vector<NaiveItem> items_of(const ListPage& page) {
  std::map<std::string, bool> merged;
  for (const ObjectInfo& object : page.objects) {
    merged[object.key] = false;
  }
  std::vector<NaiveItem> out;
  for (const std::string& prefix : page.common_prefixes) {
    merged[prefix] = true;
  }
  for (const auto& [name, is_prefix] : merged) {
    out.push_back(NaiveItem{.name = name, .is_prefix = is_prefix});
  }
  return out;
}

RC_GTEST_PROP(ListPage, PagesAddUpToTheNaiveListing, ()) {
  const auto keys = *rc::gen::container<std::set<std::string>>(
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'b', '/', '\xff'))));
  const auto prefix = *rc::gen::element(std::string(),
                                        std::string("a"),
                                        std::string("a/"),
                                        std::string("/"),
                                        std::string("\xff"),
                                        std::string("ab"));
  const auto delimiter = *rc::gen::element(
      std::string(), std::string("/"), std::string("b"), std::string("a/"), std::string("\xff"));
  const auto max_keys = *rc::gen::inRange<std::size_t>(1, 5);

  std::vector<NaiveItem> found;
  ListQuery query{.prefix = prefix, .delimiter = delimiter, .start = {}, .max_keys = max_keys};
  for (std::size_t pages = 0;; ++pages) {
    RC_ASSERT(pages <= keys.size() + 1);
    const ListPage page = page_of(keys, query);
    const std::vector<NaiveItem> items = items_of(page);
    RC_ASSERT(items.size() == page.objects.size() + page.common_prefixes.size());
    RC_ASSERT(items.size() <= max_keys);
    found.insert(found.end(), items.begin(), items.end());
    if (!page.is_truncated) {
      break;
    }
    RC_ASSERT(items.size() == max_keys);
    query.start = parse_token(format_token(page.next)).value();
  }
  RC_ASSERT(found == naive_items(keys, prefix, delimiter));
}

RC_GTEST_PROP(ListPage, StartsAfterAnyKey, ()) {
  const auto keys = *rc::gen::container<std::set<std::string>>(
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'b', '/'))));
  const auto after = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '/'));

  const ListPage page =
      page_of(keys, ListQuery{.prefix = {}, .delimiter = {}, .start = {.after = after}});

  std::vector<std::string> expected;
  for (const std::string& key : keys) {
    if (key > after) {
      expected.push_back(key);
    }
  }
  RC_ASSERT(names(page.objects) == expected);
}

TEST(ListPage, RollsUpCommonPrefixes) {
  const std::set<std::string> keys = {
      "a", "photos/2006/jan.jpg", "photos/2006/feb.jpg", "photos/index", "z"};

  const ListPage top = page_of(keys, {.delimiter = "/"});
  const ListPage below = page_of(keys, {.prefix = "photos/", .delimiter = "/"});

  EXPECT_EQ(names(top.objects), (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(top.common_prefixes, (std::vector<std::string>{"photos/"}));
  EXPECT_EQ(names(below.objects), (std::vector<std::string>{"photos/index"}));
  EXPECT_EQ(below.common_prefixes, (std::vector<std::string>{"photos/2006/"}));
}

TEST(ListPage, IsNotTruncatedWhenTheLastItemFits) {
  const std::set<std::string> keys = {"a", "b/1", "b/2"};

  EXPECT_FALSE(page_of(keys, {.delimiter = "/", .max_keys = 2}).is_truncated);
  EXPECT_TRUE(page_of(keys, {.delimiter = "/", .max_keys = 1}).is_truncated);
  EXPECT_TRUE(page_of(keys, {.max_keys = 2}).is_truncated);
  EXPECT_FALSE(page_of(keys, {.max_keys = 0}).is_truncated);
}

TEST(ListPage, ReadsNoKeyBelowACommonPrefix) {
  std::set<std::string> keys;
  for (int i = 0; i < 10'000; ++i) {
    keys.insert("big/" + std::to_string(i));
  }
  MapCursor cursor(keys);

  ASSERT_TRUE(list_page(cursor, {.delimiter = "/"}).has_value());

  EXPECT_LT(cursor.steps(), 5U);
}

TEST(ListToken, RefusesWhatWeDidNotWrite) {
  for (const char* token : {"", "a", "!!!!", "aw", "eGFi", "a2Fi="}) {
    EXPECT_FALSE(parse_token(token).has_value()) << token;
  }
}

}  // namespace
}  // namespace signet::objects
