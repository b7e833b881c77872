#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/newest_first.h"
#include "audit/sink.h"
#include "base/strings.h"
#include "cloudtrail/event.h"
#include "cloudtrail/handlers.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "facts/cloudtrail_sentences.h"
#include "facts/quotas.h"

namespace signet::cloudtrail {
namespace {

using audit::TrailPlace;

constexpr std::int64_t kDefaultResults = 50;

// What one call reads of the trail at most: a page may have fewer events than are there, and a
// token, as AWS's may.
constexpr std::uint64_t kMaxBytes = std::uint64_t{16} << 20;

// Records are written when a call ends, and the clock of a test server can be set: beyond this the
// times of a trail are in order.
constexpr std::int64_t kDisorderSeconds = 86'400;

// What a token is of: pages of other parameters have other tokens.
std::string query_digest(const LookupEventsRequest& request, const api::HandlerContext& context) {
  std::string text = concat(context.caller.account, "\n", context.request.region);
  for (const LookupAttribute& attribute :
       request.lookup_attributes.value_or(std::vector<LookupAttribute>())) {
    text += concat("\n", attribute.attribute_key, "=", attribute.attribute_value);
  }
  for (const auto& time : {request.start_time, request.end_time}) {
    text += concat("\n", time ? std::to_string(time->unix_ms) : std::string());
  }
  return crypto::sha256_hex(text).substr(0, 32);
}

std::string token_of(const TrailPlace& place, std::string_view digest) {
  return codec::encode_base64(
      concat(digest, ":", std::to_string(place.file), ":", std::to_string(place.end)));
}

std::optional<TrailPlace> read_token(const std::string& token, std::string_view digest) {
  const auto text = codec::decode_base64(token);
  if (!text || !text->starts_with(concat(digest, ":"))) {
    return std::nullopt;
  }
  const std::string_view numbers = std::string_view(*text).substr(digest.size() + 1);
  const std::size_t colon = numbers.find(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto file = parse_decimal(numbers.substr(0, colon));
  const auto end = parse_decimal(numbers.substr(colon + 1));
  return file && end ? std::optional(TrailPlace{.file = static_cast<std::uint64_t>(*file),
                                                .end = static_cast<std::uint64_t>(*end)})
                     : std::nullopt;
}

struct Range {
  Instant from;
  std::optional<Instant> until;  // itself included
};

// The last 90 days, or what the request leaves of them.
Result<Range> range_of(const LookupEventsRequest& request, Instant now) {
  constexpr std::int64_t kSecondsOfDay = 86'400;
  Range range{.from = now.plus_seconds(-static_cast<std::int64_t>(facts::kEventHistoryDays) *
                                       kSecondsOfDay),
              .until = request.end_time};
  if (request.start_time && request.end_time && *request.start_time > *request.end_time) {
    return time_range_invalid();
  }
  if (request.start_time && *request.start_time > range.from) {
    range.from = *request.start_time;
  }
  return range;
}

// The page that a request asks for.
struct Page {
  const LookupEventsRequest& request;
  const api::HandlerContext& context;
  Range range;
  std::size_t limit;
  std::vector<Event> events;
  bool is_past = false;  // what follows is older than what is asked for

  [[nodiscard]] bool is_wanted(const Event& event) const {
    const bool is_in_range =
        *event.event_time >= range.from && (!range.until || *event.event_time <= *range.until);
    return is_in_range && (!request.lookup_attributes || request.lookup_attributes->empty() ||
                           has_attribute(event, request.lookup_attributes->front()));
  }

  bool take(std::string_view line) {
    auto event = event_of(line, context.caller.account, context.request.region);
    if (!event) {
      return true;
    }
    is_past = *event->event_time < range.from.plus_seconds(-kDisorderSeconds);
    if (is_past || !is_wanted(*event)) {
      return !is_past;
    }
    if (events.size() == limit) {
      return false;
    }
    events.push_back(*std::move(event));
    return true;
  }
};

}  // namespace

Result<LookupEventsResponse> handle(const api::Authorized&,
                                    const LookupEventsRequest& request,
                                    api::HandlerContext& context) {
  if (request.lookup_attributes && request.lookup_attributes->size() > 1) {
    return several_attributes();
  }
  Page page{.request = request,
            .context = context,
            .range = TRY(range_of(request, context.request.now)),
            .limit = static_cast<std::size_t>(request.max_results.value_or(kDefaultResults)),
            .events = {}};
  const std::string digest = query_digest(request, context);
  std::optional<TrailPlace> from;
  if (request.next_token) {
    from = read_token(*request.next_token, digest);
    if (!from) {
      return next_token_invalid();
    }
  }
  if (request.event_category) {  // of insights, which nobody computes here
    return LookupEventsResponse{.events = std::vector<Event>(), .next_token = {}};
  }
  const std::string trail = context.deps.trail != nullptr ? context.deps.trail->path() : "";
  if (trail.empty()) {
    return trail_absent();
  }
  const std::optional<TrailPlace> place = TRY(audit::read_newest_first(
      trail, from, kMaxBytes, [&page](std::string_view line) { return page.take(line); }));
  LookupEventsResponse response{.events = std::move(page.events), .next_token = {}};
  if (place && !page.is_past) {
    response.next_token = token_of(*place, digest);
  }
  return response;
}

}  // namespace signet::cloudtrail
