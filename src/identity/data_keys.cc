#include "identity/data_keys.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "identity/record.h"
#include "store/schema.h"

namespace signet::identity {
namespace {

std::unexpected<Error> refuse(const store::Store& store, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("store ", store.location(), ": ", why)));
}

// A name for a master key that says nothing about it, so that a wrong one is recognized. On disk:
// do not change.
crypto::NamedKey name_master_key(const Secret& master_key) {
  const crypto::Sha256Digest digest =
      crypto::sha256(concat("signet master key id", master_key.reveal(secret_access())));
  const std::uint32_t id = std::uint32_t{digest[0]} << 24 | std::uint32_t{digest[1]} << 16 |
                           std::uint32_t{digest[2]} << 8 | std::uint32_t{digest[3]};
  return crypto::NamedKey{.id = id, .bytes = master_key.clone()};
}

// Eight hexadecimal digits.
std::string id_text(std::uint32_t id) {
  const std::array<std::uint8_t, 4> bytes = {static_cast<std::uint8_t>(id >> 24),
                                             static_cast<std::uint8_t>(id >> 16),
                                             static_cast<std::uint8_t>(id >> 8),
                                             static_cast<std::uint8_t>(id)};
  std::string text;
  codec::append_hex(text, bytes);
  return text;
}

std::string data_key_record(std::uint32_t id) {
  return concat(kDataKeyPrefix, std::to_string(id));
}

Status check_size(const store::Store& store, const Secret& master_key) {
  if (master_key.size() != crypto::kAeadKeySize) {
    return refuse(store, "the master key must have 32 bytes");
  }
  return {};
}

Status commit_puts(store::Store& store, std::vector<store::Put> puts) {
  const store::Transaction change{.puts = std::move(puts), .deletes = {}};
  TRY_STATUS(store.commit(std::span(&change, 1)));
  return {};
}

// All data keys of the store, ascending by id, and the revision that has them.
Result<std::vector<crypto::NamedKey>> unwrap_all(store::Store& store,
                                                 const crypto::NamedKey& master,
                                                 store::Revision& revision) {
  std::vector<crypto::NamedKey> keys;
  const auto visit = [&](const store::RecordView& record) -> Status {
    std::optional<crypto::NamedKey> key = crypto::unwrap_key(master, record.value);
    if (!key) {
      const bool is_other_master =
          crypto::wrapping_key_id(record.value).value_or(master.id) != master.id;
      return refuse(store,
                    is_other_master ? "its secrets are under another master key than the one given"
                                    : concat("record ", record.key, " is damaged"));
    }
    if (data_key_record(key->id) != record.key) {
      return refuse(store, concat("record ", record.key, " holds another key"));
    }
    keys.push_back(std::move(*key));
    return {};
  };
  revision = TRY(store.load(kDataKeyPrefix, visit));
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return keys;
}

}  // namespace

Result<crypto::SecretBox> open_data_keys(store::Store& store,
                                         const Secret& master_key,
                                         Random& random) {
  TRY_STATUS(check_size(store, master_key));
  const crypto::NamedKey master = name_master_key(master_key);
  while (true) {
    store::Revision revision = 0;
    const std::vector<crypto::NamedKey> keys = TRY(unwrap_all(store, master, revision));
    if (!keys.empty()) {
      return crypto::SecretBox(keys);
    }
    const crypto::NamedKey first = crypto::make_named_key(1, random);
    // If another process made one meanwhile, that one counts.
    TRY_STATUS(store::commit_at(
        store,
        revision,
        {.puts = {{data_key_record(1), crypto::wrap_key(master, first, random)}}, .deletes = {}}));
  }
}

Result<bool> has_data_keys(store::Store& store) {
  bool is_found = false;
  const auto note = [&is_found](const store::RecordView&) -> Status {
    is_found = true;
    return {};
  };
  TRY_STATUS(store.load(kDataKeyPrefix, note));
  return is_found;
}

std::string master_key_id(const Secret& master_key) {
  return id_text(name_master_key(master_key).id);
}

Result<std::string> master_key_id_of(store::Store& store) {
  std::string id;
  const auto note = [&id](const store::RecordView& record) -> Status {
    id = id_text(crypto::wrapping_key_id(record.value).value_or(0));
    return {};
  };
  TRY_STATUS(store.load(kDataKeyPrefix, note));
  return id;
}

Result<std::vector<std::uint32_t>> data_key_ids(store::Store& store) {
  std::vector<std::uint32_t> ids;
  const auto note = [&](const store::RecordView& record) -> Status {
    const auto id = parse_decimal(std::string_view(record.key).substr(kDataKeyPrefix.size()));
    if (!id || *id > std::numeric_limits<std::uint32_t>::max()) {
      return refuse(store, concat("record ", record.key, " is damaged"));
    }
    ids.push_back(static_cast<std::uint32_t>(*id));
    return {};
  };
  TRY_STATUS(store.load(kDataKeyPrefix, note));
  std::ranges::sort(ids);
  return ids;
}

Result<std::uint32_t> add_data_key(store::Store& store, const Secret& master_key, Random& random) {
  TRY_STATUS(check_size(store, master_key));
  const crypto::NamedKey master = name_master_key(master_key);
  while (true) {
    store::Revision revision = 0;
    const std::vector<crypto::NamedKey> keys = TRY(unwrap_all(store, master, revision));
    if (keys.empty()) {
      return refuse(store, "it has no data key yet: the first start makes one");
    }
    const crypto::NamedKey next = crypto::make_named_key(keys.back().id + 1, random);
    if (TRY(store::commit_at(
            store,
            revision,
            {.puts = {{data_key_record(next.id), crypto::wrap_key(master, next, random)}},
             .deletes = {}}))) {
      return next.id;
    }
  }
}

Status rewrap_data_keys(store::Store& store,
                        const Secret& old_master_key,
                        const Secret& new_master_key,
                        Random& random) {
  TRY_STATUS(check_size(store, old_master_key));
  TRY_STATUS(check_size(store, new_master_key));
  store::Revision revision = 0;
  const std::vector<crypto::NamedKey> keys =
      TRY(unwrap_all(store, name_master_key(old_master_key), revision));
  const crypto::NamedKey master = name_master_key(new_master_key);
  std::vector<store::Put> puts;
  puts.reserve(keys.size());
  for (const crypto::NamedKey& key : keys) {
    puts.push_back({data_key_record(key.id), crypto::wrap_key(master, key, random)});
  }
  return commit_puts(store, std::move(puts));
}

}  // namespace signet::identity
