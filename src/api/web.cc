#include "api/web.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::api {

std::string_view WebRequest::param(std::string_view name) const {
  const auto found = std::find_if(
      params.begin(), params.end(), [name](const auto& param) { return param.first == name; });
  return found == params.end() ? std::string_view() : std::string_view(found->second);
}

http::Response PageInvocation::refusal(const Error& error) {
  if (!refused_.empty() && error.message == refused_) {
    return std::move(page_);
  }
  switch (error.code) {
    case ErrorCode::Throttling:
    case ErrorCode::ServiceUnavailable:
      return http::Response{
          .status = 503, .body = "the server is busy or cannot record requests now, try again\n"};
    default:
      return http::Response{.status = facts::error_row(error.code).status,
                            .body = "the request could not be carried out\n"};
  }
}

std::unexpected<Error> PageInvocation::refuse(http::Response page, std::string why) {
  page_ = std::move(page);
  refused_ = why;
  return fail(ErrorCode::InvalidInput, std::move(why));
}

CheckList PageInvocation::own_check(authz::Grant grant) const {
  CheckList list(1);
  list[0].action = concat(service_, ":", name_);
  list[0].resource = "*";
  list[0].grant = grant;
  return list;
}

}  // namespace signet::api
