#include "store/schema.h"

#include <optional>
#include <string>

#include "base/log.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

// What the store says about itself.
struct Found {
  bool has_records = false;
  std::optional<std::string> version;
};

Result<Found> look(Store& store) {
  Found found;
  // The first record settles whether there are any; an error of our own ends the scan there.
  const Result<Revision> any = store.load({}, [&found](const RecordView&) -> Status {
    found.has_records = true;
    return std::unexpected(Error{});
  });
  if (!any && !found.has_records) {
    return std::unexpected(any.error());
  }
  const auto read_version = [&found](const RecordView& record) -> Status {
    if (record.key == kSchemaKey) {
      found.version = std::string(record.value);
    }
    return {};
  };
  TRY_STATUS(store.load(kSchemaKey, read_version));
  return found;
}

std::unexpected<Error> refuse(const Store& store, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("store ", store.location(), ": ", why)));
}

Status commit_version(Store& store, Transaction change, std::uint32_t version) {
  change.puts.push_back(Put{.key = std::string(kSchemaKey), .value = std::to_string(version)});
  TRY(store.commit(std::span(&change, 1)));
  return {};
}

Status migrate_once(Store& store, std::uint32_t from, std::span<const Migration> migrations) {
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
      return commit_version(store, std::move(change), from + 1);
    }
  }
  return refuse(store, concat("no way to migrate records of version ", std::to_string(from)));
}

Result<std::uint32_t> migrate(Store& store,
                              std::uint32_t from,
                              std::uint32_t current,
                              std::span<const Migration> migrations) {
  for (std::uint32_t version = from; version < current; ++version) {
    TRY_STATUS(migrate_once(store, version, migrations));
  }
  return from;
}

}  // namespace

Result<std::uint32_t> prepare_schema(Store& store,
                                     std::uint32_t current,
                                     std::span<const Migration> migrations) {
  const Found found = TRY(look(store));
  if (!found.has_records) {
    TRY_STATUS(commit_version(store, Transaction{}, current));
    return current;
  }
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
  return migrate(store, static_cast<std::uint32_t>(*version), current, migrations);
}

}  // namespace signet::store
