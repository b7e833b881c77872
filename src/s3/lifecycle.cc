#include "s3/lifecycle.h"

#include <algorithm>
#include <span>
#include <utility>

#include "facts/errors.h"
#include "s3/invocation.h"
#include "s3/object_lock.h"
#include "s3/object_request.h"

namespace signet::s3 {
namespace {

// Deletions in one write: about as many as an ordinary call may have.
constexpr std::size_t kDeletedAtOnce = 64;

bool is_due(const LifecycleRule& rule, Instant began, Instant now) {
  return (rule.days && due_after(began, *rule.days) <= now) || (rule.date && *rule.date <= now);
}

bool expires(const LifecycleRule& rule, const objects::ObjectInfo& info, Instant now) {
  return is_for(rule, info) && is_due(rule, info.modified, now);
}

}  // namespace

Result<bool> Lifecycle::step() {
  const std::shared_ptr<const identity::Snapshot> state = state_();
  if (!is_begun_) {
    for (const identity::Account* account : state->accounts()) {
      for (const auto& entry : state->table<identity::Bucket>(account->id)) {
        if (!lifecycle_rules(*entry.value).empty()) {
          buckets_.push_back(entry.value->name);
        }
      }
    }
    is_begun_ = true;
  }
  if (buckets_.empty()) {
    is_begun_ = false;
    return false;
  }
  const identity::Bucket* bucket = state->find<identity::Bucket>(buckets_.back());
  Result<bool> more = bucket == nullptr ? Result<bool>(false) : step_bucket(*bucket);
  if (!more || !*more) {
    next_bucket();
  }
  return more ? Result<bool>(true) : std::move(more);
}

void Lifecycle::next_bucket() {
  buckets_.pop_back();
  place_ = {};
  seen_ = {};
}

// True: there is more of this bucket.
Result<bool> Lifecycle::step_bucket(const identity::Bucket& bucket) {
  const std::vector<LifecycleRule> rules = lifecycle_rules(bucket);
  if (rules.empty()) {
    return false;
  }
  const Instant now = clock_.now();
  const std::string id = store_id(bucket);
  const objects::VersionPage page = TRY(store_.list_versions(id, place_));
  std::vector<objects::Deletion> due;
  const auto keeps = keeps_locked(bucket, now, Bypass::No);
  for (const objects::VersionPage::Version& version : page.versions) {
    look_at(version, rules, now, keeps, due);
  }
  if (!page.is_truncated) {
    end_key(rules, now, due);
  }
  std::span<const objects::Deletion> left(due);
  while (!left.empty()) {
    const auto some = left.first(std::min(left.size(), kDeletedAtOnce));
    TRY_STATUS(store_.erase(id, some, versioning_of(bucket), now));
    left = left.subspan(some.size());
  }
  place_.key_marker = page.next_key;
  place_.version_marker = page.next_version;
  return page.is_truncated ? Result<bool>(true) : abort_uploads(id, rules, now);
}

// Versions come key by key, each key's newest first.
void Lifecycle::look_at(const objects::VersionPage::Version& version,
                        const std::vector<LifecycleRule>& rules,
                        Instant now,
                        const Keeps& keeps,
                        std::vector<objects::Deletion>& due) {
  const objects::ObjectInfo& info = version.info;
  if (version.is_latest) {
    end_key(rules, now, due);
    seen_ = {.key = info.key, .modified = info.modified};
    if (info.is_marker) {
      seen_.lone_marker = info;
    } else if (std::ranges::any_of(rules,
                                   [&](const auto& rule) { return expires(rule, info, now); })) {
      due.push_back({.key = info.key, .only_file = info.file});
    }
    return;
  }
  seen_.lone_marker.reset();
  const bool is_over = std::ranges::any_of(rules, [&](const LifecycleRule& rule) {
    return rule.noncurrent_days && is_for(rule, info) &&
           seen_.noncurrent >= rule.newer_noncurrent &&
           due_after(seen_.modified, *rule.noncurrent_days) <= now;
  });
  if (is_over) {
    due.push_back({.key = info.key,
                   .version = std::string(objects::shown_version(info)),
                   .condition = {},
                   .only_file = {},
                   .keeps = keeps});
  }
  seen_.noncurrent += 1;
  seen_.modified = info.modified;
}

// A delete marker that hides nothing any more goes, once it is as old as objects may get.
void Lifecycle::end_key(const std::vector<LifecycleRule>& rules,
                        Instant now,
                        std::vector<objects::Deletion>& due) {
  const std::optional<objects::ObjectInfo> marker = std::exchange(seen_.lone_marker, std::nullopt);
  const auto removes = [&](const LifecycleRule& rule) {
    return is_for(rule, *marker) &&
           (rule.removes_lone_markers || is_due(rule, marker->modified, now));
  };
  if (marker && std::ranges::any_of(rules, removes)) {
    due.push_back({.key = marker->key, .version = std::string(objects::shown_version(*marker))});
  }
}

Result<bool> Lifecycle::abort_uploads(const std::string& id,
                                      const std::vector<LifecycleRule>& rules,
                                      Instant now) {
  std::vector<std::pair<std::string, std::string>> due;  // key and id
  TRY_STATUS(store_.each_upload(id, "", [&](const objects::UploadInfo& upload) {
    const bool is_over = std::ranges::any_of(rules, [&](const LifecycleRule& rule) {
      return rule.abort_days && upload.key.starts_with(rule.prefix) &&
             due_after(upload.initiated, *rule.abort_days) <= now;
    });
    if (is_over) {
      due.emplace_back(upload.key, upload.id);
    }
    return due.size() < kDeletedAtOnce;
  }));
  for (const auto& [key, upload] : due) {
    const Status aborted = store_.abort_upload(id, key, upload);
    if (!aborted && aborted.error().code != ErrorCode::NoSuchUpload) {  // completed meanwhile
      return std::unexpected(aborted.error());
    }
  }
  return due.size() == kDeletedAtOnce;
}

}  // namespace signet::s3
