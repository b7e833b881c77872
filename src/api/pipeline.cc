#include "api/pipeline.h"

#include <utility>

#include "api/exchange_base.h"
#include "api/record.h"
#include "api/route.h"
#include "base/strings.h"

namespace signet::api {

Pipeline::Pipeline(PipelineParts parts) : parts_(std::move(parts)) {
  loops_.reserve(static_cast<std::size_t>(parts_.loops));
  for (int i = 0; i < parts_.loops; ++i) {
    loops_.push_back(std::make_unique<LoopState>(parts_, writer_authorizer_));
  }
}

Pipeline::~Pipeline() = default;

WebService* Pipeline::web_service_for(const http::RequestHead& head) const {
  for (WebService* service : parts_.web) {
    if (service->handles(head.method, head.path(), head.query())) {
      return service;
    }
  }
  return nullptr;
}

void Pipeline::refused(int /*loop*/, int status, std::string_view remote_address) {
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

http::ExchangePtr Pipeline::open(const http::RequestHead& head) {
  LoopState& loop = *loops_[static_cast<std::size_t>(head.loop)];
  const Route way = route(head);
  if (!way.is_signed) {
    if (WebService* service = web_service_for(head); service != nullptr) {
      return make_web_exchange(loop, *service);
    }
  }
  if (way.door == Door::Unserved) {
    return make_unserved_exchange(loop, way.service);
  }
  if (way.door == Door::Rest) {
    return make_rest_exchange(loop);
  }
  return make_query_exchange(loop, way.door == Door::Iam, way.is_signed);
}

}  // namespace signet::api
