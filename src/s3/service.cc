#include "s3/service.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/strings.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/cors.h"
#include "s3/forward.h"
#include "s3/operations.h"
#include "s3/post_object.h"
#include "s3/preflight.h"

namespace signet::s3 {
namespace {

// Null for an operation that is not implemented.
InvocationPtr make_invocation(InvocationParts parts) {
  switch (parts.row.id) {
#define SIGNET_S3_OPERATION(operation) \
  case facts::S3Operation::operation:  \
    return make<facts::S3Operation::operation>(std::move(parts));
#include "s3/dispatch.inc"
#undef SIGNET_S3_OPERATION
    default:
      return make_document_operation(parts);
  }
}

Result<const facts::S3OperationRow*> row_of(const api::RestRequest& request,
                                            const Address& address) {
  return operation_of({.method = request.method,
                       .level = address.level(),
                       .params = request.query,
                       .has_header = [&](std::string_view name) {
                         return RequestHeaders(request).find(name).has_value();
                       }});
}

// A POST to the bucket itself.
bool is_form_post(const api::RestRequest& request, const Address& address) {
  return request.method == "POST" && address.level() == facts::S3Level::Bucket &&
         request.query.empty();
}

// What a path names although no bucket or key can be called so.
Address written_address(std::string_view path) {
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  const std::size_t slash = std::min(path.find('/'), path.size());
  return {.bucket = std::string(path.substr(0, slash)),
          .key = std::string(path.substr(std::min(slash + 1, path.size())))};
}

// Operations on a bucket that CloudTrail counts among the data events.
bool is_about_objects(const facts::S3OperationRow& row) {
  constexpr std::string_view kOnBuckets[] = {"DeleteObjects",
                                             "HeadBucket",
                                             "ListMultipartUploads",
                                             "ListObjectVersions",
                                             "ListObjects",
                                             "ListObjectsV2"};
  return row.level == facts::S3Level::Object ||
         std::find(std::begin(kOnBuckets), std::end(kOnBuckets), row.name) != std::end(kOnBuckets);
}

}  // namespace

S3Service::S3Service(objects::ObjectStore& store, Options options)
    : parts_{.store = store, .upstreams = options.upstreams, .nodes = options.nodes},
      domains_(std::move(options.domains)) {}

Result<std::unique_ptr<api::RestInvocation>> S3Service::match(const api::RestRequest& request) {
  Address address = TRY(address_of(request.host, request.path, domains_));
  if (request.method == "OPTIONS") {
    return make_preflight(request, std::move(address), facts::all_s3_operations().size());
  }
  upstream::Upstream* const upstream = parts_.upstream_of(address.bucket);
  if (is_form_post(request, address)) {
    if (upstream != nullptr) {
      return operation_not_implemented(kPostObject);
    }
    return make_post_object(parts_, request, std::move(address));
  }
  const facts::S3OperationRow* row = TRY(row_of(request, address));
  const InvocationParts parts{
      .service = parts_, .row = *row, .request = request, .address = std::move(address)};
  InvocationPtr invocation = make_invocation(parts);
  if (invocation == nullptr) {
    return operation_not_implemented(row->name);
  }
  if (upstream != nullptr) {
    invocation = TRY(through_upstream(parts, std::move(invocation), *upstream));
  }
  return invocation;
}

std::vector<std::string_view> S3Service::operations() const {
  std::vector<std::string_view> names;
  for (const facts::S3OperationRow& row : facts::all_s3_operations()) {
    names.push_back(row.name);
  }
  names.push_back(kPreflight);
  return names;
}

void S3Service::add_for_origin(const api::RestRequest& request,
                               const identity::Snapshot& snapshot,
                               http::Response& response) const {
  const Result<Address> address = address_of(request.host, request.path, domains_);
  const identity::Bucket* bucket =
      address ? snapshot.find<identity::Bucket>(address->bucket) : nullptr;
  const auto origin = request.head->find("origin");
  if (bucket == nullptr || !origin) {
    return;
  }
  const std::vector<CorsRule> rules = cors_rules(*bucket);
  // A method that is asked for counts here too, which no browser sends (Ceph's s3-tests, of S3).
  const CrossOriginCall call{
      .origin = *origin,
      .method = request.head->find("access-control-request-method").value_or(request.method),
      .headers = {}};
  if (const CorsRule* rule = rule_for(rules, call)) {
    add_cors_headers(*rule, call, response.headers);
  }
}

std::string S3Service::host_bucket(std::string_view host) const {
  return bucket_of_host(host, domains_);
}

api::RestTarget S3Service::target_of(const api::RestRequest& request) const {
  Result<Address> address = address_of(request.host, request.path, domains_);
  if (!address) {
    address = written_address(request.path);
  }
  const bool is_preflight = request.method == "OPTIONS";
  const auto row = row_of(request, *address);
  api::RestTarget target{
      .event = {}, .bucket = std::move(address->bucket), .key = std::move(address->key)};
  if (is_preflight) {
    target.event = kPreflight;
    target.is_data_event = true;
  } else if (is_form_post(request, {.bucket = target.bucket, .key = target.key})) {
    target.event = kPostObject;
    target.is_data_event = true;
  } else if (row) {
    target.event = (*row)->name;
    target.is_data_event = is_about_objects(**row);
  }
  return target;
}

http::Response S3Service::error(const Error& error,
                                std::string_view request_id,
                                std::string_view /*resource*/,
                                bool is_head) {
  const facts::ErrorRow& row = facts::error_row(s3_code_of(error.code));
  http::Response response;
  response.status = row.status;
  const std::string host_id = host_id_of(request_id);
  response.headers.add("x-amz-request-id", request_id);
  response.headers.add("x-amz-id-2", host_id);
  response.headers.add("Content-Type", "application/xml");
  add_safety_headers(response.headers);
  if (is_head) {
    return response;
  }
  response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  codec::XmlWriter xml(response.body, codec::Controls::Reference);
  xml.open("Error");
  xml.element("Code", row.wire_code);
  // A text in IAM's words is not S3's.
  xml.element("Message",
              row.code == error.code && !error.message.empty() ? std::string_view(error.message)
                                                               : row.message);
  for (const auto& [name, value] : error.fields) {
    xml.element(name, value);
  }
  xml.element("RequestId", request_id);
  xml.element("HostId", host_id);
  xml.close("Error");
  return response;
}

void own_buckets(objects::ObjectStore& store, const identity::Snapshot& snapshot) {
  for (const identity::Account* account : snapshot.accounts()) {
    for (const auto& entry : snapshot.table<identity::Bucket>(account->id)) {
      store.own(store_id(*entry.value), account->id);
    }
  }
}

ErrorCode s3_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::ServiceFailure:
    case ErrorCode::InternalFailure:
      return ErrorCode::S3InternalError;
    case ErrorCode::Throttling:
      return ErrorCode::SlowDown;
    case ErrorCode::InvalidClientTokenId:
      return ErrorCode::InvalidAccessKeyId;
    case ErrorCode::SignatureDoesNotMatch:
      return ErrorCode::S3SignatureDoesNotMatch;
    case ErrorCode::ExpiredToken:
      return ErrorCode::S3ExpiredToken;
    default:
      return code;
  }
}

}  // namespace signet::s3
