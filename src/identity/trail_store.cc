#include "identity/trail_store.h"

#include <span>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::identity {
namespace {

constexpr std::string_view kPrefix = "g/audit/";  // on disk, docs/formats/store.md
constexpr std::size_t kDigits = 20;
constexpr std::size_t kValueBytes = std::size_t{1} << 20;  // a longer line has a value of its own

}  // namespace

bool is_trail_key(std::string_view key) {
  return key.starts_with(kPrefix);
}

TrailStore::TrailStore(std::string_view node)
    : prefix_(node.empty() ? std::string(kPrefix) : concat(kPrefix, node, "/")) {}

// Decimal with leading zeros, so that keys have the numbers' order.
std::string TrailStore::key_of(std::uint64_t number) const {
  const std::string digits = std::to_string(number);
  return concat(prefix_, std::string(kDigits - digits.size(), '0'), digits);
}

Status TrailStore::attach(Trail& trail, store::Store& store) {
  std::string lines;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  TRY_STATUS(store.load(prefix_, [&](const store::RecordView& record) -> Status {
    const auto number = parse_decimal(record.key.substr(prefix_.size()));
    if (!number || record.key.size() != prefix_.size() + kDigits) {
      return std::unexpected(facts::service_failure(concat("damaged record ", record.key)));
    }
    last = static_cast<std::uint64_t>(*number);
    first = first == 0 ? last : first;
    lines += record.value;
    return {};
  }));
  trail_ = &trail;
  next_ = last + 1;
  first_ = first == 0 ? next_ : first;
  if (last != 0) {
    trail.keep_again(last, lines);
  }
  return {};
}

void TrailStore::add(std::string_view line) {
  if (trail_ == nullptr || line.empty()) {
    return;
  }
  if (values_.empty() || values_.back().size() + line.size() > kValueBytes) {
    values_.emplace_back();
  }
  values_.back() += line;
}

store::Transaction TrailStore::delete_settled() {
  store::Transaction change;
  const std::uint64_t settled = trail_ != nullptr ? trail_->settled() : 0;
  for (deleted_ = first_; deleted_ <= settled && deleted_ < next_; ++deleted_) {
    change.deletes.push_back(key_of(deleted_));
  }
  return change;
}

store::Transaction TrailStore::take_changes() {
  store::Transaction change = delete_settled();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    change.puts.push_back(store::Put{.key = key_of(next_ + i), .value = values_[i]});
  }
  return change;
}

void TrailStore::committed(bool is_stored) {
  std::uint64_t number = next_;
  if (is_stored) {
    first_ = deleted_;
    next_ += values_.size();
  }
  for (const std::string& value : std::exchange(values_, {})) {
    // A value settles by itself: the one after it may not be written yet.
    trail_->keep(is_stored ? number++ : 0, value);
  }
}

void TrailStore::failed() {
  values_.clear();
}

Status TrailStore::close(store::Store& store) {
  if (trail_ == nullptr || first_ == next_) {
    return {};
  }
  trail_->settle();
  const store::Transaction change = delete_settled();
  if (!change.deletes.empty()) {
    TRY_STATUS(store.commit(std::span(&change, 1)));
    first_ = deleted_;
  }
  return {};
}

}  // namespace signet::identity
