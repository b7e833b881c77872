#include "server/verify_objects.h"

#include <optional>
#include <utility>

#include "base/strings.h"
#include "objects/object_store.h"
#include "objects/stored_bytes.h"
#include "store/embedded/folder_marker.h"

namespace signet::server {
namespace {

// Why the bytes of an object cannot be had as they were stored.
Status verify_one(objects::ObjectStore& objects,
                  std::string_view bucket,
                  const objects::ObjectInfo& info) {
  const std::optional<objects::OpenObject> object =
      TRY(objects.open_object(bucket, info.key, objects::shown_version(info)));
  // What a customer's key opens nobody else can look at.
  return object && !object->lacks_key ? objects::verify_stored(*object) : Status();
}

}  // namespace

Result<ObjectsVerdict> verify_objects(const std::string& data_folder,
                                      std::shared_ptr<const crypto::SecretBox> keys,
                                      Random& random,
                                      const std::function<void(std::string_view)>& show) {
  ObjectsVerdict verdict;
  const store::FolderMarker marker =
      TRY(store::read_folder_marker(data_folder)).value_or(store::FolderMarker());
  if (marker.objects.empty()) {
    return verdict;
  }
  const std::unique_ptr<objects::ObjectStore> objects =
      TRY(objects::ObjectStore::open({.folder = data_folder + "/objects",
                                      .is_durable = true,
                                      .id = marker.objects,
                                      .keys = std::move(keys)},
                                     random));
  TRY_STATUS(objects->each_damaged_record([&](std::string_view what) {
    verdict.damaged += 1;
    show(what);
  }));
  TRY_STATUS(
      objects->each_object([&](std::string_view bucket, const objects::ObjectInfo& info) -> Status {
        const Status status = verify_one(*objects, bucket, info);
        if (status) {
          verdict.verified += 1;
          return {};
        }
        verdict.damaged += 1;
        show(concat("bucket ", bucket.substr(0, bucket.find('/')), ": ", status.error().cause));
        return {};
      }));
  return verdict;
}

}  // namespace signet::server
