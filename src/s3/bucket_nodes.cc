#include "s3/bucket_nodes.h"

#include <algorithm>

#include "base/strings.h"
#include "facts/errors.h"
#include "identity/settings.h"
#include "s3/store_id.h"

namespace signet::s3 {
namespace {

// Among the settings of a bucket: ids with a space between. On disk: do not change.
constexpr std::string_view kSetting = "object-nodes";

bool names(const identity::Bucket& bucket, std::string_view node) {
  const std::vector<std::string_view> nodes = nodes_of(bucket);
  return std::ranges::find(nodes, node) != nodes.end();
}

void set_nodes(identity::Bucket& bucket, const std::vector<std::string_view>& nodes) {
  std::string text;
  for (const std::string_view node : nodes) {
    text += concat(text.empty() ? "" : " ", node);
  }
  identity::set_setting(
      bucket.settings, kSetting, text.empty() ? std::nullopt : std::optional(std::move(text)));
}

identity::Bucket without(const identity::Bucket& present, std::string_view node) {
  identity::Bucket bucket = present;
  std::vector<std::string_view> nodes = nodes_of(present);
  std::erase(nodes, node);
  set_nodes(bucket, nodes);
  return bucket;
}

}  // namespace

Result<std::size_t> forget_node(identity::Directory& directory, std::string_view node) {
  std::size_t count = 0;
  TRY_STATUS(directory.apply(
      [&](const identity::Snapshot& newest, identity::Transaction& transaction) -> Status {
        count = 0;
        for (const identity::Account* account : newest.accounts()) {
          for (const auto& entry : newest.index<identity::BucketsOfAccount>(account->id)) {
            if (names(*entry.value, node)) {
              transaction.put(without(*entry.value, node));
              count += 1;
            }
          }
        }
        return {};
      }));
  return count;
}

std::vector<std::string_view> nodes_of(const identity::Bucket& bucket) {
  std::vector<std::string_view> nodes;
  const std::string* kept = identity::find_setting(bucket.settings, kSetting);
  std::string_view rest = kept == nullptr ? std::string_view() : std::string_view(*kept);
  while (!rest.empty()) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    nodes.push_back(rest.substr(0, space));
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return nodes;
}

Status BucketNodes::add(std::string_view id) {
  const auto snapshot = directory_.current();
  const identity::Bucket* known = find_bucket(*snapshot, id);
  if (known != nullptr && names(*known, node_)) {
    return {};
  }
  TRY_STATUS(directory_.apply(
      [&](const identity::Snapshot& newest, identity::Transaction& transaction) -> Status {
        const identity::Bucket* present = find_bucket(newest, id);
        if (present == nullptr) {
          return std::unexpected(facts::make_error(ErrorCode::NoSuchBucket));
        }
        if (names(*present, node_)) {
          return {};
        }
        identity::Bucket bucket = *present;
        std::vector<std::string_view> nodes = nodes_of(*present);
        nodes.push_back(node_);
        set_nodes(bucket, nodes);
        transaction.put(std::move(bucket));
        return {};
      }));
  return {};
}

Status BucketNodes::remove(std::string_view id) {
  TRY_STATUS(directory_.apply(
      [&](const identity::Snapshot& newest, identity::Transaction& transaction) -> Status {
        const identity::Bucket* present = find_bucket(newest, id);
        if (present != nullptr && names(*present, node_)) {
          transaction.put(without(*present, node_));
        }
        return {};
      }));
  return {};
}

Status BucketNodes::add_all(objects::ObjectStore& store) {
  const auto snapshot = directory_.current();
  for (const identity::Account* account : snapshot->accounts()) {
    for (const auto& entry : snapshot->index<identity::BucketsOfAccount>(account->id)) {
      if (names(*entry.value, node_)) {
        continue;
      }
      const std::string id = store_id(*entry.value);
      const objects::VersionPage page = TRY(store.list_versions(
          id, {.prefix = {}, .delimiter = {}, .key_marker = {}, .max_keys = 1}));
      if (page.versions.empty()) {
        continue;
      }
      if (const Status added = add(id);
          !added && added.error().code != ErrorCode::NoSuchBucket) {  // deleted meanwhile
        return added;
      }
    }
  }
  return {};
}

}  // namespace signet::s3
