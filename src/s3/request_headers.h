#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "api/rest.h"
#include "base/result.h"
#include "http/message.h"

namespace signet::s3 {

// The headers of a request, wherever they stand. Who presigns a URL may move headers into its query
// ("hoisting"): x-amz-acl, If-None-Match, Content-MD5 and so on. There they are covered by the
// signature and count as headers; before a header of the same name, which an old signature need not
// cover. Of requests that are not presigned only the head counts. A view: the request must outlive
// it.
class RequestHeaders {
 public:
  explicit RequestHeaders(const api::RestRequest& request);

  // A head alone.
  explicit RequestHeaders(const http::RequestHead& head) : head_(&head) {}

  // Whether they are the fields of a browser's form.
  [[nodiscard]] bool are_of_form() const { return are_of_form_; }

  // The first value of a header; nothing if it is absent. The name in any case.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

  // What to do with one header; its name comes in lower case. An error ends the walk.
  using Visit = std::function<Status(std::string_view name, std::string_view value)>;

  // Visits every header that counts: those of the query first.
  [[nodiscard]] Status visit(const Visit& take) const;

  // The same for those whose names begin with `prefix` (lower case).
  [[nodiscard]] Status visit(std::string_view prefix, const Visit& take) const;

 private:
  [[nodiscard]] std::optional<std::string_view> hoisted(std::string_view name) const;

  const http::RequestHead* head_;
  std::span<const std::pair<std::string, std::string>> query_;  // empty: not presigned
  bool are_of_form_ = false;
  bool takes_expires_ = false;  // of signature version 2, Expires is when the link ends
};

// Whether a query parameter of a presigned request stands for the header of its name.
[[nodiscard]] bool is_hoistable(std::string_view parameter);

}  // namespace signet::s3
