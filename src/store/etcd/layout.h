#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "store/etcd/messages.h"
#include "store/store.h"

namespace signet::store {

// Under which keys of etcd the state lies, and what they hold (docs/formats/store.md): in etcd, do
// not change. Everything that is the state lies under PREFIXs/, so that one watch sees it all.
class EtcdLayout {
 public:
  // `prefix` ends in a slash.
  explicit EtcdLayout(std::string prefix) : prefix_(std::move(prefix)) {}

  // The counter of commits; what it holds stands for the whole state.
  [[nodiscard]] std::string counter() const { return prefix_ + "s/revision"; }

  [[nodiscard]] std::string record(std::string_view key) const;
  // The key of the record; nothing for another key.
  [[nodiscard]] std::optional<std::string> key_of(std::string_view etcd_key) const;

  // The records whose keys begin with this.
  [[nodiscard]] EtcdKeys records(std::string_view key_prefix) const;
  [[nodiscard]] EtcdKeys state() const;

  // What a commit puts and deletes, its counter among it.
  [[nodiscard]] EtcdChanges changes_of(std::span<const Transaction> batch,
                                       Revision revision,
                                       const std::string& counter) const;

  // Who has the office of doing what one of all should do.
  [[nodiscard]] std::string office() const { return prefix_ + "n/office"; }

 private:
  std::string prefix_;
};

// The value of a record: the revision that wrote it (8 bytes, big-endian), then the record.
[[nodiscard]] std::string record_value(Revision revision, std::string_view value);

struct StoredRecord {
  Revision revision = 0;
  std::string_view value;  // into the text that was taken apart
};

[[nodiscard]] std::optional<StoredRecord> read_record_value(std::string_view text);

// The value of the counter: the revision in decimal, a space, and what tells this commit from every
// other one of the number (16 hexadecimal digits), so that a state that was put back to an earlier
// one and went another way is not taken for this one. Nothing for another text.
[[nodiscard]] std::string counter_value(Revision revision, std::string_view commit_id);
[[nodiscard]] std::optional<Revision> revision_of_counter(std::string_view value);

}  // namespace signet::store
