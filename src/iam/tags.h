#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/iam_types.h"
#include "iam/named.h"
#include "iam/paging.h"
#include "model/caller.h"

namespace signet::iam {

// Tags of entities (aws-wire 4.2). Entities keep them in the order in which they are listed:
// shorter keys first, then by their bytes.

using TagList = std::vector<model::Tag>;

[[nodiscard]] TagList to_model(const std::vector<Tag>& tags);
[[nodiscard]] std::vector<Tag> to_wire(const TagList& tags);

// `old` with `added` put in: an added tag replaces one with the same key, key spelling included.
// InvalidInput for a key twice in `added` or one that starts with aws:; LimitExceeded when more
// than `limit` remain.
[[nodiscard]] Result<TagList> put_tags(const TagList& old,
                                       const std::vector<Tag>& added,
                                       TagKeys keys,
                                       std::size_t limit);

// `old` without the tags that have one of these keys; keys that no tag has are no error.
[[nodiscard]] TagList remove_tags(const TagList& old,
                                  const std::vector<std::string>& removed,
                                  TagKeys keys);

// One page of List*Tags.
[[nodiscard]] Page<Tag> page_of_tags(const TagList& tags, const PageQuery& query);

}  // namespace signet::iam
