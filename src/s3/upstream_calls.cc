#include "s3/upstream_calls.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "codec/xml_writer.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"
#include "s3/tags.h"

namespace signet::s3 {
namespace {

using codec::XmlElement;

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Headers that say what an object is to be, what is wanted of it, or on which condition.
constexpr std::array<std::string_view, 27> kRequestHeaders = {
    "cache-control",
    "content-disposition",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-copy-source-range",
    "x-amz-max-parts",
    "x-amz-metadata-directive",
    "x-amz-mp-object-size",
    "x-amz-object-attributes",
    "x-amz-part-number-marker",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-tagging-directive",
    "x-amz-transition-default-minimum-object-size"};

constexpr std::array<std::string_view, 34> kParameters = {"attributes",
                                                          "continuation-token",
                                                          "delete",
                                                          "delimiter",
                                                          "encoding-type",
                                                          "encryption",
                                                          "fetch-owner",
                                                          "key-marker",
                                                          "lifecycle",
                                                          "list-type",
                                                          "marker",
                                                          "max-keys",
                                                          "max-parts",
                                                          "max-uploads",
                                                          "part-number-marker",
                                                          "partNumber",
                                                          "prefix",
                                                          "response-cache-control",
                                                          "response-content-disposition",
                                                          "response-content-encoding",
                                                          "response-content-language",
                                                          "response-content-type",
                                                          "response-expires",
                                                          "start-after",
                                                          "tagging",
                                                          "upload-id-marker",
                                                          "uploadId",
                                                          "uploads",
                                                          "version-id-marker",
                                                          "versionId",
                                                          "versioning",
                                                          "versions",
                                                          "list-uploads",
                                                          "x-id"};

constexpr std::array<std::string_view, 21> kAnswerHeaders = {
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-range",
    "content-type",
    "etag",
    "expires",
    "last-modified",
    "x-amz-abort-date",
    "x-amz-abort-rule-id",
    "x-amz-copy-source-version-id",
    "x-amz-delete-marker",
    "x-amz-expiration",
    "x-amz-missing-meta",
    "x-amz-mp-parts-count",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-transition-default-minimum-object-size",
    "x-amz-version-id"};

// Refusals that are about the request. What is not among them is none of the client's business.
constexpr std::array kPassedOn = {ErrorCode::BadDigest,
                                  ErrorCode::BadRequest,
                                  ErrorCode::BucketAlreadyExists,
                                  ErrorCode::BucketAlreadyOwnedByYou,
                                  ErrorCode::BucketNotEmpty,
                                  ErrorCode::ConditionalRequestConflict,
                                  ErrorCode::EntityTooLarge,
                                  ErrorCode::EntityTooSmall,
                                  ErrorCode::IncompleteBody,
                                  ErrorCode::InvalidArgument,
                                  ErrorCode::InvalidObjectState,
                                  ErrorCode::InvalidBucketName,
                                  ErrorCode::InvalidDigest,
                                  ErrorCode::InvalidPart,
                                  ErrorCode::InvalidPartNumber,
                                  ErrorCode::InvalidPartOrder,
                                  ErrorCode::InvalidRange,
                                  ErrorCode::InvalidRequest,
                                  ErrorCode::InvalidStorageClass,
                                  ErrorCode::InvalidTag,
                                  ErrorCode::KeyTooLongError,
                                  ErrorCode::MalformedXML,
                                  ErrorCode::MetadataTooLarge,
                                  ErrorCode::MethodNotAllowed,
                                  ErrorCode::NoSuchBucket,
                                  ErrorCode::NoSuchKey,
                                  ErrorCode::NoSuchLifecycleConfiguration,
                                  ErrorCode::NoSuchTagSet,
                                  ErrorCode::NoSuchUpload,
                                  ErrorCode::NotImplemented,
                                  ErrorCode::OperationAborted,
                                  ErrorCode::PreconditionFailed,
                                  ErrorCode::QuotaExceeded,
                                  ErrorCode::S3NoSuchVersion,
                                  ErrorCode::SlowDown};

// Those whose sentence differs from case to case.
constexpr std::array kInTheirWords = {ErrorCode::BadRequest,
                                      ErrorCode::InvalidArgument,
                                      ErrorCode::InvalidRequest,
                                      ErrorCode::InvalidTag,
                                      ErrorCode::NotImplemented};

constexpr std::array<std::string_view, 18> kPassedFields = {"ActualObjectSize",
                                                            "ActualPartCount",
                                                            "ArgumentName",
                                                            "ArgumentValue",
                                                            "BucketName",
                                                            "Condition",
                                                            "ETag",
                                                            "Header",
                                                            "Key",
                                                            "MaxSizeAllowed",
                                                            "MinSizeAllowed",
                                                            "PartNumber",
                                                            "PartNumberRequested",
                                                            "ProposedSize",
                                                            "RangeRequested",
                                                            "TagKey",
                                                            "UploadId",
                                                            "VersionId"};

constexpr std::size_t kLongestWords = 512;

Error our_fault(std::string cause) {
  Error error = facts::make_error(ErrorCode::S3InternalError);
  error.cause = std::move(cause);
  return error;
}

// What a status alone says, as answers to HEAD have no document.
std::optional<ErrorCode> code_of(int status) {
  switch (status) {
    case 404:
      return ErrorCode::NoSuchKey;
    case 405:
      return ErrorCode::MethodNotAllowed;
    case 409:
      return ErrorCode::OperationAborted;
    case 412:
      return ErrorCode::PreconditionFailed;
    case 416:
      return ErrorCode::InvalidRange;
    case 501:
      return ErrorCode::NotImplemented;
    default:
      return std::nullopt;
  }
}

Error refusal_in(int status, const XmlElement& document) {
  const std::string_view code = document.text_of("Code").value_or("");
  const std::string_view words = document.text_of("Message").value_or("");
  std::string cause = concat("the upstream answered ", std::to_string(status), " ", code);
  cause += words.empty() ? "" : concat(": ", words.substr(0, kLongestWords));
  if (code == "AccessDenied") {
    Error error = facts::make_error(ErrorCode::AccessDenied);
    error.cause = std::move(cause);
    return error;
  }
  const auto found = std::ranges::find_if(
      kPassedOn, [&](ErrorCode one) { return facts::error_row(one).wire_code == code; });
  if (found == kPassedOn.end() && code.starts_with("XMinio") && status < 500) {  // its own codes
    Error error = facts::make_error(ErrorCode::InvalidRequest);
    error.message = words.substr(0, kLongestWords);
    return error;
  }
  if (found == kPassedOn.end() && status == 404) {  // a document that is not there
    Error error = facts::make_error(ErrorCode::NoSuchConfiguration);
    error.cause = std::move(cause);
    return error;
  }
  if (found == kPassedOn.end()) {
    return status == 503 ? error_of({.kind = upstream::Fault::Kind::NoAnswer, .cause = cause})
                         : our_fault(std::move(cause));
  }
  Error error = facts::make_error(*found);
  if (std::ranges::find(kInTheirWords, *found) != kInTheirWords.end() && !words.empty()) {
    error.message = words.substr(0, kLongestWords);
  }
  for (const XmlElement& field : document.children) {
    if (is_in(kPassedFields, field.name)) {
      error.fields.emplace_back(field.name, field.text);
    }
  }
  return error;
}

std::optional<XmlElement> parse(std::string_view text) {
  // Some send blanks before the document while they work.
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return codec::read_xml(text, {.bytes = kUpstreamDocumentBytes, .depth = 16, .elements = 200'000});
}

// Some know ETags only in quotes, which S3 does not ask for.
void write_inside(codec::XmlWriter& xml, const XmlElement& element) {
  if (element.children.empty()) {
    xml.text(element.name == "ETag" ? quoted(unquoted(element.text)) : element.text);
  }
  for (const XmlElement& child : element.children) {
    xml.open(child.name);
    write_inside(xml, child);
    xml.close(child.name);
  }
}

bool says(const XmlElement& entry, std::string_view name, std::string_view text) {
  return entry.text_of(name).value_or("") == text;
}

}  // namespace

Error error_of(const upstream::Fault& fault) {
  Error error =
      facts::make_error(fault.kind == upstream::Fault::Kind::Busy ? ErrorCode::SlowDown
                                                                  : ErrorCode::ServiceUnavailable);
  error.cause = fault.cause;
  return error;
}

Error upstream_refusal(int status, std::string_view document) {
  if (const auto parsed = parse(document); parsed && parsed->name == "Error") {
    return refusal_in(status, *parsed);
  }
  std::string cause = concat("the upstream answered ", std::to_string(status));
  if (const auto code = code_of(status); code && document.empty()) {
    Error error = facts::make_error(*code);
    error.cause = std::move(cause);
    return error;
  }
  return status == 502 || status == 503 || status == 504
             ? error_of({.kind = upstream::Fault::Kind::NoAnswer, .cause = std::move(cause)})
             : our_fault(std::move(cause));
}

bool goes_upstream(std::string_view name) {
  return is_in(kRequestHeaders, name) || name.starts_with("x-amz-meta-") ||
         name.starts_with("x-amz-checksum-");
}

bool parameter_goes_upstream(std::string_view name) {
  return is_in(kParameters, name);
}

bool comes_from_upstream(std::string_view name) {
  return is_in(kAnswerHeaders, name) || name.starts_with("x-amz-meta-") ||
         name.starts_with("x-amz-checksum-");
}

Status check_upstream_key(std::string_view key) {
  const auto refuse = [key] {
    return Status(about(argument_invalid(), "key", key));
  };
  if (key.find('\0') != std::string_view::npos) {
    return refuse();
  }
  std::string_view rest = key;
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") {
      return refuse();
    }
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return {};
}

Result<std::string> document_for_upstream(std::string_view document) {
  const std::optional<XmlElement> root = parse(document);
  if (!root) {
    return std::unexpected(facts::make_error(ErrorCode::MalformedXML));
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  codec::XmlWriter xml(out, codec::Controls::Reference);
  xml.open(root->name, kXmlNamespace);
  write_inside(xml, *root);
  xml.close(root->name);
  return out;
}

Result<XmlElement> read_document(upstream::Exchange& exchange) {
  const auto text = exchange.read_all(kUpstreamDocumentBytes);
  if (!text) {
    return std::unexpected(error_of(text.error()));
  }
  std::optional<XmlElement> document = parse(*text);
  if (!document) {
    return std::unexpected(our_fault("the upstream's answer is no XML document"));
  }
  if (document->name == "Error") {
    return std::unexpected(refusal_in(200, *document));
  }
  return *std::move(document);
}

Result<XmlElement> ask_upstream(upstream::Upstream& upstream,
                                const upstream::Request& request,
                                std::string_view body) {
  const auto answered = upstream.ask(request, body);
  if (!answered) {
    return std::unexpected(error_of(answered.error()));
  }
  if (answered->head.status != 200) {
    const auto text = answered->exchange->read_all(kUpstreamDocumentBytes);
    return std::unexpected(text ? upstream_refusal(answered->head.status, *text)
                                : error_of(text.error()));
  }
  return read_document(*answered->exchange);
}

Result<std::optional<http::ClientResponse>> head_upstream(upstream::Upstream& upstream,
                                                          std::string_view bucket,
                                                          std::string_view key,
                                                          std::string_view version) {
  TRY_STATUS(check_upstream_key(key));
  upstream::Request request{
      .method = "HEAD", .bucket = std::string(bucket), .key = std::string(key)};
  if (!version.empty()) {
    request.query.emplace_back("versionId", version);
  }
  auto answered = upstream.ask(request);
  if (!answered) {
    return std::unexpected(error_of(answered.error()));
  }
  if (answered->head.status == 404) {
    return std::nullopt;
  }
  if (answered->head.status != 200) {
    return std::unexpected(upstream_refusal(answered->head.status, {}));
  }
  return std::move(answered->head);
}

objects::ObjectInfo info_of(const http::ClientResponse& head, std::string key) {
  objects::ObjectInfo info{.key = std::move(key),
                           .etag = std::string(unquoted(head.find("ETag").value_or("")))};
  const auto size = parse_decimal(head.find("Content-Length").value_or(""));
  info.size = static_cast<std::uint64_t>(size.value_or(0));
  info.modified =
      codec::parse_http_date(head.find("Last-Modified").value_or("")).value_or(Instant());
  return info;
}

Result<objects::StoredHeaders> tags_upstream(upstream::Upstream& upstream,
                                             std::string_view bucket,
                                             std::string_view key,
                                             std::string_view version) {
  TRY_STATUS(check_upstream_key(key));
  upstream::Request request{
      .bucket = std::string(bucket), .key = std::string(key), .query = {{"tagging", ""}}};
  if (!version.empty()) {
    request.query.emplace_back("versionId", version);
  }
  objects::StoredHeaders stored;
  const Result<XmlElement> document = ask_upstream(upstream, request, {});
  if (!document) {
    const ErrorCode code = document.error().code;
    const bool has_none = code == ErrorCode::NoSuchTagSet || code == ErrorCode::NoSuchKey ||
                          code == ErrorCode::S3NoSuchVersion || code == ErrorCode::MethodNotAllowed;
    return has_none ? Result<objects::StoredHeaders>(std::move(stored))
                    : std::unexpected(document.error());
  }
  Tags tags;
  if (const XmlElement* set = document->find("TagSet")) {
    for (const XmlElement& tag : set->children) {
      tags.push_back({.key = std::string(tag.text_of("Key").value_or("")),
                      .value = std::string(tag.text_of("Value").value_or(""))});
    }
  }
  set_tags(stored, tags);
  return stored;
}

Status check_upstream(upstream::Upstream& upstream,
                      std::string_view bucket,
                      std::string_view key,
                      const objects::WriteCondition& condition) {
  if (!condition.is_set()) {
    return {};
  }
  const auto head = TRY(head_upstream(upstream, bucket, key, {}));
  const auto failed = [](std::string_view name) {
    Error error = facts::make_error(ErrorCode::PreconditionFailed);
    error.fields.emplace_back("Condition", name);
    return std::unexpected(std::move(error));
  };
  if (condition.must_be_absent && head) {
    return failed("If-None-Match");
  }
  if (condition.must_match.empty()) {
    return {};
  }
  if (!head) {
    Error error = facts::make_error(ErrorCode::NoSuchKey);
    error.fields.emplace_back("Key", key);
    return std::unexpected(std::move(error));
  }
  const bool is_match = condition.must_match == "*" ||
                        condition.must_match == unquoted(head->find("ETag").value_or(""));
  return is_match ? Status() : Status(failed("If-Match"));
}

Result<XmlElement> delete_upstream(upstream::Upstream& upstream,
                                   std::string_view bucket,
                                   std::span<const objects::Deletion> deletions) {
  std::string document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  codec::XmlWriter xml(document, codec::Controls::Reference);
  xml.open("Delete", kXmlNamespace);
  for (const objects::Deletion& deletion : deletions) {
    TRY_STATUS(check_upstream_key(deletion.key));
    xml.open("Object");
    xml.element("Key", deletion.key);
    if (!deletion.version.empty()) {
      xml.element("VersionId", deletion.version);
    }
    if (!deletion.condition.must_match.empty()) {
      xml.element("ETag", quoted(deletion.condition.must_match));
    }
    xml.close("Object");
  }
  xml.close("Delete");
  const std::string md5 = codec::encode_base64(crypto::as_view(crypto::md5(document)));
  return ask_upstream(upstream,
                      {.method = "POST",
                       .bucket = std::string(bucket),
                       .query = {{"delete", ""}},
                       .headers = {{"Content-MD5", md5}, {"Content-Type", "application/xml"}}},
                      document);
}

Result<objects::Deleted> upstream_outcome(const XmlElement& answer,
                                          const objects::Deletion& deletion) {
  for (const XmlElement& entry : answer.children) {
    if (!says(entry, "Key", deletion.key)) {
      continue;
    }
    const bool is_error = entry.name == "Error";
    const std::string_view version = entry.text_of("VersionId").value_or("");
    if (!deletion.version.empty() && version != deletion.version) {
      continue;
    }
    if (is_error) {
      return std::unexpected(refusal_in(200, entry));
    }
    const bool is_marker = says(entry, "DeleteMarker", "true");
    const auto marker = entry.text_of("DeleteMarkerVersionId");
    return objects::Deleted{.version = std::string(is_marker ? marker.value_or(version) : version),
                            .is_marker = is_marker};
  }
  return std::unexpected(our_fault("the upstream did not say what became of a deletion"));
}

Status make_upstream_bucket(upstream::Upstream& upstream, std::string_view bucket) {
  upstream::Request request{.method = "HEAD", .bucket = std::string(bucket)};
  const auto there = upstream.ask(request);
  if (!there) {
    return std::unexpected(error_of(there.error()));
  }
  if (there->head.status == 200 || there->head.status == 403) {
    Error error = facts::make_error(ErrorCode::BucketAlreadyExists);
    error.fields.emplace_back("BucketName", bucket);
    error.cause = "the upstream has a bucket of that name, which is no bucket of Signet's";
    return std::unexpected(std::move(error));
  }
  if (there->head.status != 404) {
    return std::unexpected(upstream_refusal(there->head.status, {}));
  }
  request.method = "PUT";
  const auto made = upstream.ask(request);
  if (!made) {
    return std::unexpected(error_of(made.error()));
  }
  const auto text = made->exchange->read_all(kUpstreamDocumentBytes);
  if (!text) {
    return std::unexpected(error_of(text.error()));
  }
  return made->head.status == 200 ? Status()
                                  : std::unexpected(upstream_refusal(made->head.status, *text));
}

Status delete_upstream_bucket(upstream::Upstream& upstream, std::string_view bucket) {
  const auto deleted = upstream.ask({.method = "DELETE", .bucket = std::string(bucket)});
  if (!deleted) {
    return std::unexpected(error_of(deleted.error()));
  }
  const auto text = deleted->exchange->read_all(kUpstreamDocumentBytes);
  if (!text) {
    return std::unexpected(error_of(text.error()));
  }
  const int status = deleted->head.status;
  return status == 204 || status == 200 || status == 404
             ? Status()
             : std::unexpected(upstream_refusal(status, *text));
}

}  // namespace signet::s3
