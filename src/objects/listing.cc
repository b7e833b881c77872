#include "objects/listing.h"

#include <limits>
#include <utility>

#include "codec/base64.h"

namespace signet::objects {
namespace {

// The least text greater than every text that begins with `prefix`; empty if there is none (all
// bytes 0xFF).
std::string successor_of_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) {
    prefix.pop_back();
  }
  if (!prefix.empty()) {
    prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  }
  return prefix;
}

// Goes past everything that begins with `prefix`. False at the end of the bucket.
Result<bool> skip_prefix(KeyCursor& keys, const std::string& prefix) {
  const std::string next = successor_of_prefix(prefix);
  if (next.empty()) {
    return false;
  }
  TRY_STATUS(keys.seek(next));
  return !keys.at_end();
}

Status seek_start(KeyCursor& keys, const ListQuery& query) {
  const ListStart& start = query.start;
  if (start.after < query.prefix || start.after.empty()) {
    return keys.seek(query.prefix);
  }
  if (start.skips_below) {
    TRY_STATUS(skip_prefix(keys, start.after));
    return {};
  }
  TRY_STATUS(keys.seek(start.after));
  return !keys.at_end() && keys.key() == start.after ? keys.next() : Status();
}

}  // namespace

std::string_view common_prefix_of(std::string_view key,
                                  std::string_view prefix,
                                  std::string_view delimiter) {
  if (delimiter.empty() || !key.starts_with(prefix)) {
    return {};
  }
  const std::size_t at = key.find(delimiter, prefix.size());
  return at == std::string_view::npos ? std::string_view() : key.substr(0, at + delimiter.size());
}

Result<ListPage> list_page(KeyCursor& keys, const ListQuery& query) {
  ListPage page;
  const bool starts_past_all =
      query.start.skips_below && successor_of_prefix(query.start.after).empty();
  if (query.max_keys == 0 || starts_past_all) {
    return page;
  }
  TRY_STATUS(seek_start(keys, query));
  while (!keys.at_end() && keys.key().starts_with(query.prefix)) {
    if (page.objects.size() + page.common_prefixes.size() == query.max_keys) {
      page.is_truncated = true;
      return page;
    }
    const std::string_view common = common_prefix_of(keys.key(), query.prefix, query.delimiter);
    if (common.empty()) {
      page.next = ListStart{.after = std::string(keys.key()), .skips_below = false};
      page.objects.push_back(TRY(keys.info()));
      TRY_STATUS(keys.next());
      continue;
    }
    page.next = ListStart{.after = std::string(common), .skips_below = true};
    page.common_prefixes.push_back(page.next.after);
    if (!TRY(skip_prefix(keys, page.next.after))) {
      break;
    }
  }
  return page;
}

namespace {

constexpr std::int64_t kFirstRank = std::numeric_limits<std::int64_t>::min();

// Goes to where a page begins. False: there is nothing.
Result<bool> seek_versions(VersionCursor& versions,
                           const VersionQuery& query,
                           std::optional<std::int64_t> start_rank) {
  const std::string& marker = query.key_marker;
  if (marker < query.prefix || marker.empty()) {
    TRY_STATUS(versions.seek(query.prefix, kFirstRank));
    return true;
  }
  const std::string_view common = common_prefix_of(marker, query.prefix, query.delimiter);
  if (!common.empty()) {
    // The prefix was shown: the listing goes on behind it.
    const std::string next = successor_of_prefix(std::string(common));
    if (next.empty()) {
      return false;
    }
    TRY_STATUS(versions.seek(next, kFirstRank));
    return true;
  }
  TRY_STATUS(start_rank ? versions.seek(marker, *start_rank)
                        : versions.seek(marker + std::string(1, '\0'), kFirstRank));
  return true;
}

}  // namespace

Result<VersionPage> version_page(VersionCursor& versions,
                                 const VersionQuery& query,
                                 std::optional<std::int64_t> start_rank) {
  VersionPage page;
  if (query.max_keys == 0 || !TRY(seek_versions(versions, query, start_rank))) {
    return page;
  }
  // In the middle of a key's versions the first that comes is not the latest.
  std::optional<std::string> last_key;
  if (start_rank && *start_rank != kFirstRank) {
    last_key = query.key_marker;
  }
  while (!versions.at_end() && versions.key().starts_with(query.prefix)) {
    if (page.versions.size() + page.common_prefixes.size() == query.max_keys) {
      page.is_truncated = true;
      return page;
    }
    const std::string_view common = common_prefix_of(versions.key(), query.prefix, query.delimiter);
    if (common.empty()) {
      VersionPage::Version version{.info = TRY(versions.info()),
                                   .is_latest = last_key != versions.key()};
      last_key = version.info.key;
      page.next_key = version.info.key;
      page.next_version = shown_version(version.info);
      page.versions.push_back(std::move(version));
      TRY_STATUS(versions.next());
      continue;
    }
    page.next_key = common;
    page.next_version.clear();
    page.common_prefixes.push_back(page.next_key);
    const std::string next = successor_of_prefix(page.next_key);
    if (next.empty()) {
      break;
    }
    TRY_STATUS(versions.seek(next, kFirstRank));
  }
  return page;
}

std::string format_token(const ListStart& start) {
  return codec::encode_base64url((start.skips_below ? "p" : "k") + start.after);
}

std::optional<ListStart> parse_token(std::string_view token) {
  const std::optional<std::string> text = codec::decode_base64url(token);
  if (!text || text->size() < 2 || (text->front() != 'p' && text->front() != 'k')) {
    return std::nullopt;
  }
  return ListStart{.after = text->substr(1), .skips_below = text->front() == 'p'};
}

}  // namespace signet::objects
