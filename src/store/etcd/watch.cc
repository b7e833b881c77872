#include "store/etcd/watch.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

// Longest line: a commit of many megabytes, twice (before and after), in base64.
constexpr std::size_t kLineMax = std::size_t{256} << 20;

std::unexpected<Error> odd(std::string_view what) {
  return std::unexpected(facts::service_failure(concat("etcd's watch: ", what)));
}

// The record of a value as it lies in etcd; false: it is none.
bool take_record(std::optional<std::string>& value) {
  if (!value) {
    return true;
  }
  const auto record = read_record_value(*value);
  if (!record) {
    return false;
  }
  value = std::string(record->value);
  return true;
}

}  // namespace

Result<WatchReader::End> WatchReader::take(std::string_view bytes,
                                           const std::function<void(WatchedCommit)>& committed) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      rest_.append(bytes);
      return rest_.size() <= kLineMax ? Result<End>(End::None) : odd("a line without an end");
    }
    rest_.append(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    const std::string line = std::exchange(rest_, {});
    const End outcome = TRY(take_line(line, committed));
    if (outcome != End::None) {
      return outcome;
    }
  }
  return End::None;
}

Result<WatchReader::End> WatchReader::take_line(
    std::string_view line, const std::function<void(WatchedCommit)>& committed) {
  WatchAnswer answer = TRY(read_watch(line));
  if (answer.is_canceled) {
    return answer.is_compacted ? End::Gap : End::Canceled;
  }
  auto first = answer.events.begin();
  while (first != answer.events.end()) {
    const auto last = std::find_if(first, answer.events.end(), [first](const WatchEvent& one) {
      return one.mod_revision != first->mod_revision;
    });
    const End outcome = TRY(take_events(
        std::vector<WatchEvent>(std::make_move_iterator(first), std::make_move_iterator(last)),
        committed));
    if (outcome != End::None) {
      return outcome;
    }
    first = last;
  }
  return End::None;
}

Result<WatchReader::End> WatchReader::take_events(
    std::vector<WatchEvent> events, const std::function<void(WatchedCommit)>& committed) {
  const auto counter = std::ranges::find(events, layout_.counter(), &WatchEvent::key);
  if (counter == events.end()) {
    return End::None;
  }
  const auto revision =
      counter->after ? revision_of_counter(*counter->after) : std::optional<Revision>();
  if (!revision || *revision != last_ + 1) {
    return End::Gap;
  }
  WatchedCommit commit{.change = {.revision = *revision, .items = {}},
                       .counter = *counter->after,
                       .etcd_revision = counter->mod_revision};
  for (WatchEvent& event : events) {
    auto key = layout_.key_of(event.key);
    if (!key) {
      continue;
    }
    // What was deleted and was not there is told of by no event.
    if (event.lacks_before || !take_record(event.before) || !take_record(event.after)) {
      return End::Gap;
    }
    commit.change.items.push_back({.key = *std::move(key),
                                   .before = std::move(event.before),
                                   .after = std::move(event.after)});
  }
  last_ = *revision;
  committed(std::move(commit));
  return End::None;
}

}  // namespace signet::store
