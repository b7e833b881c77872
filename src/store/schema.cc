#include "store/schema.h"

#include <optional>
#include <string>

#include "base/log.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "store/shared_store.h"

namespace signet::store {
namespace {

// What the store says about itself.
struct Found {
  Revision revision = 0;
  bool has_records = false;
  std::optional<std::string> version;
};

Result<Found> look(Store& store) {
  Found found;
  const auto read_version = [&found](const RecordView& record) -> Status {
    if (record.key == kSchemaKey) {
      found.version = std::string(record.value);
    }
    return {};
  };
  found.revision = TRY(store.load(kSchemaKey, read_version));
  if (found.version) {
    found.has_records = true;
    return found;
  }
  // The first record settles whether there are any; an error of our own ends the scan there.
  const Result<Revision> any = store.load({}, [&found](const RecordView&) -> Status {
    found.has_records = true;
    return std::unexpected(Error{});
  });
  if (!any && !found.has_records) {
    return std::unexpected(any.error());
  }
  return found;
}

std::unexpected<Error> refuse(const Store& store, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("store ", store.location(), ": ", why)));
}

// False: others changed the store meanwhile.
Result<bool> commit_version(Store& store,
                            Revision base,
                            Transaction change,
                            std::uint32_t version) {
  change.puts.push_back(Put{.key = std::string(kSchemaKey), .value = std::to_string(version)});
  return commit_at(store, base, change);
}

Result<bool> migrate_once(Store& store,
                          Revision base,
                          std::uint32_t from,
                          std::span<const Migration> migrations) {
  for (const Migration& migration : migrations) {
    if (migration.from == from) {
      log(LogLevel::Warning,
          "folder_upgrade",
          {{"file", concat("records of ", store.location())},
           {"from", std::to_string(from)},
           {"to", std::to_string(from + 1)},
           {"back", "restore a backup"}});
      Transaction change;
      TRY_STATUS(migration.run(store, change));
      return commit_version(store, base, std::move(change), from + 1);
    }
  }
  return refuse(store, concat("no way to migrate records of version ", std::to_string(from)));
}

Result<std::uint32_t> version_of(const Store& store, const Found& found, std::uint32_t current) {
  if (!found.version) {
    return refuse(store, "holds records but no schema version; is this a Signet store?");
  }
  const std::optional<std::int64_t> version = parse_decimal(*found.version);
  if (!version || *version < 1) {
    return refuse(store, "the schema version is not a positive number");
  }
  if (*version > std::int64_t{current}) {
    return refuse(store,
                  concat("holds records of version ",
                         *found.version,
                         ", but this program knows versions up to ",
                         std::to_string(current),
                         ": run a newer program"));
  }
  return static_cast<std::uint32_t>(*version);
}

// What is there. Nothing: the store was empty, and its records have the current version from here
// on.
Result<std::optional<Found>> look_or_begin(Store& store, std::uint32_t current) {
  while (true) {
    Found found = TRY(look(store));
    if (found.has_records) {
      return found;
    }
    if (TRY(commit_version(store, found.revision, Transaction{}, current))) {
      return std::nullopt;
    }
  }
}

}  // namespace

Result<bool> commit_at(Store& store, Revision base, const Transaction& change) {
  if (SharedStore* shared = store.shared()) {
    const SharedStore::Committed committed = TRY(shared->commit_on(base, std::span(&change, 1)));
    return committed.is_done;
  }
  TRY(store.commit(std::span(&change, 1)));
  return true;
}

Result<std::uint32_t> prepare_schema(Store& store,
                                     std::uint32_t current,
                                     std::span<const Migration> migrations) {
  if (store.shared() == nullptr) {
    return raise_schema(store, current, migrations);
  }
  const std::optional<Found> found = TRY(look_or_begin(store, current));
  if (!found) {
    return current;
  }
  const std::uint32_t version = TRY(version_of(store, *found, current));
  if (version + 1 < current) {
    return refuse(store,
                  concat("holds records of version ",
                         std::to_string(version),
                         ", and this program shares a store from version ",
                         std::to_string(current - 1),
                         " on: first let every node run a program of version ",
                         std::to_string(version + 1),
                         " and `signet upgrade` raise the records to it"));
  }
  return version;
}

// One step at a time, each on what is there then: several processes may do this at once.
Result<std::uint32_t> raise_schema(Store& store,
                                   std::uint32_t current,
                                   std::span<const Migration> migrations) {
  std::optional<std::uint32_t> first;
  while (true) {
    const std::optional<Found> found = TRY(look_or_begin(store, current));
    if (!found) {
      return current;
    }
    const std::uint32_t version = TRY(version_of(store, *found, current));
    first = first.value_or(version);
    if (version == current) {
      return *first;
    }
    TRY_STATUS(migrate_once(store, found->revision, version, migrations));
  }
}

}  // namespace signet::store
