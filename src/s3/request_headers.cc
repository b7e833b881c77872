#include "s3/request_headers.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace signet::s3 {
namespace {

constexpr std::string_view kAmazonPrefix = "x-amz-";

// Parameters that make a request a presigned one; they stand for no header.
constexpr std::array<std::string_view, 7> kSigning = {"x-amz-algorithm",
                                                      "x-amz-credential",
                                                      "x-amz-date",
                                                      "x-amz-expires",
                                                      "x-amz-security-token",
                                                      "x-amz-signature",
                                                      "x-amz-signedheaders"};

// Headers without the prefix that say something to S3.
constexpr std::array<std::string_view, 13> kStandard = {"cache-control",
                                                        "content-disposition",
                                                        "content-encoding",
                                                        "content-language",
                                                        "content-md5",
                                                        "content-type",
                                                        "expires",
                                                        "if-match",
                                                        "if-modified-since",
                                                        "if-none-match",
                                                        "if-range",
                                                        "if-unmodified-since",
                                                        "range"};

bool is_among(std::span<const std::string_view> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view one) {
    return equals_ignore_case(one, name);
  });
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

}  // namespace

bool is_hoistable(std::string_view parameter) {
  return begins_with(parameter, kAmazonPrefix) ? !is_among(kSigning, parameter)
                                               : is_among(kStandard, parameter);
}

RequestHeaders::RequestHeaders(const api::RestRequest& request)
    : head_(request.head), are_of_form_(request.is_form) {
  if (request.is_presigned) {
    query_ = request.query;
    takes_expires_ = request.param("X-Amz-Signature").has_value();
  }
}

std::optional<std::string_view> RequestHeaders::hoisted(std::string_view name) const {
  if (query_.empty() || !is_hoistable(name) ||
      (!takes_expires_ && equals_ignore_case(name, "expires"))) {
    return std::nullopt;
  }
  for (const auto& [given, value] : query_) {
    if (equals_ignore_case(given, name)) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> RequestHeaders::find(std::string_view name) const {
  const std::optional<std::string_view> value = hoisted(name);
  return value ? value : head_->find(name);
}

Status RequestHeaders::visit(const Visit& take) const {
  return visit("", take);
}

Status RequestHeaders::visit(std::string_view prefix, const Visit& take) const {
  for (const auto& [name, value] : query_) {
    if (begins_with(name, prefix) && hoisted(name)) {
      TRY_STATUS(take(to_lower(name), value));
    }
  }
  for (const http::HeaderView& header : head_->headers) {
    if (begins_with(header.name, prefix) && !hoisted(header.name)) {
      TRY_STATUS(take(to_lower(header.name), header.value));
    }
  }
  return {};
}

}  // namespace signet::s3
