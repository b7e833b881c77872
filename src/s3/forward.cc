#include "s3/forward.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "codec/uri.h"
#include "codec/xml_writer.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/access_list.h"
#include "s3/copy_source.h"
#include "s3/object_request.h"
#include "s3/tags.h"
#include "s3/upload_headers.h"
#include "s3/upstream_calls.h"

namespace signet::s3 {
namespace {

using api::HandlerContext;
using facts::S3Operation;

enum class Place : std::uint8_t {
  Upstream,  // sent on
  Upload,    // sent on with its bytes
  Here,      // Signet's own, also of such a bucket
  Nowhere,   // not there for such a bucket
};

Place place_of(S3Operation operation, facts::S3Level level) {
  switch (operation) {
    case S3Operation::AbortMultipartUpload:
    case S3Operation::CompleteMultipartUpload:
    case S3Operation::CopyObject:
    case S3Operation::CreateMultipartUpload:
    case S3Operation::DeleteBucketEncryption:
    case S3Operation::DeleteBucketLifecycle:
    case S3Operation::DeleteObject:
    case S3Operation::DeleteObjectTagging:
    case S3Operation::GetBucketEncryption:
    case S3Operation::GetBucketLifecycleConfiguration:
    case S3Operation::GetBucketVersioning:
    case S3Operation::GetObject:
    case S3Operation::GetObjectAttributes:
    case S3Operation::GetObjectTagging:
    case S3Operation::HeadObject:
    case S3Operation::ListMultipartUploads:
    case S3Operation::ListObjectVersions:
    case S3Operation::ListObjects:
    case S3Operation::ListObjectsV2:
    case S3Operation::ListParts:
    case S3Operation::PutBucketEncryption:
    case S3Operation::PutBucketLifecycleConfiguration:
    case S3Operation::PutBucketVersioning:
    case S3Operation::PutObjectTagging:
    case S3Operation::UploadPartCopy:
      return Place::Upstream;
    case S3Operation::PutObject:
    case S3Operation::UploadPart:
      return Place::Upload;
    case S3Operation::GetObjectAcl:
    case S3Operation::PutObjectAcl:
      return Place::Here;
    default:
      return level == facts::S3Level::Object ? Place::Nowhere : Place::Here;
  }
}

// Whether the answer's body is a document.
bool answers_document(S3Operation operation) {
  switch (operation) {
    case S3Operation::CompleteMultipartUpload:
    case S3Operation::CopyObject:
    case S3Operation::CreateMultipartUpload:
    case S3Operation::GetBucketEncryption:
    case S3Operation::GetBucketLifecycleConfiguration:
    case S3Operation::GetBucketVersioning:
    case S3Operation::GetObjectAttributes:
    case S3Operation::GetObjectTagging:
    case S3Operation::ListMultipartUploads:
    case S3Operation::ListObjectVersions:
    case S3Operation::ListObjects:
    case S3Operation::ListObjectsV2:
    case S3Operation::ListParts:
    case S3Operation::UploadPartCopy:
      return true;
    default:
      return false;
  }
}

bool is_copy(S3Operation operation) {
  return operation == S3Operation::CopyObject || operation == S3Operation::UploadPartCopy;
}

// What makes an object with the headers of its request.
bool gives_headers(S3Operation operation) {
  return operation == S3Operation::PutObject || operation == S3Operation::CopyObject ||
         operation == S3Operation::CreateMultipartUpload;
}

// Which condition of the request did not hold, as S3 names it.
std::string_view failed_condition(const RequestHeaders& headers, bool is_copy) {
  constexpr std::string_view kOfCopies[] = {"x-amz-copy-source-If-Match",
                                            "x-amz-copy-source-If-None-Match",
                                            "x-amz-copy-source-If-Unmodified-Since",
                                            "x-amz-copy-source-If-Modified-Since"};
  constexpr std::string_view kOthers[] = {"If-Match", "If-None-Match", "If-Unmodified-Since"};
  for (const std::string_view name : kOfCopies) {
    if (is_copy && headers.find(name)) {
      return name;
    }
  }
  for (const std::string_view name : kOthers) {
    if (headers.find(name)) {
      return name;
    }
  }
  return {};
}

void add_field(Error& error, std::string_view name, std::string_view value) {
  const auto has =
      std::ranges::any_of(error.fields, [&](const auto& f) { return f.first == name; });
  if (!has && !value.empty()) {
    error.fields.emplace_back(name, value);
  }
}

void drop_header(upstream::Request& request, std::string_view name) {
  std::erase_if(request.headers, [name](const auto& header) { return header.first == name; });
}

// Those of a document that was written anew. What a completion says of its object stays.
void drop_checksums(upstream::Request& request) {
  const bool is_completion = std::ranges::any_of(
      request.query, [](const auto& parameter) { return parameter.first == "uploadId"; });
  std::erase_if(request.headers, [&](const auto& header) {
    return !is_completion && header.first.starts_with("x-amz-checksum-");
  });
}

// How many bytes "bytes 0-9/100" is about; nothing for any other text.
std::optional<std::uint64_t> length_of_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) {
    return std::nullopt;
  }
  text.remove_prefix(kUnit.size());
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) {
    return std::nullopt;
  }
  const auto first = parse_decimal(text.substr(0, dash));
  const auto last = parse_decimal(text.substr(dash + 1, slash - dash - 1));
  return first && last && *first <= *last
             ? std::optional(static_cast<std::uint64_t>(*last - *first) + 1)
             : std::nullopt;
}

// Bytes of an upstream's object, as the client takes them.
class UpstreamBody final : public api::BodyReader {
 public:
  explicit UpstreamBody(std::unique_ptr<upstream::Exchange> exchange)
      : exchange_(std::move(exchange)) {}

  Result<std::string> next(std::string /*spare*/) override {
    auto piece = exchange_->read();
    if (!piece) {
      return std::unexpected(error_of(piece.error()));
    }
    return *std::move(piece);
  }

 private:
  std::unique_ptr<upstream::Exchange> exchange_;
};

// Writes an upstream's document as ours: whose objects and uploads these are is what Signet says.
class DocumentCopy {
 public:
  DocumentCopy(std::string_view owner, std::string_view location)
      : owner_(owner), location_(location) {}

  [[nodiscard]] std::string of(const codec::XmlElement& root) {
    std::string out;
    codec::XmlWriter xml(out, codec::Controls::Reference);
    xml.open(root.name, kXmlNamespace);
    write_inside(xml, root);
    xml.close(root.name);
    return out;
  }

 private:
  void write_inside(codec::XmlWriter& xml, const codec::XmlElement& element) {
    if (element.children.empty()) {
      xml.text(element.text);
    }
    for (const codec::XmlElement& child : element.children) {
      if (child.name == "Owner" || child.name == "Initiator") {
        xml.open(child.name);
        xml.element("ID", owner_);
        xml.close(child.name);
      } else if (child.name == "Location") {
        xml.element("Location", location_);
      } else {
        xml.open(child.name);
        write_inside(xml, child);
        xml.close(child.name);
      }
    }
  }

  std::string_view owner_;
  std::string_view location_;
};

}  // namespace

Forward::Forward(InvocationParts parts, InvocationPtr twin, upstream::Upstream& upstream)
    : ObjectInvocation(parts),
      operation_(parts.row.id),
      twin_(std::move(twin)),
      upstream_(upstream) {}

Status Forward::body(std::string_view bytes) {
  TRY_STATUS(twin_->body(bytes));
  document_ = bytes;
  return {};
}

Status Forward::serve(const authz::Authorized& /*proof*/, HandlerContext& context) {
  TRY_STATUS(settle(context));
  upstream::Request request = TRY(request_for_upstream());
  TRY_STATUS(settle_range(request));
  if (!document_.empty()) {
    TRY_STATUS(twin_->check_document(context, context.snapshot));
    document_ = TRY(document_for_upstream(document_));
    drop_header(request, "content-md5");
    drop_checksums(request);
    request.headers.emplace_back("Content-MD5",
                                 codec::encode_base64(crypto::as_view(crypto::md5(document_))));
  }
  auto answered = upstream_.ask(request, document_);
  if (!answered) {
    return std::unexpected(error_of(answered.error()));
  }
  return take(*std::move(answered), context);
}

Status Forward::settle(const HandlerContext& context) {
  const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
  TRY_STATUS(refuse_lists(context, *bucket));
  TRY_STATUS(refuse_local_headers(headers()));
  TRY_STATUS(check_upstream_key(key()));
  TRY_STATUS(check_upstream_key(param("prefix").value_or("")));
  TRY_STATUS(decide_on_upstream_tags(context));
  if (is_copy(operation_)) {
    TRY_STATUS(settle_copy(context));
  }
  if (request().method == "GET" || request().method == "HEAD") {
    return {};
  }
  const objects::WriteCondition condition = TRY(write_condition_of(headers()));
  TRY_STATUS(check_upstream(upstream_, bucket_name(), key(), condition));
  static_cast<void>(TRY(still_allowed(context, store_id(*bucket))));
  return {};
}

Status Forward::refuse_lists(const HandlerContext& context, const identity::Bucket& bucket) const {
  if (!gives_headers(operation_)) {
    return {};
  }
  const std::string list = TRY(new_list(context, bucket));
  return list.empty()
             ? Status()
             : std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported));
}

// Not every upstream knows If-Range, and one that does not would send a part of another object.
Status Forward::settle_range(upstream::Request& request) const {
  const auto if_range = header("if-range");
  if (!if_range) {
    return {};
  }
  const std::string version = TRY(named_version());
  const auto head = TRY(head_upstream(upstream_, bucket_name(), key(), version));
  const objects::ObjectInfo info = head ? info_of(*head, key()) : objects::ObjectInfo();
  const bool is_same =
      unquoted(*if_range) == info.etag || codec::parse_http_date(*if_range) == info.modified;
  drop_header(request, "if-range");
  if (!head || !is_same) {
    drop_header(request, "range");
  } else {
    request.headers.emplace_back("if-match", quoted(info.etag));
  }
  return {};
}

Status Forward::decide_on_upstream_tags(const HandlerContext& context) {
  const auto left = twin_->questions_left();
  if (left.empty()) {
    return {};
  }
  std::string version = TRY(named_version());
  if (is_copy(operation_)) {
    version =
        TRY(parse_copy_source(header("x-amz-copy-source").value_or(""), version_ids())).version;
  }
  known_ = TRY(demanded_tags(context, left, version));
  for (const ObjectQuestion& question : left) {
    TRY_STATUS(decide_left(context, question, known_));
  }
  return {};
}

// The tags go along with a copy, for those who may read them there and put them here.
Status Forward::settle_copy(const HandlerContext& context) {
  const CopySource source =
      TRY(parse_copy_source(header("x-amz-copy-source").value_or(""), version_ids()));
  const identity::Bucket* bucket = context.snapshot.find<identity::Bucket>(source.object.bucket);
  if (bucket == nullptr) {
    return std::unexpected(no_such_bucket(source.object.bucket));
  }
  if (upstream_of(source.object.bucket) != &upstream_) {
    return copy_between_places();
  }
  TRY_STATUS(check_upstream_key(source.object.key));
  const auto expected = header("x-amz-source-expected-bucket-owner");
  if (expected && *expected != bucket->account) {
    return std::unexpected(facts::make_error(ErrorCode::AccessDenied));
  }
  const bool copies_tags =
      is(S3Operation::CopyObject) && header("x-amz-tagging-directive").value_or("COPY") == "COPY";
  if (!copies_tags) {
    return {};
  }
  const objects::StoredHeaders stored =
      TRY(tags_upstream(upstream_, source.object.bucket, source.object.key, source.version));
  const Tags tags = tags_of(stored);
  if (tags.empty()) {
    return {};
  }
  ObjectQuestion read{
      .action = source.names_version ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging",
      .on = source.object,
      .keys = {}};
  TRY_STATUS(decide(context, read, &stored));
  ObjectQuestion write{
      .action = "s3:PutObjectTagging", .on = {.bucket = bucket_name(), .key = key()}, .keys = {}};
  add_request_tag_keys(tags, write.keys);
  return decide(context, write, nullptr);
}

Result<upstream::Request> Forward::request_for_upstream() const {
  upstream::Request out{
      .method = std::string(request().method), .bucket = bucket_name(), .key = key()};
  for (const auto& [name, value] : request().query) {
    if (parameter_goes_upstream(name)) {
      out.query.emplace_back(name, value);
    }
  }
  const bool has_body = body_use() != api::BodyUse::None || gives_headers(operation_);
  TRY_STATUS(headers().visit([&](std::string_view name, std::string_view value) -> Status {
    if (goes_upstream(name) && (has_body || !name.starts_with("content-"))) {
      out.headers.emplace_back(name, value);
    }
    return {};
  }));
  if (gives_headers(operation_)) {
    const objects::StoredHeaders stored = TRY(stored_headers_of(headers()));
    for (const auto& [name, value] : stored) {
      if (name == "content-encoding") {  // without what framed the request
        out.headers.emplace_back(name, value);
      }
    }
  }
  if (is_copy(operation_)) {
    const CopySource source =
        TRY(parse_copy_source(header("x-amz-copy-source").value_or(""), version_ids()));
    std::string named = concat("/", source.object.bucket, "/");
    codec::append_percent_encoded(named, source.object.key, codec::Slash::Keep);
    if (source.names_version) {
      named += "?versionId=";
      codec::append_percent_encoded(named, source.version);
    }
    out.headers.emplace_back("x-amz-copy-source", std::move(named));
  }
  return out;
}

Status Forward::take(upstream::Upstream::Answered answered, const HandlerContext& context) {
  const http::ClientResponse& head = answered.head;
  if (head.status == 304 && (request().method == "GET" || request().method == "HEAD")) {
    response_.status = 304;
    take_headers(head, context);
    return {};
  }
  if (head.status >= 300) {
    std::string document;
    if (request().method != "HEAD") {
      auto text = answered.exchange->read_all(kUpstreamDocumentBytes);
      if (!text) {
        return std::unexpected(error_of(text.error()));
      }
      document = *std::move(text);
    }
    return std::unexpected(refusal(head, document, context));
  }
  if (is(S3Operation::GetObject) || is(S3Operation::HeadObject)) {
    return take_bytes(std::move(answered), context);
  }
  take_headers(head, context);
  response_.status = request().method == "DELETE" ? 204 : 200;
  if (answers_document(operation_)) {
    return take_document(*answered.exchange, context);
  }
  const auto rest = answered.exchange->read_all(kUpstreamDocumentBytes);
  return rest ? Status() : std::unexpected(error_of(rest.error()));
}

void Forward::take_headers(const http::ClientResponse& head, const HandlerContext& context) {
  const bool has_document = answers_document(operation_);
  const bool is_download = is(S3Operation::GetObject) && must_download(request(), context.caller);
  for (const auto& [name, value] : head.headers) {
    const std::string lower = to_lower(name);
    const bool is_replaced = (has_document && lower.starts_with("content-")) ||
                             (is_download && lower == "content-disposition");
    if (comes_from_upstream(lower) && !is_replaced) {
      response_.headers.add(name, value);
    }
  }
  if (is_download) {
    response_.headers.add("content-disposition",
                          as_attachment(head.find("Content-Disposition").value_or("")));
  }
}

// An answer that does not fit what was asked is no answer.
Status Forward::take_bytes(upstream::Upstream::Answered answered, const HandlerContext& context) {
  const http::ClientResponse& head = answered.head;
  const auto length = parse_decimal(head.find("Content-Length").value_or(""));
  const auto part = head.find("Content-Range");
  const bool may_be_part = header("range") || param("partNumber");
  const bool is_part = head.status == 206;
  const bool fits = length && *length >= 0 && (head.status == 200 || (is_part && may_be_part)) &&
                    (!is_part || *length == 0 ||
                     length_of_range(part.value_or("")) == static_cast<std::uint64_t>(*length));
  if (!fits) {
    Error error = facts::make_error(ErrorCode::S3InternalError);
    error.cause = concat("the upstream answered ",
                         std::to_string(head.status),
                         " with a length or range that does not fit the request");
    return std::unexpected(std::move(error));
  }
  response_.status = head.status;
  take_headers(head, context);
  write_tag_count(head, context);
  response_.content_length = static_cast<std::uint64_t>(*length);
  if (is(S3Operation::GetObject) && *length > 0) {
    rest_ = std::make_unique<UpstreamBody>(std::move(answered.exchange));
  }
  return {};
}

// How many tags the object has, for those who may read them.
void Forward::write_tag_count(const http::ClientResponse& head, const HandlerContext& context) {
  const auto count = head.find("x-amz-tagging-count");
  const ObjectQuestion tagging{
      .action = param("versionId") ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging",
      .on = {.bucket = bucket_name(), .key = key()},
      .keys = version_keys(request())};
  if (count && *count != "0" && decide(context, tagging, &known_)) {
    response_.headers.add("x-amz-tagging-count", *count);
  }
}

Status Forward::take_document(upstream::Exchange& exchange, const HandlerContext& context) {
  const codec::XmlElement document = TRY(read_document(exchange));
  const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
  const std::string owner = canonical_id(context.snapshot, bucket->account);
  const std::string location = own_uri(context);
  answer_xml(DocumentCopy(owner, location).of(document));
  if (is(S3Operation::ListObjects) || is(S3Operation::ListObjectsV2)) {
    add_region_header(response_.headers, *bucket);
  }
  return {};
}

Error Forward::refusal(const http::ClientResponse& head,
                       std::string_view document,
                       const HandlerContext& context) {
  Error error = upstream_refusal(head.status, document);
  switch (error.code) {
    case ErrorCode::NoSuchKey:
    case ErrorCode::S3NoSuchVersion:
      return missing(head, context);
    case ErrorCode::MethodNotAllowed:
      if (param("versionId")) {
        for (const auto& [name, value] : head.headers) {
          const std::string lower = to_lower(name);
          if (lower == "last-modified" || lower == "x-amz-delete-marker" ||
              lower == "x-amz-version-id") {
            add_refusal_header(name, value);
          }
        }
        add_refusal_header("Allow", "DELETE");
        return marker_refused();
      }
      return error;
    case ErrorCode::PreconditionFailed:
      add_field(error, "Condition", failed_condition(headers(), is_copy(operation_)));
      return error;
    case ErrorCode::InvalidRange: {
      const std::string_view extent = head.find("Content-Range").value_or("");
      add_field(error, "RangeRequested", header("range").value_or(""));
      add_field(error,
                "ActualObjectSize",
                extent.starts_with("bytes */") ? extent.substr(8) : std::string_view());
      return error;
    }
    default:
      return error;
  }
}

// Only who may list the bucket learns that a key is missing.
Error Forward::missing(const http::ClientResponse& head, const HandlerContext& context) {
  for (const std::string_view name : {"x-amz-delete-marker", "x-amz-version-id"}) {
    if (const auto value = head.find(name)) {
      add_refusal_header(name, *value);
    }
  }
  if (is_copy(operation_)) {
    const Result<CopySource> source =
        parse_copy_source(header("x-amz-copy-source").value_or(""), version_ids());
    return source ? missing_version(context, source->object, source->version) : source.error();
  }
  return missing_version(
      context, {.bucket = bucket_name(), .key = key()}, param("versionId").value_or(""));
}

Result<InvocationPtr> through_upstream(InvocationParts parts,
                                       InvocationPtr twin,
                                       upstream::Upstream& upstream) {
  if (parts.row.id == S3Operation::DeleteObjects) {
    return make_upstream_delete_objects(std::move(parts));
  }
  switch (place_of(parts.row.id, parts.row.level)) {
    case Place::Upstream:
      return std::make_unique<Forward>(std::move(parts), std::move(twin), upstream);
    case Place::Upload:
      return make_forward_upload(std::move(parts), std::move(twin), upstream);
    case Place::Here:
      return twin;
    case Place::Nowhere:
      break;
  }
  return operation_not_implemented(parts.row.name);
}

}  // namespace signet::s3
