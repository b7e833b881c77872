#include "http/body_budget.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace signet::http {
namespace {

// What an address is counted under.
std::string name_of(std::string_view address) {
  std::string text(address);
  std::array<char, sizeof(in6_addr)> bytes{};
  constexpr std::size_t kNetworkBytes = 8;
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    text.assign(bytes.data(), kNetworkBytes);
  }
  return text;
}

}  // namespace

bool BodyBudget::take(AddressUse* address, std::uint64_t bytes) {
  take_always(address, bytes);
  const bool is_address_full = address != nullptr && address->buffered.load() > total_ / 2;
  if (is_address_full || in_use_.load() > total_) {
    give_back(address, bytes);
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  return true;
}

void BodyBudget::take_always(AddressUse* address, std::uint64_t bytes) {
  in_use_.fetch_add(bytes);
  if (address != nullptr) {
    address->buffered.fetch_add(bytes);
  }
}

void BodyBudget::give_back(AddressUse* address, std::uint64_t bytes) {
  in_use_.fetch_sub(bytes);
  if (address != nullptr) {
    address->buffered.fetch_sub(bytes);
  }
}

AddressLease& AddressLease::operator=(AddressLease&& other) noexcept {
  std::swap(use_, other.use_);
  return *this;
}

AddressLease::~AddressLease() {
  if (use_) {
    use_->connections.fetch_sub(1);
  }
}

std::optional<AddressLease> AddressBook::admit(std::string_view address) {
  const std::lock_guard lock(mutex_);
  if (uses_.size() >= forget_at_) {
    forget_idle();
  }
  std::shared_ptr<AddressUse>& use = uses_[name_of(address)];
  if (use == nullptr) {
    use = std::make_shared<AddressUse>();
  }
  if (use->connections.load() >= connections_max_) {
    return std::nullopt;
  }
  use->connections.fetch_add(1);
  return AddressLease(use);
}

std::size_t AddressBook::size() const {
  const std::lock_guard lock(mutex_);
  return uses_.size();
}

// Called when the book has doubled, so that its cost is that of one look a connection.
void AddressBook::forget_idle() {
  std::erase_if(uses_, [](const auto& entry) { return entry.second->connections.load() == 0; });
  constexpr std::size_t kSmall = 64;
  forget_at_ = std::max(kSmall, 2 * uses_.size());
}

}  // namespace signet::http
