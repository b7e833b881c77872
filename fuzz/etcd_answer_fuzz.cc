// fuzz-deps: store
// Input: one byte, then bytes. 0: an answer to a range, 1: to a transaction, 2: a lease, 3: a
// refusal, 4: a line of a lease's stream, otherwise a watch's stream, taken in two pieces. Whatever
// is understood has keys and revisions of sane bounds; commits of a watch come without a gap.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"
#include "codec/json.h"
#include "store/etcd/layout.h"
#include "store/etcd/messages.h"
#include "store/etcd/watch.h"

namespace {

using namespace signet;         // NOLINT(google-build-using-namespace): a program of one file
using namespace signet::store;  // NOLINT(google-build-using-namespace): a program of one file

void check_answer(std::uint8_t kind, std::string_view text) {
  const auto json = codec::Json::parse(text);
  if (!json) {
    return;
  }
  if (kind == 0) {
    if (const auto range = read_range(*json)) {
      for (const EtcdKeyValue& one : range->records) {
        SIGNET_ASSERT(one.mod_revision >= 0);
        static_cast<void>(read_record_value(one.value));
        static_cast<void>(revision_of_counter(one.value));
      }
    }
  } else if (kind == 1) {
    const auto txn = read_txn(*json);
    SIGNET_ASSERT(!txn || !txn->is_done || !txn->found);
  } else {
    const auto lease = read_grant(*json);
    SIGNET_ASSERT(!lease || *lease > 0);
  }
}

void check_watch(std::string_view stream) {
  const EtcdLayout layout("p/");
  constexpr Revision kAfter = 3;
  Revision last = kAfter;
  WatchReader reader(layout, kAfter);
  const auto committed = [&last](const WatchedCommit& commit) {
    SIGNET_ASSERT(commit.change.revision == last + 1);
    SIGNET_ASSERT(revision_of_counter(commit.counter) == commit.change.revision);
    for (const Change::Item& item : commit.change.items) {
      SIGNET_ASSERT(item.before || item.after);
    }
    last = commit.change.revision;
  };
  const auto first = reader.take(stream.substr(0, stream.size() / 2), committed);
  if (first && *first == WatchReader::End::None) {
    static_cast<void>(reader.take(stream.substr(stream.size() / 2), committed));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 0:
    case 1:
    case 2:
      check_answer(data[0], text);
      break;
    case 3:
      static_cast<void>(read_refusal(text));
      break;
    case 4:
      static_cast<void>(read_keep_alive(text));
      break;
    default:
      check_watch(text);
  }
  return 0;
}
