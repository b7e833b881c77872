#pragma once

#include <optional>
#include <string_view>

namespace signet::authn {

// How a browser's form is signed: the fields that say so, and its policy, which is what is signed
// (S3, "Authenticating requests in browser-based uploads using POST"). Borrowed.
struct FormSignature {
  bool is_version_2 = false;  // no algorithm and date; the credential is an access key's id
  std::string_view algorithm;
  std::string_view credential;
  std::string_view date;
  std::string_view signature;
  std::optional<std::string_view> session_token;
  std::string_view policy;  // base64, as it stands in the form
};

}  // namespace signet::authn
