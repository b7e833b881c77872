#include "objects/object_info.h"

#include <algorithm>
#include <cstddef>

namespace signet::objects {
namespace {

// On disk: do not renumber.
constexpr char kFormat = 1;
constexpr char kHeaderRecord = 1;
constexpr char kPartRecord = 2;
constexpr char kUploadRecord = 3;
constexpr char kSealedRecord = 16;
constexpr char kVersionRecord = 17;
constexpr char kPartChecksumRecord = 18;

void append_number(std::string& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    out += static_cast<char>(static_cast<unsigned char>(value >> shift));
  }
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

// Takes from the front of a text; once something is missing everything after it is missing too.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

  [[nodiscard]] bool is_good() const { return is_good_; }

  char byte() {
    const std::string_view one = take(1);
    return one.empty() ? '\0' : one.front();
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const char c : take(8)) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(c)) << shift;
      shift += 8;
    }
    return value;
  }

  std::string_view text() { return take(number()); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) {
      is_good_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view bytes_;
  bool is_good_ = true;
};

}  // namespace

std::optional<std::string_view> stored_header(const StoredHeaders& stored, std::string_view name) {
  const auto found = std::ranges::find(stored, name, &StoredHeaders::value_type::first);
  return found == stored.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

void set_stored_header(StoredHeaders& stored,
                       std::string_view name,
                       std::optional<std::string> value) {
  std::erase_if(stored, [name](const auto& entry) { return entry.first == name; });
  if (value) {
    stored.emplace_back(name, *std::move(value));
  }
}

std::string encode_attributes(const ObjectAttributes& attributes) {
  std::string out(1, kFormat);
  for (const auto& [name, value] : attributes.headers) {
    out += kHeaderRecord;
    append_text(out, name);
    append_text(out, value);
  }
  for (const std::uint64_t size : attributes.part_sizes) {
    out += kPartRecord;
    append_number(out, size);
  }
  if (!attributes.upload.empty()) {
    out += kUploadRecord;
    append_text(out, attributes.upload);
  }
  if (attributes.is_sealed) {
    out += kSealedRecord;
  }
  if (!attributes.version.empty()) {
    out += kVersionRecord;
    append_text(out, attributes.version);
  }
  for (const std::string& checksum : attributes.part_checksums) {
    out += kPartChecksumRecord;
    append_text(out, checksum);
  }
  return out;
}

std::optional<ObjectAttributes> decode_attributes(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.byte() != kFormat) {
    return std::nullopt;
  }
  ObjectAttributes out;
  while (!reader.at_end()) {
    const char record = reader.byte();
    if (record == kHeaderRecord) {
      std::string name(reader.text());
      out.headers.emplace_back(std::move(name), std::string(reader.text()));
    } else if (record == kPartRecord) {
      out.part_sizes.push_back(reader.number());
    } else if (record == kUploadRecord) {
      out.upload = reader.text();
    } else if (record == kSealedRecord) {
      out.is_sealed = true;
    } else if (record == kVersionRecord) {
      out.version = reader.text();
    } else if (record == kPartChecksumRecord) {
      out.part_checksums.emplace_back(reader.text());
    } else {
      return std::nullopt;
    }
  }
  return reader.is_good() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace signet::objects
