#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/chain.h"
#include "base/result.h"

namespace signet::audit {

// Where the files of a trail lie (docs/formats/audit.md). `path` is the file that is written now.
[[nodiscard]] std::string rotated_name(const std::string& path, std::uint64_t first_sequence);
[[nodiscard]] std::string head_name(const std::string& path);
// The files that a trail has filled, oldest first.
[[nodiscard]] std::vector<std::string> rotated_files(const std::string& path);

// The number of the first record of an open file; nothing while it has no whole line, or none of a
// chain.
[[nodiscard]] std::optional<std::uint64_t> first_sequence(int fd);

// Bytes [begin, begin + size) of an open file, or as many as there are; fails with the system's
// reason.
[[nodiscard]] Result<std::string> read_bytes(int fd, std::uint64_t begin, std::uint64_t size);

// The end of a file of lines.
struct FileEnd {
  std::uint64_t size = 0;
  std::uint64_t whole_size = 0;  // up to and with the last newline
  std::string last_line;         // without its newline; empty: the file has no whole line
};

// Nothing if the file cannot be read.
[[nodiscard]] Result<FileEnd> read_end(const std::string& path);

// One chained trail on disk: the file that is written now and those it has filled, which are kept
// unless `keep` says otherwise. One thread at a time.
class TrailFile {
 public:
  struct Options {
    std::string path;
    std::uint64_t rotate_bytes = std::uint64_t{64} << 20;
    int keep = 0;  // filled files that are kept, the newest ones; 0: all
  };

  // Opens for appending (mode 0600) and finds the chain's end. What a crash left half written is
  // cut off; a file without a chain is moved aside; what is missing is jumped over, so that it
  // shows. Each of these is told by findings(). Fails with the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<TrailFile>> open(Options options);

  TrailFile(const TrailFile&) = delete;
  TrailFile& operator=(const TrailFile&) = delete;
  TrailFile(TrailFile&&) = delete;
  TrailFile& operator=(TrailFile&&) = delete;
  // Syncs and closes.
  ~TrailFile();

  // Clauses that say what open() found amiss.
  [[nodiscard]] const std::vector<std::string>& findings() const { return findings_; }

  // False: a device or a pipe, which has neither an end to continue nor neighbours.
  [[nodiscard]] bool is_regular() const { return is_regular_; }

  [[nodiscard]] const std::string& path() const { return options_.path; }

  [[nodiscard]] const ChainPoint& end() const { return end_; }

  // Of the file that is written now, up to its last whole line.
  [[nodiscard]] std::uint64_t size() const { return size_; }

  // Hands whole lines to the system, each with its place in the chain, and starts another file when
  // this one is full. 0, or an errno value: then nothing was written.
  [[nodiscard]] int append(std::string_view lines);

  // Makes durable what was appended, and notes the chain's end in the head file. 0 or an errno
  // value.
  [[nodiscard]] int sync();

  // sync() in three steps, so that appending goes on while the disk works: start_sync() and
  // finish_sync() like every other function, wait_for_disk() on any thread. Nothing to do: nothing.
  struct SyncJob {
    int fd;  // closed by wait_for_disk()
    ChainPoint end;
  };

  [[nodiscard]] std::optional<SyncJob> start_sync() const;
  [[nodiscard]] static int wait_for_disk(const SyncJob& job);
  void finish_sync(const SyncJob& job);

  // Opens the path anew, for a file that somebody else has moved away. 0 or an errno value.
  [[nodiscard]] int reopen();

 private:
  explicit TrailFile(Options options) : options_(std::move(options)) {}

  Status open_first();
  Status find_end();
  Status move_aside();
  void compare_with_head();
  int look_at_file();
  void rotate();
  void write_head(const ChainPoint& point);

  Options options_;
  int fd_ = -1;
  bool is_regular_ = true;
  bool is_synced_ = true;
  // A failed append left bytes beyond this size.
  std::optional<std::uint64_t> torn_from_;
  std::uint64_t size_ = 0;
  std::uint64_t rotate_at_ = 0;
  std::uint64_t first_sequence_ = 1;  // of the file that is written now
  ChainPoint end_;
  std::string sealed_;
  std::vector<std::string> findings_;
};

}  // namespace signet::audit
