#include "server/key_list.h"

#include <algorithm>
#include <cstdint>

#include "base/strings.h"
#include "codec/time.h"
#include "identity/data_keys.h"
#include "identity/issuers.h"

namespace signet::server {
namespace {

using identity::IssuerKey;
using identity::SealingKey;

// The newest one whose time has come seals.
void add_sealing_keys(std::vector<KeyRow>& rows, const identity::Snapshot& snapshot, Instant now) {
  const std::vector<const SealingKey*> keys = snapshot.sealing_keys();
  const SealingKey* seals = nullptr;
  for (const SealingKey* key : keys) {
    const bool is_later = seals == nullptr || seals->not_before <= key->not_before;
    if (key->not_before <= now && now < key->not_after && is_later) {
      seals = key;
    }
  }
  for (const SealingKey* key : keys) {
    const bool is_to_come = now < key->not_before;
    rows.push_back({.kind = "sealing",
                    .id = std::to_string(key->id),
                    .state = key == seals ? "in use"
                             : is_to_come ? "seals soon"
                                          : "opens what it sealed",
                    .more = is_to_come ? concat("from ", codec::format_iso8601(key->not_before))
                                       : concat("until ", codec::format_iso8601(key->not_after))});
  }
}

void add_issuer_keys(std::vector<KeyRow>& rows, const identity::Snapshot& snapshot, Instant now) {
  for (const identity::WebIdentityIssuer* issuer : snapshot.issuers()) {
    const std::vector<const IssuerKey*> keys = identity::issuer_keys(snapshot, issuer->account);
    for (const IssuerKey* key : keys) {
      const bool is_to_come = now < key->signs_from;
      const bool is_replaced = std::ranges::any_of(keys, [&](const IssuerKey* other) {
        return other->algorithm == key->algorithm && key->signs_from < other->signs_from &&
               other->signs_from <= now;
      });
      rows.push_back(
          {.kind = "oidc",
           .id = key->kid,
           .state = is_to_come    ? "published, signs soon"
                    : is_replaced ? "published"
                                  : "in use",
           .more =
               concat("account ", key->account, ", made ", codec::format_iso8601(key->created))});
    }
  }
}

}  // namespace

Result<std::vector<KeyRow>> list_keys(store::Store& store,
                                      const identity::Snapshot& snapshot,
                                      Instant now) {
  std::vector<KeyRow> rows;
  rows.push_back({.kind = "master",
                  .id = TRY(identity::master_key_id_of(store)),
                  .state = "in use",
                  .more = "wraps the data keys"});
  const std::vector<std::uint32_t> data_keys = TRY(identity::data_key_ids(store));
  for (const std::uint32_t id : data_keys) {
    const bool is_newest = id == data_keys.back();
    rows.push_back({.kind = "data",
                    .id = std::to_string(id),
                    .state = is_newest ? "in use" : "opens what it sealed",
                    .more = is_newest ? "seals the secrets of records" : "kept"});
  }
  add_sealing_keys(rows, snapshot, now);
  add_issuer_keys(rows, snapshot, now);
  return rows;
}

}  // namespace signet::server
