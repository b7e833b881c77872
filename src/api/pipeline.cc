#include "api/pipeline.h"

#include <utility>

#include "api/exchange_base.h"
#include "api/route.h"

namespace signet::api {

Pipeline::Pipeline(PipelineParts parts) : parts_(std::move(parts)) {
  loops_.reserve(static_cast<std::size_t>(parts_.loops));
  for (int i = 0; i < parts_.loops; ++i) {
    loops_.push_back(std::make_unique<LoopState>(parts_));
  }
}

Pipeline::~Pipeline() = default;

WebService* Pipeline::web_service_for(const http::RequestHead& head) const {
  const bool is_signed = head.find("authorization").has_value() || !scope_service(head).empty();
  if (is_signed) {
    return nullptr;
  }
  for (WebService* service : parts_.web) {
    if (service->handles(head.method, head.path(), head.query())) {
      return service;
    }
  }
  return nullptr;
}

http::ExchangePtr Pipeline::open(const http::RequestHead& head) {
  LoopState& loop = *loops_[static_cast<std::size_t>(head.loop)];
  if (WebService* service = web_service_for(head); service != nullptr) {
    return make_web_exchange(loop, *service);
  }
  switch (route(head)) {
    case Door::Iam:
      return make_query_exchange(loop, true);
    case Door::Sts:
      return make_query_exchange(loop, false);
    case Door::Rest:
      break;
  }
  return make_rest_exchange(loop);
}

}  // namespace signet::api
