#include "store/etcd/messages.h"

#include <string>

#include <gtest/gtest.h>

#include "store/etcd/address.h"
#include "store/etcd/layout.h"
#include "store/etcd/watch.h"

namespace signet::store {
namespace {

TEST(EtcdAddress, TakesHostsPortsPrefixAndTls) {
  const auto plain = parse_etcd_address("etcd://10.0.0.1:2379,db-2,[::1]:1234");
  ASSERT_TRUE(plain.has_value());
  ASSERT_EQ(plain->endpoints.size(), 3u);
  EXPECT_EQ(plain->endpoints[1].host, "db-2");
  EXPECT_EQ(plain->endpoints[1].port, 2379);
  EXPECT_EQ(plain->endpoints[2].host, "::1");
  EXPECT_EQ(plain->endpoints[2].port, 1234);
  EXPECT_EQ(plain->prefix, "signet/");
  EXPECT_FALSE(plain->is_tls);

  const auto secure = parse_etcd_address("etcds://a:1/teams/iam/");
  ASSERT_TRUE(secure.has_value());
  EXPECT_TRUE(secure->is_tls);
  EXPECT_EQ(secure->prefix, "teams/iam/");
}

TEST(EtcdAddress, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "etcd://",
                           "etcd:///p",
                           "http://a:1",
                           "etcd://a:0",
                           "etcd://a:65536",
                           "etcd://a:b",
                           "etcd://a:1,",
                           "etcd://[::1",
                           "etcd://[::1]x",
                           "etcd://a b",
                           "etcd://u@a:1",
                           "etcd://a:1/p q"}) {
    EXPECT_FALSE(parse_etcd_address(text).has_value()) << text;
  }
}

TEST(EtcdLayout, CountersAndRecordsAreReadAsTheyWereWritten) {
  const std::string value = record_value(0x0102030405060708, "text");
  const auto record = read_record_value(value);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->revision, 0x0102030405060708u);
  EXPECT_EQ(record->value, "text");
  EXPECT_FALSE(read_record_value("1234567").has_value());

  EXPECT_EQ(revision_of_counter(counter_value(42, "0123456789abcdef")), 42u);
  for (const char* bad : {"",
                          "42",
                          "42 ",
                          " 0123456789abcdef",
                          "0 0123456789abcdef",
                          "-1 0123456789abcdef",
                          "42 0123456789ABCDEF",
                          "42 0123456789abcde",
                          "42 0123456789abcdef0"}) {
    EXPECT_FALSE(revision_of_counter(bad).has_value()) << bad;
  }
}

// "p/s/revision", "p/s/r/a", "p/s/r/b".
constexpr std::string_view kCounterKey = "cC9zL3JldmlzaW9u";
constexpr std::string_view kKeyA = "cC9zL3IvYQ==";

std::string counter_event(int revision, std::string_view counter) {
  return R"({"kv":{"key":")" + std::string(kCounterKey) +
         R"(","create_revision":"2","mod_revision":")" + std::to_string(revision) +
         R"(","value":")" + std::string(counter) + R"("},"prev_kv":{"key":")" +
         std::string(kCounterKey) + R"(","mod_revision":"2","value":"MQ=="}})";
}

std::string line(const std::string& events) {
  return R"({"result":{"header":{"cluster_id":"7","revision":"9"},"events":[)" + events + "]}}\n";
}

// The counter's values "4 0123456789abcdef" and "5 0123456789abcdef".
constexpr std::string_view kFour = "NCAwMTIzNDU2Nzg5YWJjZGVm";
constexpr std::string_view kFive = "NSAwMTIzNDU2Nzg5YWJjZGVm";

struct Taken {
  std::vector<WatchedCommit> commits;
  Result<WatchReader::End> end;
};

Taken take(std::string_view text, Revision after = 3) {
  const EtcdLayout layout("p/");
  WatchReader reader(layout, after);
  Taken taken{.commits = {}, .end = WatchReader::End::None};
  // In pieces, as they may come.
  for (std::size_t at = 0; at < text.size() && taken.end == WatchReader::End::None; at += 7) {
    taken.end = reader.take(text.substr(at, 7), [&taken](WatchedCommit commit) {
      taken.commits.push_back(std::move(commit));
    });
    if (!taken.end) {
      break;
    }
  }
  return taken;
}

TEST(WatchReader, ShowsCommitsWithWhatWasThereBefore) {
  const std::string put =
      R"({"kv":{"key":")" + std::string(kKeyA) +
      R"(","create_revision":"8","mod_revision":"8","value":"AAAAAAAAAARoaQ=="}})";
  const std::string erased =
      R"({"type":"DELETE","kv":{"key":")" + std::string(kKeyA) +
      R"(","mod_revision":"9"},"prev_kv":{"key":"cC9zL3IvYQ==","mod_revision":"8","value":"AAAAAAAAAARoaQ=="}})";

  const Taken taken = take(
      line(put + "," + counter_event(8, kFour) + "," + erased + "," + counter_event(9, kFive)));

  ASSERT_TRUE(taken.end.has_value());
  ASSERT_EQ(taken.commits.size(), 2u);
  EXPECT_EQ(taken.commits[0].change.revision, 4u);
  ASSERT_EQ(taken.commits[0].change.items.size(), 1u);
  EXPECT_EQ(taken.commits[0].change.items[0].key, "a");
  EXPECT_EQ(taken.commits[0].change.items[0].after, "hi");
  EXPECT_FALSE(taken.commits[0].change.items[0].before.has_value());
  EXPECT_EQ(taken.commits[1].etcd_revision, 9);
  EXPECT_EQ(taken.commits[1].change.items[0].before, "hi");
  EXPECT_FALSE(taken.commits[1].change.items[0].after.has_value());
}

TEST(WatchReader, SeesThatACommitIsMissing) {
  EXPECT_EQ(take(line(counter_event(9, kFive))).end, WatchReader::End::Gap);
}

TEST(WatchReader, SeesThatTheCounterWentBackOrAway) {
  EXPECT_EQ(take(line(counter_event(9, kFour)), 4).end, WatchReader::End::Gap);
  const std::string gone =
      R"({"type":"DELETE","kv":{"key":")" + std::string(kCounterKey) + R"(","mod_revision":"9"}})";
  EXPECT_EQ(take(line(gone)).end, WatchReader::End::Gap);
}

TEST(WatchReader, DoesNotGuessWhatWasDeleted) {
  const std::string erased =
      R"({"type":"DELETE","kv":{"key":")" + std::string(kKeyA) + R"(","mod_revision":"8"}})";
  EXPECT_EQ(take(line(erased + "," + counter_event(8, kFour))).end, WatchReader::End::Gap);
}

TEST(WatchReader, TakesNothingForACommitThatHasNoCounter) {
  const std::string put =
      R"({"kv":{"key":")" + std::string(kKeyA) +
      R"(","create_revision":"8","mod_revision":"8","value":"AAAAAAAAAARoaQ=="}})";
  const Taken taken = take(line(put));
  EXPECT_EQ(taken.end, WatchReader::End::None);
  EXPECT_TRUE(taken.commits.empty());
}

TEST(WatchReader, TellsCompactionFromOtherEnds) {
  EXPECT_EQ(
      take(R"({"result":{"header":{"cluster_id":"7"},"canceled":true,"compact_revision":"5"}})"
           "\n")
          .end,
      WatchReader::End::Gap);
  EXPECT_EQ(take(R"({"result":{"header":{"cluster_id":"7"},"canceled":true}})"
                 "\n")
                .end,
            WatchReader::End::Canceled);
}

TEST(WatchReader, RefusesWhatItDoesNotUnderstand) {
  for (
      const char* text :
      {"x\n",
       "{}\n",
       R"({"error":{"message":"no leader"}})"
       "\n",
       R"({"result":{"events":[]}})"
       "\n",
       R"({"result":{"header":{"cluster_id":"x"}}})"
       "\n",
       R"({"result":{"header":{},"events":[{}]}})"
       "\n",
       R"({"result":{"header":{},"events":[{"kv":{"key":"*"}}]}})"
       "\n",
       R"({"result":{"header":{},"events":[{"kv":{"mod_revision":"9"}},{"kv":{"mod_revision":"8"}}]}})"
       "\n"}) {
    EXPECT_FALSE(take(text).end.has_value()) << text;
  }
}

TEST(EtcdMessages, ManyChangesAreNestedSoThatEtcdTakesThem) {
  EtcdChanges changes;
  for (int i = 0; i < 200; ++i) {
    changes.emplace("k" + std::to_string(i), "v");
  }
  const std::string text = txn_request({.key = "c", .value = {}}, changes);
  std::size_t nested = 0;
  for (std::size_t at = 0; (at = text.find("request_txn", at)) != std::string::npos; ++at) {
    nested += 1;
  }
  EXPECT_EQ(nested, 4u);
}

}  // namespace
}  // namespace signet::store
