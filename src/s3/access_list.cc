#include "s3/access_list.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "identity/settings.h"
#include "s3/answers.h"
#include "s3/document_form.h"
#include "s3/public_access.h"

namespace signet::s3 {
namespace {

using authz::AclGrant;
using authz::ObjectOwner;

constexpr facts::BucketDocument kControls = facts::BucketDocument::OwnershipControls;

// Name of the header, and of what is stored with an object. On disk: do not change.
constexpr std::string_view kStoredList = "x-amz-acl";
// Name of the setting of a bucket. On disk: do not change.
constexpr std::string_view kBucketList = "acl";
// Form of a list that is kept. On disk.
constexpr std::string_view kForm = "1";

constexpr std::string_view kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr std::string_view kAuthenticatedUsers =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
constexpr std::string_view kLogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";

// Canonical users of AWS's: who is not signed in, and EC2 where it reads bundles of images.
constexpr std::string_view kAnonymous = "65a011a29cdf8ec533ec3d1ccaae921c";
constexpr std::string_view kEc2 =
    "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

constexpr std::array<std::pair<AclPermission, std::string_view>, 5> kPermissions = {{
    {AclPermission::FullControl, "FULL_CONTROL"},
    {AclPermission::Read, "READ"},
    {AclPermission::Write, "WRITE"},
    {AclPermission::ReadAcp, "READ_ACP"},
    {AclPermission::WriteAcp, "WRITE_ACP"},
}};

constexpr std::array<std::pair<std::string_view, AclPermission>, 5> kGrantHeaders = {{
    {"x-amz-grant-read", AclPermission::Read},
    {"x-amz-grant-write", AclPermission::Write},
    {"x-amz-grant-read-acp", AclPermission::ReadAcp},
    {"x-amz-grant-write-acp", AclPermission::WriteAcp},
    {"x-amz-grant-full-control", AclPermission::FullControl},
}};

constexpr std::string_view kOwnersAcl = "bucket-owner-full-control";

// What a canned list adds to the owner's: a grantee (empty: the bucket's owner) and what it may do.
struct Canned {
  std::string_view name;
  AclOf of;
  bool is_of_both;
  std::string_view grantee = {};
  std::optional<AclPermission> first = std::nullopt;
  std::optional<AclPermission> second = std::nullopt;
};

constexpr auto kCanned = std::to_array<Canned>({
    {"private", AclOf::Bucket, true},
    {"public-read", AclOf::Bucket, true, kAllUsers, AclPermission::Read},
    {"public-read-write",
     AclOf::Bucket,
     true,
     kAllUsers,
     AclPermission::Read,
     AclPermission::Write},
    {"authenticated-read", AclOf::Bucket, true, kAuthenticatedUsers, AclPermission::Read},
    {"aws-exec-read", AclOf::Bucket, true, kEc2, AclPermission::Read},
    {"log-delivery-write",
     AclOf::Bucket,
     false,
     kLogDelivery,
     AclPermission::Write,
     AclPermission::ReadAcp},
    // Of a bucket they are the owner's list.
    {"bucket-owner-read", AclOf::Object, true, "", AclPermission::Read},
    {"bucket-owner-full-control", AclOf::Object, true, "", AclPermission::FullControl},
});

const Canned* canned_list(std::string_view name, AclOf of) {
  const auto found = std::ranges::find(kCanned, name, &Canned::name);
  return found != kCanned.end() && (found->is_of_both || found->of == of) ? &*found : nullptr;
}

// The actions that a permission gives (access control list overview, "Mapping of ACL permissions
// and access policy permissions").
// AWS-DIFF: WRITE on a bucket gives s3:PutObject alone; with S3 it also lets writers delete what
// they wrote, which is left to policies here (access_list_test.cc).
constexpr std::array<std::pair<std::string_view, AclPermission>, 6> kOnBuckets = {{
    {"s3:ListBucket", AclPermission::Read},
    {"s3:ListBucketVersions", AclPermission::Read},
    {"s3:ListBucketMultipartUploads", AclPermission::Read},
    {"s3:PutObject", AclPermission::Write},
    {"s3:GetBucketAcl", AclPermission::ReadAcp},
    {"s3:PutBucketAcl", AclPermission::WriteAcp},
}};

constexpr std::array<std::pair<std::string_view, AclPermission>, 6> kOnObjects = {{
    {"s3:GetObject", AclPermission::Read},
    {"s3:GetObjectVersion", AclPermission::Read},
    {"s3:GetObjectAcl", AclPermission::ReadAcp},
    {"s3:GetObjectVersionAcl", AclPermission::ReadAcp},
    {"s3:PutObjectAcl", AclPermission::WriteAcp},
    {"s3:PutObjectVersionAcl", AclPermission::WriteAcp},
}};

template <std::size_t size>
std::optional<AclPermission> needed_for(
    const std::array<std::pair<std::string_view, AclPermission>, size>& table,
    std::string_view action) {
  for (const auto& [name, permission] : table) {
    if (name == action) {
      return permission;
    }
  }
  return std::nullopt;
}

std::optional<AclPermission> permission_named(std::string_view name) {
  for (const auto& [permission, text] : kPermissions) {
    if (text == name) {
      return permission;
    }
  }
  return std::nullopt;
}

bool is_public_group(const AclEntry& entry) {
  return entry.grantee == kAllUsers || entry.grantee == kAuthenticatedUsers;
}

bool has_setting(const identity::Bucket& bucket, std::string_view member) {
  return has_flag(bucket, facts::BucketDocument::PublicAccessBlock, member);
}

// Who a caller is to lists; empty: nobody that they can name.
std::string canonical_of(const identity::Snapshot& snapshot, const model::Caller& caller) {
  return caller.kind == model::CallerKind::Anonymous ? std::string(kAnonymous)
                                                     : canonical_id(snapshot, caller.account);
}

AclGrant grant_to(const identity::Snapshot& snapshot,
                  const identity::Bucket& bucket,
                  const AccessList& list,
                  AclPermission needed,
                  const model::Caller& caller) {
  const bool ignores_public = has_setting(bucket, "IgnorePublicAcls");
  const bool is_anonymous = caller.kind == model::CallerKind::Anonymous;
  const std::string id = canonical_of(snapshot, caller);
  AclGrant best = AclGrant::Nothing;
  for (const AclEntry& entry : list.grants) {
    if (entry.permission != needed && entry.permission != AclPermission::FullControl) {
      continue;
    }
    const bool is_in_group = entry.grantee == kAllUsers ||
                             (entry.grantee == kAuthenticatedUsers && !is_anonymous) ||
                             (entry.grantee == kAnonymous && is_anonymous);
    if (is_in_group && !ignores_public) {
      return AclGrant::ToEverybody;
    }
    if (!is_anonymous && !entry.is_group() && !id.empty() && entry.grantee == id) {
      best = AclGrant::ToAccount;
    }
  }
  return best;
}

// Nobody else's callers are served by a bucket that is restricted.
bool is_shut_out(const identity::Bucket& bucket, const model::Caller& caller) {
  return caller.account != bucket.account && is_restricted(bucket);
}

// Takes a line off the front of a list that is kept.
std::string_view take_line(std::string_view& text) {
  const std::string_view one = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(one.size() + 1, text.size()));
  return one;
}

Error list_unreadable() {
  return facts::service_failure("an access control list that is kept could not be read");
}

// One grantee of a header: id="...", uri="..." or emailAddress="...".
Result<std::string> read_grantee(std::string_view header,
                                 std::string_view text,
                                 const identity::Snapshot& snapshot) {
  const std::size_t equals = text.find('=');
  const std::string_view kind = trimmed(text.substr(0, equals));
  const std::string_view value = equals == std::string_view::npos
                                     ? std::string_view()
                                     : unquoted(trimmed(text.substr(equals + 1)));
  if (equals != std::string_view::npos && kind == "uri") {
    return is_group_uri(value) ? Result<std::string>(value)
                               : about(acl_group_unknown(), "uri", value);
  }
  if (equals != std::string_view::npos && kind == "id") {
    return snapshot.find_account_by_canonical_id(value) != nullptr
               ? Result<std::string>(value)
               : about(acl_canonical_id_invalid(), "id", value);
  }
  if (equals != std::string_view::npos && kind == "emailAddress") {
    return std::unexpected(grantee_by_email());
  }
  return about(acl_grant_unreadable(), header, text);
}

// The parts of "a, b"; a comma within quotes does not part.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && !is_quoted)) {
      parts.push_back(trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    } else if (text[i] == '"') {
      is_quoted = !is_quoted;
    }
  }
  return parts;
}

}  // namespace

std::string canonical_id(const identity::Snapshot& snapshot, std::string_view account) {
  const identity::Account* found = snapshot.find<identity::Account>(account);
  return found == nullptr ? std::string() : found->canonical_user_id;
}

bool is_group_uri(std::string_view uri) {
  return uri == kAllUsers || uri == kAuthenticatedUsers || uri == kLogDelivery;
}

Error grantee_by_email() {
  return facts::make_error(ErrorCode::MethodNotAllowed);
}

std::optional<Ownership> ownership_named(std::string_view name) {
  if (name == "BucketOwnerEnforced") {
    return Ownership::BucketOwnerEnforced;
  }
  if (name == "BucketOwnerPreferred") {
    return Ownership::BucketOwnerPreferred;
  }
  return name == "ObjectWriter" ? std::optional(Ownership::ObjectWriter) : std::nullopt;
}

Ownership ownership_of(const identity::Bucket& bucket) {
  const std::string* kept = kept_document(bucket, facts::bucket_document_row(kControls));
  if (kept == nullptr) {
    return Ownership::BucketOwnerEnforced;
  }
  if (kept->contains("<ObjectOwnership>BucketOwnerPreferred</ObjectOwnership>")) {
    return Ownership::BucketOwnerPreferred;
  }
  return kept->contains("<ObjectOwnership>ObjectWriter</ObjectOwnership>") ||
                 lacks_ownership_controls(bucket)
             ? Ownership::ObjectWriter
             : Ownership::BucketOwnerEnforced;
}

bool lacks_ownership_controls(const identity::Bucket& bucket) {
  const facts::BucketDocumentRow& row = facts::bucket_document_row(kControls);
  const std::string* kept = kept_document(bucket, row);
  return kept != nullptr && *kept == document_text(row, codec::XmlElement());
}

void delete_ownership_controls(identity::Bucket& bucket) {
  const facts::BucketDocumentRow& row = facts::bucket_document_row(kControls);
  const std::string none = document_text(row, codec::XmlElement());
  keep_document(bucket, row, &none);
}

void set_ownership(identity::Bucket& bucket, std::string_view name) {
  const codec::XmlElement setting{
      .name = "ObjectOwnership", .text = std::string(name), .children = {}};
  codec::XmlElement root;
  root.children.push_back({.name = "Rule", .text = {}, .children = {setting}});
  const facts::BucketDocumentRow& row = facts::bucket_document_row(kControls);
  const std::string text = document_text(row, root);
  keep_document(bucket, row, &text);
}

std::string_view name_of(AclPermission permission) {
  for (const auto& [known, name] : kPermissions) {
    if (known == permission) {
      return name;
    }
  }
  return {};
}

AccessList own_list(std::string owner) {
  AccessList list;
  list.grants.push_back({.grantee = owner, .permission = AclPermission::FullControl});
  list.owner = std::move(owner);
  return list;
}

std::string encode_list(const AccessList& list) {
  std::string text = concat(kForm, "\n", list.owner);
  for (const AclEntry& entry : list.grants) {
    text += concat("\n", name_of(entry.permission), " ", entry.grantee);
  }
  return text;
}

std::optional<AccessList> decode_list(std::string_view text) {
  if (take_line(text) != kForm) {
    return std::nullopt;
  }
  AccessList list{.owner = std::string(take_line(text)), .grants = {}};
  while (!text.empty()) {
    const std::string_view one = take_line(text);
    const std::size_t space = std::min(one.find(' '), one.size());
    const auto permission = permission_named(one.substr(0, space));
    const std::string_view grantee = one.substr(std::min(space + 1, one.size()));
    if (!permission || grantee.empty()) {
      return std::nullopt;
    }
    list.grants.push_back({.grantee = std::string(grantee), .permission = *permission});
  }
  return list.owner.empty() ? std::nullopt : std::optional(std::move(list));
}

bool is_public(const AccessList& list) {
  return std::ranges::any_of(list.grants, is_public_group);
}

std::string_view stored_list(const objects::StoredHeaders& stored) {
  return objects::stored_header(stored, kStoredList).value_or("");
}

void set_stored_list(objects::StoredHeaders& stored, std::string text) {
  objects::set_stored_header(
      stored, kStoredList, text.empty() ? std::nullopt : std::optional(std::move(text)));
}

Result<AccessList> list_of_object(const identity::Snapshot& snapshot,
                                  const identity::Bucket& bucket,
                                  const objects::StoredHeaders& stored) {
  const std::string_view text = stored_list(stored);
  if (text.empty() || ownership_of(bucket) == Ownership::BucketOwnerEnforced) {
    return own_list(canonical_id(snapshot, bucket.account));
  }
  std::optional<AccessList> list = decode_list(text);
  return list ? Result<AccessList>(*std::move(list)) : std::unexpected(list_unreadable());
}

std::string shown_owner(const identity::Bucket& bucket,
                        const objects::StoredHeaders& stored,
                        std::string_view bucket_owner) {
  std::string_view text = stored_list(stored);
  const bool has_owner = !text.empty() && take_line(text) == kForm &&
                         ownership_of(bucket) != Ownership::BucketOwnerEnforced;
  const std::string_view owner = has_owner ? take_line(text) : std::string_view();
  return std::string(owner.empty() ? bucket_owner : owner);
}

Result<AccessList> list_of_bucket(const identity::Snapshot& snapshot,
                                  const identity::Bucket& bucket) {
  const std::string owner = canonical_id(snapshot, bucket.account);
  const std::string* kept = identity::find_setting(bucket.settings, kBucketList);
  if (kept == nullptr || ownership_of(bucket) == Ownership::BucketOwnerEnforced) {
    return own_list(owner);
  }
  std::optional<AccessList> list = decode_list(*kept);
  return list ? Result<AccessList>(*std::move(list)) : std::unexpected(list_unreadable());
}

void set_bucket_list(identity::Bucket& bucket, const AccessList& list) {
  const bool is_kept = list != own_list(list.owner);
  identity::set_setting(
      bucket.settings, kBucketList, is_kept ? std::optional(encode_list(list)) : std::nullopt);
}

Result<AskedList> asked_list(const RequestHeaders& headers,
                             const identity::Snapshot& snapshot,
                             AclOf of) {
  AskedList asked;
  bool has_grants = false;
  asked.canned = headers.find(kStoredList).value_or("");
  for (const auto& [name, permission] : kGrantHeaders) {
    const auto value = headers.find(name);
    if (!value) {
      continue;
    }
    has_grants = true;
    if (!asked.canned.empty()) {
      return acl_and_grants();
    }
    for (const std::string_view part : parts_of(*value)) {
      asked.grants.push_back(
          {.grantee = TRY(read_grantee(name, part, snapshot)), .permission = permission});
    }
  }
  if (has_grants && asked.grants.size() > facts::kGrantsPerAcl) {
    return too_many_grants(facts::kGrantsPerAcl);
  }
  if (!asked.canned.empty() && canned_list(asked.canned, of) == nullptr) {
    return about(std::unexpected(facts::make_error(ErrorCode::InvalidArgumentUnsaid)),
                 kStoredList,
                 asked.canned);
  }
  return asked;
}

AccessList list_asked_for(const AskedList& asked,
                          std::string owner,
                          std::string_view bucket_owner) {
  if (!asked.grants.empty()) {
    return {.owner = std::move(owner), .grants = asked.grants};
  }
  AccessList list = own_list(std::move(owner));
  const auto canned = std::ranges::find(kCanned, asked.canned, &Canned::name);
  if (canned == kCanned.end()) {
    return list;
  }
  const std::string grantee(canned->grantee.empty() ? bucket_owner : canned->grantee);
  for (const std::optional<AclPermission> permission : {canned->first, canned->second}) {
    if (permission && grantee != list.owner) {
      list.grants.push_back({.grantee = grantee, .permission = *permission});
    }
  }
  return list;
}

bool asks_for_enforced(const AskedList& asked, std::string_view bucket_owner) {
  return asked.is_empty() || asked.canned == kOwnersAcl ||
         (asked.grants.size() == 1 && asked.grants.front().grantee == bucket_owner &&
          asked.grants.front().permission == AclPermission::FullControl);
}

Result<std::string> list_for_upload(const RequestHeaders& headers,
                                    const identity::Snapshot& snapshot,
                                    const identity::Bucket& bucket,
                                    const model::Caller& caller,
                                    std::string_view resource) {
  const AskedList asked = TRY(asked_list(headers, snapshot, AclOf::Object));
  const std::string bucket_owner = canonical_id(snapshot, bucket.account);
  if (ownership_of(bucket) == Ownership::BucketOwnerEnforced) {
    return asks_for_enforced(asked, bucket_owner)
               ? Result<std::string>(std::string())
               : std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
  }
  std::string owner =
      will_own(bucket, caller, headers) ? canonical_of(snapshot, caller) : bucket_owner;
  const AccessList list =
      list_asked_for(asked, owner.empty() ? bucket_owner : std::move(owner), bucket_owner);
  TRY_STATUS(check_public_list(bucket, list, caller, "s3:PutObject", resource));
  return list == own_list(bucket_owner) ? std::string() : encode_list(list);
}

Status check_public_list(const identity::Bucket& bucket,
                         const AccessList& list,
                         const model::Caller& caller,
                         std::string_view action,
                         std::string_view resource) {
  if (!is_public(list) || !has_setting(bucket, "BlockPublicAcls")) {
    return {};
  }
  return public_acl_blocked(action, caller.arn, resource);
}

Status check_stored_list(const identity::Bucket& bucket,
                         const objects::StoredHeaders& stored,
                         const model::Caller& caller,
                         std::string_view resource) {
  const std::optional<AccessList> list = decode_list(stored_list(stored));
  return list ? check_public_list(bucket, *list, caller, "s3:PutObject", resource) : Status();
}

AclGrant bucket_grant(const identity::Snapshot& snapshot,
                      const identity::Bucket& bucket,
                      const model::Caller& caller,
                      std::string_view action) {
  const auto needed = needed_for(kOnBuckets, action);
  if (!needed || ownership_of(bucket) == Ownership::BucketOwnerEnforced) {
    return AclGrant::NoList;
  }
  const Result<AccessList> list = list_of_bucket(snapshot, bucket);
  return list && !is_shut_out(bucket, caller) ? grant_to(snapshot, bucket, *list, *needed, caller)
                                              : AclGrant::Nothing;
}

void add_object_list(const identity::Snapshot& snapshot,
                     const identity::Bucket& bucket,
                     const model::Caller& caller,
                     const objects::StoredHeaders* stored,
                     authz::Check& check) {
  const auto needed = needed_for(kOnObjects, check.action);
  if (!needed || ownership_of(bucket) == Ownership::BucketOwnerEnforced) {
    return;
  }
  check.acl = AclGrant::Nothing;
  if (is_shut_out(bucket, caller)) {
    return;
  }
  const Result<AccessList> list = stored != nullptr ? list_of_object(snapshot, bucket, *stored)
                                                    : list_of_bucket(snapshot, bucket);
  if (!list) {
    check.object_owner = ObjectOwner::Another;
    return;
  }
  check.acl = grant_to(snapshot, bucket, *list, *needed, caller);
  if (list->owner == canonical_id(snapshot, bucket.account)) {
    check.object_owner = ObjectOwner::OfBucket;
  } else {
    check.object_owner =
        list->owner == canonical_of(snapshot, caller) ? ObjectOwner::Caller : ObjectOwner::Another;
  }
}

bool will_own(const identity::Bucket& bucket,
              const model::Caller& caller,
              const RequestHeaders& headers) {
  if (caller.account == bucket.account || caller.kind == model::CallerKind::Service) {
    return false;
  }
  switch (ownership_of(bucket)) {
    case Ownership::BucketOwnerEnforced:
      return false;
    case Ownership::BucketOwnerPreferred:
      return headers.find(kStoredList) != kOwnersAcl;
    case Ownership::ObjectWriter:
      return true;
  }
  return false;
}

}  // namespace signet::s3
