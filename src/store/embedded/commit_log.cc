#include "store/embedded/commit_log.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include <unistd.h>

#include "base/check.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

// Bytes appended after which it pays to write the files in full.
constexpr std::size_t kFillAfter = std::size_t{64} << 10;

}  // namespace

Status CommitLog::open(const CommitLogOptions& options, Revision in_database) {
  options_ = options;
  moved_ = in_database;
  Revision highest = 0;
  std::array<std::size_t, 2> ends{};
  std::vector<LogRecord> records;
  for (std::size_t number = 0; number < files_.size(); ++number) {
    files_[number] = TRY(LogFile::open(options_.paths[number]));
    LogScan scan = scan_log(options_.id, TRY(files_[number].read()));
    highest = std::max(highest, scan.highest);
    ends[number] = scan.end;
    last_in_[number] = scan.records.empty() ? 0 : scan.records.back().last;
    std::ranges::move(scan.records, std::back_inserter(records));
  }
  std::erase_if(records, [this](const LogRecord& record) { return record.last <= moved_; });
  std::ranges::sort(records, {}, &LogRecord::first);
  for (LogRecord& record : records) {
    if (record.first != last() + 1) {
      return damaged(last() + 1);
    }
    pending_.push_back(std::make_shared<const LogRecord>(std::move(record)));
  }
  // One record may have been begun and not finished; what follows it was never written.
  if (highest > last() + 1) {
    return damaged(last() + 1);
  }
  current_ = last_in_[1] > last_in_[0] ? 1 : 0;
  files_[current_].set_end(is_free(current_) ? 0 : ends[current_]);
  return {};
}

std::unexpected<Error> CommitLog::damaged(Revision missing) const {
  return std::unexpected(facts::service_failure(
      concat("store: revision ",
             std::to_string(missing),
             " is missing or damaged in ",
             options_.paths[0],
             " and ",
             options_.paths[1],
             ", which hold later ones: restore the whole folder from a backup")));
}

std::vector<SharedLogRecord> CommitLog::pending() const {
  return {pending_.begin(), pending_.end()};
}

bool CommitLog::fits(std::size_t size) const {
  return files_[current_].end() + size <= options_.file_bytes;
}

bool CommitLog::has_room(std::size_t size) const {
  return fits(size) || is_free(0) || is_free(1);
}

Status CommitLog::append(LogRecord record) {
  SIGNET_CHECK(record.first == last() + 1 && takes(record.bytes.size()));
  if (!fits(record.bytes.size())) {
    TRY_STATUS(turn());
  }
  TRY_STATUS(files_[current_].append(record.bytes));
  appended_bytes_ += record.bytes.size();
  last_in_[current_] = record.last;
  pending_.push_back(std::make_shared<const LogRecord>(std::move(record)));
  return {};
}

// Goes on at the start of a file that is not needed any more.
Status CommitLog::turn() {
  TRY_STATUS(files_[current_].clean_tail());
  const std::size_t next = is_free(current_) ? current_ : 1 - current_;
  SIGNET_CHECK(is_free(next));
  current_ = next;
  files_[current_].set_end(0);
  return {};
}

bool CommitLog::wants_move() const {
  return !is_free(1 - current_);
}

void CommitLog::moved(Revision revision) {
  moved_ = std::max(moved_, revision);
  while (!pending_.empty() && pending_.front()->last <= moved_) {
    pending_.pop_front();
  }
}

void CommitLog::skip_to(Revision revision) {
  SIGNET_CHECK(pending_.empty() && revision >= moved_);
  moved_ = revision;
  files_[current_].set_end(0);
}

bool CommitLog::wants_fill() const {
  const auto is_short = [this](const LogFile& file) {
    return file.size() < options_.file_bytes;
  };
  return !is_fill_given_up_ && appended_bytes_ >= kFillAfter &&
         std::ranges::any_of(files_, is_short);
}

void CommitLog::fill_some() {
  for (LogFile& file : files_) {
    if (file.size() < options_.file_bytes) {
      is_fill_given_up_ = !file.fill(options_.file_bytes);
      return;
    }
  }
}

void CommitLog::remove() {
  SIGNET_CHECK(pending_.empty());
  for (const std::string& path : options_.paths) {
    unlink(path.c_str());
  }
}

}  // namespace signet::store
