#include "identity/loader.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/process.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "identity/record.h"
#include "identity/references.h"
#include "identity/snapshot_builder.h"
#include "identity/trail_store.h"
#include "store/schema.h"

namespace signet::identity {
namespace {

// The first defect among the entities of one kind in one account; empty if there is none.
template <class T>
std::string first_dangling(const Snapshot& snapshot, const std::string& account) {
  if constexpr (!UsesPolicies<T> && !HasReferences<T>) {
    return {};
  }
  for (const auto& entry : snapshot.table<T>(account)) {
    std::string missing = missing_reference(snapshot, *entry.value);
    if (!missing.empty()) {
      return missing;
    }
  }
  return {};
}

std::string first_dangling_in(const Snapshot& snapshot, const std::string& account) {
  std::string missing;
  for_each_type(Kinds(), [&]<class T>() {
    if constexpr (InAccount<T>) {
      missing = missing.empty() ? first_dangling<T>(snapshot, account) : missing;
    }
  });
  return missing;
}

Status check_all_references(const Snapshot& snapshot) {
  for (const Account* account : snapshot.accounts()) {
    const std::string missing = first_dangling_in(snapshot, account->id);
    if (!missing.empty()) {
      return std::unexpected(
          facts::service_failure(concat("account ", account->id, ": ", missing)));
    }
  }
  return {};
}

// Adds the records of a store to a builder. While one stretch of them is decoded on a thread
// beside, the next is read; a store of less than a stretch needs no thread.
class RecordDecoder {
 public:
  RecordDecoder(const crypto::SecretBox& box, DocumentPool& documents, SnapshotBuilder& builder)
      : box_(box), documents_(documents), builder_(builder) {}

  RecordDecoder(const RecordDecoder&) = delete;
  RecordDecoder& operator=(const RecordDecoder&) = delete;
  RecordDecoder(RecordDecoder&&) = delete;
  RecordDecoder& operator=(RecordDecoder&&) = delete;

  ~RecordDecoder() { static_cast<void>(wait()); }

  // The defect may be that of an earlier record.
  Status add(const store::RecordView& record) {
    next_.sizes.push_back({record.key.size(), record.value.size()});
    next_.bytes.append(record.key).append(record.value);
    if (next_.bytes.size() < kStretchBytes) {
      return {};
    }
    TRY_STATUS(wait());
    is_large_ = true;
    thread_ =
        std::thread([this, stretch = std::exchange(next_, {})] { status_ = decode(stretch); });
    return {};
  }

  Status finish() {
    TRY_STATUS(wait());
    return decode(next_);
  }

  // Whether there was more than a stretch.
  [[nodiscard]] bool is_large() const { return is_large_; }

 private:
  static constexpr std::size_t kStretchBytes = std::size_t{1} << 20;

  struct Sizes {
    std::size_t key;
    std::size_t value;
  };

  struct Stretch {
    std::string bytes;  // key, value, key, value, ...
    std::vector<Sizes> sizes;
  };

  Status wait() {
    if (thread_.joinable()) {
      thread_.join();
    }
    return status_;
  }

  Status decode(const Stretch& stretch) {
    std::string_view rest = stretch.bytes;
    for (const Sizes& sizes : stretch.sizes) {
      const std::string_view key = rest.substr(0, sizes.key);
      const std::string_view value = rest.substr(sizes.key, sizes.value);
      auto record = TRY(decode_record(key, value, box_, documents_));
      TRY_STATUS(builder_.add(std::move(record)));
      rest.remove_prefix(sizes.key + sizes.value);
    }
    return {};
  }

  const crypto::SecretBox& box_;
  DocumentPool& documents_;
  SnapshotBuilder& builder_;
  Stretch next_;
  Status status_;  // of what the thread did
  bool is_large_ = false;
  std::thread thread_;
};

}  // namespace

bool is_entity(std::string_view key) {
  return key != store::kSchemaKey && !key.starts_with(kDataKeyPrefix) && !is_trail_key(key);
}

Result<Loaded> load_snapshot(store::Store& store,
                             const crypto::SecretBox& box,
                             const PolicyCatalogue* catalogue,
                             DocumentPool& documents) {
  SnapshotBuilder builder(catalogue);
  RecordDecoder decoder(box, documents, builder);
  const store::Revision revision = TRY(store.load_all([&decoder](const store::RecordView& record) {
    return is_entity(record.key) ? decoder.add(record) : Status();
  }));
  TRY_STATUS(decoder.finish());
  Loaded loaded{.snapshot = TRY(builder.build()), .revision = revision};
  TRY_STATUS(check_all_references(loaded.snapshot));
  if (decoder.is_large()) {
    return_freed_memory();  // of the entries that were sorted
  }
  return loaded;
}

}  // namespace signet::identity
