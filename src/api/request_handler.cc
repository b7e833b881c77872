#include "api/request_handler.h"

#include <algorithm>
#include <utility>

#include "api/exchanges.h"
#include "api/record.h"
#include "api/route.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::api {
namespace {

http::ExchangePtr open_service(LoopState& loop, const ServiceEntry& entry, bool is_signed) {
  if (const auto* query = std::get_if<const QueryService*>(&entry.operations)) {
    return open_query(loop, entry, **query, is_signed);
  }
  if (const auto* json = std::get_if<const JsonService*>(&entry.operations)) {
    return open_json(loop, entry, **json, is_signed);
  }
  if (const auto* rest = std::get_if<RestService*>(&entry.operations)) {
    return open_rest(loop, entry, **rest, RestMode::Serve);
  }
  return open_web(loop, entry, *std::get<WebService*>(entry.operations));
}

}  // namespace

RequestHandler::RequestHandler(Parts parts)
    : parts_(std::move(parts)), shared_(parts_.services, parts_.write_shares) {
  loops_.reserve(static_cast<std::size_t>(parts_.loops));
  for (int i = 0; i < parts_.loops; ++i) {
    loops_.push_back(std::make_unique<LoopState>(parts_, shared_));
  }
}

RequestHandler::~RequestHandler() = default;

void RequestHandler::refused(int loop, int status, std::string_view remote_address) {
  loops_[static_cast<std::size_t>(loop)]->counters.add(
      shared_.counted.other(), ResultClass::ClientError, 0);
  if (!parts_.audit.is_enabled()) {
    return;
  }
  RecordDraft draft;
  draft.record.source_ip = remote_address;
  draft.record.region = "us-east-1";
  draft.record.time = parts_.deps.clock.now();
  draft.event = "MalformedRequest";
  draft.error_message = concat(std::to_string(status), " ", http::reason_phrase(status));
  draft.record.error_code = "MalformedRequest";
  std::string line;
  finish_line(line, draft, parts_.deps.random);
  parts_.audit.append_unauthenticated(line);
}

bool RequestHandler::is_proxy_question(const http::RequestHead& head) const {
  return !parts_.asker_token.empty() && head.target.starts_with(kProxyQuestions) &&
         head.target.substr(kProxyQuestions.size()).starts_with('/');
}

http::ExchangePtr RequestHandler::open(const http::RequestHead& head) {
  LoopState& loop = *loops_[static_cast<std::size_t>(head.loop)];
  if (is_proxy_question(head)) {
    const ServiceEntry* asked = parts_.services.find("s3");
    return open_rest(loop, *asked, *std::get<RestService*>(asked->operations), RestMode::Decide);
  }
  Route to = route(head);
  const bool is_question = head.path() == kStoreQuestions;
  const ServiceEntry* entry =
      to.is_signed && !is_question ? nullptr : parts_.services.pages_for(head);
  if (entry == nullptr && !to.is_signed) {
    entry = parts_.services.unsigned_json(head);
  }
  if (entry == nullptr) {
    entry = parts_.services.find(to.service);
  }
  return entry != nullptr ? open_service(loop, *entry, to.is_signed)
                          : open_unserved(loop, std::move(to.service));
}

std::vector<RequestHandler::Count> RequestHandler::counts() const {
  std::vector<Count> counts;
  const std::vector<CountedOperations::Row>& rows = shared_.counted.rows();
  for (CounterSlot slot = 0; slot < rows.size(); ++slot) {
    for (std::size_t i = 0; i < kResultClasses; ++i) {
      const auto result = static_cast<ResultClass>(i);
      Count count{.service = rows[slot].service,
                  .operation = rows[slot].operation,
                  .result = name_of(result),
                  .sum = {}};
      for (const auto& loop : loops_) {
        loop->counters.add_to(count.sum, slot, result);
      }
      if (count.sum.requests() > 0) {
        counts.push_back(count);
      }
    }
  }
  return counts;
}

std::vector<RequestHandler::Refusals> RequestHandler::refusals() const {
  std::vector<Refusals> refusals;
  for (std::size_t place = 0; place < authz::RefusedBy::kPlaces; ++place) {
    Refusals refused{.by = authz::RefusedBy(place)};
    for (const auto& loop : loops_) {
      refused.requests += loop->counters.refusals(refused.by);
    }
    if (refused.requests > 0) {
      refusals.push_back(refused);
    }
  }
  return refusals;
}

std::vector<RequestHandler::Failures> RequestHandler::authentication_failures() const {
  std::vector<Failures> failures;
  for (std::size_t place = 0; place < kUnauthenticatedCodes.size(); ++place) {
    Failures failed{.code = facts::error_row(kUnauthenticatedCodes.at(place)).wire_code};
    for (const auto& loop : loops_) {
      failed.requests += loop->counters.unauthenticated(place);
    }
    // S3 has codes of its own for some, which are called the same.
    const auto same = std::ranges::find(failures, failed.code, &Failures::code);
    if (same != failures.end()) {
      same->requests += failed.requests;
    } else {
      failures.push_back(failed);
    }
  }
  std::erase_if(failures, [](const Failures& failed) { return failed.requests == 0; });
  return failures;
}

}  // namespace signet::api
