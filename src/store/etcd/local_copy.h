#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "store/shared_store.h"

namespace signet::store {

// Where in a cluster's history a state stands.
struct CopyPoint {
  std::uint64_t cluster = 0;       // etcd's id of it
  std::int64_t etcd_revision = 0;  // etcd's own, that showed the state
  Revision revision = 0;
  std::string counter;  // what the counter of commits held

  bool operator==(const CopyPoint&) const = default;
};

// A copy of the state of a cluster in two files of a node's folder (docs/formats/store.md), so that
// a start asks etcd for what changed since and not for everything: state.copy with all records of
// one revision, and state.changes with the commits after it. What is not whole is not used, and
// nothing that goes wrong with it is a failure: the state is in etcd. One thread at a time.
class LocalCopy {
 public:
  // `folder` is there.
  explicit LocalCopy(const std::string& folder);
  LocalCopy(const LocalCopy&) = delete;
  LocalCopy& operator=(const LocalCopy&) = delete;
  LocalCopy(LocalCopy&&) = delete;
  LocalCopy& operator=(LocalCopy&&) = delete;
  ~LocalCopy();

  // Reads both files, as far as they are whole. The point that they lead to; nothing: there is no
  // copy.
  [[nodiscard]] std::optional<CopyPoint> open();

  // Adds the commit that follows; any other one is ignored. So are all once they take twice the
  // room of the records, and more than kChangesMin: the next start asks etcd for the rest.
  void append(const Change& change, std::string_view counter, std::int64_t etcd_revision);

  // Shows all records, in any order; once after open(). Where the commits have grown, the two files
  // become one meanwhile.
  [[nodiscard]] Status show(const Visitor& visit);

  // Makes a copy anew: begin() gives up what there was, finish() says which point it is. Where the
  // disk refuses there is none.
  void begin();
  void put(const RecordView& record);
  void finish(const CopyPoint& point);

  static constexpr std::uint64_t kChangesMin = std::uint64_t{16} << 20;

 private:
  class Mapping;
  class Writer;

  struct Held {
    Revision revision = 0;
    std::optional<std::string> value;  // nothing: the record is gone
  };

  [[nodiscard]] bool open_records();
  void open_changes();
  // False: it does not follow.
  bool apply(const Change& change, std::string_view counter, std::int64_t etcd_revision);
  void give_up();

  const std::string records_path_;
  const std::string changes_path_;

  std::optional<CopyPoint> point_;  // nothing: there is no copy
  std::uint64_t records_bytes_ = 0;
  std::uint64_t changes_bytes_ = 0;
  UniqueFd changes_;

  // Between open() and show().
  std::unique_ptr<Mapping> records_;
  std::map<std::string, Held, std::less<>> changed_;

  std::unique_ptr<Writer> writer_;  // between begin() and finish()
};

}  // namespace signet::store
