#include "signin/json_answers.h"

#include <utility>

#include "codec/json_writer.h"
#include "signin/origin.h"

namespace signet::signin {

http::Response json_answer(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response json_problem(int status, std::string_view message) {
  std::string body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  writer.member("message", message);
  writer.end_object();
  return json_answer(status, std::move(body));
}

bool is_asked_by_own_page(const http::RequestHead& head) {
  return head.find("origin") == origin_of(head) && is_own_origin(head) &&
         head.find("x-signet-console") == "1";
}

}  // namespace signet::signin
