#include "identity/record_archive.h"

#include "base/secret_access.h"
#include "base/strings.h"

namespace signet::identity {
namespace {

constexpr std::uint32_t kFieldMax = 1000;  // far above any number in use

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

std::string secret_context(std::string_view key, std::uint32_t field) {
  return concat(key, "#", std::to_string(field));
}

}  // namespace

void RecordWriter::frame(std::uint8_t kind) {
  out_.push_back(static_cast<char>(kRecordFormat));
  out_.push_back(static_cast<char>(kind));
}

void RecordWriter::text(std::uint32_t field, std::string_view value) {
  if (!value.empty()) {
    bytes(field, value);
  }
}

void RecordWriter::texts(std::uint32_t field, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    bytes(field, value);
  }
}

void RecordWriter::number(std::uint32_t field, std::uint64_t value) {
  if (value != 0) {
    varint(std::uint64_t{field} << 3);
    varint(value);
  }
}

void RecordWriter::signed_number(std::uint32_t field, std::int64_t value) {
  number(field, zigzag(value));
}

void RecordWriter::document(std::uint32_t field, const DocumentRef& value) {
  if (value != nullptr) {
    bytes(field, value->text());
  }
}

void RecordWriter::secret(std::uint32_t field, const SharedSecret& value) {
  if (value != nullptr) {
    bytes(field,
          box_.seal(secret_context(context_, field), value->reveal(secret_access()), random_));
  }
}

void RecordWriter::bytes(std::uint32_t field, std::string_view value) {
  varint((std::uint64_t{field} << 3) | 2);
  varint(value.size());
  out_.append(value);
}

void RecordWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  out_.push_back(static_cast<char>(value));
}

std::optional<std::uint8_t> RecordReader::open(std::string_view record) {
  if (record.size() < 2) {
    failure_ = "shorter than its frame";
    return std::nullopt;
  }
  const auto format = static_cast<std::uint8_t>(record[0]);
  const auto kind = static_cast<std::uint8_t>(record[1]);
  if (format != kRecordFormat) {
    failure_ = concat("format ", std::to_string(format), " is newer than this program");
    return std::nullopt;
  }
  rest_ = record.substr(2);
  advance();
  return kind;
}

void RecordReader::close() {
  if (next_.field != 0) {
    spoil(next_.field, "unknown field, or out of order");
  }
}

void RecordReader::text(std::uint32_t field, std::string& value) {
  value = at(field, Wire::Bytes) ? std::string(bytes_) : std::string();
}

void RecordReader::text(std::uint32_t field, Text& value) {
  value = Text(at(field, Wire::Bytes) ? bytes_ : std::string_view());
}

void RecordReader::texts(std::uint32_t field, SharedList<std::string>& values) {
  std::vector<std::string> items;
  texts(field, items);
  values = documents_.intern(SharedList<std::string>(std::move(items)));
}

void RecordReader::texts(std::uint32_t field, std::vector<std::string>& values) {
  values.clear();
  while (at(field, Wire::Bytes)) {
    values.reserve(values.size() + 1 + values.size() / 2);
    values.emplace_back(bytes_);
  }
}

void RecordReader::signed_number(std::uint32_t field, std::int64_t& value) {
  value = at(field, Wire::Varint) ? unzigzag(number_) : 0;
}

void RecordReader::flag(std::uint32_t field, bool& value) {
  value = bounded(field, 1) == 1;
}

void RecordReader::maybe_flag(std::uint32_t field, std::optional<bool>& value) {
  const std::uint64_t read = bounded(field, 2);
  value = read == 0 ? std::nullopt : std::optional<bool>(read == 2);
}

void RecordReader::document(std::uint32_t field, DocumentRef& value) {
  value = at(field, Wire::Bytes) ? documents_.intern(bytes_) : nullptr;
}

void RecordReader::secret(std::uint32_t field, SharedSecret& value) {
  value = nullptr;
  if (!at(field, Wire::Bytes)) {
    return;
  }
  std::optional<Secret> opened = box_.open(secret_context(context_, field), bytes_);
  if (!opened) {
    spoil(field, "the sealed secret does not open");
    return;
  }
  value = std::make_shared<const Secret>(std::move(*opened));
}

bool RecordReader::at(std::uint32_t field, Wire wire) {
  if (next_.field != field || !failure_.empty()) {
    return false;
  }
  if (next_.wire != wire) {
    spoil(field, "wrong wire type");
    return false;
  }
  number_ = next_.number;
  bytes_ = next_.bytes;
  advance();
  return true;
}

void RecordReader::advance() {
  next_ = Next{};
  if (rest_.empty() || !failure_.empty()) {
    return;
  }
  std::uint64_t tag = 0;
  std::uint64_t value = 0;
  if (!varint(tag) || !varint(value)) {
    return;
  }
  const auto wire = static_cast<std::uint8_t>(tag & 7);
  const std::uint64_t field = tag >> 3;
  if (field == 0 || field > kFieldMax || (wire != 0 && wire != 2)) {
    spoil(0, "damaged tag");
    return;
  }
  if (wire == 2 && value > rest_.size()) {
    spoil(static_cast<std::uint32_t>(field), "longer than the record");
    return;
  }
  next_ = Next{.field = static_cast<std::uint32_t>(field),
               .wire = static_cast<Wire>(wire),
               .number = value,
               .bytes = {}};
  if (wire == 2) {
    next_.bytes = rest_.substr(0, static_cast<std::size_t>(value));
    rest_.remove_prefix(static_cast<std::size_t>(value));
  }
}

std::uint64_t RecordReader::bounded(std::uint32_t field, std::uint64_t max) {
  if (!at(field, Wire::Varint)) {
    return 0;
  }
  if (number_ > max) {
    spoil(field, "value out of range");
    return 0;
  }
  return number_;
}

bool RecordReader::varint(std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(rest_[i]);
    if (i == 9 && byte > 1) {
      break;  // beyond 64 bits
    }
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) == 0) {
      rest_.remove_prefix(i + 1);
      return true;
    }
  }
  spoil(0, "damaged or cut off");
  return false;
}

void RecordReader::spoil(std::uint32_t field, std::string_view why) {
  if (failure_.empty()) {
    failure_ = field == 0 ? std::string(why) : concat("field ", std::to_string(field), ": ", why);
  }
  next_ = Next{};
}

}  // namespace signet::identity
