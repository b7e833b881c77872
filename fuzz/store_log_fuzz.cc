// fuzz-deps: store
// Input: one byte, then bytes. Even byte: they are a file of the commit log. Odd byte: they are the
// body of a record, around which a right header is put. Whatever is found continues without a gap,
// lies within the file, and is shown or refused; what is shown can be written as a record again. A
// first block that is taken is the one that would be written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assertion.h"
#include "crypto/checksum.h"
#include "store/embedded/log_header.h"
#include "store/embedded/log_record.h"

namespace {

using namespace signet;         // NOLINT(google-build-using-namespace): a program of one file
using namespace signet::store;  // NOLINT(google-build-using-namespace): a program of one file

constexpr LogId kId = {
    'f', 'u', 'z', 'z', 'f', 'u', 'z', 'z', 'f', 'u', 'z', 'z', 'f', 'u', 'z', 'z'};

// docs/formats/store.md
constexpr std::size_t kBodySizeAt = 36;
constexpr std::size_t kChecksumAt = 40;
constexpr std::size_t kHeaderSize = 48;
constexpr std::size_t kLogHeaderSize = 44;

void set_number(std::string& bytes, std::size_t at, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes[at + i] = static_cast<char>(number >> (8 * i) & 0xFF);
  }
}

std::string record_around(std::string_view body) {
  const Transaction nothing;
  const Batch batch(&nothing, 1);
  std::string bytes = make_log_record(kId, 1, std::span(&batch, 1)).bytes.substr(0, kHeaderSize);
  set_number(bytes, kBodySizeAt, body.size(), 4);
  const std::uint64_t header = crypto::crc64nvme(0, std::string_view(bytes).substr(0, kChecksumAt));
  set_number(bytes, kChecksumAt, crypto::crc64nvme(header, body), 8);
  bytes += body;
  bytes.resize((bytes.size() + kLogBlock - 1) / kLogBlock * kLogBlock);
  return bytes;
}

// What a record shows, as one transaction per change. Empty where it is refused.
std::vector<Transaction> changes_of(const LogRecord& record) {
  std::vector<Transaction> changes;
  const Status status = visit_log_record(record, [&](const LogChange& change) -> Status {
    SIGNET_ASSERT(change.revision >= record.first && change.revision <= record.last);
    Transaction transaction;
    if (change.value) {
      transaction.puts.push_back(Put{std::string(change.key), std::string(*change.value)});
    } else {
      transaction.deletes.emplace_back(change.key);
    }
    changes.push_back(std::move(transaction));
    return {};
  });
  if (!status) {
    SIGNET_ASSERT(!status.error().cause.empty());
    return {};
  }
  return changes;
}

void check_record(const LogRecord& record) {
  const std::vector<Transaction> changes = changes_of(record);
  const Batch batch(changes);
  const LogRecord again = make_log_record(kId, record.first, std::span(&batch, 1));
  const auto read = read_log_record(kId, again.bytes);
  SIGNET_ASSERT(read.has_value() && read->first == record.first);
  SIGNET_ASSERT(changes_of(*read).size() == changes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) {
    return 0;
  }
  const bool is_body = (input[0] & 1) != 0;
  input.remove_prefix(1);
  if (const auto header = read_log_header(input)) {
    SIGNET_ASSERT(make_log_header(*header).substr(0, kLogHeaderSize) ==
                  input.substr(0, kLogHeaderSize));
  }
  const std::string file = is_body ? record_around(input) : std::string(input);
  const LogScan scan = scan_log(kId, file);
  SIGNET_ASSERT(!is_body || scan.records.size() == 1);
  SIGNET_ASSERT(scan.end <= file.size() && scan.end % kLogBlock == 0);
  Revision last = 0;
  for (const LogRecord& record : scan.records) {
    SIGNET_ASSERT(last == 0 || record.first == last + 1);
    SIGNET_ASSERT(record.first <= record.last && record.first <= scan.highest);
    check_record(record);
    last = record.last;
  }
  return 0;
}
