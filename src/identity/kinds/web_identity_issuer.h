#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "crypto/sign_key.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "identity/lazy.h"

namespace signet::identity {

// An account as an issuer of web identity tokens (GetWebIdentityToken). Once made it stays, with
// its keys: turning the feature off only stops the issuing.
struct WebIdentityIssuer {
  std::string account;
  std::string id;  // a UUID, in the issuer's URL
  bool is_enabled = false;
  Instant created;
};

struct IssuerByAccount {
  using Entity = WebIdentityIssuer;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const WebIdentityIssuer& v, auto&& add) { add(v.account); }

  static Key key_of(std::string_view account) { return std::string(account); }
};

struct IssuerById {
  using Entity = WebIdentityIssuer;
  using Key = std::string;
  static constexpr bool kInAccount = false;
  static constexpr std::string_view kTaken = "the id is another issuer's";

  static void keys(const WebIdentityIssuer& v, auto&& add) { add(v.id); }
};

// Found and erased by its account.
template <>
struct Kind<WebIdentityIssuer> : KindDefaults {
  static constexpr std::uint8_t kRecord = 20;
  static constexpr std::string_view kNoun = "web identity issuer";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<IssuerByAccount, IssuerById>;

  static std::string record_key(const WebIdentityIssuer& v) {
    return account_key(v.account, "issuer", "self");
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.flag(3, v.is_enabled);
    ar.instant(4, v.created);
  }

  static Status normalize(const WebIdentityIssuer& v) {
    return v.id.empty() ? Status(refuse(kNoun, "no id")) : Status();
  }
};

// How a key signs. On disk: do not renumber.
enum class IssuerAlgorithm : std::uint8_t { Rs256 = 1, Es384 = 2 };

// A key that an issuer signs with. It is published as long as it is here.
struct IssuerKey {
  std::string account;
  std::string kid;  // "RSA_0", "EC384_1": never used again within an issuer
  IssuerAlgorithm algorithm = IssuerAlgorithm::Rs256;
  SharedSecret private_key;  // PKCS #8, DER
  Instant created;
  Instant signs_from;  // published before it signs, so that verifiers know it by then

  // The private key, read once for all calls; nothing if it cannot be. Lives as long as this.
  [[nodiscard]] const std::optional<crypto::SignKey>& sign_key() const;

  Lazy<std::optional<crypto::SignKey>> read_key;  // not a part of the record
};

// Account and key id.
struct IssuerKeyByPlace {
  using Entity = IssuerKey;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static std::string place(std::string_view account, std::string_view kid) {
    return relation_key(account, kid);
  }

  static void keys(const IssuerKey& v, auto&& add) { add(place(v.account, v.kid)); }

  static Key key_of(std::string_view place) { return std::string(place); }
};

// By key id within the account.
struct IssuerKeysOfAccount {
  using Entity = IssuerKey;
  using Key = std::string;
  static constexpr bool kInAccount = true;

  static void keys(const IssuerKey& v, auto&& add) { add(v.kid); }
};

// Found and erased by IssuerKeyByPlace::place().
template <>
struct Kind<IssuerKey> : KindDefaults {
  static constexpr std::uint8_t kRecord = 21;
  static constexpr std::string_view kNoun = "issuer key";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<IssuerKeyByPlace, IssuerKeysOfAccount>;

  static std::string record_key(const IssuerKey& v) {
    return account_key(v.account, "issuerkey", v.kid);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.kid);
    ar.enumeration(3, v.algorithm, IssuerAlgorithm::Rs256, IssuerAlgorithm::Es384);
    ar.secret(4, v.private_key);
    ar.instant(5, v.created);
    ar.instant(6, v.signs_from);
  }

  static Status normalize(const IssuerKey& v) {
    if (v.kid.empty() || v.private_key == nullptr || v.private_key->empty()) {
      return refuse(v.account, "an issuer key without id or private key");
    }
    return {};
  }
};

}  // namespace signet::identity
