#include "server/state_copy.h"

#include <span>
#include <string_view>

#include "base/strings.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "identity/trail_store.h"
#include "store/schema.h"

namespace signet::server {
namespace {

// What is written at once: below what etcd takes unless it is told otherwise.
constexpr std::size_t kCommitBytes = std::size_t{512} << 10;
constexpr std::size_t kCommitRecords = 1000;

class Summing {
 public:
  void add(const store::RecordView& record) {
    if (identity::is_trail_key(record.key)) {
      sums_.lines += 1;
      return;
    }
    sums_.has_schema = sums_.has_schema || record.key == store::kSchemaKey;
    sums_.records += 1;
    add_bytes(record.key);
    add_bytes(record.value);
  }

  [[nodiscard]] StateSums take(store::Revision revision) {
    sums_.revision = revision;
    codec::append_hex(sums_.digest, hash_.finish());
    return std::move(sums_);
  }

 private:
  void add_bytes(std::string_view bytes) {
    hash_.update(concat(std::to_string(bytes.size()), ":"));
    hash_.update(bytes);
  }

  crypto::Sha256 hash_;
  StateSums sums_;
};

}  // namespace

Result<StateSums> sum_up(store::Store& store) {
  Summing sums;
  const store::Revision revision =
      TRY(store.load({}, [&sums](const store::RecordView& record) -> Status {
        sums.add(record);
        return {};
      }));
  return sums.take(revision);
}

Result<StateSums> StateCopy::take(store::Store& from) {
  Summing sums;
  const store::Revision revision =
      TRY(from.load({}, [&](const store::RecordView& record) -> Status {
        sums.add(record);
        return add(record);
      }));
  TRY_STATUS(flush());
  return sums.take(revision);
}

Status StateCopy::add(const store::RecordView& record) {
  if (identity::is_trail_key(record.key)) {
    return {};
  }
  if (record.key == store::kSchemaKey) {
    schema_ = record.value;
    return {};
  }
  bytes_ += record.key.size() + record.value.size();
  next_.puts.push_back({std::string(record.key), std::string(record.value)});
  return bytes_ >= kCommitBytes || next_.puts.size() >= kCommitRecords ? flush() : Status();
}

Status StateCopy::finish() {
  next_.puts.push_back({std::string(store::kSchemaKey), schema_});
  return flush();
}

Status StateCopy::flush() {
  if (next_.puts.empty()) {
    return {};
  }
  TRY_STATUS(to_.commit(std::span(&next_, 1)));
  next_.puts.clear();
  bytes_ = 0;
  return {};
}

}  // namespace signet::server
