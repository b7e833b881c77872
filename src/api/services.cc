#include "api/services.h"

#include <algorithm>

#include "http/message.h"

namespace signet::api {

const ServiceEntry* Services::find(std::string_view signing_name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const ServiceEntry& entry) {
    return entry.name == signing_name && !std::holds_alternative<WebService*>(entry.operations);
  });
  return found == entries_.end() ? nullptr : &*found;
}

const ServiceEntry* Services::pages_for(const http::RequestHead& head) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const ServiceEntry& entry) {
    WebService* const* pages = std::get_if<WebService*>(&entry.operations);
    return pages != nullptr && (*pages)->handles(head.method, head.path(), head.query());
  });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace signet::api
