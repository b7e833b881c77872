#include "identity/schema.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "base/strings.h"
#include "facts/errors.h"
#include "identity/entities.h"
#include "identity/record.h"
#include "store/schema.h"

namespace signet::identity {
namespace {

// A field of a kind, or a kind (field 0), that programs before version `since` do not know.
struct Addition {
  std::uint32_t since;
  std::uint8_t kind;
  std::uint32_t field;
};

// docs/formats/records.md. Whoever adds a kind or a field adds a line here.
constexpr std::array kAdditions = {
    Addition{2, 11, 6},  Addition{3, 1, 12}, Addition{3, 4, 16},  Addition{3, 7, 12},
    Addition{3, 7, 13},  Addition{3, 7, 14}, Addition{3, 11, 7},  Addition{3, 13, 7},
    Addition{3, 13, 8},  Addition{3, 13, 9}, Addition{3, 13, 10}, Addition{3, 14, 7},
    Addition{3, 14, 8},  Addition{3, 16, 0}, Addition{3, 17, 0},  Addition{3, 18, 0},
    Addition{3, 19, 0},  Addition{3, 20, 0}, Addition{3, 21, 0},  Addition{3, 24, 11},
    Addition{3, 24, 12}, Addition{3, 26, 0}, Addition{3, 27, 0},  Addition{3, 28, 0},
    Addition{3, 29, 0},  Addition{3, 30, 0}, Addition{3, 40, 0},  Addition{3, 41, 0},
    Addition{3, 42, 0},  Addition{3, 43, 0},
};

constexpr std::size_t kFrameBytes = 2;
constexpr std::uint64_t kVarintWire = 0;
constexpr std::uint64_t kBytesWire = 2;

std::uint32_t since(std::uint8_t kind, std::uint64_t field) {
  const auto found = std::ranges::find_if(
      kAdditions, [&](const Addition& one) { return one.kind == kind && one.field == field; });
  return found == kAdditions.end() ? 1 : found->since;
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) {
      return value;
    }
  }
  return std::nullopt;
}

// The number of the next field, which is passed over; nothing: these are no fields.
std::optional<std::uint64_t> take_field(std::string_view& bytes) {
  const auto tag = take_varint(bytes);
  const auto value = tag ? take_varint(bytes) : std::nullopt;
  if (!value || ((*tag & 7) != kVarintWire && (*tag & 7) != kBytesWire)) {
    return std::nullopt;
  }
  if ((*tag & 7) == kBytesWire) {
    if (*value > bytes.size()) {
      return std::nullopt;
    }
    bytes.remove_prefix(*value);
  }
  return *tag >> 3;
}

// Version 2 gave tickets a holder, version 3 added kinds and fields; what has none of them stays
// as it is.
std::span<const store::Migration> migrations() {
  static const auto unchanged = [](store::Store&, store::Transaction&) {
    return Status();
  };
  static const std::array kMigrations = {store::Migration{.from = 1, .run = unchanged},
                                         store::Migration{.from = 2, .run = unchanged}};
  return kMigrations;
}

}  // namespace

Status open_schema(store::Store& store) {
  static_cast<void>(TRY(store::prepare_schema(store, kSchemaVersion, migrations())));
  return {};
}

Result<std::uint32_t> schema_of(store::Store& store) {
  constexpr std::int64_t kGreatest = std::numeric_limits<std::uint32_t>::max();
  std::int64_t version = 0;
  TRY_STATUS(store.load(store::kSchemaKey, [&version](const store::RecordView& record) -> Status {
    if (record.key == store::kSchemaKey) {
      version = parse_decimal(record.value).value_or(0);
    }
    return {};
  }));
  return static_cast<std::uint32_t>(std::clamp(version, std::int64_t{0}, kGreatest));
}

Result<std::uint32_t> raise_records(store::Store& store) {
  return store::raise_schema(store, kSchemaVersion, migrations());
}

std::uint32_t version_needed(std::string_view record) {
  if (record.size() < kFrameBytes) {
    return kSchemaVersion;
  }
  const auto kind = static_cast<std::uint8_t>(record[1]);
  std::uint32_t needed = since(kind, 0);
  for (record.remove_prefix(kFrameBytes); !record.empty();) {
    const auto field = take_field(record);
    if (!field) {
      return kSchemaVersion;
    }
    needed = std::max(needed, since(kind, *field));
  }
  return needed;
}

Status check_versions(const store::Transaction& change, std::uint32_t version) {
  for (const store::Put& put : change.puts) {
    const std::uint32_t needed = version_needed(put.value);
    if (needed > version) {
      return fail(ErrorCode::NotImplemented,
                  concat("this needs records of version ",
                         std::to_string(needed),
                         ", and those of the cluster have version ",
                         std::to_string(version),
                         " until every node runs a program of the newer one and `signet upgrade` "
                         "has raised them"));
    }
  }
  return {};
}

}  // namespace signet::identity
