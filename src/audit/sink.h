#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace signet::audit {

struct SinkOptions {
  std::string path;  // the trail; its neighbour NAME-unauthenticated.EXT is the strangers'
  std::uint64_t rotate_bytes = std::uint64_t{64} << 20;  // of the trail; a filled file is kept
  int keep = 0;              // filled files of the trail that are kept; 0: all
  bool is_required = false;  // work that cannot be recorded is refused
};

// What operators ask about a sink.
struct SinkHealth {
  bool is_well = true;     // records reach the file, and none was lost in the last minute
  std::uint64_t lost = 0;  // records of the trail lost since the start
  std::uint64_t dropped_unauthenticated = 0;  // records of strangers beyond their budget
  std::string reason;                         // why it is not well; empty: it is
};

// Takes audit lines from any thread. The trail has every record of callers that are known; requests
// of others go to a trail of their own with a budget (16 MiB in two files, a thousand lines a
// second), so that they can push nothing out. Both are chained (docs/formats/audit.md).
//
// Lines are gathered in memory and written by one background thread at least every 200 ms and when
// 64 KB have gathered. If the disk refuses they are kept (16 MiB) and tried again; beyond that they
// are lost, counted, and the loss is logged every ten seconds.
class Sink {
 public:
  // Takes no records at all (dev mode without --audit).
  Sink();

  // Opens both trails and writes down what it had to mend. `clock` outlives the sink. Fails with
  // the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<Sink>> open(const SinkOptions& options,
                                                          const Clock& clock);

  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  Sink(Sink&&) = delete;
  Sink& operator=(Sink&&) = delete;

  // Writes what is gathered, then closes.
  ~Sink();

  [[nodiscard]] bool is_enabled() const { return state_ != nullptr; }

  // The file of the trail that is written now, for read_newest_first(); empty: there is none to
  // read again (no trail, or a device or pipe).
  [[nodiscard]] std::string path() const;

  // Queues one line (it ends in a newline). Never blocks on the disk.
  void append(std::string_view line);

  // As append(), for requests of callers that nobody vouches for.
  void append_unauthenticated(std::string_view line);

  // Hands one or more lines to the system before it returns, with all that was queued before them;
  // they survive the end of this process. False: the disk refused; they stay queued if there is
  // room. True at once without a file.
  bool keep(std::string_view lines);

  // Like keep(), for lines that somebody else holds under numbers up to `number` until settled()
  // reaches it. 0: nobody does.
  bool keep_numbered(std::uint64_t number, std::string_view lines);

  // All numbered lines up to this number are on the disk, whatever happens to the machine.
  [[nodiscard]] std::uint64_t settled() const;

  // Keeps those of numbered lines whose eventID the trail's last files do not hold.
  void keep_missing(std::uint64_t number, std::string_view lines);

  // Whether work that cannot be recorded is to be refused.
  [[nodiscard]] bool is_required() const;

  // False: a record of new work might be lost, and that is not allowed (is_required).
  [[nodiscard]] bool accepts_work() const;

  // Writes and syncs everything gathered so far.
  void flush();

  // Makes a copy of both trails, as they are now, whose present file is `target`, for backups.
  // Appending waits for a moment only. Nothing is copied of a sink without files.
  [[nodiscard]] Status copy_to(const std::string& target);

  // Opens the files anew after somebody has moved them away. False: it could not be done.
  bool reopen();

  // Records of the trail that could not be written since the start.
  [[nodiscard]] std::uint64_t lost() const;

  [[nodiscard]] SinkHealth health() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// FILE.jsonl -> FILE-unauthenticated.jsonl
[[nodiscard]] std::string unauthenticated_path(const std::string& path);

}  // namespace signet::audit
