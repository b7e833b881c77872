#include "audit/sink.h"

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "audit/folder_for_test.h"
#include "audit/replay.h"
#include "audit/trail_file.h"
#include "audit/verify.h"

namespace signet::audit {
namespace {

class SinkTest : public FolderTest {
 protected:
  std::unique_ptr<Sink> open(const SinkOptions& options) {
    auto sink = Sink::open(options, clock_);
    EXPECT_TRUE(sink.has_value());
    return std::move(*sink);
  }

  std::unique_ptr<Sink> open() { return open({.path = path_}); }

  [[nodiscard]] std::size_t count(std::string_view text) const {
    std::size_t found = 0;
    for (const std::string& line : lines_of(path_)) {
      found += line.find(text) != std::string::npos ? 1 : 0;
    }
    return found;
  }

  ManualClock clock_{Instant::from_seconds(1'771'321'482)};
};

// Files of this process cannot grow beyond a size while it exists.
class FullDisk {
 public:
  explicit FullDisk(std::uint64_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit small{.rlim_cur = bytes, .rlim_max = old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }

  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  FullDisk(FullDisk&&) = delete;
  FullDisk& operator=(FullDisk&&) = delete;

  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &old_); }

 private:
  rlimit old_{};
};

TEST_F(SinkTest, WritesEveryLineBeforeItCloses) {
  {
    const auto sink = open();
    sink->append(record(1));
    sink->append(record(2));
  }

  EXPECT_EQ(lines_of(path_).size(), 2U);
  EXPECT_EQ(verify_trail(path_)->problem, "");
}

TEST_F(SinkTest, KeptLinesAreInTheFileWhenTheCallReturns) {
  const auto sink = open();
  sink->append(record(1));

  EXPECT_TRUE(sink->keep(record(2)));

  ASSERT_EQ(lines_of(path_).size(), 2U);
  EXPECT_NE(lines_of(path_)[0].find("\"n\":1"), std::string::npos) << "in their order";
}

TEST_F(SinkTest, KeepsTheLinesOfManyThreadsWholeAndOnce) {
  {
    const auto sink = open({.path = path_, .rotate_bytes = 20'000});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&sink, t] {
        for (int i = 0; i < 200; ++i) {
          i % 2 == 0 ? sink->append(record(t * 1000 + i))
                     : static_cast<void>(sink->keep(record(t * 1000 + i)));
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  EXPECT_EQ(verify_trail(path_)->problem, "");
  EXPECT_EQ(verify_trail(path_)->records, 800U);
}

TEST_F(SinkTest, NumberedLinesSettleOnceTheyAreOnTheDisk) {
  const auto sink = open();
  EXPECT_EQ(sink->settled(), 0U);

  EXPECT_TRUE(sink->keep_numbered(7, record(1)));
  sink->flush();

  EXPECT_EQ(sink->settled(), 7U);
}

TEST_F(SinkTest, StrangersHaveATrailOfTheirOwn) {
  {
    const auto sink = open();
    sink->append(record(1));
    sink->append_unauthenticated(record(2));
  }

  EXPECT_EQ(count("\"n\":2"), 0U);
  EXPECT_NE(read(folder_ + "/audit-unauthenticated.jsonl").find("\"n\":2"), std::string::npos);
}

TEST_F(SinkTest, AFloodOfStrangersTakesNothingFromTheTrailAndIsCounted) {
  const std::string line = "{\"x\":\"" + std::string(2000, 'y') + "\"}\n";
  const auto sink = open();
  sink->append(record(1));

  for (int i = 0; i < 30'000; ++i) {
    sink->append_unauthenticated(line);
  }
  sink->flush();

  EXPECT_EQ(count("\"n\":1"), 1U);
  EXPECT_EQ(sink->lost(), 0U);
  EXPECT_GT(sink->health().dropped_unauthenticated, 10'000U);
  EXPECT_TRUE(sink->health().is_well);
  std::uintmax_t size = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    size += entry.file_size();
  }
  EXPECT_LT(size, 20'000'000U);
  EXPECT_NE(read(folder_ + "/audit-unauthenticated.jsonl").find("RecordsDropped"),
            std::string::npos);
}

TEST_F(SinkTest, AFullDiskLosesNothingThatFitsInMemory) {
  const auto sink = open();
  ASSERT_TRUE(sink->keep(record(1)));
  {
    const FullDisk full(std::filesystem::file_size(path_));
    EXPECT_FALSE(sink->keep(record(2)));
    EXPECT_FALSE(sink->health().is_well);
    EXPECT_NE(sink->health().reason.find("cannot be written"), std::string::npos);
    EXPECT_TRUE(sink->accepts_work()) << "recording is not required";
  }

  EXPECT_TRUE(sink->keep(record(3)));

  EXPECT_TRUE(sink->health().is_well);
  EXPECT_EQ(sink->lost(), 0U);
  EXPECT_EQ(lines_of(path_).size(), 3U);
  EXPECT_EQ(verify_trail(path_)->problem, "");
}

TEST_F(SinkTest, RefusesWorkWhileADiskThatIsRequiredIsFull) {
  const auto sink = open({.path = path_, .is_required = true});
  ASSERT_TRUE(sink->keep(record(1)));
  EXPECT_TRUE(sink->accepts_work());
  {
    const FullDisk full(std::filesystem::file_size(path_));
    EXPECT_FALSE(sink->keep(record(2)));
    EXPECT_FALSE(sink->accepts_work());
  }

  sink->flush();

  EXPECT_TRUE(sink->accepts_work());
}

TEST_F(SinkTest, ADeviceThatIsFullFromTheStartTakesNoWorkIfItIsRequired) {
  const auto required = open({.path = "/dev/full", .is_required = true});
  EXPECT_FALSE(required->accepts_work());
  EXPECT_FALSE(required->health().is_well);
}

TEST_F(SinkTest, CountsWhatItLosesAndIsUnwell) {
  const std::string line = "{\"x\":\"" + std::string(1 << 20, 'y') + "\"}\n";
  const auto sink = open();
  ASSERT_TRUE(sink->keep(record(1)));
  const FullDisk full(std::filesystem::file_size(path_));

  // How much of it waits and how much the writer holds meanwhile depends on the two threads.
  for (int i = 0; i < 10'000 && (sink->lost() == 0 || sink->health().is_well); ++i) {
    sink->append(line);
  }

  EXPECT_GT(sink->lost(), 0U);
  EXPECT_FALSE(sink->health().is_well);
}

TEST_F(SinkTest, AddsOfKeptLinesOnlyThoseThatAreMissing) {
  const auto sink = open({.path = path_, .rotate_bytes = 1});
  sink->keep(record(1));
  sink->keep(record(2));

  sink->keep_missing(9, record(1) + record(2) + record(3));
  sink->flush();

  EXPECT_EQ(verify_trail(path_)->records, 3U);
  EXPECT_EQ(sink->settled(), 9U);
}

TEST_F(SinkTest, WritesDownWhatItHadToMend) {
  open()->append(record(1));
  write(path_, read(path_) + "{\"torn");

  open()->append(record(2));

  EXPECT_EQ(verify_trail(path_)->problem, "");
  EXPECT_EQ(count("AuditTrailMended"), 1U);
  EXPECT_EQ(count("the last 6 bytes"), 1U);
}

TEST_F(SinkTest, SaysWhyAFileCannotBeOpened) {
  const auto sink = Sink::open({.path = "/nonexistent/folder/audit.jsonl"}, clock_);

  ASSERT_FALSE(sink.has_value());
  EXPECT_NE(sink.error().cause.find("No such file"), std::string::npos);
}

TEST(DisabledSink, TakesNothingAndRefusesNothing) {
  Sink sink;
  sink.append("x\n");
  sink.append_unauthenticated("x\n");
  EXPECT_TRUE(sink.keep("x\n"));
  EXPECT_FALSE(sink.is_enabled());
  EXPECT_TRUE(sink.accepts_work());
  EXPECT_TRUE(sink.health().is_well);
  EXPECT_EQ(sink.lost(), 0U);
}

TEST(EventId, IsTheFirstMemberOfThatName) {
  EXPECT_EQ(event_id_of(R"({"eventID":"a","requestParameters":{"eventID":"b"}})"), "a");
  EXPECT_EQ(event_id_of(R"({"userAgent":"\"eventID\":\"forged\"","eventID":"a"})"), "a");
  EXPECT_EQ(event_id_of("{}"), "");
}

}  // namespace
}  // namespace signet::audit
