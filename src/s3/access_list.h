#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authz/check.h"
#include "base/result.h"
#include "identity/entities.h"
#include "identity/snapshot.h"
#include "model/caller.h"
#include "objects/object_info.h"
#include "s3/request_headers.h"

namespace signet::s3 {

// Object Ownership and access control lists (S3 user guide, "Access control list (ACL) overview"
// and "Controlling ownership of objects").

// The canonical user id of an account; empty if it is gone.
[[nodiscard]] std::string canonical_id(const identity::Snapshot& snapshot,
                                       std::string_view account);

enum class Ownership : std::uint8_t { BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter };

// The one of that name; nothing for any other text.
[[nodiscard]] std::optional<Ownership> ownership_named(std::string_view name);

// Of a bucket. One that was never told about it enforces the owner, as new buckets of S3 do; one
// whose controls were deleted is as ObjectWriter; one whose controls cannot be read enforces.
[[nodiscard]] Ownership ownership_of(const identity::Bucket& bucket);

// Whether its controls were deleted: it has none to show.
[[nodiscard]] bool lacks_ownership_controls(const identity::Bucket& bucket);

// The document that says so.
void delete_ownership_controls(identity::Bucket& bucket);

// Sets the controls of a bucket that is made.
void set_ownership(identity::Bucket& bucket, std::string_view name);

enum class AclPermission : std::uint8_t { FullControl, Read, Write, ReadAcp, WriteAcp };

// "FULL_CONTROL" and so on.
[[nodiscard]] std::string_view name_of(AclPermission permission);

struct AclEntry {
  std::string grantee;  // canonical user id, or the URI of a group
  AclPermission permission = AclPermission::FullControl;

  [[nodiscard]] bool is_group() const { return grantee.starts_with("http://"); }

  bool operator==(const AclEntry&) const = default;
};

struct AccessList {
  std::string owner;  // canonical user id
  std::vector<AclEntry> grants;

  bool operator==(const AccessList&) const = default;
};

// The owner may do everything, nobody else anything.
[[nodiscard]] AccessList own_list(std::string owner);

// The form in which lists are kept (docs/formats/objects.md). decode answers nothing for a text
// that encode did not make.
[[nodiscard]] std::string encode_list(const AccessList& list);
[[nodiscard]] std::optional<AccessList> decode_list(std::string_view text);

// Whether a list grants something to everybody, or to everybody who has an account.
[[nodiscard]] bool is_public(const AccessList& list);

// The list that is stored with an object among its headers, as it is kept; empty: none, which
// stands for own_list() of the bucket's owner. It is shown to nobody as it is.
[[nodiscard]] std::string_view stored_list(const objects::StoredHeaders& stored);
// Replaces it; an empty text takes it away.
void set_stored_list(objects::StoredHeaders& stored, std::string text);

// The list that counts for an object of a bucket. S3InternalError for one that cannot be read.
[[nodiscard]] Result<AccessList> list_of_object(const identity::Snapshot& snapshot,
                                                const identity::Bucket& bucket,
                                                const objects::StoredHeaders& stored);

// The owner that listings show of an object or an upload; `bucket_owner` unless it has another.
[[nodiscard]] std::string shown_owner(const identity::Bucket& bucket,
                                      const objects::StoredHeaders& stored,
                                      std::string_view bucket_owner);

// The same for a bucket.
[[nodiscard]] Result<AccessList> list_of_bucket(const identity::Snapshot& snapshot,
                                                const identity::Bucket& bucket);
// Keeps a list with it.
void set_bucket_list(identity::Bucket& bucket, const AccessList& list);

// Whether a URI is that of a group which S3 knows.
[[nodiscard]] bool is_group_uri(std::string_view uri);

// MethodNotAllowed: since October 2025 S3 takes no grantees by e-mail address (S3 PutObjectAcl).
[[nodiscard]] Error grantee_by_email();

// What a list is of: the canned lists differ.
enum class AclOf : std::uint8_t { Bucket, Object };

// What the headers of a request ask for: nothing, a canned list, or grants.
struct AskedList {
  std::string canned;
  std::vector<AclEntry> grants;

  [[nodiscard]] bool is_empty() const { return canned.empty() && grants.empty(); }
};

// InvalidArgument for a canned list that is none and for grants that cannot be read or name nobody,
// InvalidRequest for both at once or too many grants, MethodNotAllowed for a grantee by e-mail
// address.
[[nodiscard]] Result<AskedList> asked_list(const RequestHeaders& headers,
                                           const identity::Snapshot& snapshot,
                                           AclOf of);

// The list that it stands for; own_list() if it asks for nothing.
[[nodiscard]] AccessList list_asked_for(const AskedList& asked,
                                        std::string owner,
                                        std::string_view bucket_owner);

// Whether the owner of the bucket, being enforced, is what is asked for anyway.
[[nodiscard]] bool asks_for_enforced(const AskedList& asked, std::string_view bucket_owner);

// What is to be stored with an object that a request makes: a text for set_stored_list(). The owner
// is who writes it, or the bucket's owner. Errors of asked_list(); AccessControlListNotSupported
// where the owner is enforced; AccessDenied for a public one where the bucket blocks those.
[[nodiscard]] Result<std::string> list_for_upload(const RequestHeaders& headers,
                                                  const identity::Snapshot& snapshot,
                                                  const identity::Bucket& bucket,
                                                  const model::Caller& caller,
                                                  std::string_view resource);

// AccessDenied for a public list, where the bucket blocks those (BlockPublicAcls).
[[nodiscard]] Status check_public_list(const identity::Bucket& bucket,
                                       const AccessList& list,
                                       const model::Caller& caller,
                                       std::string_view action,
                                       std::string_view resource);

// The same of the list of an object that is about to be put: the bucket may have begun to refuse
// such lists since its upload began.
[[nodiscard]] Status check_stored_list(const identity::Bucket& bucket,
                                       const objects::StoredHeaders& stored,
                                       const model::Caller& caller,
                                       std::string_view resource);

// What the list of a bucket says about an action on it, or on an object that is to be made in it.
[[nodiscard]] authz::AclGrant bucket_grant(const identity::Snapshot& snapshot,
                                           const identity::Bucket& bucket,
                                           const model::Caller& caller,
                                           std::string_view action);

// Fills in what the list and the owner of an object say about a check on it. `stored`: of the
// object; null where there is none, and the list of the bucket says who learns that.
void add_object_list(const identity::Snapshot& snapshot,
                     const identity::Bucket& bucket,
                     const model::Caller& caller,
                     const objects::StoredHeaders* stored,
                     authz::Check& check);

// Whether the object that a request makes will be the caller's and not the bucket owner's.
[[nodiscard]] bool will_own(const identity::Bucket& bucket,
                            const model::Caller& caller,
                            const RequestHeaders& headers);

}  // namespace signet::s3
