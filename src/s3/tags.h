#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authz/check.h"
#include "base/result.h"
#include "model/caller.h"
#include "objects/object_info.h"
#include "s3/request_headers.h"

namespace signet::s3 {

using Tags = std::vector<model::Tag>;

// What S3 asks of the tags of a bucket and of an object: InvalidTag, each fault as S3 says it, with
// the key. How many there may be is the caller's business.
[[nodiscard]] Status check_tags(std::span<const model::Tag> tags);

// The same for an object: BadRequest over 10.
[[nodiscard]] Status check_object_tags(std::span<const model::Tag> tags);

// The tags of x-amz-tagging, a query string ("a=1&b=2"); none if it is absent. InvalidArgument for
// what is no query string or names a key twice; otherwise as check_object_tags().
[[nodiscard]] Result<Tags> tags_of_request(const RequestHeaders& headers);

// The tags of an object, by what is stored with it (objects::kTagsHeader).
[[nodiscard]] Tags tags_of(const objects::StoredHeaders& stored);

// Replaces them; an empty list takes them away.
void set_tags(objects::StoredHeaders& stored, std::span<const model::Tag> tags);

// Context keys of what a request passes: s3:RequestObjectTag/k and s3:RequestObjectTagKeys.
void add_request_tag_keys(std::span<const model::Tag> tags, std::vector<authz::ContextEntry>& keys);

// Context keys of what an object has: s3:ExistingObjectTag/k.
void add_existing_tag_keys(std::span<const model::Tag> tags,
                           std::vector<authz::ContextEntry>& keys);

}  // namespace signet::s3
