#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/context_provider.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

// An identity provider in the metadata of a SamlProvider.
struct SamlIssuer {
  std::string entity_id;
  std::vector<std::string> certificates;  // DER, of the keys that it signs with
};

// A key that assertions are decrypted with.
struct SamlPrivateKey {
  std::string id;
  Instant added;
  SharedSecret pem;
};

// On disk: do not renumber.
enum class AssertionEncryption : std::uint8_t { Allowed = 1, Required = 2 };

// Identity providers whose SAML assertions an account trusts.
struct SamlProvider {
  std::string account;
  std::string name;  // case kept
  std::string uuid;
  Instant created;
  Instant valid_until;
  std::string metadata;             // the document, as it was given
  std::vector<SamlIssuer> issuers;  // what it says
  AssertionEncryption encryption = AssertionEncryption::Allowed;
  std::vector<SamlPrivateKey> private_keys;
  SharedList<Tag> tags;
  Propagation propagation;
};

template <>
struct Fields<SamlIssuer> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.entity_id);
    ar.texts(2, v.certificates);
  }
};

template <>
struct Fields<SamlPrivateKey> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.id);
    ar.instant(2, v.added);
    ar.secret(3, v.pem);
  }
};

// Found and erased by its ARN.
template <>
struct Kind<SamlProvider> : KindDefaults {
  static constexpr std::uint8_t kRecord = 24;
  static constexpr std::string_view kNoun = "SAML provider";
  static constexpr std::string_view kArn = "saml-provider";
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasExactName = true;
  using Indexes = Types<ByName<SamlProvider>>;

  static std::string record_key(const SamlProvider& v) {
    return account_key(v.account, "saml", v.name);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.name);
    ar.text(3, v.uuid);
    ar.instant(4, v.created);
    ar.instant(5, v.valid_until);
    ar.text(6, v.metadata);
    ar.list(7, v.issuers);
    ar.enumeration(8, v.encryption, AssertionEncryption::Allowed, AssertionEncryption::Required);
    ar.list(9, v.private_keys);
    ar.list(10, v.tags);
    ar.maybe(11, v.propagation.context);
    ar.text(12, v.propagation.identity_center_instance);
  }

  static Status normalize(const SamlProvider& v) {
    if (v.name.empty() || v.issuers.empty()) {
      return refuse(v.name, "a SAML provider without name or issuer");
    }
    for (const SamlPrivateKey& key : v.private_keys) {
      if (key.id.empty() || key.pem == nullptr) {
        return refuse(v.name, "a private key without id or key");
      }
    }
    return {};
  }

  // Its UUID is its own: one that is made again under the name is another.
  static bool may_replace(const SamlProvider& old, const SamlProvider& v) {
    return old.uuid == v.uuid;
  }
};

}  // namespace signet::identity
