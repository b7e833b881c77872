#include "objects/impl/index_look.h"

#include "objects/impl/index_rows.h"

namespace signet::objects::impl {

Result<Found<ObjectInfo>> find_object(Statement& find,
                                      std::string_view bucket,
                                      std::string_view key) {
  return one_row<Result<ObjectInfo>>(find.bind(1, bucket).bind(2, key), object_of);
}

Result<Found<UploadInfo>> find_one_upload(Statement& find,
                                          std::string_view bucket,
                                          std::string_view key,
                                          std::string_view id) {
  return one_row<Result<UploadInfo>>(find.bind(1, bucket).bind(2, key).bind(3, id), upload_of);
}

}  // namespace signet::objects::impl
