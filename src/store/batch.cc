#include "store/batch.h"

#include <string>
#include <string_view>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

Status check_key(std::string_view key) {
  if (key.empty() || key.size() > kKeySizeMax) {
    return std::unexpected(facts::service_failure(
        concat("store: a key must have 1 to 512 bytes, not ", std::to_string(key.size()))));
  }
  return {};
}

Status check_put(const Put& put) {
  if (put.value.size() > kValueSizeMax) {
    return std::unexpected(facts::service_failure(concat("store: the value of ",
                                                         put.key,
                                                         " has ",
                                                         std::to_string(put.value.size()),
                                                         " bytes; 4 MiB at most")));
  }
  return check_key(put.key);
}

Status check_transaction(const Transaction& transaction) {
  for (const Put& put : transaction.puts) {
    TRY_STATUS(check_put(put));
  }
  for (const std::string& key : transaction.deletes) {
    TRY_STATUS(check_key(key));
  }
  return {};
}

}  // namespace

Status check_batch(std::span<const Transaction> batch) {
  for (const Transaction& transaction : batch) {
    TRY_STATUS(check_transaction(transaction));
  }
  return {};
}

std::map<std::string_view, std::optional<std::string_view>> net_changes(
    std::span<const Transaction> batch) {
  std::map<std::string_view, std::optional<std::string_view>> net;
  for (const Transaction& transaction : batch) {
    for (const Put& put : transaction.puts) {
      net[put.key] = put.value;
    }
    for (const std::string& key : transaction.deletes) {
      net[key] = std::nullopt;
    }
  }
  return net;
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) {
    end.pop_back();
  }
  if (!end.empty()) {
    end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  }
  return end;
}

}  // namespace signet::store
