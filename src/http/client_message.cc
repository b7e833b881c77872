#include "http/client_message.h"

#include "base/strings.h"

namespace signet::http {

std::optional<std::string_view> ClientResponse::find(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignore_case(key, name)) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace signet::http
