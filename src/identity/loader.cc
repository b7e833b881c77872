#include "identity/loader.h"

#include <string>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "identity/record.h"
#include "identity/references.h"
#include "identity/snapshot_builder.h"
#include "identity/trail_store.h"
#include "store/schema.h"

namespace signet::identity {
namespace {

bool is_entity(std::string_view key) {
  return key != store::kSchemaKey && !key.starts_with(kDataKeyPrefix) && !is_trail_key(key);
}

// The first defect among the entities of one kind in one account; empty if there is none.
template <class T>
std::string first_dangling(const Snapshot& snapshot, const std::string& account) {
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

}  // namespace

Result<Loaded> load_snapshot(store::Store& store,
                             const crypto::SecretBox& box,
                             const PolicyCatalogue* catalogue,
                             DocumentPool& documents) {
  SnapshotBuilder builder(catalogue);
  const auto visit = [&](const store::RecordView& record) -> Status {
    if (!is_entity(record.key)) {
      return {};
    }
    AnyRecord entity = TRY(decode_record(record.key, record.value, box, documents));
    return builder.add(std::move(entity));
  };
  const store::Revision revision = TRY(store.load({}, visit));
  Loaded loaded{.snapshot = TRY(builder.build()), .revision = revision};
  TRY_STATUS(check_all_references(loaded.snapshot));
  return loaded;
}

}  // namespace signet::identity
