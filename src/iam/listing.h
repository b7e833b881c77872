#pragma once

#include <string_view>

#include "api/operation.h"
#include "iam/handlers.h"
#include "iam/paging.h"

namespace signet::iam {

// The page that a List request asks for. `of` tells lists of one operation apart, such as the id of
// the user whose policies are listed.
template <class Request>
[[nodiscard]] Result<PageQuery> page_query(const Request& request,
                                           const api::HandlerContext& context,
                                           std::string_view of = {}) {
  const std::string_view operation = facts::operation_row(kOperationOf<Request>).name;
  return read_page(
      list_scope(operation, context.caller.account, of), request.marker, request.max_items);
}

}  // namespace signet::iam
