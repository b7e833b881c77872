#include "store/embedded/log_record.h"

#include <algorithm>
#include <utility>

#include "base/assertion.h"
#include "base/strings.h"
#include "crypto/checksum.h"
#include "facts/errors.h"
#include "store/embedded/little_endian.h"

namespace signet::store {
namespace {

// On disk, all numbers little-endian. Header: magic, id, first revision, number of batches, bytes
// of the body, CRC-64/NVME over what is before it in the header and the body.
constexpr std::string_view kMagic = "SgntLog1";
constexpr std::size_t kFirstAt = kMagic.size() + kLogIdSize;
constexpr std::size_t kCountAt = kFirstAt + 8;
constexpr std::size_t kBodySizeAt = kCountAt + 4;
constexpr std::size_t kChecksumAt = kBodySizeAt + 4;
constexpr std::size_t kHeaderSize = kChecksumAt + 8;

// Body: operations in order. A batch begins, a record is put (size of the key in 2 bytes, of the
// value in 4, key, value), a record goes (size of the key in 2 bytes, key). On disk: do not
// renumber.
constexpr unsigned char kBatchOp = 'B';
constexpr unsigned char kPutOp = 'P';
constexpr unsigned char kDeleteOp = 'D';
constexpr std::size_t kPutHead = 1 + 2 + 4;
constexpr std::size_t kDeleteHead = 1 + 2;

std::size_t padded(std::size_t size) {
  return (size + kLogBlock - 1) / kLogBlock * kLogBlock;
}

std::size_t body_size(std::span<const Batch> batches) {
  std::size_t size = 0;
  for (const Batch& batch : batches) {
    size += 1;
    for (const Transaction& transaction : batch) {
      for (const Put& put : transaction.puts) {
        size += kPutHead + put.key.size() + put.value.size();
      }
      for (const std::string& key : transaction.deletes) {
        size += kDeleteHead + key.size();
      }
    }
  }
  return size;
}

void append_transaction(std::string& out, const Transaction& transaction) {
  for (const Put& put : transaction.puts) {
    out.push_back(kPutOp);
    append_number(out, put.key.size(), 2);
    append_number(out, put.value.size(), 4);
    out += put.key;
    out += put.value;
  }
  for (const std::string& key : transaction.deletes) {
    out.push_back(kDeleteOp);
    append_number(out, key.size(), 2);
    out += key;
  }
}

std::uint64_t checksum(std::string_view header, std::string_view body) {
  return crypto::crc64nvme(crypto::crc64nvme(0, header.substr(0, kChecksumAt)), body);
}

// Whether a record of this log begins here, complete or not.
bool begins_record(const LogId& id, std::string_view bytes) {
  return bytes.size() >= kHeaderSize && bytes.starts_with(kMagic) &&
         bytes.substr(kMagic.size(), kLogIdSize) == std::string_view(id.data(), id.size());
}

// Takes a body apart from front to back.
class BodyReader {
 public:
  explicit BodyReader(std::string_view rest) : rest_(rest) {}

  std::optional<std::uint64_t> number(std::size_t size) {
    if (rest_.size() < size) {
      return std::nullopt;
    }
    const std::uint64_t number = number_at(rest_, 0, size);
    rest_.remove_prefix(size);
    return number;
  }

  std::optional<std::string_view> bytes(std::uint64_t size,
                                        std::uint64_t least,
                                        std::uint64_t most) {
    if (size < least || size > most || rest_.size() < size) {
      return std::nullopt;
    }
    const std::string_view bytes = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(bytes.size());
    return bytes;
  }

  // Key and value of a put, after its operation.
  std::optional<LogChange> put() {
    const auto key_size = number(2);
    const auto value_size = number(4);
    if (!key_size || !value_size) {
      return std::nullopt;
    }
    const auto key = bytes(*key_size, 1, kKeySizeMax);
    const auto value = key ? bytes(*value_size, 0, kValueSizeMax) : std::nullopt;
    if (!value) {
      return std::nullopt;
    }
    return LogChange{.revision = 0, .key = *key, .value = value};
  }

  std::optional<LogChange> deletion() {
    const auto key_size = number(2);
    const auto key = key_size ? bytes(*key_size, 1, kKeySizeMax) : std::nullopt;
    if (!key) {
      return std::nullopt;
    }
    return LogChange{.revision = 0, .key = *key, .value = std::nullopt};
  }

 private:
  std::string_view rest_;
};

std::unexpected<Error> damaged(const LogRecord& record) {
  return std::unexpected(facts::service_failure(
      concat("store: the log's record of revision ", std::to_string(record.first), " is damaged")));
}

}  // namespace

std::size_t log_record_size(std::span<const Batch> batches) {
  return padded(kHeaderSize + body_size(batches));
}

LogRecord make_log_record(const LogId& id, Revision first, std::span<const Batch> batches) {
  SIGNET_ASSERT(!batches.empty());
  const std::size_t body = body_size(batches);
  std::string bytes;
  bytes.reserve(padded(kHeaderSize + body));
  bytes += kMagic;
  bytes.append(id.data(), id.size());
  append_number(bytes, first, 8);
  append_number(bytes, batches.size(), 4);
  append_number(bytes, body, 4);
  bytes.resize(kHeaderSize);
  for (const Batch& batch : batches) {
    bytes.push_back(kBatchOp);
    for (const Transaction& transaction : batch) {
      append_transaction(bytes, transaction);
    }
  }
  std::string sum;
  append_number(sum, checksum(bytes, std::string_view(bytes).substr(kHeaderSize)), 8);
  bytes.replace(kChecksumAt, sum.size(), sum);
  bytes.resize(padded(bytes.size()));
  return LogRecord{.first = first, .last = first + batches.size() - 1, .bytes = std::move(bytes)};
}

std::optional<LogRecord> read_log_record(const LogId& id, std::string_view bytes) {
  if (!begins_record(id, bytes)) {
    return std::nullopt;
  }
  const Revision first = number_at(bytes, kFirstAt, 8);
  const std::uint64_t count = number_at(bytes, kCountAt, 4);
  const auto body = static_cast<std::size_t>(number_at(bytes, kBodySizeAt, 4));
  const std::size_t size = padded(kHeaderSize + body);
  if (first == 0 || count == 0 || first + count < first || bytes.size() < size) {
    return std::nullopt;
  }
  if (checksum(bytes, bytes.substr(kHeaderSize, body)) != number_at(bytes, kChecksumAt, 8)) {
    return std::nullopt;
  }
  return LogRecord{
      .first = first, .last = first + count - 1, .bytes = std::string(bytes.substr(0, size))};
}

Status visit_log_record(const LogRecord& record, const LogVisitor& visit) {
  const auto size = static_cast<std::size_t>(number_at(record.bytes, kBodySizeAt, 4));
  BodyReader body(std::string_view(record.bytes).substr(kHeaderSize, size));
  Revision revision = record.first - 1;
  while (const auto op = body.number(1)) {
    if (*op == kBatchOp) {
      revision += 1;
      continue;
    }
    std::optional<LogChange> change = *op == kPutOp      ? body.put()
                                      : *op == kDeleteOp ? body.deletion()
                                                         : std::nullopt;
    if (!change || revision < record.first || revision > record.last) {
      return damaged(record);
    }
    change->revision = revision;
    TRY_STATUS(visit(*change));
  }
  return revision == record.last ? Status() : Status(damaged(record));
}

LogScan scan_log(const LogId& id, std::string_view bytes) {
  LogScan scan;
  while (scan.end < bytes.size()) {
    std::optional<LogRecord> record = read_log_record(id, bytes.substr(scan.end));
    if (!record || (!scan.records.empty() && record->first != scan.records.back().last + 1)) {
      break;
    }
    scan.end += record->bytes.size();
    scan.records.push_back(std::move(*record));
  }
  for (std::size_t at = 0; at < bytes.size(); at += kLogBlock) {
    if (begins_record(id, bytes.substr(at))) {
      scan.highest = std::max(scan.highest, number_at(bytes, at + kFirstAt, 8));
    }
  }
  return scan;
}

}  // namespace signet::store
