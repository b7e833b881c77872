#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace signet::api {

// Which service a request is for. Decided by the head alone, before anything is checked.
struct Route {
  // Its signing name: of the scope, or the target's prefix. Not every one is served here.
  std::string service;
  // The request carries credentials of some kind, so it is not for the pages of ours.
  bool is_signed = false;
};

// Whether a path is "/" once it is normalised, as the signatures of IAM and STS have it: "//" and
// "/./" are.
[[nodiscard]] bool is_root_path(std::string_view path);

// Whether the body is one of parameters: application/x-www-form-urlencoded.
[[nodiscard]] bool has_form_type(const http::RequestHead& head);

// Credential scope first; then, unsigned, Action and Version of the query or a form post to "/";
// everything else is S3 (aws-wire 1.1). A scope that names no service of AWS's goes where the
// request would go unsigned, to be refused there in the words of that protocol. An unsigned form
// post may be for either Query service: its body decides, see query_service_of().
[[nodiscard]] Route route(const http::RequestHead& head);

// A Host header without its port; an IPv6 address keeps its brackets.
[[nodiscard]] std::string_view host_name(std::string_view host);

// The access key that a request says it is signed with, in the header or the query; empty: none.
[[nodiscard]] std::string access_key_of(const http::RequestHead& head);

// The region in the scope of a signature by a certificate (AWS4-X509-...), which the service that
// takes it checks; empty: there is none.
[[nodiscard]] std::string_view certificate_region(const http::RequestHead& head);

// The Query service of an unsigned request: by Version, then by Action; STS when neither tells.
[[nodiscard]] std::string_view query_service_of(std::string_view action, std::string_view version);

}  // namespace signet::api
