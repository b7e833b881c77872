#include "policy_engine/question.h"

#include <array>

#include "policy_language/bytes.h"

namespace signet::policy {

bool Principal::is_service_linked_role() const {
  if (kind != PrincipalKind::AssumedRole) {
    return false;
  }
  // Nearly all ARNs of roles begin alike.
  constexpr std::string_view kUsual = "arn:aws:iam::";
  constexpr std::size_t kPathAt = kUsual.size() + 12 + 1;
  constexpr std::string_view kPath = "role/aws-service-role/";
  const bool is_usual = account.size() == 12 && entity_arn.size() > kPathAt &&
                        same_bytes(entity_arn.data(), kUsual.data(), kUsual.size()) &&
                        same_bytes(entity_arn.data() + kUsual.size(), account.data(), 12) &&
                        entity_arn[kPathAt - 1] == ':';
  if (is_usual) {
    return entity_arn.substr(kPathAt).starts_with(kPath);
  }
  Colons colons;  // written where it is read
  return find_colons(entity_arn, colons) && part_at(entity_arn, colons, 5).starts_with(kPath);
}

std::string_view name_of(PolicyType type) {
  static constexpr std::array<std::string_view, 10> kNames{"none",
                                                           "identity",
                                                           "resource",
                                                           "boundary",
                                                           "session",
                                                           "scp",
                                                           "rcp",
                                                           "endpoint",
                                                           "trust",
                                                           "scope"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view name_of(Verdict verdict) {
  static constexpr std::array<std::string_view, 3> kNames{
      "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"};
  return kNames[static_cast<std::size_t>(verdict)];
}

}  // namespace signet::policy
