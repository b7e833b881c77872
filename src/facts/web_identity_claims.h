#pragma once

#include <string_view>
#include <vector>

namespace signet::facts {

// The claims of an issuer (its URL without https://) that only its tokens have as condition keys,
// in the order of facts/web_identity_claims.tsv. Those of every issuer are not among them.
[[nodiscard]] std::vector<std::string_view> claims_of_issuer(std::string_view issuer);

}  // namespace signet::facts
