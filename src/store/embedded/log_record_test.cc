#include "store/embedded/log_record.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/checksum.h"

namespace signet::store {
namespace {

constexpr LogId kId = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
constexpr std::size_t kHeaderSize = 48;  // docs/formats/store.md

struct Change {
  Revision revision = 0;
  std::string key;
  std::optional<std::string> value;

  bool operator==(const Change&) const = default;
};

Transaction putting(std::string key, std::string value) {
  return {.puts = {Put{std::move(key), std::move(value)}}, .deletes = {}};
}

LogRecord record_of(Revision first, const std::vector<Transaction>& transactions) {
  std::vector<Batch> batches;
  batches.reserve(transactions.size());
  for (const Transaction& transaction : transactions) {
    batches.emplace_back(&transaction, 1);
  }
  return make_log_record(kId, first, batches);
}

std::vector<Change> changes_of(const LogRecord& record) {
  std::vector<Change> changes;
  const Status status = visit_log_record(record, [&changes](const LogChange& change) -> Status {
    Change copy{.revision = change.revision, .key = std::string(change.key), .value = {}};
    if (change.value) {
      copy.value = std::string(*change.value);
    }
    changes.push_back(std::move(copy));
    return {};
  });
  EXPECT_TRUE(status.has_value());
  return changes;
}

// A record around any body, with a right checksum.
LogRecord record_with_body(std::string_view body, std::uint32_t batches) {
  std::string bytes = record_of(7, {putting("k", std::string(4000, 'v'))}).bytes;
  bytes.resize(kHeaderSize);
  const auto set = [&bytes](std::size_t at, std::uint64_t number, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      bytes[at + i] = static_cast<char>(number >> (8 * i) & 0xFF);
    }
  };
  set(32, batches, 4);
  set(36, body.size(), 4);
  set(40, crypto::crc64nvme(crypto::crc64nvme(0, std::string_view(bytes).substr(0, 40)), body), 8);
  bytes += body;
  bytes.resize((bytes.size() + kLogBlock - 1) / kLogBlock * kLogBlock);
  const std::optional<LogRecord> record = read_log_record(kId, bytes);
  EXPECT_TRUE(record.has_value());
  return record.value_or(LogRecord{});
}

TEST(LogRecord, ShowsWhatWasPutInOrder) {
  const std::string any_bytes(
      "\0P\xff"
      "D",
      4);
  const std::vector<Transaction> first = {
      {.puts = {{"a", "1"}, {any_bytes, any_bytes}}, .deletes = {"gone", "b"}}, putting("a", "")};
  const std::vector<Transaction> second = {Transaction{}};
  const std::vector<Transaction> third = {putting("c", "3")};

  const LogRecord record = make_log_record(kId, 41, std::vector<Batch>{first, second, third});

  EXPECT_EQ(record.first, 41u);
  EXPECT_EQ(record.last, 43u);
  const std::vector<Change> expected = {{41, "a", "1"},
                                        {41, any_bytes, any_bytes},
                                        {41, "gone", std::nullopt},
                                        {41, "b", std::nullopt},
                                        {41, "a", ""},
                                        {43, "c", "3"}};
  EXPECT_EQ(changes_of(record), expected);
}

TEST(LogRecord, IsReadAsItWasWrittenAndFillsWholeBlocks) {
  const std::vector<std::pair<std::size_t, std::size_t>> cases = {
      {0, 1}, {4096 - 48 - 9, 1}, {4096 - 48 - 8, 2}, {100'000, 25}};
  for (const auto& [value_size, blocks] : cases) {
    const std::vector<Transaction> transaction = {putting("k", std::string(value_size, 'v'))};
    const LogRecord record = record_of(9, transaction);

    const LogRecord read =
        read_log_record(kId, record.bytes + "whatever follows").value_or(LogRecord{});

    EXPECT_EQ(read.first, 9u) << value_size;
    EXPECT_EQ(read.last, 9u);
    EXPECT_TRUE(read.bytes == record.bytes);
    EXPECT_EQ(record.bytes.size(), blocks * kLogBlock) << value_size;
    EXPECT_EQ(log_record_size(std::vector<Batch>{transaction}), record.bytes.size());
  }
}

TEST(LogRecord, EveryChangedByteOfAnUnpaddedRecordMakesItNone) {
  const LogRecord record = record_of(9, {putting("key", "value"), putting("other", "text")});
  const std::size_t used = kHeaderSize + 2 + 2 * 7 + 8 + 9;
  for (std::size_t at = 0; at < used; ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string bytes = record.bytes;
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      EXPECT_FALSE(read_log_record(kId, bytes).has_value()) << at << " " << flip;
    }
  }
}

TEST(LogRecord, AnUnfinishedOneIsNone) {
  const LogRecord record = record_of(9, {putting("k", std::string(20'000, 'v'))});
  ASSERT_EQ(record.bytes.size(), 5 * kLogBlock);
  for (std::size_t size = 0; size < record.bytes.size(); size += 512) {
    std::string torn = record.bytes.substr(0, size);
    EXPECT_FALSE(read_log_record(kId, torn).has_value()) << size << " bytes";
    torn.resize(record.bytes.size());
    EXPECT_FALSE(read_log_record(kId, torn).has_value()) << size << " bytes, then zeros";
  }
}

TEST(LogRecord, OneOfAnotherDatabaseIsNone) {
  LogId other = kId;
  other[15] = 'g';

  EXPECT_FALSE(read_log_record(other, record_of(9, {putting("k", "v")}).bytes).has_value());
}

TEST(LogRecord, RefusesABodyThatIsNotInTheDocumentedForm) {
  struct Case {
    const char* name;
    std::string body;
    std::uint32_t batches;
  };

  using std::string_literals::operator""s;
  for (const Case& c :
       {Case{"nothing", "", 1},
        Case{"unknown operation", "BX", 1},
        Case{"change before the first batch", "P\1\0\1\0\0\0kvB"s, 1},
        Case{"fewer batches than announced", "B", 2},
        Case{"more batches than announced", "BB", 1},
        Case{"change in a batch too many", "BBD\1\0k"s, 1},
        Case{"cut in the sizes", "BP\1\0\1"s, 1},
        Case{"cut in the key", "BD\2\0k"s, 1},
        Case{"cut in the value", "BP\1\0\2\0\0\0kv"s, 1},
        Case{"empty key", "BD\0\0"s, 1},
        Case{"key too long", "BD\1\2"s + std::string(513, 'k'), 1},
        Case{"value too long", "BP\1\0\1\0\x40\0k"s + std::string(kValueSizeMax + 1, 'v'), 1}}) {
    const LogRecord record = record_with_body(c.body, c.batches);

    const Status status = visit_log_record(record, [](const LogChange&) -> Status { return {}; });

    ASSERT_FALSE(status.has_value()) << c.name;
    EXPECT_NE(status.error().cause.find("revision 7"), std::string::npos) << c.name;
  }
}

TEST(LogRecord, AnErrorOfTheVisitorEndsTheWalk) {
  int visits = 0;

  const Status status = visit_log_record(record_of(1, {putting("a", "1"), putting("b", "2")}),
                                         [&visits](const LogChange&) -> Status {
                                           visits += 1;
                                           return fail(ErrorCode{}, "enough");
                                         });

  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message, "enough");
  EXPECT_EQ(visits, 1);
}

TEST(LogScan, FindsRecordsThatContinueEachOther) {
  const std::string bytes = record_of(5, {putting("a", "1"), putting("b", "2")}).bytes +
                            record_of(7, {putting("c", std::string(5000, 'x'))}).bytes +
                            std::string(3 * kLogBlock, '\0');

  const LogScan scan = scan_log(kId, bytes);

  ASSERT_EQ(scan.records.size(), 2u);
  EXPECT_EQ(scan.records[0].last, 6u);
  EXPECT_EQ(scan.records[1].first, 7u);
  EXPECT_EQ(scan.end, 3 * kLogBlock);
  EXPECT_EQ(scan.highest, 7u);
}

TEST(LogScan, EndsWhereOlderRecordsFollow) {
  const LogScan scan =
      scan_log(kId,
               record_of(50, {putting("a", "1")}).bytes + record_of(51, {putting("a", "2")}).bytes +
                   record_of(12, {putting("a", "old")}).bytes);

  EXPECT_EQ(scan.records.size(), 2u);
  EXPECT_EQ(scan.highest, 51u);
}

TEST(LogScan, NoticesWhatLiesBehindADamagedRecord) {
  std::string bytes = record_of(5, {putting("a", "1")}).bytes +
                      record_of(6, {putting("a", "2")}).bytes +
                      record_of(7, {putting("a", "3")}).bytes;
  bytes[kLogBlock + kHeaderSize + 8] ^= 1;

  const LogScan scan = scan_log(kId, bytes);

  EXPECT_EQ(scan.records.size(), 1u);
  EXPECT_EQ(scan.end, kLogBlock);
  EXPECT_EQ(scan.highest, 7u);
}

TEST(LogScan, AnEmptyOrForeignFileHoldsNothing) {
  for (const std::string& bytes :
       {std::string(), std::string(100, 'x'), std::string(2 * kLogBlock, '\0')}) {
    const LogScan scan = scan_log(kId, bytes);
    EXPECT_TRUE(scan.records.empty());
    EXPECT_EQ(scan.end, 0u);
    EXPECT_EQ(scan.highest, 0u);
  }
}

}  // namespace
}  // namespace signet::store
