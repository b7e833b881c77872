#include "sts/propagation.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "facts/sts_sentences.h"

// Trusted identity propagation: claims that become keys of the session (new-in-2026 6).
namespace signet::sts {
namespace {

constexpr std::string_view kOrigin = "aws:OriginIdentity/";
constexpr std::string_view kMapped = "aws:TransactionContext/IdentityProvider/";

Result<std::string> short_text(const ClaimText& text_of, const std::string& name) {
  std::string text = TRY(text_of(name));
  return utf8_length(text) <= kPropagatedCharacters ? Result<std::string>(std::move(text))
                                                    : oidc_context_invalid(name);
}

// The origin's member of that name, without an owner: members are secrets.
std::optional<Secret> member(const std::vector<model::Tag>& keys, std::string_view name) {
  for (const model::Tag& key : keys) {
    if (key.key.starts_with(kOrigin) && std::string_view(key.key).substr(kOrigin.size()) == name) {
      return Secret(std::string(key.value));
    }
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<model::Tag>> propagated_keys(const identity::ContextProvider& by,
                                                std::string_view issuer,
                                                std::string_view provider_arn,
                                                const ClaimText& text_of) {
  std::vector<model::Tag> keys;
  const auto add = [&keys](std::string_view front, std::string_view name, std::string value) {
    if (!value.empty()) {
      keys.push_back({.key = concat(front, name), .value = std::move(value)});
    }
  };
  add(kOrigin, "Issuer", std::string(issuer));
  add(kOrigin, "FederatedProviderArn", std::string(provider_arn));
  add(kOrigin, "Subject", TRY(short_text(text_of, by.subject_source)));
  std::string type = by.subject_type;
  if (!by.subject_type_source.empty()) {
    type = TRY(short_text(text_of, by.subject_type_source));
    if (!type.empty() && type != "user" && type != "workload") {
      return oidc_context_invalid(by.subject_type_source);
    }
  }
  add(kOrigin, "SubjectType", std::move(type));
  for (const identity::ContextKey& key : by.keys) {
    add(kMapped, key.target, TRY(short_text(text_of, key.source)));
  }
  return keys;
}

std::optional<TrustedIdentityPropagationContext> propagation_of(
    const std::vector<model::Tag>& propagated) {
  if (propagated.empty()) {
    return std::nullopt;
  }
  TrustedIdentityPropagationContext shown;
  OriginIdentity& origin = shown.origin_identity.emplace();
  origin.subject = member(propagated, "Subject");
  origin.subject_type = member(propagated, "SubjectType");
  origin.issuer = member(propagated, "Issuer");
  std::vector<std::pair<std::string, Secret>> mapped;
  for (const model::Tag& key : propagated) {
    if (key.key == concat(kOrigin, "FederatedProviderArn")) {
      origin.federated_provider_arn = key.value;
    } else if (key.key.starts_with(kMapped)) {
      mapped.emplace_back(key.key.substr(kMapped.size()), Secret(std::string(key.value)));
    }
  }
  if (!mapped.empty()) {
    shown.transaction_context.emplace().identity_provider = std::move(mapped);
  }
  return shown;
}

}  // namespace signet::sts
