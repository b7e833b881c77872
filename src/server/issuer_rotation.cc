#include "server/issuer_rotation.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/sign_key.h"
#include "facts/errors.h"
#include "identity/issuers.h"

namespace signet::server {
namespace {

using identity::IssuerAlgorithm;
using identity::IssuerKey;
using identity::Snapshot;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kKeyAge = 90 * kDay;
constexpr std::int64_t kPublishedBefore = kDay;
constexpr std::int64_t kPublishedAfter = kDay;

std::vector<const IssuerKey*> keys_of(const Snapshot& snapshot,
                                      std::string_view account,
                                      IssuerAlgorithm algorithm) {
  std::vector<const IssuerKey*> keys = identity::issuer_keys(snapshot, account);
  std::erase_if(keys, [algorithm](const IssuerKey* key) { return key->algorithm != algorithm; });
  std::ranges::sort(keys, {}, [](const IssuerKey* key) { return key->signs_from; });
  return keys;
}

bool needs_new(const std::vector<const IssuerKey*>& keys, Instant now) {
  return !keys.empty() && keys.back()->created.plus_seconds(kKeyAge) <= now;
}

// Whether a later key has signed for so long that nothing of this one is good any more.
bool is_over(const IssuerKey& key, const std::vector<const IssuerKey*>& keys, Instant now) {
  return std::ranges::any_of(keys, [&](const IssuerKey* later) {
    return key.signs_from < later->signs_from &&
           later->signs_from.plus_seconds(kPublishedAfter) <= now;
  });
}

std::optional<identity::SharedSecret> make_key(IssuerAlgorithm algorithm) {
  const auto key = algorithm == IssuerAlgorithm::Rs256
                       ? crypto::SignKey::make_rsa()
                       : crypto::SignKey::make_ec(crypto::EcCurve::P384);
  return key ? std::optional(std::make_shared<const Secret>(key->write())) : std::nullopt;
}

// One algorithm of one issuer.
Status rotate(identity::Directory& directory,
              const std::string& account,
              IssuerAlgorithm algorithm,
              Instant now) {
  const auto looked_at = keys_of(*directory.current(), account, algorithm);
  const bool has_old = std::ranges::any_of(
      looked_at, [&](const IssuerKey* key) { return is_over(*key, looked_at, now); });
  std::optional<identity::SharedSecret> fresh;
  if (needs_new(looked_at, now)) {
    fresh = make_key(algorithm);
    if (!fresh) {
      return std::unexpected(facts::service_failure("OpenSSL made no key"));
    }
  }
  if (!has_old && !fresh) {
    return {};
  }
  const auto write = [&](const Snapshot& snapshot, identity::Transaction& transaction) -> Status {
    const auto keys = keys_of(snapshot, account, algorithm);
    for (const IssuerKey* key : keys) {
      if (is_over(*key, keys, now)) {
        transaction.erase<IssuerKey>(identity::IssuerKeyByPlace::place(account, key->kid));
      }
    }
    if (fresh && needs_new(keys, now)) {
      transaction.put(IssuerKey{.account = account,
                                .kid = identity::next_key_id(snapshot, account, algorithm),
                                .algorithm = algorithm,
                                .private_key = *fresh,
                                .created = now,
                                .signs_from = now.plus_seconds(kPublishedBefore)});
    }
    return {};
  };
  const auto done = directory.apply(write);
  return done ? Status() : std::unexpected(done.error());
}

}  // namespace

Status rotate_issuer_keys(identity::Directory& directory, Instant now) {
  const auto snapshot = directory.current();
  for (const identity::WebIdentityIssuer* issuer : snapshot->issuers()) {
    for (const IssuerAlgorithm algorithm : {IssuerAlgorithm::Rs256, IssuerAlgorithm::Es384}) {
      TRY_STATUS(rotate(directory, issuer->account, algorithm, now));
    }
  }
  return {};
}

}  // namespace signet::server
