#include "api/route.h"

#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "facts/operations.h"
#include "facts/signing_names.h"
#include "sigv4/canonical.h"

namespace signet::api {
namespace {

// The part of a credential with that index: KEY/DATE/REGION/SERVICE/aws4_request, where the
// asymmetric form has no region.
std::string_view part_of(std::string_view credential, int index) {
  for (; index > 0; --index) {
    const std::size_t slash = credential.find('/');
    if (slash == std::string_view::npos) {
      return {};
    }
    credential.remove_prefix(slash + 1);
  }
  return credential.substr(0, credential.find('/'));
}

constexpr std::string_view kAsymmetric = "AWS4-ECDSA-P256-SHA256";

std::string_view service_part(std::string_view credential, std::string_view algorithm) {
  return part_of(credential, algorithm.starts_with(kAsymmetric) ? 2 : 3);
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
    return std::string(service_part(until_comma.substr(0, until_comma.find(' ')), *authorization));
  }
  return std::string(
      service_part(query_value(query, "X-Amz-Credential"), query_value(query, "X-Amz-Algorithm")));
}

Door door_of_unsigned(const http::RequestHead& head) {
  if (!is_root_path(head.path())) {
    return Door::Rest;
  }
  const std::string action = query_value(head.query(), "Action");
  if (!action.empty()) {
    return query_service_of(action, query_value(head.query(), "Version"));
  }
  return head.method == "POST" && has_form_type(head) ? Door::Sts : Door::Rest;
}

// S3 Control signs for s3 as well; its requests name the account, which S3's never do.
bool is_s3_control(const http::RequestHead& head) {
  return head.path().starts_with("/v20180820/") && head.find("x-amz-account-id");
}

}  // namespace

bool has_form_type(const http::RequestHead& head) {
  const std::string_view type = head.find("content-type").value_or("");
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  return type.size() >= kForm.size() && equals_ignore_case(type.substr(0, kForm.size()), kForm);
}

bool is_root_path(std::string_view path) {
  if (path == "/") {
    return true;
  }
  std::string normalized;
  sigv4::append_canonical_path(normalized, path, true);
  return normalized == "/";
}

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
  std::string service = scope_service(authorization, head.query());
  if (service.empty()) {
    // A protocol that neither IAM, STS nor S3 speaks; some of its operations take no signature.
    if (const auto target = head.find("x-amz-target")) {
      return {.door = Door::Unserved,
              .is_signed = authorization.has_value(),
              .service = std::string(target->substr(0, target->rfind('.')))};
    }
    return {.door = door_of_unsigned(head), .is_signed = authorization.has_value()};
  }
  if (service == "s3") {
    return is_s3_control(head)
               ? Route{.door = Door::Unserved, .is_signed = true, .service = "s3-control"}
               : Route{.door = Door::Rest, .is_signed = true};
  }
  if (service == "iam" || service == "sts") {
    return {.door = service == "iam" ? Door::Iam : Door::Sts, .is_signed = true};
  }
  const bool is_unserved =
      facts::find_signing_name(service) != nullptr || head.find("x-amz-target").has_value();
  if (is_unserved) {
    return {.door = Door::Unserved, .is_signed = true, .service = std::move(service)};
  }
  return {.door = door_of_unsigned(head), .is_signed = true};
}

}  // namespace signet::api
