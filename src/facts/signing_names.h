#pragma once

#include <string_view>

namespace signet::facts {

// A service of AWS's as credential scopes name it; one row of facts/signing_names.tsv.
struct SigningName {
  std::string_view name;
  std::string_view protocols;  // of its API, joined by blanks: "json query"

  // Whether its API is spoken in this protocol: ec2, json, query, rest-json, rest-xml or
  // smithy-rpc-v2-cbor.
  [[nodiscard]] bool speaks(std::string_view protocol) const;
};

// Null if AWS has no service of that name. O(log n).
[[nodiscard]] const SigningName* find_signing_name(std::string_view name);

}  // namespace signet::facts
