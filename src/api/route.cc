#include "api/route.h"

#include <optional>
#include <string>

#include "base/strings.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "facts/operations.h"

namespace signet::api {
namespace {

// The fourth of the five parts of a credential: KEY/DATE/REGION/SERVICE/aws4_request.
std::string_view fourth_part(std::string_view credential) {
  for (int i = 0; i < 3; ++i) {
    const std::size_t slash = credential.find('/');
    if (slash == std::string_view::npos) {
      return {};
    }
    credential.remove_prefix(slash + 1);
  }
  return credential.substr(0, credential.find('/'));
}

// Value of a raw query parameter whose name needs no decoding; empty if absent.
std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view piece = query.substr(0, end);
    if (piece.starts_with(name) && piece.size() > name.size() && piece[name.size()] == '=') {
      return codec::percent_decode(piece.substr(name.size() + 1)).value_or("");
    }
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  }
  return {};
}

bool is_form(const http::RequestHead& head) {
  const std::string_view type = head.find("content-type").value_or("");
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  return type.size() >= kForm.size() && equals_ignore_case(type.substr(0, kForm.size()), kForm);
}

// The service named in the SigV4 scope of an Authorization header, or of a presigned query; empty
// if there is none.
std::string scope_service(std::optional<std::string_view> authorization, std::string_view query) {
  if (authorization && authorization->starts_with("AWS4-")) {
    constexpr std::string_view kCredential = "Credential=";
    const std::size_t at = authorization->find(kCredential);
    if (at == std::string_view::npos) {
      return {};
    }
    const std::string_view rest = authorization->substr(at + kCredential.size());
    const std::string_view until_comma = rest.substr(0, rest.find(','));
    return std::string(fourth_part(until_comma.substr(0, until_comma.find(' '))));
  }
  return std::string(fourth_part(query_value(query, "X-Amz-Credential")));
}

Door door_of_unsigned(const http::RequestHead& head) {
  if (head.path() != "/") {
    return Door::Rest;
  }
  const std::string action = query_value(head.query(), "Action");
  if (!action.empty()) {
    return query_service_of(action, query_value(head.query(), "Version"));
  }
  return head.method == "POST" && is_form(head) ? Door::Sts : Door::Rest;
}

}  // namespace

Door query_service_of(std::string_view action, std::string_view version) {
  for (const facts::Service service : {facts::Service::Iam, facts::Service::Sts}) {
    if (facts::service_row(service).version == version) {
      return service == facts::Service::Iam ? Door::Iam : Door::Sts;
    }
  }
  return facts::find_operation(facts::Service::Iam, action) != nullptr ? Door::Iam : Door::Sts;
}

Route route(const http::RequestHead& head) {
  const auto authorization = head.find("authorization");
  const std::string service = scope_service(authorization, head.query());
  if (service.empty()) {
    return {.door = door_of_unsigned(head), .is_signed = authorization.has_value()};
  }
  if (service == "s3") {
    return {.door = Door::Rest, .is_signed = true};
  }
  // A scope of a service we do not serve gets STS's answer: the credential should be scoped to the
  // correct service.
  return {.door = service == "iam" ? Door::Iam : Door::Sts, .is_signed = true};
}

}  // namespace signet::api
