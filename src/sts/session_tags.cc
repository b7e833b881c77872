#include "sts/session_tags.h"

#include <algorithm>

#include "base/strings.h"
#include "facts/sts_sentences.h"

namespace signet::sts {
namespace {

std::vector<model::Tag> inherited_tags(const model::Session* session) {
  std::vector<model::Tag> tags;
  if (session != nullptr) {
    for (const model::Tag& tag : session->tags) {
      const bool is_transitive =
          std::any_of(session->transitive_keys.begin(),
                      session->transitive_keys.end(),
                      [&](const std::string& key) { return equals_ignore_case(key, tag.key); });
      if (is_transitive) {
        tags.push_back(tag);
      }
    }
  }
  return tags;
}

}  // namespace

bool is_reserved(std::string_view text) {
  constexpr std::string_view kReserved = "aws:";
  return equals_ignore_case(text.substr(0, kReserved.size()), kReserved);
}

Result<SessionTags> read_tags(const std::vector<Tag>& tags,
                              const std::vector<std::string>& transitive_keys,
                              const model::Session* calling_session) {
  SessionTags result;
  result.inherited = inherited_tags(calling_session);
  for (const Tag& tag : tags) {
    if (is_reserved(tag.key)) {
      return reserved_tag_key();
    }
    if (has_key(result.requested, tag.key)) {
      return duplicate_tag_keys();
    }
    if (has_key(result.inherited, tag.key)) {
      return transitive_key_inherited();
    }
    result.requested.push_back(model::Tag{.key = tag.key, .value = tag.value});
  }
  for (const model::Tag& tag : result.inherited) {
    result.transitive.push_back(tag.key);
  }
  for (const std::string& key : transitive_keys) {
    if (!has_key(result.requested, key)) {
      return transitive_key_not_requested();
    }
    result.transitive.push_back(key);
  }
  return result;
}

std::vector<model::Tag> all_tags(const SessionTags& tags) {
  std::vector<model::Tag> all = tags.inherited;
  all.insert(all.end(), tags.requested.begin(), tags.requested.end());
  return all;
}

bool has_key(const std::vector<model::Tag>& tags, std::string_view key) {
  return std::any_of(tags.begin(), tags.end(), [key](const model::Tag& tag) {
    return equals_ignore_case(tag.key, key);
  });
}

void add_action(std::string_view action, authz::CheckList& list) {
  authz::Check check = list.front();
  check.action = action;
  list.push_back(std::move(check));
}

void add_session_checks(const SessionTags& tags, bool has_source_identity, authz::CheckList& list) {
  if (!tags.transitive.empty()) {
    list.front().context.push_back(
        {.key = "sts:TransitiveTagKeys", .values = tags.transitive, .is_list = true});
  }
  if (!list.front().request_tags.empty()) {
    add_action("sts:TagSession", list);
  }
  if (has_source_identity) {
    add_action("sts:SetSourceIdentity", list);
  }
}

}  // namespace signet::sts
