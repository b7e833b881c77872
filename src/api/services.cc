#include "api/services.h"

#include <algorithm>

#include "api/route.h"
#include "http/message.h"

namespace signet::api {
namespace {

// A browser that opens the server's address says that it wants a page; programs that speak S3 or
// AWS's query protocol do not.
bool opens_front_door(const http::RequestHead& head) {
  const bool is_read = head.method == "GET" || head.method == "HEAD";
  return is_read && head.target == "/" &&
         head.find("accept").value_or("").find("text/html") != std::string_view::npos;
}

}  // namespace

const ServiceEntry* Services::find(std::string_view signing_name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const ServiceEntry& entry) {
    return entry.name == signing_name && !std::holds_alternative<WebService*>(entry.operations);
  });
  return found == entries_.end() ? nullptr : &*found;
}

bool Services::names_bucket(std::string_view host) const {
  return std::ranges::any_of(entries_, [host](const ServiceEntry& entry) {
    RestService* const* rest = std::get_if<RestService*>(&entry.operations);
    return rest != nullptr && !(*rest)->host_bucket(host_name(host)).empty();
  });
}

const ServiceEntry* Services::unsigned_json(const http::RequestHead& head) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const ServiceEntry& entry) {
    const JsonService* const* json = std::get_if<const JsonService*>(&entry.operations);
    return json != nullptr && json_takes_unsigned(**json, head);
  });
  return found == entries_.end() ? nullptr : &*found;
}

const ServiceEntry* Services::pages_for(const http::RequestHead& head) const {
  const bool is_front_door = opens_front_door(head) && !names_bucket(head.host);
  const std::string_view path = is_front_door ? kFrontDoor : head.path();
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const ServiceEntry& entry) {
    WebService* const* pages = std::get_if<WebService*>(&entry.operations);
    return pages != nullptr && (*pages)->handles(head.method, path, head.query());
  });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace signet::api
