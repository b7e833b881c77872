#include "server/issuer_rotation.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
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

Result<identity::SharedSecret> make_key(IssuerAlgorithm algorithm) {
  const auto key = algorithm == IssuerAlgorithm::Rs256
                       ? crypto::SignKey::make_rsa()
                       : crypto::SignKey::make_ec(crypto::EcCurve::P384);
  if (!key) {
    return std::unexpected(facts::service_failure("OpenSSL made no key"));
  }
  return std::make_shared<const Secret>(key->write());
}

void erase(const IssuerKey& key, identity::Transaction& transaction) {
  transaction.erase<IssuerKey>(identity::IssuerKeyByPlace::place(key.account, key.kid));
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
    fresh = TRY(make_key(algorithm));
  }
  if (!has_old && !fresh) {
    return {};
  }
  const auto write = [&](const Snapshot& snapshot, identity::Transaction& transaction) -> Status {
    const auto keys = keys_of(snapshot, account, algorithm);
    for (const IssuerKey* key : keys) {
      if (is_over(*key, keys, now)) {
        erase(*key, transaction);
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

// One algorithm of one issuer; answers the id of the new key.
Result<std::string> replace(identity::Directory& directory,
                            const std::string& account,
                            IssuerAlgorithm algorithm,
                            bool at_once,
                            Instant now) {
  const identity::SharedSecret fresh = TRY(make_key(algorithm));
  std::string kid;
  const auto write = [&](const Snapshot& snapshot, identity::Transaction& transaction) -> Status {
    kid = identity::next_key_id(snapshot, account, algorithm);
    if (at_once) {
      for (const IssuerKey* key : keys_of(snapshot, account, algorithm)) {
        erase(*key, transaction);
      }
    }
    transaction.put(IssuerKey{.account = account,
                              .kid = kid,
                              .algorithm = algorithm,
                              .private_key = fresh,
                              .created = now,
                              .signs_from = at_once ? now : now.plus_seconds(kPublishedBefore)});
    return {};
  };
  TRY(directory.apply(write));
  return kid;
}

}  // namespace

Result<std::string> replace_issuer_keys(identity::Directory& directory,
                                        std::string_view account,
                                        bool at_once,
                                        Instant now) {
  const auto snapshot = directory.current();
  std::string done;
  for (const identity::WebIdentityIssuer* issuer : snapshot->issuers()) {
    if (!account.empty() && issuer->account != account) {
      continue;
    }
    for (const IssuerAlgorithm algorithm : {IssuerAlgorithm::Rs256, IssuerAlgorithm::Es384}) {
      const std::string kid = TRY(replace(directory, issuer->account, algorithm, at_once, now));
      done += concat(done.empty() ? "" : ", ", issuer->account, " ", kid);
    }
  }
  if (done.empty()) {
    return fail(ErrorCode::InvalidInput,
                concat("no web identity issuer",
                       account.empty() ? "" : " of account ",
                       account,
                       ": iam enable-outbound-web-identity-federation makes one"));
  }
  return concat(at_once ? "these keys sign now, and the others are published no more: "
                        : "these keys are published now and sign in a day: ",
                done);
}

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
