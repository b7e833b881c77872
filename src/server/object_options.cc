#include "server/object_options.h"

#include <utility>

namespace signet::server {

objects::ObjectStore::Options object_options(const Options& options,
                                             const std::string& folder,
                                             std::shared_ptr<const crypto::SecretBox> keys) {
  const Limits& limits = options.limits;
  objects::ObjectStore::Options wanted{
      .folder = folder,
      .is_durable = !options.is_dev,
      .disk_reserve = limits.size(Limit::DiskReserve),
      .quota = {.bucket = {.bytes = limits.size(Limit::QuotaBucketBytes),
                           .objects = limits.size(Limit::QuotaBucketObjects),
                           .uploads = limits.size(Limit::QuotaBucketUploads)},
                .account = {.bytes = limits.size(Limit::QuotaAccountBytes),
                            .objects = limits.size(Limit::QuotaAccountObjects),
                            .uploads = limits.size(Limit::QuotaAccountUploads)}},
      .keys = std::move(keys)};
  if (options.is_dev && wanted.disk_reserve == 0) {
    wanted.disk_reserve.reset();
  }
  return wanted;
}

}  // namespace signet::server
