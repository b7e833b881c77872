#include "s3/route.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/strings.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "s3/bucket_name.h"

namespace signet::s3 {
namespace {

using facts::S3Level;
using facts::S3OperationRow;

constexpr std::string_view kAmazonDomain = ".amazonaws.com";

// Parameters that select nothing by themselves although a row names them: they are options of other
// operations too.
constexpr std::array<std::string_view, 3> kNotSubresources = {"id", "list-type", "select-type"};

// GET and HEAD read one part of an object by its number; any other method means an upload's part.
bool is_option(std::string_view name, std::string_view method) {
  return std::find(kNotSubresources.begin(), kNotSubresources.end(), name) !=
             kNotSubresources.end() ||
         (name == "partNumber" && (method == "GET" || method == "HEAD"));
}

// Length of the part of an amazonaws.com host that names S3: "s3.amazonaws.com",
// "s3.eu-west-1.amazonaws.com", "s3-eu-west-1.amazonaws.com",
// "s3.dualstack.eu-west-1.amazonaws.com", "s3-fips...". Nothing for other services.
std::optional<std::size_t> amazon_suffix(std::string_view host) {
  if (!host.ends_with(kAmazonDomain)) {
    return std::nullopt;
  }
  // The last label that begins with "s3" starts the service's name; at most three labels may follow
  // it.
  std::size_t end = host.size() - kAmazonDomain.size();
  for (int labels = 0; labels < 3 && end != std::string_view::npos; ++labels) {
    const std::size_t dot = end == 0 ? std::string_view::npos : host.rfind('.', end - 1);
    const std::size_t start = dot == std::string_view::npos ? 0 : dot + 1;
    const std::string_view label = host.substr(start, end - start);
    if (label == "s3" || label.starts_with("s3-")) {
      return host.size() - start;
    }
    end = dot;
  }
  return std::nullopt;
}

// What stands before ".<domain>"; nothing if the host is not below the domain.
std::optional<std::string_view> label_below(std::string_view host, std::size_t domain_size) {
  if (host.size() <= domain_size + 1 || host[host.size() - domain_size - 1] != '.') {
    return std::nullopt;
  }
  return host.substr(0, host.size() - domain_size - 1);
}

bool matches(std::string_view wanted, std::span<const std::pair<std::string, std::string>> params) {
  const std::size_t equals = wanted.find('=');
  const std::string_view name = wanted.substr(0, equals);
  return std::any_of(params.begin(), params.end(), [&](const auto& param) {
    return param.first == name &&
           (equals == std::string_view::npos || param.second == wanted.substr(equals + 1));
  });
}

// How many conditions of a row hold; nothing if one does not.
std::optional<int> score(const S3OperationRow& row, const RouteQuery& query) {
  if (row.level != query.level || row.method != query.method) {
    return std::nullopt;
  }
  int held = 0;
  for (const std::string_view param : row.params) {
    if (param.empty()) {
      continue;
    }
    if (!matches(param, query.params)) {
      return std::nullopt;
    }
    held += 1;
  }
  if (row.header.empty()) {
    return held;
  }
  return query.has_header(row.header) ? std::optional(held + 1) : std::nullopt;
}

// Whether the request names a subresource of its level, by whatever method.
bool names_subresource(const RouteQuery& query) {
  if (query.params.empty()) {
    return false;
  }
  for (const S3OperationRow& row : facts::all_s3_operations()) {
    for (const std::string_view param : row.params) {
      const std::string_view name = param.substr(0, param.find('='));
      const bool counts =
          row.level == query.level && !param.empty() && !is_option(name, query.method);
      if (counts && matches(name, query.params)) {
        return true;
      }
    }
  }
  return false;
}

Error method_not_allowed(const RouteQuery& query) {
  static constexpr std::array<std::string_view, 3> kTypes = {"SERVICE", "BUCKET", "OBJECT"};
  Error error = facts::make_error(ErrorCode::MethodNotAllowed);
  error.fields.emplace_back("Method", query.method);
  error.fields.emplace_back("ResourceType", kTypes.at(static_cast<std::size_t>(query.level)));
  return error;
}

}  // namespace

std::string bucket_of_host(std::string_view host, std::span<const std::string> domains) {
  const std::string lower = to_lower(host);
  std::optional<std::string_view> label;
  if (const auto suffix = amazon_suffix(lower)) {
    label = label_below(lower, *suffix);
  } else if (std::string_view(lower).ends_with("localhost")) {
    label = label_below(lower, std::string_view("localhost").size());
  }
  for (const std::string& domain : domains) {
    if (lower == domain) {
      return {};
    }
    if (!label && std::string_view(lower).ends_with(domain)) {
      label = label_below(lower, domain.size());
    }
  }
  return std::string(label.value_or(""));
}

Error key_too_long(std::size_t size) {
  Error error = facts::make_error(ErrorCode::KeyTooLongError);
  error.fields.emplace_back("Size", std::to_string(size));
  error.fields.emplace_back("MaxSizeAllowed", std::to_string(facts::kKeyBytesMax));
  return error;
}

Result<Address> address_of(std::string_view host,
                           std::string_view decoded_path,
                           std::span<const std::string> domains) {
  Address address{.bucket = bucket_of_host(host, domains), .key = {}};
  std::string_view rest = decoded_path.substr(decoded_path.starts_with('/') ? 1 : 0);
  if (address.bucket.empty()) {
    const std::size_t slash = rest.find('/');
    address.bucket = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  address.key = rest;
  if (address.bucket.empty()) {
    return address.key.empty() ? Result<Address>(std::move(address))
                               : std::unexpected(facts::make_error(ErrorCode::InvalidURI));
  }
  if (!is_possible_bucket_name(address.bucket)) {
    Error error = facts::make_error(ErrorCode::InvalidBucketName);
    error.fields.emplace_back("BucketName", is_utf8(address.bucket) ? address.bucket : "");
    return std::unexpected(std::move(error));
  }
  if (address.key.size() > facts::kKeyBytesMax) {
    return std::unexpected(key_too_long(address.key.size()));
  }
  if (!is_utf8(address.key)) {
    return std::unexpected(facts::make_error(ErrorCode::InvalidURI));
  }
  return address;
}

Result<const S3OperationRow*> operation_of(const RouteQuery& query) {
  const S3OperationRow* best = nullptr;
  int best_score = -1;
  for (const S3OperationRow& row : facts::all_s3_operations()) {
    if (query.params.empty() && !row.params[0].empty()) {
      continue;  // most rows are subresources, most requests name none
    }
    const std::optional<int> held = score(row, query);
    if (held && *held > best_score) {
      best = &row;
      best_score = *held;
    }
  }
  const bool is_plain = best != nullptr && best->params[0].empty();
  if (best == nullptr || (is_plain && names_subresource(query))) {
    return std::unexpected(method_not_allowed(query));
  }
  return best;
}

}  // namespace signet::s3
