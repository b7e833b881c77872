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

// Makes sure that the store holds records of version `current`. A store without any record gets the
// version written; an older one is migrated step by step, each step in one transaction together
// with the new version number; a newer one, or one with records but no version, is refused. Returns
// the version found before.
[[nodiscard]] Result<std::uint32_t> prepare_schema(Store& store,
                                                   std::uint32_t current,
                                                   std::span<const Migration> migrations);

}  // namespace signet::store
