#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "objects/object_info.h"

namespace signet::s3 {

// Storage classes whose objects must be restored before they can be read: GLACIER and DEEP_ARCHIVE.
[[nodiscard]] bool is_archive_class(std::string_view storage_class);

// Until when an archived object can be read; nothing if it was never restored. Among the stored
// headers of the object.
[[nodiscard]] std::optional<Instant> restored_until(const objects::StoredHeaders& stored);
// Replaces it, or takes it away.
void set_restored(objects::StoredHeaders& stored, std::optional<Instant> until);

// InvalidObjectState for an object that is archived, and not restored now.
[[nodiscard]] Status check_readable(const objects::StoredHeaders& stored, Instant now);
// The same for the source of a copy, as S3 tells it.
[[nodiscard]] Status check_copyable(const objects::StoredHeaders& stored, Instant now);

// x-amz-restore of an archived object that is restored now; nothing otherwise.
[[nodiscard]] std::optional<std::string> shown_restore(const objects::StoredHeaders& stored,
                                                       Instant now);

}  // namespace signet::s3
