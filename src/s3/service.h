#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/rest.h"
#include "objects/object_store.h"
#include "s3/invocation.h"

namespace signet::s3 {

// The S3 REST service.
class S3Service final : public api::RestService {
 public:
  struct Options {
    // Names, lower case, under which buckets are reached as <bucket>.<domain>, besides S3's own and
    // localhost.
    std::vector<std::string> domains;
    // Which buckets' objects lie elsewhere; null: none. Must outlive the service.
    const upstream::Upstreams* upstreams = nullptr;
    // Of a node of a cluster; null: there is one process alone. Must outlive the service.
    BucketNodes* nodes = nullptr;
  };

  // `store` must outlive the service.
  S3Service(objects::ObjectStore& store, Options options);

  // NotImplemented, naming the operation, for what S3 has and we do not.
  [[nodiscard]] Result<std::unique_ptr<api::RestInvocation>> match(
      const api::RestRequest& request) override;

  [[nodiscard]] std::vector<std::string_view> operations() const override;

  [[nodiscard]] std::string host_bucket(std::string_view host) const override;

  void add_for_origin(const api::RestRequest& request,
                      const identity::Snapshot& snapshot,
                      http::Response& response) const override;

  [[nodiscard]] api::RestTarget target_of(const api::RestRequest& request) const override;

  [[nodiscard]] http::Response error(const Error& error,
                                     std::string_view request_id,
                                     std::string_view resource,
                                     bool is_head) override;

 private:
  ServiceParts parts_;
  std::vector<std::string> domains_;
};

// Tells the store which account each bucket of a state belongs to, so that its objects count for
// that account's quota.
void own_buckets(objects::ObjectStore& store, const identity::Snapshot& snapshot);

// What S3 says instead of an error in IAM's words; other codes are unchanged.
[[nodiscard]] ErrorCode s3_code_of(ErrorCode code);

}  // namespace signet::s3
