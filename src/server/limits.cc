#include "server/limits.h"

#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

constexpr std::int64_t kKiB = std::int64_t{1} << 10U;
constexpr std::int64_t kMiB = std::int64_t{1} << 20U;
constexpr std::int64_t kGiB = std::int64_t{1} << 30U;
constexpr std::int64_t kMany = 1'000'000;
constexpr std::int64_t kObjectsMax = 1'000'000'000'000;
constexpr std::int64_t kBytesMax = kGiB * kMiB;  // 1 PiB

using enum LimitUnit;

constexpr std::array<LimitRow, kLimitCount> kRows = {{
    {"connections.max", Number, 20'000, 16, kMany, "open connections; one more is closed at once"},
    {"connections.per-address",
     Number,
     10'000,
     1,
     kMany,
     "open connections of one peer address; a proxy named by --trust-proxy is not bounded"},
    {"memory.bodies",
     Bytes,
     256 * kMiB,
     4 * kMiB,
     64 * kGiB,
     "memory for request bodies and unsent answers of all connections; one peer address may hold "
     "half of it"},
    {"memory.unsigned-body",
     Bytes,
     16 * kKiB,
     kKiB,
     kMiB,
     "body of an IAM or STS request without credentials"},
    {"pool.objects.threads", Number, 2, 1, 256, "threads for reads and writes of S3 objects"},
    {"pool.objects.queue", Number, 1'024, 1, kMany, "such calls that wait"},
    {"pool.objects.queue.account", Number, 512, 1, kMany, "of one account"},
    {"pool.objects.queue.caller", Number, 256, 1, kMany, "of one user or role"},
    {"pool.long.threads",
     Number,
     2,
     1,
     256,
     "copies, completions of uploads and policy simulations that run at once; others take turns "
     "with "
     "them, one of each caller"},
    {"pool.long.queue", Number, 256, 1, kMany, "such calls that wait"},
    {"pool.long.queue.account", Number, 128, 1, kMany, "of one account"},
    {"pool.long.queue.caller", Number, 64, 1, kMany, "of one user or role"},
    {"pool.passwords.threads", Number, 1, 1, 64, "threads for password hashes"},
    {"pool.passwords.queue", Number, 64, 1, kMany, "calls that wait for a password hash"},
    {"pool.passwords.queue.account", Number, 32, 1, kMany, "of one account"},
    {"pool.passwords.queue.caller", Number, 16, 1, kMany, "of one user or role"},
    {"pool.pages.threads", Number, 1, 1, 64, "threads for sign-in pages"},
    {"pool.pages.queue", Number, 256, 1, kMany, "requests for pages that wait"},
    {"pool.pages.queue.address", Number, 64, 1, kMany, "of one peer address"},
    {"pool.evidence.threads",
     Number,
     4,
     1,
     64,
     "threads for tokens and assertions of identity providers, which may wait for their keys"},
    {"pool.evidence.queue", Number, 512, 1, kMany, "such calls that wait"},
    {"pool.evidence.queue.address", Number, 256, 1, kMany, "of one peer address"},
    {"writes.queue.account",
     Number,
     4'096,
     1,
     kMany,
     "changes of identity state and buckets that wait, of one account; of all: 8192"},
    {"writes.queue.caller", Number, 1'024, 1, kMany, "of one user or role"},
    {"pool.bodies.threads",
     Number,
     0,
     0,
     256,
     "threads that hash and store the bytes of uploads; 0: half of the processors"},
    {"tickets.account",
     Number,
     10'000,
     1,
     kMany,
     "sign-in tokens and console sessions of one account that have not expired"},
    {"tickets.session",
     Number,
     100,
     1,
     kMany,
     "sign-in tokens and console sessions made with one set of temporary credentials"},
    {"tickets.idle",
     Number,
     3'600,
     60,
     12 * 3'600,
     "seconds without a request after which a console session ends"},
    {"disk.reserve",
     Bytes,
     0,
     0,
     kBytesMax,
     "room on the disk that object bytes may not take; 0: 64 MiB or 5 %, whichever is more, but at "
     "most 1 GiB and a quarter of the file system"},
    {"quota.account.bytes", Bytes, 0, 0, kBytesMax, "object bytes of one account; 0: no quota"},
    {"quota.account.objects", Number, 0, 0, kObjectsMax, "objects of one account; 0: no quota"},
    {"quota.account.uploads",
     Number,
     1'000'000,
     0,
     kObjectsMax,
     "unfinished multipart uploads of one account; 0: no quota"},
    {"quota.bucket.bytes", Bytes, 0, 0, kBytesMax, "object bytes of one bucket; 0: no quota"},
    {"quota.bucket.objects", Number, 0, 0, kObjectsMax, "objects of one bucket; 0: no quota"},
    {"quota.bucket.uploads",
     Number,
     100'000,
     0,
     kObjectsMax,
     "unfinished multipart uploads of one bucket; 0: no quota"},
}};

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};

constexpr std::array<Suffix, 3> kSuffixes = {{{"GiB", kGiB}, {"MiB", kMiB}, {"KiB", kKiB}}};

// Nothing if it is no number, or one that does not fit.
std::optional<std::int64_t> read_value(const LimitRow& row, std::string_view text) {
  std::int64_t factor = 1;
  if (row.unit == LimitUnit::Bytes) {
    for (const Suffix& suffix : kSuffixes) {
      if (text.ends_with(suffix.text)) {
        text.remove_suffix(suffix.text.size());
        factor = suffix.factor;
        break;
      }
    }
  }
  const std::optional<std::int64_t> number = parse_decimal(text);
  if (!number || *number > row.max / factor) {
    return std::nullopt;
  }
  return *number * factor;
}

}  // namespace

std::span<const LimitRow, kLimitCount> limit_rows() {
  return kRows;
}

Limits::Limits() {
  for (std::size_t i = 0; i < kLimitCount; ++i) {
    values_[i] = kRows[i].fallback;
  }
}

Status Limits::set(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return fail(
        ErrorCode::InvalidInput,
        concat("expected NAME=VALUE, for instance memory.bodies=512MiB, got: ", assignment));
  }
  const std::string_view name = assignment.substr(0, equals);
  const auto* const row = std::ranges::find(kRows, name, &LimitRow::name);
  if (row == kRows.end()) {
    return fail(ErrorCode::InvalidInput,
                concat("unknown limit ", name, ": `signet limits` lists them"));
  }
  const std::optional<std::int64_t> value = read_value(*row, assignment.substr(equals + 1));
  if (!value || *value < row->min) {
    return fail(ErrorCode::InvalidInput,
                concat(name,
                       " must be from ",
                       limit_text(row->unit, row->min),
                       " to ",
                       limit_text(row->unit, row->max),
                       ", got: ",
                       assignment.substr(equals + 1)));
  }
  values_[static_cast<std::size_t>(row - kRows.begin())] = *value;
  return {};
}

std::string limit_text(LimitUnit unit, std::int64_t value) {
  if (unit == LimitUnit::Bytes && value != 0) {
    for (const Suffix& suffix : kSuffixes) {
      if (value % suffix.factor == 0) {
        return concat(std::to_string(value / suffix.factor), suffix.text);
      }
    }
  }
  return std::to_string(value);
}

}  // namespace signet::server
