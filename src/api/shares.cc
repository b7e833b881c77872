#include "api/shares.h"

#include <utility>

namespace signet::api {
namespace {

std::size_t waiting(const std::unordered_map<std::string, std::size_t>& counts,
                    const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

void take_one(std::unordered_map<std::string, std::size_t>& counts, const std::string& name) {
  const auto found = counts.find(name);
  if (--found->second == 0) {
    counts.erase(found);
  }
}

}  // namespace

Shares::Place::Place(Place&& other) noexcept
    : shares_(std::exchange(other.shares_, nullptr)), share_(std::move(other.share_)) {}

// What it held goes with the other.
Shares::Place& Shares::Place::operator=(Place&& other) noexcept {
  std::swap(shares_, other.shares_);
  std::swap(share_, other.share_);
  return *this;
}

Shares::Place::~Place() {
  if (shares_ != nullptr) {
    shares_->leave(share_);
  }
}

std::optional<Shares::Place> Shares::enter(Share share) {
  const std::lock_guard lock(mutex_);
  if (waiting(callers_, share.caller) >= limits_.caller_places ||
      waiting(accounts_, share.account) >= limits_.account_places) {
    return std::nullopt;
  }
  ++callers_[share.caller];
  ++accounts_[share.account];
  return Place(*this, std::move(share));
}

void Shares::leave(const Share& share) {
  const std::lock_guard lock(mutex_);
  take_one(callers_, share.caller);
  take_one(accounts_, share.account);
}

}  // namespace signet::api
