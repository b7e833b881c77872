#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "crypto/key_wrap.h"

namespace signet::server {

struct ObjectsVerdict {
  std::uint64_t verified = 0;
  std::uint64_t damaged = 0;
};

// Reads every object of a data folder that the caller holds, with its data keys, and compares its
// bytes with what was stored; `show` is told of each one that differs. A folder that never had
// objects has none.
[[nodiscard]] Result<ObjectsVerdict> verify_objects(
    const std::string& data_folder,
    std::shared_ptr<const crypto::SecretBox> keys,
    Random& random,
    const std::function<void(std::string_view)>& show);

}  // namespace signet::server
