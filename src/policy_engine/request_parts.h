#pragma once

#include "policy_engine/question.h"
#include "policy_language/request_names.h"

// What a decision asks of a request's action and resource. For this room and for what explains it.

namespace signet::policy {

class RequestParts {
 public:
  explicit RequestParts(const Request& request)
      : action_(request.action),
        resource_(request.wildcard_only ? ResourceName::anything() : request.resource) {}

  explicit RequestParts(const Request&&) = delete;  // views the request

  [[nodiscard]] const ActionName& action() const { return action_; }

  [[nodiscard]] const ResourceName& resource() const { return resource_; }

 private:
  const ActionName& action_;
  const ResourceName& resource_;
};

}  // namespace signet::policy
