#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.h"
#include "base/result.h"

namespace signet::audit {

// What reading one trail from its first file to its last found.
struct Verdict {
  std::string trail;  // path of the file that is written now
  std::uint64_t files = 0;
  std::uint64_t records = 0;
  std::uint64_t first_sequence = 0;
  ChainPoint end;
  // The first thing that is wrong, "FILE:LINE: what"; empty: every record is there, as it was
  // written and in its order.
  std::string problem;
  // Clauses that are no fault: older files were taken away, the last record is torn.
  std::vector<std::string> notes;
};

// Checks lines as they come, file by file. One trail, one thread.
class ChainChecker {
 public:
  // The next line belongs to this file.
  void begin_file(std::string_view name);

  // A line without its newline. False: it is wrong, see verdict().problem; nothing more is read.
  bool take(std::string_view line);

  // Bytes after the last newline of the last file.
  void take_torn(std::size_t bytes);

  // What the head file says about how far the trail once went. Before the first line.
  void take_head(const ChainPoint& head);

  // After the last line: false if the trail ends before its head or has another record there.
  bool reaches_head();

  [[nodiscard]] const Verdict& verdict() const { return verdict_; }

  Verdict& verdict() { return verdict_; }

 private:
  bool fail(std::string_view what);
  bool continues(const ChainTail& tail);

  Verdict verdict_;
  std::string file_;
  std::uint64_t line_ = 0;
  ChainPoint head_;
  std::string digest_at_head_;
};

// The trails that a path names: a folder's, the one of a trail's present file with all the files it
// has filled, or one filled file alone. Fails if there is none or the path cannot be read.
[[nodiscard]] Result<std::vector<std::string>> find_trails(const std::string& path);

// Reads a trail that find_trails() answered. Fails if a file cannot be read.
[[nodiscard]] Result<Verdict> verify_trail(const std::string& trail);

}  // namespace signet::audit
