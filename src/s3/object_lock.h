#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authz/check.h"
#include "base/instant.h"
#include "base/result.h"
#include "identity/entities.h"
#include "objects/object_info.h"
#include "s3/request_headers.h"

namespace signet::s3 {

// Object Lock (S3 user guide, "Locking objects with Object Lock"): versions of objects that nobody
// may delete until a day, or while they are held.

enum class LockMode : std::uint8_t { Governance, Compliance };

// "GOVERNANCE" or "COMPLIANCE"; nothing for any other text.
[[nodiscard]] std::optional<LockMode> lock_mode_named(std::string_view name);
[[nodiscard]] std::string_view name_of(LockMode mode);

struct Retention {
  LockMode mode = LockMode::Governance;
  Instant until;

  bool operator==(const Retention&) const = default;
};

// What protects a version.
struct ObjectLock {
  std::optional<Retention> retention;
  std::optional<bool> legal_hold;  // nothing: there never was one

  bool operator==(const ObjectLock&) const = default;
};

// Whether somebody who may bypass governance does.
enum class Bypass : std::uint8_t { No, Governance };

// Whether a version must stay.
[[nodiscard]] bool is_protected(const ObjectLock& lock, Instant now, Bypass bypass);

// What must stay although its deletion is allowed; nothing in a bucket without locks.
[[nodiscard]] std::function<bool(const objects::ObjectInfo&)> keeps_locked(
    const identity::Bucket& bucket, Instant now, Bypass bypass);

// AccessDenied where the retention of a version must not become another one (nothing: none): it may
// be extended in its mode by everybody; made shorter, taken away or put into another mode by who
// bypasses governance; while compliance lasts by nobody.
[[nodiscard]] Status check_new_retention(const ObjectLock& lock,
                                         const std::optional<Retention>& wanted,
                                         Instant now,
                                         Bypass bypass);

// AccessDenied, in S3's words.
[[nodiscard]] Error object_locked();

// The lock among what is stored with an object; one that cannot be read protects for ever. It is
// shown to those alone who may read it.
[[nodiscard]] ObjectLock lock_of(const objects::StoredHeaders& stored);
// Replaces it.
void set_lock(objects::StoredHeaders& stored, const ObjectLock& lock);

// Whether a bucket has Object Lock.
[[nodiscard]] bool has_object_lock(const identity::Bucket& bucket);
// The document with which it is enabled, and which keeps versions: of a bucket that is made.
void enable_object_lock(identity::Bucket& bucket);

// The lock that a request wants for the object that it makes; what it leaves out is absent, see
// add_default_retention(). InvalidRequest where the bucket has no Object Lock; InvalidArgument, in
// S3's words, for mode, day and hold that are none.
[[nodiscard]] Result<ObjectLock> asked_lock(const RequestHeaders& headers,
                                            const identity::Bucket& bucket,
                                            Instant now);

// The retention that the bucket gives what is stored in it from now on, unless there is one.
void add_default_retention(ObjectLock& lock, const identity::Bucket& bucket, Instant now);

// InvalidArgument for x-amz-bypass-governance-retention, whatever it says, where the bucket has no
// Object Lock.
[[nodiscard]] Status check_bypass(const RequestHeaders& headers, const identity::Bucket& bucket);

// Whether the request asks for it.
[[nodiscard]] bool asks_bypass(const RequestHeaders& headers);

// Context keys of what a request wants (S3 user guide, "Object Lock considerations"): absent stays
// absent.
void add_retention_keys(std::string_view mode,
                        std::string_view until,
                        Instant now,
                        std::vector<authz::ContextEntry>& keys);
// The same by the headers of an upload, with the legal hold.
void add_lock_keys(const RequestHeaders& headers,
                   Instant now,
                   std::vector<authz::ContextEntry>& keys);

}  // namespace signet::s3
