#include "api/rest_record.h"

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "codec/json_writer.h"
#include "codec/utf8.h"

namespace signet::api {
namespace {

constexpr std::size_t kMaxMembers = 64;

// Names, lower case, of what signs a request or is noise in a record.
bool is_told(std::string_view name) {
  constexpr std::string_view kUntold[] = {"signature",
                                          "x-amz-content-sha256",
                                          "x-amz-date",
                                          "x-amz-id-2",
                                          "x-amz-request-id",
                                          "x-amz-security-token",
                                          "x-amz-signature"};
  return std::find(std::begin(kUntold), std::end(kUntold), name) == std::end(kUntold) &&
         name.find("customer-key") == std::string_view::npos && !name.starts_with("x-amz-meta-");
}

// Members of one object: each name once, a limited number of them.
class Members {
 public:
  Members(std::string& out, std::size_t longest) : json(out), longest_(longest) {
    json.begin_object();
  }

  void add(std::string_view name, std::string_view value) {
    if (names_.size() < kMaxMembers && names_.emplace(codec::cut_utf8(name, longest_)).second) {
      json.member(codec::cut_utf8(name, longest_), codec::cut_utf8(value, longest_));
    }
  }

  codec::JsonWriter json;

 private:
  std::size_t longest_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace

void append_rest_parameters(std::string& json,
                            const RestRequest& request,
                            const RestTarget& target,
                            const RestInvocation* invocation,
                            std::size_t longest) {
  Members members(json, longest);
  if (!target.bucket.empty()) {
    members.add("bucketName", target.bucket);
  }
  if (!target.key.empty()) {
    members.add("key", target.key);
  }
  members.add("Host", request.host);
  for (const auto& [name, value] : request.query) {
    if (is_told(to_lower(name))) {
      members.add(name, value);
    }
  }
  for (const http::HeaderView& header : request.head->headers) {
    const std::string name = to_lower(header.name);
    if (name.starts_with("x-amz-") && is_told(name)) {
      members.add(name, header.value);
    }
  }
  if (invocation != nullptr) {
    invocation->append_parameters(members.json);
  }
  members.json.end_object();
}

void append_rest_elements(std::string& json, const http::Response& response) {
  Members members(json, kLongestRestValue);
  std::string_view rest = response.headers.wire();
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    const std::size_t colon = line.find(':');
    const std::string name = to_lower(line.substr(0, colon));
    if (colon != std::string_view::npos && name.starts_with("x-amz-") && is_told(name)) {
      const std::string_view value = line.substr(colon + 1);
      members.add(name, value.substr(std::min(value.find_first_not_of(' '), value.size())));
    }
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  }
  members.json.end_object();
}

void append_rest_additional(std::string& json,
                            const RestRequest& request,
                            bool is_signed,
                            const http::Response* response) {
  codec::JsonWriter out(json);
  out.begin_object();
  if (is_signed) {
    out.member("SignatureVersion", request.is_version_2 ? "SigV2" : "SigV4");
    out.member("AuthenticationMethod",
               request.is_form        ? "HtmlForm"
               : request.is_presigned ? "QueryString"
                                      : "AuthHeader");
  }
  out.key("bytesTransferredIn");
  out.integer(std::max<std::int64_t>(request.content_length, 0));
  if (response != nullptr) {
    out.key("bytesTransferredOut");
    out.integer(
        static_cast<std::int64_t>(response->file ? response->file->length : response->body.size()));
  }
  out.end_object();
}

}  // namespace signet::api
