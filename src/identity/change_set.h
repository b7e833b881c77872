#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/random.h"
#include "crypto/key_wrap.h"
#include "identity/record.h"
#include "store/store.h"

namespace signet::identity {

// The records that one transaction writes and deletes; the last word on a key counts.
class ChangeSet {
 public:
  // Both outlive the set.
  ChangeSet(const crypto::SecretBox& box, Random& random) : box_(box), random_(random) {}

  template <class T>
  void put(const T& entity) {
    records_[record_key(entity)] = encode_record(entity, box_, random_);
  }

  void erase(std::string key) { records_[std::move(key)] = std::nullopt; }

  [[nodiscard]] bool empty() const { return records_.empty(); }

  // The changes for the store; leaves the set empty.
  [[nodiscard]] store::Transaction take() {
    store::Transaction out;
    while (!records_.empty()) {
      auto node = records_.extract(records_.begin());
      if (node.mapped()) {
        out.puts.push_back(
            store::Put{.key = std::move(node.key()), .value = std::move(*node.mapped())});
      } else {
        out.deletes.push_back(std::move(node.key()));
      }
    }
    return out;
  }

 private:
  const crypto::SecretBox& box_;
  Random& random_;
  std::map<std::string, std::optional<std::string>> records_;  // nothing: delete
};

}  // namespace signet::identity
