#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "api/loop_state.h"
#include "api/parts.h"
#include "http/handler.h"

namespace signet::api {

// The only way in: finds the service that a request is for and opens it in that service's protocol.
// What follows stands in pipeline.h. Knows no service but those of its table.
class RequestHandler final : public http::Handler {
 public:
  explicit RequestHandler(Parts parts);
  ~RequestHandler() override;
  RequestHandler(const RequestHandler&) = delete;
  RequestHandler& operator=(const RequestHandler&) = delete;
  RequestHandler(RequestHandler&&) = delete;
  RequestHandler& operator=(RequestHandler&&) = delete;

  http::ExchangePtr open(const http::RequestHead& head) override;
  // Bytes that were no request leave a record too.
  void refused(int loop, int status, std::string_view remote_address) override;

  // How many requests of an operation ended so and how long they took, for every operation that had
  // any.
  struct Count {
    std::string_view service;
    std::string_view operation;
    std::string_view result;
    RequestCounters::Sum sum;
  };

  [[nodiscard]] std::vector<Count> counts() const;

  struct Refusals {
    authz::RefusedBy by;
    std::uint64_t requests = 0;
  };

  // Requests that were denied, by what refused them.
  [[nodiscard]] std::vector<Refusals> refusals() const;

  struct Failures {
    std::string_view code;  // as it was answered
    std::uint64_t requests = 0;
  };

  // Requests of which nobody knows who sent them, by what was amiss.
  [[nodiscard]] std::vector<Failures> authentication_failures() const;

 private:
  [[nodiscard]] bool is_proxy_question(const http::RequestHead& head) const;

  Parts parts_;
  SharedState shared_;
  std::vector<std::unique_ptr<LoopState>> loops_;
};

}  // namespace signet::api
