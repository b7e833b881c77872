#include "store/etcd/layout.h"

#include <algorithm>

#include "base/strings.h"
#include "store/batch.h"

namespace signet::store {
namespace {

constexpr std::size_t kRevisionBytes = 8;
constexpr std::size_t kCommitIdDigits = 16;

}  // namespace

std::string EtcdLayout::record(std::string_view key) const {
  return concat(prefix_, "s/r/", key);
}

std::optional<std::string> EtcdLayout::key_of(std::string_view etcd_key) const {
  const std::string front = record("");
  return etcd_key.starts_with(front) ? std::optional(std::string(etcd_key.substr(front.size())))
                                     : std::nullopt;
}

EtcdKeys EtcdLayout::records(std::string_view key_prefix) const {
  std::string first = record(key_prefix);
  std::string end = prefix_end(first);
  return {.first = std::move(first), .end = std::move(end)};
}

EtcdKeys EtcdLayout::state() const {
  std::string first = concat(prefix_, "s/");
  std::string end = prefix_end(first);
  return {.first = std::move(first), .end = std::move(end)};
}

EtcdChanges EtcdLayout::changes_of(std::span<const Transaction> batch,
                                   Revision revision,
                                   const std::string& counter) const {
  EtcdChanges changes;
  for (const auto& [key, value] : net_changes(batch)) {
    changes.emplace(record(key),
                    value ? std::optional(record_value(revision, *value)) : std::nullopt);
  }
  changes.emplace(this->counter(), counter);
  return changes;
}

std::string record_value(Revision revision, std::string_view value) {
  std::string text;
  text.reserve(kRevisionBytes + value.size());
  for (std::size_t i = kRevisionBytes; i-- > 0;) {
    text.push_back(static_cast<char>(revision >> (8 * i) & 0xFFU));
  }
  return text.append(value);
}

std::optional<StoredRecord> read_record_value(std::string_view text) {
  if (text.size() < kRevisionBytes) {
    return std::nullopt;
  }
  StoredRecord record{.value = text.substr(kRevisionBytes)};
  for (const char c : text.substr(0, kRevisionBytes)) {
    record.revision = record.revision << 8U | static_cast<unsigned char>(c);
  }
  return record;
}

std::string counter_value(Revision revision, std::string_view commit_id) {
  return concat(std::to_string(revision), " ", commit_id);
}

std::optional<Revision> revision_of_counter(std::string_view value) {
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos || value.size() != space + 1 + kCommitIdDigits) {
    return std::nullopt;
  }
  const auto is_hex_digit = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
  };
  const auto revision = parse_decimal(value.substr(0, space));
  if (!revision || *revision < 1 || !std::ranges::all_of(value.substr(space + 1), is_hex_digit)) {
    return std::nullopt;
  }
  return static_cast<Revision>(*revision);
}

}  // namespace signet::store
