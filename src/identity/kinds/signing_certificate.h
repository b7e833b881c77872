#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/access_key.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/user.h"

namespace signet::identity {

// A certificate with which a user or root signs requests. Its id is made of its bytes, so it is an
// id within the account: another account may have the same certificate.
struct SigningCertificate {
  std::string id;  // base32 of the SHA-1 of the certificate
  std::string account;
  std::string user_id;  // empty: the account's root user
  std::string body;     // PEM, as it was uploaded
  KeyStatus status = KeyStatus::Active;
  Instant uploaded;

  [[nodiscard]] const std::string& owner_id() const { return user_id.empty() ? account : user_id; }
};

struct SigningCertificateId {
  std::string_view account;
  std::string_view id;
};

struct SigningCertificateById {
  using Entity = SigningCertificate;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const SigningCertificate& v, auto&& add) { add(relation_key(v.account, v.id)); }

  static Key key_of(SigningCertificateId id) { return relation_key(id.account, id.id); }
};

// Owner id, certificate id.
struct SigningCertificatesOfOwner {
  using Entity = SigningCertificate;
  using Key = std::string;
  using Owner = User;
  static constexpr bool kInAccount = true;

  static void keys(const SigningCertificate& v, auto&& add) {
    add(relation_key(v.owner_id(), v.id));
  }
};

template <>
struct Kind<SigningCertificate> : KindDefaults {
  using Id = SigningCertificateId;
  static constexpr std::uint8_t kRecord = 17;
  static constexpr std::string_view kNoun = "signing certificate";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<SigningCertificateById, SigningCertificatesOfOwner>;

  static std::string record_key(const SigningCertificate& v) {
    return account_key(v.account, "signing-cert", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.id);
    ar.text(2, v.account);
    ar.text(3, v.user_id);
    ar.text(4, v.body);
    ar.enumeration(5, v.status, KeyStatus::Active, KeyStatus::Inactive);
    ar.instant(6, v.uploaded);
  }

  static Status normalize(const SigningCertificate& v) {
    return v.id.empty() || v.body.empty()
               ? Status(refuse(v.id, "a signing certificate without id or body"))
               : Status();
  }

  static void references(const SigningCertificate& v, auto&& refer) {
    if (!v.user_id.empty()) {
      refer(RefersTo<User>{v.user_id});
    }
  }

  static bool may_replace(const SigningCertificate& old, const SigningCertificate& v) {
    return old.user_id == v.user_id && old.body == v.body;
  }
};

}  // namespace signet::identity
