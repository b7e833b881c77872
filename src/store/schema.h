#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace signet::store {

// The key of the schema record: decimal digits of the version, nothing else. On disk: do not
// rename.
inline constexpr std::string_view kSchemaKey = "!schema";

// Turns a store of version `from` into one of version from + 1 by adding puts and deletes to
// `change`.
struct Migration {
  std::uint32_t from = 0;
  std::function<Status(Store&, Transaction& change)> run;
};

// Commits one transaction on the state of revision `base`. False: a shared store had moved on, and
// nothing was applied.
[[nodiscard]] Result<bool> commit_at(Store& store, Revision base, const Transaction& change);

// Makes sure that a program of version `current` can work on the store. A store without any record
// gets the version written, and an older one is raised (raise_schema()). Records of a newer version
// are refused, and records without a version.
//
// A store that other processes write to is not raised by a start: programs of the version before
// may be among them. Records of that version are left as they are, for programs of both versions;
// older ones are refused. Returns the version found before.
[[nodiscard]] Result<std::uint32_t> prepare_schema(Store& store,
                                                   std::uint32_t current,
                                                   std::span<const Migration> migrations);

// Migrates the records to version `current` step by step, each step in one transaction together
// with the new version number. From then on programs of earlier versions refuse the store. Returns
// the version found before.
[[nodiscard]] Result<std::uint32_t> raise_schema(Store& store,
                                                 std::uint32_t current,
                                                 std::span<const Migration> migrations);

}  // namespace signet::store
