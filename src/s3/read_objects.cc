// GetObject and HeadObject.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "objects/file_reader.h"
#include "objects/range.h"
#include "objects/stored_bytes.h"
#include "s3/access_list.h"
#include "s3/archive.h"
#include "s3/customer_key.h"
#include "s3/encoded_words.h"
#include "s3/lifecycle_rules.h"
#include "s3/multipart.h"
#include "s3/object_lock.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/tags.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

constexpr std::string_view kDefaultType = "binary/octet-stream";

// Query parameters that replace headers of the answer, and those headers.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOverrides = {{
    {"response-cache-control", "cache-control"},
    {"response-content-disposition", "content-disposition"},
    {"response-content-encoding", "content-encoding"},
    {"response-content-language", "content-language"},
    {"response-content-type", "content-type"},
    {"response-expires", "expires"},
}};

// A header's value in ISO-8859-1, as HTTP has it; nothing for what that cannot hold.
std::optional<std::string> latin1_of(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::uint32_t point = 0;
    const std::size_t size = codec::utf8_sequence(text, point);
    if (size == 0 || point > 0xFF) {
      return std::nullopt;
    }
    out += static_cast<char>(point);
    text.remove_prefix(size);
  }
  return out;
}

// What of an object is to be sent.
struct Portion {
  objects::ByteRange range;
  bool is_partial = false;
};

class ReadObject : public ObjectInvocation {
  using Overrides = objects::StoredHeaders;

 public:
  using ObjectInvocation::ObjectInvocation;

  Result<CheckList> checks(const CheckContext& context) override {
    version_ = TRY(named_version());
    return only(check_on_tags(context, question()));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    const Overrides overrides = TRY(read_overrides(context.caller));
    Result<GivenKey> given = given_key(headers(), KeyFor::Object);
    std::optional<objects::OpenObject> object =
        TRY(store().open_object(store_id(*bucket), key(), version_, given ? given->key : nullptr));
    TRY_STATUS(decide_on_tags(context, question(), object ? &object->info.headers : nullptr));
    if (!object) {
      return std::unexpected(missing(*bucket, context));
    }
    if (object->info.is_marker) {
      return std::unexpected(tell_of_marker(object->info));
    }
    given_ = TRY(std::move(given));
    TRY_STATUS(check_key(given_, object->info.headers));
    TRY_STATUS(check_state(object->info, context));
    if (const std::optional<Portion> portion =
            TRY(start_answer(*bucket, object->info, overrides, context))) {
      return send(*std::move(object), *portion);
    }
    return {};
  }

  // An object that was read lately, with its bytes still in the system's cache.
  std::optional<Status> try_serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const Result<const identity::Bucket*> bucket = require_bucket(context.snapshot);
    if (!bucket) {
      return Status(std::unexpected(bucket.error()));
    }
    const Result<Overrides> overrides = read_overrides(context.caller);
    if (!overrides) {
      return Status(std::unexpected(overrides.error()));
    }
    const bool gives_key = header("x-amz-server-side-encryption-customer-algorithm") ||
                           header("x-amz-server-side-encryption-customer-key") ||
                           header("x-amz-server-side-encryption-customer-key-md5");
    if (!version_.empty() || gives_key) {
      return std::nullopt;
    }
    const std::string bucket_id = store_id(**bucket);
    const std::optional<objects::ObjectInfo> info = store().known_object(bucket_id, key());
    if (!info || !objects::stored_mark(info->headers).empty()) {
      return std::nullopt;
    }
    if (Status allowed = decide_on_tags(context, question(), &info->headers); !allowed) {
      return allowed;
    }
    if (Status state = check_state(*info, context); !state) {
      return state;
    }
    const Result<std::optional<Portion>> portion =
        start_answer(**bucket, *info, *overrides, context);
    if (!portion) {
      return Status(std::unexpected(portion.error()));
    }
    const bool is_done = !*portion || try_send(bucket_id, *info, **portion);
    return is_done ? std::optional<Status>(std::in_place) : std::nullopt;
  }

 protected:
  // Whether the bytes may be had now.
  [[nodiscard]] virtual Status check_state(const objects::ObjectInfo& info,
                                           const HandlerContext& context) const = 0;
  [[nodiscard]] virtual Status send(objects::OpenObject object, const Portion& portion) = 0;
  // The same without blocking; false if that cannot be.
  [[nodiscard]] virtual bool try_send(std::string_view bucket_id,
                                      const objects::ObjectInfo& info,
                                      const Portion& portion) = 0;

 private:
  [[nodiscard]] ObjectQuestion question() const {
    return {.action = version_action(request(), "s3:GetObject"),
            .on = {.bucket = bucket_name(), .key = key()},
            .keys = version_keys(request())};
  }

  // How many tags the object has, for those who may read them.
  void write_tag_count(const objects::ObjectInfo& info, const HandlerContext& context) {
    const std::size_t count = tags_of(info.headers).size();
    ObjectQuestion tagging = question();
    tagging.action = param("versionId") ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging";
    if (count > 0 && decide(context, tagging, &info.headers)) {
      response_.headers.add("x-amz-tagging-count", std::to_string(count));
    }
  }

  // What protects the version, for those who may read it.
  void write_lock(const objects::ObjectInfo& info, const HandlerContext& context) {
    const ObjectLock lock = lock_of(info.headers);
    ObjectQuestion about_lock = question();
    about_lock.action = "s3:GetObjectRetention";
    if (lock.retention && decide(context, about_lock, &info.headers)) {
      response_.headers.add("x-amz-object-lock-mode", name_of(lock.retention->mode));
      response_.headers.add("x-amz-object-lock-retain-until-date",
                            codec::format_iso8601_ms(lock.retention->until));
    }
    about_lock.action = "s3:GetObjectLegalHold";
    if (lock.legal_hold && decide(context, about_lock, &info.headers)) {
      response_.headers.add("x-amz-object-lock-legal-hold", *lock.legal_hold ? "ON" : "OFF");
    }
  }

  // A key, or a version of it, that is not there. A delete marker that hides it is told.
  Error missing(const identity::Bucket& bucket, const HandlerContext& context) {
    Error error =
        missing_version(context, Address{.bucket = bucket_name(), .key = key()}, version_);
    if (error.code == ErrorCode::NoSuchKey && versioning_of(bucket) != objects::Versioning::Off) {
      const auto marker = store().find_marker(store_id(bucket), key());
      if (marker && *marker) {
        add_refusal_header("x-amz-delete-marker", "true");
        add_refusal_header("x-amz-version-id", objects::shown_version(**marker));
      }
    }
    return error;
  }

  Error tell_of_marker(const objects::ObjectInfo& marker) {
    add_refusal_header("Allow", "DELETE");
    add_refusal_header("Last-Modified", codec::format_http_date(marker.modified));
    add_refusal_header("x-amz-delete-marker", "true");
    add_refusal_header("x-amz-version-id", objects::shown_version(marker));
    return marker_refused();
  }

  // Everything but the bytes; nothing if none are to follow.
  Result<std::optional<Portion>> start_answer(const identity::Bucket& bucket,
                                              const objects::ObjectInfo& info,
                                              const Overrides& overrides,
                                              const HandlerContext& context) {
    if (const auto method = header("x-amz-server-side-encryption")) {
      return about(encryption_of_a_read(), "x-amz-server-side-encryption", *method);
    }
    const objects::ReadConditions conditions{.if_match = header("if-match"),
                                             .if_none_match = header("if-none-match"),
                                             .if_modified_since = header("if-modified-since"),
                                             .if_unmodified_since = header("if-unmodified-since")};
    switch (evaluate(conditions, info.etag, info.modified, context.request.now)) {
      case objects::ConditionResult::Failed:
        return std::unexpected(
            condition_failed(conditions.if_match ? "If-Match" : "If-Unmodified-Since"));
      case objects::ConditionResult::NotModified:
        response_.status = 304;
        write_validators(info);
        add_version_header(response_.headers, versioning_of(bucket), info);
        return std::nullopt;
      case objects::ConditionResult::Proceed:
        break;
    }
    const Portion portion = TRY(portion_of(info));
    write_headers(info, overrides, portion, must_download(request(), context.caller));
    write_tag_count(info, context);
    write_lock(info, context);
    if (version_.empty()) {
      add_expiration_header(response_.headers, bucket, info);
    }
    if (const auto restore = shown_restore(info.headers, context.request.now)) {
      response_.headers.add("x-amz-restore", *restore);
    }
    add_version_header(response_.headers, versioning_of(bucket), info);
    add_encryption_header(response_.headers, info.is_sealed && given_.key == nullptr);
    add_key_headers(response_.headers, given_);
    return portion;
  }

  static Error condition_failed(std::string_view condition) {
    Error error = facts::make_error(ErrorCode::PreconditionFailed);
    error.fields.emplace_back("Condition", condition);
    return error;
  }

  [[nodiscard]] Result<Overrides> read_overrides(const model::Caller& caller) const {
    Overrides out;
    for (const auto& [name, replaced] : kOverrides) {
      if (const auto value = param(name)) {
        std::optional<std::string> latin = latin1_of(*value);
        if (!latin) {
          return about(header_not_latin1(), name, *value);
        }
        out.emplace_back(replaced, *std::move(latin));
      }
    }
    if (!out.empty() && caller.kind == model::CallerKind::Anonymous) {
      return response_header_of_stranger();
    }
    return out;
  }

  [[nodiscard]] Result<Portion> portion_of(const objects::ObjectInfo& info) const {
    const Portion whole{.range = {.offset = 0, .length = info.size}, .is_partial = false};
    const auto range = header("range");
    if (const auto number = param("partNumber")) {
      return range ? range_with_part_number() : part_of(info, *number);
    }
    if (!range || !range_still_applies(info)) {
      return whole;
    }
    const objects::RangeResult result = objects::parse_range(*range, info.size);
    if (result.range) {
      return Portion{.range = *result.range, .is_partial = true};
    }
    if (result.fault == objects::RangeFault::Ignored) {
      return whole;
    }
    Error error = facts::make_error(ErrorCode::InvalidRange);
    error.fields.emplace_back("RangeRequested", *range);
    error.fields.emplace_back("ActualObjectSize", std::to_string(info.size));
    return std::unexpected(std::move(error));
  }

  // If-Range: the part is wanted only of the object that the client knows (RFC 7233 3.2).
  [[nodiscard]] bool range_still_applies(const objects::ObjectInfo& info) const {
    const auto if_range = header("if-range");
    return !if_range || unquoted(*if_range) == info.etag ||
           codec::parse_http_date(*if_range) == Instant::from_seconds(info.modified.seconds());
  }

  static Result<Portion> part_of(const objects::ObjectInfo& info, std::string_view text) {
    const auto index = static_cast<std::size_t>(TRY(part_number_of(text)) - 1);
    const std::size_t count = std::max<std::size_t>(info.part_sizes.size(), 1);
    if (index >= count) {
      Error error = facts::make_error(ErrorCode::InvalidPartNumber);
      error.fields.emplace_back("ActualPartCount", std::to_string(count));
      error.fields.emplace_back("PartNumberRequested", text);
      return std::unexpected(std::move(error));
    }
    if (info.part_sizes.empty()) {
      return Portion{.range = {.offset = 0, .length = info.size}, .is_partial = true};
    }
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < index; ++i) {
      offset += info.part_sizes[i];
    }
    return Portion{.range = {.offset = offset, .length = info.part_sizes[index]},
                   .is_partial = true};
  }

  // Of the part that is asked for, or of the whole where that is sent.
  void write_checksum(const objects::ObjectInfo& info, const Portion& portion) {
    if (!info.checksum) {
      return;
    }
    const auto part = parse_decimal(param("partNumber").value_or(""));
    // Of a part it is told only where that of the whole is made of them (recorded).
    const bool has_own = info.checksum->kind == objects::ChecksumKind::Composite;
    if (part && has_own && !info.part_checksums.empty()) {
      objects::ObjectChecksum checksum = *info.checksum;
      checksum.value = info.part_checksums[static_cast<std::size_t>(*part - 1)];
      add_checksum_headers(response_.headers, checksum);
    } else if (portion.range.length == info.size) {
      add_checksum_headers(response_.headers, *info.checksum);
    }
  }

  void write_validators(const objects::ObjectInfo& info) {
    response_.headers.add("Last-Modified", codec::format_http_date(info.modified));
    response_.headers.add("ETag", quoted(info.etag));
  }

  void write_headers(const objects::ObjectInfo& info,
                     const Overrides& overrides,
                     const Portion& portion,
                     bool is_download) {
    write_validators(info);
    response_.headers.add("Accept-Ranges", "bytes");
    objects::StoredHeaders shown;
    for (const auto& [name, value] : info.headers) {
      if (is_shown(name)) {
        shown.emplace_back(name, name.starts_with("x-amz-meta-") ? shown_metadata(value) : value);
      }
    }
    for (const auto& [name, value] : overrides) {
      objects::set_stored_header(shown, name, value);
    }
    if (!objects::stored_header(shown, "content-type")) {
      shown.emplace_back("content-type", kDefaultType);
    }
    if (is_download) {
      const auto disposition = objects::stored_header(shown, "content-disposition");
      objects::set_stored_header(
          shown, "content-disposition", as_attachment(disposition.value_or("")));
    }
    for (const auto& [name, value] : shown) {
      response_.headers.add(name, value);
    }
    if (param("partNumber") && !info.part_sizes.empty()) {
      response_.headers.add("x-amz-mp-parts-count", std::to_string(info.part_sizes.size()));
    }
    if (equals_ignore_case(header("x-amz-checksum-mode").value_or(""), "ENABLED")) {
      write_checksum(info, portion);
    }
    if (portion.is_partial && info.size > 0) {
      response_.status = 206;
      response_.headers.add("Content-Range",
                            concat("bytes ",
                                   std::to_string(portion.range.offset),
                                   "-",
                                   std::to_string(portion.range.offset + portion.range.length - 1),
                                   "/",
                                   std::to_string(info.size)));
    }
  }

  std::string version_;  // that the request names
  GivenKey given_;       // with which the object opens
};

// Bytes of an open object, as the client takes them.
class ObjectBody final : public api::BodyReader {
 public:
  ObjectBody(objects::OpenObject object, const objects::ByteRange& range)
      : object_(std::move(object)), reader_(object_, range.offset, range.length) {}

  Result<std::string> next(std::string spare) override {
    return reader_.take_next(std::move(spare));
  }

 private:
  objects::OpenObject object_;
  objects::FileReader reader_;
};

class GetObject final : public ReadObject {
 public:
  using ReadObject::ReadObject;

 protected:
  Status check_state(const objects::ObjectInfo& info,
                     const HandlerContext& context) const override {
    return check_readable(info.headers, context.request.now);
  }

  Status send(objects::OpenObject object, const Portion& portion) override {
    const objects::ByteRange& range = portion.range;
    if (range.length == 0) {
      return {};
    }
    if (objects::is_self_verifying(object)) {
      return send_sealed(std::move(object), range);
    }
    if (object.info.size > objects::kVerifiedSizeMax) {
      response_.file = http::FileRange{
          .fd = std::move(object.file.fd), .offset = range.offset, .length = range.length};
      return {};
    }
    const std::string whole = TRY(objects::read_verified(object));
    response_.body = whole.substr(range.offset, range.length);
    return {};
  }

  // Small bytes leave together with the head, in one write.
  bool try_send(std::string_view bucket_id,
                const objects::ObjectInfo& info,
                const Portion& portion) override {
    std::optional<std::string> bytes = store().read_known(bucket_id, info, portion.range);
    if (!bytes) {
      return false;
    }
    response_.body = *std::move(bytes);
    return true;
  }

 private:
  // The first piece shows whether the object can be read at all; the others follow as they are
  // taken.
  Status send_sealed(objects::OpenObject object, const objects::ByteRange& range) {
    auto body = std::make_unique<ObjectBody>(std::move(object), range);
    response_.body = TRY(body->next({}));
    if (response_.body.size() < range.length) {
      response_.content_length = range.length;
      rest_ = std::move(body);
    }
    return {};
  }
};

class HeadObject final : public ReadObject {
 public:
  using ReadObject::ReadObject;

 protected:
  Status check_state(const objects::ObjectInfo& /*info*/,
                     const HandlerContext& /*context*/) const override {
    return {};
  }

  Status send(objects::OpenObject /*object*/, const Portion& portion) override {
    response_.content_length = portion.range.length;
    return {};
  }

  bool try_send(std::string_view bucket_id,
                const objects::ObjectInfo& info,
                const Portion& portion) override {
    if (!store().is_known_there(bucket_id, info)) {
      return false;
    }
    response_.content_length = portion.range.length;
    return true;
  }
};

}  // namespace

SIGNET_S3_MAKE(GetObject)
SIGNET_S3_MAKE(HeadObject)

}  // namespace signet::s3
