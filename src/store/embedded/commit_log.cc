#include "store/embedded/commit_log.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <unistd.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

// Bytes appended after which it pays to write the files in full.
constexpr std::size_t kFillAfter = std::size_t{64} << 10;

std::unexpected<Error> refuse(const std::string& path, std::string_view why) {
  return std::unexpected(facts::service_failure(
      concat("store: ",
             path,
             " ",
             why,
             "; commits that were acknowledged may be lost: restore the whole folder from a "
             "backup")));
}

// Whether the file is the one that the database expects under this name.
Status check_header(const std::string& path,
                    const LogFile& file,
                    const std::optional<LogHeader>& found,
                    const LogHeader& expected) {
  if (!found) {
    return refuse(path, "does not begin as a log of commits does: it was cut or damaged");
  }
  if (found->id != expected.id) {
    return refuse(path, "is the log of another database");
  }
  if (found->number != expected.number) {
    return refuse(path, "is the other file of the log, under this name");
  }
  if (file.length() < found->size) {
    return refuse(path,
                  concat("was cut: it has ",
                         std::to_string(file.length() + kLogBlock),
                         " of ",
                         std::to_string(found->size + kLogBlock),
                         " bytes"));
  }
  return {};
}

}  // namespace

Status CommitLog::open(const CommitLogOptions& options, Revision in_database) {
  options_ = options;
  moved_ = in_database;
  std::array<LogScan, 2> scans;
  for (std::size_t number = 0; number < files_.size(); ++number) {
    const std::string bytes = TRY(open_file(number));
    if (!bytes.empty()) {
      scans[number] = scan_log(options_.id, std::string_view(bytes).substr(kLogBlock));
    }
  }
  return take(std::move(scans));
}

// The file's bytes, none where it has yet to be made.
Result<std::string> CommitLog::open_file(std::size_t number) {
  const std::string& path = options_.paths[number];
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    return options_.must_exist ? Result<std::string>(refuse(path, "is missing")) : std::string();
  }
  LogFile file = TRY(LogFile::open(path));
  const std::optional<LogHeader> header = TRY(file.header());
  if (!header && !options_.must_exist) {
    return std::string();  // a crash came between the making of the file and its first use
  }
  TRY_STATUS(check_header(path, file, header, header_of(number)));
  files_[number] = std::move(file);
  return files_[number].read();
}

Result<std::vector<SharedLogRecord>> CommitLog::read_layout_2(const CommitLogOptions& options,
                                                              Revision in_database) {
  CommitLog log;
  log.options_ = options;
  log.moved_ = in_database;
  std::array<LogScan, 2> scans;
  for (std::size_t number = 0; number < scans.size(); ++number) {
    if (access(options.paths[number].c_str(), F_OK) == 0) {
      const LogFile file = TRY(LogFile::open(options.paths[number]));
      scans[number] = scan_log(options.id, TRY(file.read()));
    }
  }
  TRY_STATUS(log.take(std::move(scans)));
  return log.pending();
}

Status CommitLog::take(std::array<LogScan, 2> scans) {
  Revision highest = 0;
  std::vector<LogRecord> records;
  for (std::size_t number = 0; number < scans.size(); ++number) {
    LogScan& scan = scans[number];
    highest = std::max(highest, scan.highest);
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
  files_[current_].set_end(is_free(current_) ? 0 : scans[current_].end);
  return {};
}

LogHeader CommitLog::header_of(std::size_t number) const {
  return {.id = options_.id,
          .number = static_cast<std::uint32_t>(number),
          .size = std::max(files_[number].length(), options_.file_bytes)};
}

Status CommitLog::make_files() {
  for (std::size_t number = 0; number < files_.size(); ++number) {
    if (!files_[number].is_open()) {
      files_[number] = TRY(LogFile::create(options_.paths[number], header_of(number)));
    } else if (files_[number].length() < options_.file_bytes) {
      TRY_STATUS(files_[number].lengthen(header_of(number)));
    }
  }
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
  SIGNET_ASSERT(record.first == last() + 1 && takes(record.bytes.size()));
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
  SIGNET_ASSERT(is_free(next));
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
  SIGNET_ASSERT(pending_.empty() && revision >= moved_);
  moved_ = revision;
  files_[current_].set_end(0);
}

bool CommitLog::wants_fill() const {
  const auto is_short = [this](const LogFile& file) {
    return file.is_open() && file.written() < options_.file_bytes;
  };
  return !is_fill_given_up_ && (options_.takes_room_at_once || appended_bytes_ >= kFillAfter) &&
         std::ranges::any_of(files_, is_short);
}

void CommitLog::fill_some() {
  for (LogFile& file : files_) {
    if (file.written() < options_.file_bytes) {
      is_fill_given_up_ = !file.fill(options_.file_bytes);
      return;
    }
  }
}

void CommitLog::remove() {
  SIGNET_ASSERT(pending_.empty());
  for (const std::string& path : options_.paths) {
    unlink(path.c_str());
  }
}

}  // namespace signet::store
