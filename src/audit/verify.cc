#include "audit/verify.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "audit/trail_file.h"
#include "base/errno_text.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::audit {
namespace {

constexpr std::size_t kDigits = 12;

std::unexpected<Error> unreadable(std::string_view path, std::string_view why) {
  return std::unexpected(facts::service_failure(concat(path, ": ", why)));
}

// The trail that a filled file belongs to; nothing if its name is not that of one.
std::optional<std::string> trail_of_filled(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  const bool is_filled = dot != std::string::npos && path.size() == dot + 1 + kDigits &&
                         std::all_of(path.end() - kDigits, path.end(), is_digit);
  return is_filled ? std::optional(path.substr(0, dot)) : std::nullopt;
}

std::optional<ChainPoint> head_of(const std::string& trail) {
  std::ifstream in(head_name(trail), std::ios::binary);
  return read_head(std::string(std::istreambuf_iterator<char>(in), {}));
}

// False: the reading ends here.
Result<bool> read_file(const std::string& path, bool is_last, ChainChecker& checker) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return unreadable(path, errno_text(errno));
  }
  checker.begin_file(path);
  for (std::string line; std::getline(in, line);) {
    if (in.eof() && is_last) {
      checker.take_torn(line.size());  // no newline ends it
    } else if (!checker.take(line)) {
      return false;
    }
  }
  return true;
}

}  // namespace

void ChainChecker::begin_file(std::string_view name) {
  file_ = name;
  line_ = 0;
  ++verdict_.files;
}

bool ChainChecker::fail(std::string_view what) {
  verdict_.problem = concat(file_, ":", std::to_string(line_), ": ", what);
  return false;
}

// A first record of all says itself what it follows; every other follows the one before.
bool ChainChecker::continues(const ChainTail& tail) {
  const std::uint64_t number = tail.point.sequence;
  if (verdict_.records == 0) {
    if (tail.previous.empty()) {
      return fail("the first record of the file was removed or changed");
    }
    verdict_.first_sequence = number;
    verdict_.end.digest = tail.previous;
    if (number > 1) {
      verdict_.notes.push_back(concat(
          "it begins with record ", std::to_string(number), ": older files were taken away"));
    } else if (verdict_.end != ChainPoint()) {
      return fail("record 1 follows another one");
    }
    return true;
  }
  const std::uint64_t expected = verdict_.end.sequence + 1;
  if (number != expected) {
    return fail(concat("record ",
                       std::to_string(number),
                       " follows record ",
                       std::to_string(verdict_.end.sequence),
                       number > expected ? ": records between them were removed"
                                         : ": records were put in another order or repeated"));
  }
  if (!tail.previous.empty() && tail.previous != verdict_.end.digest) {
    return fail("the record does not follow the one before it");
  }
  return true;
}

bool ChainChecker::take(std::string_view line) {
  ++line_;
  if (!verdict_.problem.empty()) {
    return false;
  }
  const auto tail = read_chain_tail(line);
  if (!tail) {
    return fail("not a chained record");
  }
  if (!continues(*tail)) {
    return false;
  }
  if (chain_digest(verdict_.end.digest, tail->covered) != tail->point.digest) {
    return fail(concat(
        "record ", std::to_string(tail->point.sequence), " was changed, or the one before it was"));
  }
  verdict_.end = tail->point;
  ++verdict_.records;
  if (verdict_.end.sequence == head_.sequence) {
    digest_at_head_ = verdict_.end.digest;
  }
  return true;
}

void ChainChecker::take_torn(std::size_t bytes) {
  verdict_.notes.push_back(
      concat("its last ",
             std::to_string(bytes),
             " bytes are a record that was not written whole; the next start cuts them off"));
}

void ChainChecker::take_head(const ChainPoint& head) {
  head_ = head;
}

bool ChainChecker::reaches_head() {
  const bool knows_head = head_.sequence > 0 && head_.sequence >= verdict_.first_sequence;
  if (!verdict_.problem.empty() || !knows_head) {
    return verdict_.problem.empty();
  }
  if (head_.sequence > verdict_.end.sequence) {
    return fail(concat("the trail ends with record ",
                       std::to_string(verdict_.end.sequence),
                       ", but once had record ",
                       std::to_string(head_.sequence),
                       ": records were removed from its end"));
  }
  return digest_at_head_ == head_.digest ||
         fail(concat(
             "record ", std::to_string(head_.sequence), " is not the one the head file names"));
}

Result<std::vector<std::string>> find_trails(const std::string& path) {
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  if (kind == std::filesystem::file_type::regular) {
    return std::vector<std::string>{path};
  }
  if (kind != std::filesystem::file_type::directory) {
    return unreadable(path, error ? error.message() : "neither a file nor a folder");
  }
  std::set<std::string> trails;
  for (std::filesystem::directory_iterator it(path, error), last; !error && it != last;
       it.increment(error)) {
    const std::string name = it->path().string();
    if (const auto trail = trail_of_filled(name); trail) {
      trails.insert(*trail);
    } else if (name.ends_with(".jsonl")) {
      trails.insert(name);
    }
  }
  if (error || trails.empty()) {
    return unreadable(path, error ? error.message() : "no audit trail (NAME.jsonl) in the folder");
  }
  return std::vector<std::string>(trails.begin(), trails.end());
}

Result<Verdict> verify_trail(const std::string& trail) {
  ChainChecker checker;
  checker.verdict().trail = trail;
  std::vector<std::string> files = {trail};
  if (!trail_of_filled(trail)) {
    files = rotated_files(trail);
    std::error_code error;
    if (std::filesystem::exists(trail, error) || error) {  // read_file() names the reason
      files.push_back(trail);
    }
    if (const auto head = head_of(trail); head) {
      checker.take_head(*head);
    }
  }
  for (const std::string& file : files) {
    if (!TRY(read_file(file, file == files.back(), checker))) {
      return checker.verdict();
    }
  }
  checker.reaches_head();
  return checker.verdict();
}

}  // namespace signet::audit
