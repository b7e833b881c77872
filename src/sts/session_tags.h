#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "authz/check.h"
#include "base/result.h"
#include "facts/sts_types.h"
#include "model/caller.h"

namespace signet::sts {

// Tags of a session in the making (aws-wire 3.1, R-5.3).
struct SessionTags {
  std::vector<model::Tag> requested;  // of this call
  std::vector<model::Tag> inherited;  // transitive tags of the calling session
  std::vector<std::string>
      transitive;  // keys that the session passes on: inherited ones and those of this call
};

// Checks the tags of a call against each other and against the calling session (null: long-term
// credentials). Keys are compared without regard to case. Errors: InvalidParameterValue with AWS's
// sentences.
[[nodiscard]] Result<SessionTags> read_tags(const std::vector<Tag>& tags,
                                            const std::vector<std::string>& transitive_keys,
                                            const model::Session* calling_session);

// Requested and inherited tags together, as the session carries them.
[[nodiscard]] std::vector<model::Tag> all_tags(const SessionTags& tags);

// Whether a tag key or a source identity is AWS's own to give: it begins with "aws:", in any case.
[[nodiscard]] bool is_reserved(std::string_view text);

// Whether one has that key, in whatever case.
[[nodiscard]] bool has_key(const std::vector<model::Tag>& tags, std::string_view key);

// The first check of a call once more, for an action that it needs besides.
void add_action(std::string_view action, authz::CheckList& list);

// What assuming a role asks besides its first check: sts:TransitiveTagKeys, and for the same role
// sts:TagSession with tags in the request and sts:SetSourceIdentity with a source identity.
void add_session_checks(const SessionTags& tags, bool has_source_identity, authz::CheckList& list);

}  // namespace signet::sts
