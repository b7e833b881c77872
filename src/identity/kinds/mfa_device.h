#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "identity/kinds/user.h"
#include "mfa/device.h"
#include "mfa/webauthn.h"

namespace signet::identity {

// What stands in a passkey's ARN in place of "mfa".
inline constexpr std::string_view kPasskeyArn = "u2f";

// A virtual MFA device, assigned or not; or a passkey, which always is somebody's.
struct MfaDevice {
  std::string account;
  std::string name;
  std::string path = "/";
  SharedSecret seed;  // raw bytes; null for a passkey
  Instant created;
  SharedList<Tag> tags;
  bool is_assigned = false;
  std::string user_id;     // of the user it is assigned to; empty and assigned: root
  Instant enabled;         // when it was assigned
  mfa::DeviceState state;  // drift, and the last step used: a code works once
  mfa::Passkey passkey;    // of a virtual device empty
  // Stored under its name although it has a path, as earlier builds did. Known from where the
  // record lies, not a part of it.
  bool is_keyed_by_name = false;

  // A passkey shows no codes, and is not enabled anew.
  [[nodiscard]] bool is_passkey() const { return !passkey.credential_id.empty(); }

  // arn:aws:iam::ACCOUNT:mfa/PATH/NAME, of a passkey arn:aws:iam::ACCOUNT:u2f/user/USER/NAME
  [[nodiscard]] std::string serial() const;

  // What tells it from the other devices of its account: path and name in lower case, such as
  // "team/phone"; the name alone without a path.
  [[nodiscard]] std::string key() const;

  [[nodiscard]] const std::string& owner_id() const { return user_id.empty() ? account : user_id; }
};

// Owner id, MfaDevice::key(): the devices that are assigned.
struct DevicesOfOwner {
  using Entity = MfaDevice;
  using Key = std::string;
  using Owner = User;
  static constexpr bool kInAccount = true;

  static void keys(const MfaDevice& v, auto&& add) {
    if (v.is_assigned) {
      add(relation_key(v.owner_id(), v.key()));
    }
  }
};

// Found and erased by its serial number, which is its ARN.
template <>
struct Kind<MfaDevice> : KindDefaults {
  static constexpr std::uint8_t kRecord = 7;
  static constexpr std::string_view kNoun = "MFA device";
  static constexpr std::string_view kArn = "mfa";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<ByName<MfaDevice>, DevicesOfOwner>;

  static std::string record_key(const MfaDevice& v) {
    return account_key(v.account, "mfa", v.key());
  }

  // Devices with a path once lay under their name: they stay there until they go.
  static void adopt_key(MfaDevice& v, std::string_view key) {
    v.is_keyed_by_name = v.path.size() > 1 && record_key(v) != key &&
                         account_key(v.account, "mfa", fold_name(v.name)) == key;
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.name);
    ar.text(3, v.path);
    ar.secret(4, v.seed);
    ar.instant(5, v.created);
    ar.list(6, v.tags);
    ar.flag(7, v.is_assigned);
    ar.text(8, v.user_id);
    ar.instant(9, v.enabled);
    ar.signed_number(10, v.state.drift_steps);
    ar.signed_number(11, v.state.last_step);
    ar.text(12, v.passkey.credential_id);
    ar.text(13, v.passkey.public_key);
    ar.signed_number(14, v.passkey.sign_count);
  }

  static Status normalize(const MfaDevice& v) {
    if (v.name.empty() || (v.seed == nullptr) != v.is_passkey()) {
      return refuse(v.name, "an MFA device without name or seed, or with a seed and a passkey");
    }
    if (v.is_passkey() && !v.is_assigned) {
      return refuse(v.name, "a passkey of nobody");
    }
    if (!v.is_assigned && !v.user_id.empty()) {
      return refuse(v.name, "a device that is not assigned names a user");
    }
    return {};
  }

  static void references(const MfaDevice& v, auto&& refer) {
    if (!v.user_id.empty()) {
      refer(RefersTo<User>{v.user_id});
    }
  }

  static bool may_replace(const MfaDevice& old, const MfaDevice& v) {
    return old.serial() == v.serial();
  }
};

}  // namespace signet::identity
