#include "identity/issuers.h"

#include <algorithm>

#include "base/strings.h"

namespace signet::identity {
namespace {

std::string_view prefix_of(IssuerAlgorithm algorithm) {
  return algorithm == IssuerAlgorithm::Rs256 ? "RSA_" : "EC384_";
}

}  // namespace

const std::optional<crypto::SignKey>& IssuerKey::sign_key() const {
  return read_key.get([this] { return crypto::SignKey::read(*private_key); });
}

std::string issuer_url(std::string_view base, const WebIdentityIssuer& issuer) {
  return concat(base, kIssuerPath, issuer.id);
}

std::vector<const IssuerKey*> issuer_keys(const Snapshot& snapshot, std::string_view account) {
  std::vector<const IssuerKey*> keys;
  for (const auto& entry : snapshot.table<IssuerKey>(account)) {
    keys.push_back(entry.value.get());
  }
  return keys;
}

const IssuerKey* signing_key(const Snapshot& snapshot,
                             std::string_view account,
                             IssuerAlgorithm algorithm,
                             Instant now) {
  const IssuerKey* newest = nullptr;
  for (const IssuerKey* key : issuer_keys(snapshot, account)) {
    const bool may_sign = key->algorithm == algorithm && key->signs_from <= now;
    if (may_sign && (newest == nullptr || newest->signs_from < key->signs_from)) {
      newest = key;
    }
  }
  return newest;
}

std::string next_key_id(const Snapshot& snapshot,
                        std::string_view account,
                        IssuerAlgorithm algorithm) {
  const std::string_view prefix = prefix_of(algorithm);
  std::int64_t next = 0;
  for (const IssuerKey* key : issuer_keys(snapshot, account)) {
    if (key->kid.starts_with(prefix)) {
      const auto number = parse_decimal(std::string_view(key->kid).substr(prefix.size()));
      next = std::max(next, number.value_or(0) + 1);
    }
  }
  return concat(prefix, std::to_string(next));
}

}  // namespace signet::identity
