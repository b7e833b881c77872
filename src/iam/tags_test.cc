#include "iam/tags.h"

#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

constexpr std::size_t kLimit = 50;

std::vector<std::string> keys_of(const TagList& tags) {
  std::vector<std::string> keys;
  for (const model::Tag& tag : tags) {
    keys.push_back(tag.key);
  }
  return keys;
}

std::vector<Tag> numbered(int first, int count) {
  std::vector<Tag> tags;
  for (int i = first; i < first + count; ++i) {
    tags.push_back({.key = "k" + std::to_string(i), .value = "v"});
  }
  return tags;
}

}  // namespace

TEST(Tags, AreListedByLengthThenAlphabetically) {
  const std::vector<Tag> given = {{"abc", "1"}, {"z", "2"}, {"b", "3"}, {"a", "4"}};

  const auto tags = put_tags({}, given, TagKeys::CaseSensitive, kLimit);

  EXPECT_EQ(keys_of(*tags), (std::vector<std::string>{"a", "b", "z", "abc"}));
}

TEST(Tags, ReplaceAKeyInAnotherCaseAndTakeItsSpelling) {
  const TagList old = {{"Team", "red"}};

  const auto tags = put_tags(old, {{"TEAM", "blue"}}, TagKeys::CaseInsensitive, kLimit);

  EXPECT_EQ(*tags, (TagList{{"TEAM", "blue"}}));
}

TEST(Tags, KeepBothSpellingsWhereCaseCounts) {
  const auto tags = put_tags({{"Team", "red"}}, {{"TEAM", "x"}}, TagKeys::CaseSensitive, kLimit);

  EXPECT_EQ(keys_of(*tags), (std::vector<std::string>{"TEAM", "Team"}));
}

TEST(Tags, RefuseDuplicateKeys) {
  EXPECT_EQ(outcome(put_tags({}, {{"a", "1"}, {"A", "2"}}, TagKeys::CaseInsensitive, kLimit)),
            "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case "
            "insensitive.");
  EXPECT_EQ(outcome(put_tags({}, {{"a", "1"}, {"a", "2"}}, TagKeys::CaseSensitive, kLimit)),
            "InvalidInput: Duplicate tag keys found.");
  EXPECT_EQ(outcome(put_tags({}, {{"a", "1"}, {"A", "2"}}, TagKeys::CaseSensitive, kLimit)), "ok");
}

TEST(Tags, RefuseTheReservedPrefixInAnyCase) {
  for (const char* key : {"aws:x", "AWS:x", "aws:"}) {
    EXPECT_EQ(outcome(put_tags({}, {{key, "1"}}, TagKeys::CaseSensitive, kLimit)),
              "InvalidInput: Tag keys starting with aws: are reserved for system use.")
        << key;
  }
  EXPECT_EQ(outcome(put_tags({}, {{"awsx", "1"}}, TagKeys::CaseSensitive, kLimit)), "ok");
}

TEST(Tags, AreLimitedInTotal) {
  const TagList full = *put_tags({}, numbered(0, 50), TagKeys::CaseInsensitive, kLimit);

  EXPECT_EQ(outcome(put_tags(full, numbered(50, 1), TagKeys::CaseInsensitive, kLimit)),
            "LimitExceeded: The number of tags has reached the maximum limit.");
  EXPECT_EQ(outcome(put_tags(full, numbered(0, 1), TagKeys::CaseInsensitive, kLimit)), "ok");
}

TEST(Tags, AreRemovedByTheirKindsIdeaOfAKey) {
  const TagList old = {{"a", "1"}, {"Team", "2"}};

  EXPECT_EQ(remove_tags(old, {"TEAM", "none"}, TagKeys::CaseInsensitive), (TagList{{"a", "1"}}));
  EXPECT_EQ(remove_tags(old, {"TEAM"}, TagKeys::CaseSensitive), old);
}

TEST(Tags, ArePagedInTheirOwnOrder) {
  const TagList tags = *put_tags({}, numbered(8, 5), TagKeys::CaseInsensitive, kLimit);
  const std::string scope = list_scope("ListUserTags", IamFixture::kAccount, "AIDA");

  const Page<Tag> first = page_of_tags(tags, *read_page(scope, std::nullopt, 3));
  const Page<Tag> second = page_of_tags(tags, *read_page(scope, first.marker, 3));

  ASSERT_EQ(first.items.size(), 3U);
  EXPECT_EQ(first.items[0].key, "k8");
  EXPECT_EQ(first.items[2].key, "k10");
  ASSERT_EQ(second.items.size(), 2U);
  EXPECT_EQ(second.items[1].key, "k12");
  EXPECT_FALSE(second.marker);
}

TEST(Tags, WithTheLongestKeysStillFitIntoMarkers) {
  std::string letter128;
  for (int i = 0; i < 127; ++i) {
    letter128 += "\xF0\x90\x8C\xB0";  // U+10330, a letter of four bytes
  }
  std::vector<Tag> given;
  for (const char* last : {"c", "a", "b"}) {
    given.push_back({.key = letter128 + last, .value = last});
  }
  const TagList tags = *put_tags({}, given, TagKeys::CaseInsensitive, kLimit);
  const std::string scope = list_scope("ListUserTags", IamFixture::kAccount, "AIDA");
  std::string seen;
  std::optional<std::string> marker;

  do {
    const Page<Tag> page = page_of_tags(tags, *read_page(scope, marker, 1));
    ASSERT_EQ(page.items.size(), 1U);
    seen += page.items[0].value;
    marker = page.marker;
    EXPECT_LE(marker.value_or("").size(), 320U);
  } while (marker && seen.size() < 5);

  EXPECT_EQ(seen, "abc");
}

}  // namespace signet::iam
