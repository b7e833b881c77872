#pragma once

#include <cstdint>
#include <string_view>

#include "authz/check.h"
#include "base/instant.h"
#include "http/handler.h"
#include "model/caller.h"

namespace signet::api {

// A request that was answered, for those who follow them: traces, the access log. Views live as
// long as the call.
struct Observed {
  std::string_view service;    // as metrics have them
  std::string_view operation;  // "other": none that there is
  std::string_view result;
  std::string_view error;  // wire code; empty: it succeeded
  int status = 0;
  std::int64_t took_us = 0;   // from its head to its answer
  std::int64_t write_us = 0;  // of these, until its change was durable or refused; 0: no change
  Instant at;                 // of the answer
  const authz::RequestInfo& request;
  const http::RequestHead& head;
  const model::Caller* caller = nullptr;  // null: nobody was authenticated
};

// Follows requests. Called on event loops and other threads that answer: must not block.
class RequestObserver {
 public:
  RequestObserver() = default;
  RequestObserver(const RequestObserver&) = delete;
  RequestObserver& operator=(const RequestObserver&) = delete;
  RequestObserver(RequestObserver&&) = delete;
  RequestObserver& operator=(RequestObserver&&) = delete;
  virtual ~RequestObserver() = default;

  virtual void observe(const Observed& observed) = 0;
};

}  // namespace signet::api
