#include "api/route.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "api/json.h"
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

bool has_signature_4(std::optional<std::string_view> authorization) {
  return authorization && authorization->starts_with("AWS4-");
}

// The credential of an Authorization header of SigV4; empty if it has none.
std::string_view credential_of(std::string_view authorization) {
  constexpr std::string_view kCredential = "Credential=";
  const std::size_t at = authorization.find(kCredential);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = authorization.substr(at + kCredential.size());
  const std::string_view until_comma = rest.substr(0, rest.find(','));
  return until_comma.substr(0, until_comma.find(' '));
}

// The service named in the SigV4 scope of an Authorization header, or of a presigned query; empty
// if there is none.
std::string scope_service(std::optional<std::string_view> authorization, std::string_view query) {
  if (has_signature_4(authorization)) {
    return std::string(service_part(credential_of(*authorization), *authorization));
  }
  return query.empty() ? std::string()
                       : std::string(service_part(query_value(query, "X-Amz-Credential"),
                                                  query_value(query, "X-Amz-Algorithm")));
}

constexpr std::string_view kS3 = "s3";
constexpr facts::Service kQueryServices[] = {facts::Service::Iam, facts::Service::Sts};

bool is_query_service(std::string_view name) {
  return std::ranges::any_of(kQueryServices, [name](facts::Service service) {
    return facts::service_row(service).name == name;
  });
}

// By X-Amz-Target, by the path, or by the Action. A target of a service that has no types here is
// named by its own prefix.
std::string_view service_of_unsigned(const http::RequestHead& head) {
  if (const auto target = head.find("x-amz-target")) {
    const std::string_view known = targeted_service(head);
    return known.empty() ? target->substr(0, target->rfind('.')) : known;
  }
  if (!is_root_path(head.path())) {
    return kS3;
  }
  const std::string action = query_value(head.query(), "Action");
  if (!action.empty()) {
    return query_service_of(action, query_value(head.query(), "Version"));
  }
  return head.method == "POST" && has_form_type(head) ? facts::service_row(facts::Service::Sts).name
                                                      : kS3;
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

std::string_view host_name(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool is_port =
      colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  return is_port ? host.substr(0, colon) : host;
}

std::string access_key_of(const http::RequestHead& head) {
  const auto authorization = head.find("authorization");
  return std::string(has_signature_4(authorization)
                         ? part_of(credential_of(*authorization), 0)
                         : part_of(query_value(head.query(), "X-Amz-Credential"), 0));
}

std::string_view certificate_region(const http::RequestHead& head) {
  const std::string_view authorization = head.find("authorization").value_or("");
  return authorization.starts_with("AWS4-X509-") ? part_of(credential_of(authorization), 2)
                                                 : std::string_view();
}

std::string_view query_service_of(std::string_view action, std::string_view version) {
  for (const facts::Service service : kQueryServices) {
    if (facts::service_row(service).version == version) {
      return facts::service_row(service).name;
    }
  }
  for (const facts::Service service : kQueryServices) {
    if (facts::find_operation(service, action) != nullptr) {
      return facts::service_row(service).name;
    }
  }
  return facts::service_row(facts::Service::Sts).name;
}

Route route(const http::RequestHead& head) {
  const auto authorization = head.find("authorization");
  std::string service = scope_service(authorization, head.query());
  if (service.empty()) {
    // A protocol that neither IAM, STS nor S3 speaks; some of its operations take no signature.
    return {.service = std::string(service_of_unsigned(head)),
            .is_signed = authorization.has_value()};
  }
  if (service == kS3) {
    return {.service = std::string(is_s3_control(head) ? "s3-control" : kS3), .is_signed = true};
  }
  const bool is_known = is_query_service(service) || facts::find_signing_name(service) != nullptr ||
                        head.find("x-amz-target").has_value();
  if (!is_known) {
    service = service_of_unsigned(head);
  }
  return {.service = std::move(service), .is_signed = true};
}

}  // namespace signet::api
