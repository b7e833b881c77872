#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "facts/s3_operations.h"

namespace signet::s3 {

// What a request is about. Keys are bytes: decoded once, never cleaned.
struct Address {
  std::string bucket;  // empty: the service
  std::string key;     // empty: the bucket

  [[nodiscard]] facts::S3Level level() const {
    return bucket.empty() ? facts::S3Level::Service
           : key.empty()  ? facts::S3Level::Bucket
                          : facts::S3Level::Object;
  }

  bool operator==(const Address&) const = default;
};

// The bucket that a Host names before one of our domains (virtual-host style); empty for path
// style: the domain itself, an address, any other name. `host` has no port. S3's own names
// (s3.amazonaws.com, s3.<region>.amazonaws.com and so on) and `localhost` count as domains besides
// the given ones.
[[nodiscard]] std::string bucket_of_host(std::string_view host,
                                         std::span<const std::string> domains);

// Splits bucket and key. InvalidURI for a key that is not UTF-8, KeyTooLongError over 1,024 bytes,
// InvalidBucketName for a name no bucket can have.
[[nodiscard]] Result<Address> address_of(std::string_view host,
                                         std::string_view decoded_path,
                                         std::span<const std::string> domains);

// KeyTooLongError.
[[nodiscard]] Error key_too_long(std::size_t size);

// What selects an operation besides the address.
struct RouteQuery {
  std::string_view method;
  facts::S3Level level = facts::S3Level::Service;
  std::span<const std::pair<std::string, std::string>> params;
  std::function<bool(std::string_view)> has_header;
};

// The operation of a request; MethodNotAllowed if the method has none there. A request that names a
// subresource (a parameter of any row of its level) is never taken for the plain operation.
[[nodiscard]] Result<const facts::S3OperationRow*> operation_of(const RouteQuery& query);

}  // namespace signet::s3
