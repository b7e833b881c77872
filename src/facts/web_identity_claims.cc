#include "facts/web_identity_claims.h"

#include <array>
#include <cstddef>

namespace signet::facts {
namespace {

struct ClaimRow {
  std::string_view issuer;  // one '*' for a part without '/'
  std::string_view claim;
};

constexpr auto kClaims = std::to_array<ClaimRow>({
#include "facts/web_identity_claims_table.inc"
});

bool is_of(std::string_view issuer, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return issuer == pattern;
  }
  const std::string_view front = pattern.substr(0, star);
  const std::string_view back = pattern.substr(star + 1);
  if (issuer.size() <= front.size() + back.size() || !issuer.starts_with(front) ||
      !issuer.ends_with(back)) {
    return false;
  }
  const std::string_view part =
      issuer.substr(front.size(), issuer.size() - front.size() - back.size());
  return part.find('/') == std::string_view::npos;
}

}  // namespace

std::vector<std::string_view> claims_of_issuer(std::string_view issuer) {
  std::vector<std::string_view> claims;
  for (const ClaimRow& row : kClaims) {
    if (is_of(issuer, row.issuer)) {
      claims.push_back(row.claim);
    }
  }
  return claims;
}

}  // namespace signet::facts
