#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/json.h"
#include "api/query.h"
#include "api/rest.h"
#include "api/web.h"

namespace signet::http {
struct RequestHead;
}

namespace signet::api {

// The operations of a service, which say what protocol it speaks.
using Operations = std::variant<const QueryService*, const JsonService*, RestService*, WebService*>;

// One service. Requests signed for its name come to it; pages take those unsigned requests that
// they claim (WebService::handles), whatever they are called.
struct ServiceEntry {
  std::string_view name;  // in credential scopes, and in metrics
  Operations operations;
};

// The path that pages claim to be shown at "/" to browsers.
inline constexpr std::string_view kFrontDoor = "/_console/";

// The path at which stores ask who may do what. They show a token where others sign.
inline constexpr std::string_view kStoreQuestions = "/_authorize/store";

// Below it proxies ask about the requests that they have, whose paths follow (Envoy's ext_authz).
inline constexpr std::string_view kProxyQuestions = "/_authorize/envoy";

// The table of what is served here.
class Services {
 public:
  Services(std::initializer_list<ServiceEntry> entries) : entries_(entries) {}

  // The service that requests signed for that name are for; null: it is not served here.
  [[nodiscard]] const ServiceEntry* find(std::string_view signing_name) const;

  // The pages that an unsigned request is for; null: it is for none.
  [[nodiscard]] const ServiceEntry* pages_for(const http::RequestHead& head) const;

  // The service of REST with JSON that an unsigned request is for, by an operation that takes no
  // signature; null: it is for none.
  [[nodiscard]] const ServiceEntry* unsigned_json(const http::RequestHead& head) const;

  // Whether the Host is that of a bucket, whose root is no page of ours.
  [[nodiscard]] bool names_bucket(std::string_view host) const;

  [[nodiscard]] const std::vector<ServiceEntry>& all() const { return entries_; }

  // The index of an entry of this table.
  [[nodiscard]] std::size_t index_of(const ServiceEntry& entry) const {
    return static_cast<std::size_t>(&entry - entries_.data());
  }

 private:
  std::vector<ServiceEntry> entries_;
};

}  // namespace signet::api
