#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

// What IAM Roles Anywhere keeps. All of it belongs to one region of an account, is known by a UUID,
// and may have an alias.
namespace signet::identity {

// On disk: do not renumber.
enum class NotificationEvent : std::uint8_t { CaExpiry = 1, EndEntityExpiry = 2 };

// One that an account made its own, in place of the default.
struct NotificationSetting {
  NotificationEvent event = NotificationEvent::CaExpiry;
  bool is_enabled = false;
  std::uint32_t threshold_days = 0;
};

// Certificate authorities whose certificates an account trusts.
struct TrustAnchor {
  std::string account;
  std::string id;
  std::string region;
  std::string name;
  bool is_enabled = false;
  Instant created;
  Instant updated;
  std::string bundle;  // their certificates as they were given, PEM
  std::vector<NotificationSetting> notifications;
  std::string alias;  // empty: none
  std::vector<Tag> tags;
};

// On disk: do not renumber.
enum class CertificateField : std::uint8_t { Subject = 1, Issuer = 2, AlternativeName = 3 };

// Which parts of a field of a certificate become session tags.
struct AttributeMapping {
  CertificateField field = CertificateField::Subject;
  std::vector<std::string> specifiers;
};

// Roles that may be assumed with a certificate, and what their sessions are limited to.
struct AnywhereProfile {
  std::string account;
  std::string id;
  std::string region;
  std::string name;
  bool is_enabled = false;
  Instant created;
  Instant updated;
  std::string creator;  // ARN
  std::vector<std::string> role_arns;
  std::string session_policy;  // empty: none
  std::vector<std::string> managed_policy_arns;
  std::uint32_t session_seconds = 0;
  bool accepts_session_name = false;
  bool requires_instance_properties = false;
  std::vector<AttributeMapping> mappings;
  std::string alias;  // empty: none
  std::vector<Tag> tags;
};

// A list of certificates that an authority revoked.
struct RevocationList {
  std::string account;
  std::string id;
  std::string region;
  std::string name;
  bool is_enabled = false;
  Instant created;
  Instant updated;
  std::string anchor_id;
  std::string data;   // as it was given, PEM
  std::string alias;  // empty: none
  std::vector<Tag> tags;
};

// A certificate that somebody authenticated with.
struct SeenCertificate {
  std::string serial;  // decimal
  std::string issuer;  // its name
  std::string pem;
  Instant seen;
};

// Who authenticated with certificates of one subject.
struct AnywhereSubject {
  std::string account;
  std::string id;
  std::string region;
  std::string name;  // the subject of the certificates
  Instant created;
  Instant updated;
  Instant seen;
  std::vector<SeenCertificate> certificates;  // the one seen last comes first
  std::vector<Tag> instance_properties;       // of the last request
  std::vector<Tag> tags;
};

template <>
struct Fields<NotificationSetting> {
  static void describe(auto& ar, auto& v) {
    ar.enumeration(1, v.event, NotificationEvent::CaExpiry, NotificationEvent::EndEntityExpiry);
    ar.flag(2, v.is_enabled);
    ar.number(3, v.threshold_days);
  }
};

template <>
struct Fields<AttributeMapping> {
  static void describe(auto& ar, auto& v) {
    ar.enumeration(1, v.field, CertificateField::Subject, CertificateField::AlternativeName);
    ar.texts(2, v.specifiers);
  }
};

template <>
struct Fields<SeenCertificate> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.serial);
    ar.text(2, v.issuer);
    ar.text(3, v.pem);
    ar.instant(4, v.seen);
  }
};

// Region, then age.
template <class T>
struct InRegion {
  using Entity = T;
  using Key = std::string;
  static constexpr bool kInAccount = true;

  static void keys(const T& v, auto&& add) {
    add(relation_key(v.region, age_key(v.created, v.id)));
  }
};

// Region, then alias, of those that have one.
template <class T>
struct ByAlias {
  using Entity = T;
  using Key = std::string;
  static constexpr bool kInAccount = true;
  static constexpr std::string_view kTaken = "the alias is taken";

  static void keys(const T& v, auto&& add) {
    if (!v.alias.empty()) {
      add(relation_key(v.region, v.alias));
    }
  }
};

// Trust anchor, then list.
struct ListsOfAnchor {
  using Entity = RevocationList;
  using Key = std::string;
  using Owner = TrustAnchor;
  static constexpr bool kInAccount = true;

  static void keys(const RevocationList& v, auto&& add) { add(relation_key(v.anchor_id, v.id)); }
};

// Region, then the name in certificates.
struct SubjectsByName {
  using Entity = AnywhereSubject;
  using Key = std::string;
  static constexpr bool kInAccount = true;
  static constexpr std::string_view kTaken = "the subject is there already";

  static void keys(const AnywhereSubject& v, auto&& add) { add(relation_key(v.region, v.name)); }
};

// What their descriptions have in common.
struct AnywhereDefaults : KindDefaults {
  static constexpr bool kNeedsAccount = true;

  static Status require_place(const auto& v) {
    return v.region.empty() ? Status(refuse(v.id, "no region"))
                            : require_id_and_name(v.account, v.id, v.name);
  }

  static bool may_replace(const auto& old, const auto& v) {
    return old.region == v.region && old.created == v.created;
  }
};

template <>
struct Kind<TrustAnchor> : AnywhereDefaults {
  static constexpr std::uint8_t kRecord = 40;
  static constexpr std::string_view kNoun = "trust anchor";
  using Indexes = Types<ById<TrustAnchor>, InRegion<TrustAnchor>, ByAlias<TrustAnchor>>;

  static std::string record_key(const TrustAnchor& v) {
    return account_key(v.account, "trust-anchor", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.region);
    ar.text(4, v.name);
    ar.flag(5, v.is_enabled);
    ar.instant(6, v.created);
    ar.instant(7, v.updated);
    ar.text(8, v.bundle);
    ar.list(9, v.notifications);
    ar.text(10, v.alias);
    ar.list(11, v.tags);
  }

  static Status normalize(const TrustAnchor& v) {
    return v.bundle.empty() ? Status(refuse(v.id, "a trust anchor without certificates"))
                            : require_place(v);
  }
};

template <>
struct Kind<AnywhereProfile> : AnywhereDefaults {
  static constexpr std::uint8_t kRecord = 41;
  static constexpr std::string_view kNoun = "profile of Roles Anywhere";
  using Indexes = Types<ById<AnywhereProfile>, InRegion<AnywhereProfile>, ByAlias<AnywhereProfile>>;

  static std::string record_key(const AnywhereProfile& v) {
    return account_key(v.account, "anywhere-profile", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.region);
    ar.text(4, v.name);
    ar.flag(5, v.is_enabled);
    ar.instant(6, v.created);
    ar.instant(7, v.updated);
    ar.text(8, v.creator);
    ar.texts(9, v.role_arns);
    ar.text(10, v.session_policy);
    ar.texts(11, v.managed_policy_arns);
    ar.number(12, v.session_seconds);
    ar.flag(13, v.accepts_session_name);
    ar.flag(14, v.requires_instance_properties);
    ar.list(15, v.mappings);
    ar.text(16, v.alias);
    ar.list(17, v.tags);
  }

  static Status normalize(const AnywhereProfile& v) {
    return v.session_seconds == 0 ? Status(refuse(v.id, "a profile without duration"))
                                  : require_place(v);
  }
};

template <>
struct Kind<RevocationList> : AnywhereDefaults {
  static constexpr std::uint8_t kRecord = 42;
  static constexpr std::string_view kNoun = "certificate revocation list";
  using Indexes =
      Types<ById<RevocationList>, InRegion<RevocationList>, ByAlias<RevocationList>, ListsOfAnchor>;

  static std::string record_key(const RevocationList& v) {
    return account_key(v.account, "crl", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.region);
    ar.text(4, v.name);
    ar.flag(5, v.is_enabled);
    ar.instant(6, v.created);
    ar.instant(7, v.updated);
    ar.text(8, v.anchor_id);
    ar.text(9, v.data);
    ar.text(10, v.alias);
    ar.list(11, v.tags);
  }

  static Status normalize(const RevocationList& v) {
    return v.data.empty() ? Status(refuse(v.id, "a revocation list without data"))
                          : require_place(v);
  }

  static void references(const RevocationList& v, auto&& refer) {
    refer(RefersTo<TrustAnchor>{v.anchor_id});
  }

  static bool may_replace(const RevocationList& old, const RevocationList& v) {
    return AnywhereDefaults::may_replace(old, v) && old.anchor_id == v.anchor_id;
  }
};

template <>
struct Kind<AnywhereSubject> : AnywhereDefaults {
  static constexpr std::uint8_t kRecord = 43;
  static constexpr std::string_view kNoun = "subject of certificates";
  using Indexes = Types<ById<AnywhereSubject>, InRegion<AnywhereSubject>, SubjectsByName>;

  static std::string record_key(const AnywhereSubject& v) {
    return account_key(v.account, "anywhere-subject", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.region);
    ar.text(4, v.name);
    ar.instant(5, v.created);
    ar.instant(6, v.updated);
    ar.instant(7, v.seen);
    ar.list(8, v.certificates);
    ar.list(9, v.instance_properties);
    ar.list(10, v.tags);
  }

  static Status normalize(const AnywhereSubject& v) { return require_place(v); }

  static bool may_replace(const AnywhereSubject& old, const AnywhereSubject& v) {
    return AnywhereDefaults::may_replace(old, v) && old.name == v.name;
  }
};

}  // namespace signet::identity
