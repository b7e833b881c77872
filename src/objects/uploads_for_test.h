#pragma once

#include <cstddef>
#include <string_view>

#include <gtest/gtest.h>

#include "objects/object_store.h"

namespace signet::objects {

// How many uploads of a bucket are in progress.
inline std::size_t count_uploads(ObjectStore& store, std::string_view bucket) {
  std::size_t count = 0;
  EXPECT_TRUE(store.each_upload(bucket, "", [&count](const UploadInfo& /*upload*/) {
    ++count;
    return true;
  }));
  return count;
}

}  // namespace signet::objects
