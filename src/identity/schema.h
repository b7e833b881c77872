#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

// The versions of all records together (docs/formats/records.md): which one a store has, and what
// may be written to it.
namespace signet::identity {

// Makes a store usable by this program (store::prepare_schema()): its records have kSchemaVersion
// then, or in a store that others share perhaps the one before.
[[nodiscard]] Status open_schema(store::Store& store);

// The version of the records of a store; 0: it has none.
[[nodiscard]] Result<std::uint32_t> schema_of(store::Store& store);

// Brings the records of a store to kSchemaVersion and answers the version before.
[[nodiscard]] Result<std::uint32_t> raise_records(store::Store& store);

// The earliest version whose programs can read a record. What cannot be told counts as
// kSchemaVersion.
[[nodiscard]] std::uint32_t version_needed(std::string_view record);

// Refuses a change with records that programs of version `version` cannot read: NotImplemented,
// with what to do.
[[nodiscard]] Status check_versions(const store::Transaction& change, std::uint32_t version);

}  // namespace signet::identity
