#include "identity/apply_change.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret_access.h"
#include "base/strings.h"
#include "identity/loader.h"
#include "identity/record.h"
#include "identity/snapshot_edit.h"
#include "store/schema.h"

namespace signet::identity {
namespace {

constexpr std::string_view kSealingKeys = "g/seal/";  // docs/formats/records.md

struct Decoded {
  std::optional<AnyRecord> before;
  std::optional<AnyRecord> after;
};

bool is_account(const std::optional<AnyRecord>& record) {
  return record && std::holds_alternative<Account>(*record);
}

Status check_schema(const store::Change::Item& item) {
  const auto version = item.after ? parse_decimal(*item.after) : std::optional<std::int64_t>();
  return version == std::int64_t{kSchemaVersion}
             ? Status()
             : refuse(item.key,
                      concat("records of version ",
                             item.after.value_or(""),
                             " were written to the store, and this program knows version ",
                             std::to_string(kSchemaVersion)));
}

Result<std::vector<Decoded>> decode(const store::Change& change,
                                    const crypto::SecretBox& box,
                                    DocumentPool& documents) {
  std::vector<Decoded> all;
  for (const store::Change::Item& item : change.items) {
    if (item.key == store::kSchemaKey) {
      TRY_STATUS(check_schema(item));
    }
    if (!is_entity(item.key)) {
      continue;
    }
    Decoded one;
    if (item.before) {
      one.before = TRY(decode_record(item.key, *item.before, box, documents));
    }
    if (item.after) {
      one.after = TRY(decode_record(item.key, *item.after, box, documents));
    }
    all.push_back(std::move(one));
  }
  return all;
}

// A device whose seed is the same keeps the very seed: whoever spends a code of it recognizes it by
// that.
void keep_seed(const Snapshot& snapshot, AnyRecord& record) {
  auto* device = std::get_if<MfaDevice>(&record);
  if (device == nullptr || device->seed == nullptr) {
    return;
  }
  const MfaDevice* held = snapshot.find<MfaDevice>(device->serial());
  if (held != nullptr && held->seed != nullptr &&
      held->seed->equals(device->seed->reveal(secret_access()))) {
    device->seed = held->seed;
  }
}

Status erase(SnapshotEdit& edit, const AnyRecord& record) {
  return std::visit(
      [&edit]<class T>(const T& entity) -> Status {
        if (!edit.has(entity)) {
          return refuse(Kind<T>::kNoun, "what was changed is not held");
        }
        edit.erase(entity);
        return {};
      },
      record);
}

Status put(SnapshotEdit& edit, AnyRecord record) {
  return std::visit([&edit]<class T>(T&& entity) { return edit.put(std::forward<T>(entity)); },
                    std::move(record));
}

}  // namespace

bool raises_records(const store::Change& change) {
  return std::ranges::any_of(
      change.items, [](const store::Change::Item& item) { return item.key == store::kSchemaKey; });
}

bool adds_data_key(const store::Change& change) {
  return std::ranges::any_of(change.items, [](const store::Change::Item& item) {
    return !item.before && item.key.starts_with(kDataKeyPrefix);
  });
}

bool changes_sealing_keys(const store::Change& change) {
  return std::ranges::any_of(change.items, [](const store::Change::Item& item) {
    return item.key.starts_with(kSealingKeys);
  });
}

// What is replaced goes first, so that the order in which names and aliases changed hands does not
// matter; accounts stay in their place, since everything of theirs stands under them.
Status apply_change(Snapshot& snapshot,
                    const store::Change& change,
                    const crypto::SecretBox& box,
                    DocumentPool& documents) {
  std::vector<Decoded> all = TRY(decode(change, box, documents));
  SnapshotEdit edit(snapshot);
  for (Decoded& one : all) {
    if (one.after) {
      keep_seed(snapshot, *one.after);
    }
    if (one.before && !is_account(one.before)) {
      TRY_STATUS(erase(edit, *one.before));
    }
  }
  for (const bool wants_account : {true, false}) {
    for (Decoded& one : all) {
      if (one.after && is_account(one.after) == wants_account) {
        TRY_STATUS(put(edit, *std::move(one.after)));
        one.after.reset();
        one.before = wants_account ? std::nullopt : std::move(one.before);
      }
    }
  }
  for (const Decoded& one : all) {
    if (is_account(one.before)) {
      TRY_STATUS(erase(edit, *one.before));
    }
  }
  return {};
}

}  // namespace signet::identity
