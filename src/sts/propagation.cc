#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "facts/sts_sentences.h"
#include "sts/web_identity.h"

// Trusted identity propagation: claims that become keys of the session (new-in-2026 6).
namespace signet::sts {
namespace {

using codec::Json;

constexpr std::string_view kOrigin = "aws:OriginIdentity/";
constexpr std::string_view kMapped = "aws:TransactionContext/IdentityProvider/";
constexpr std::size_t kMaxCharacters = 128;

// The text of a claim; empty if it is not there.
Result<std::string> text_of(const jose::Claims& claims, const std::string& name) {
  const Json* claim = claims.find(name);
  if (claim == nullptr || claim->is_null()) {
    return std::string();
  }
  const bool is_text =
      !claim->is_object() && !claim->is_array() && utf8_length(claim->text()) <= kMaxCharacters;
  return is_text ? Result<std::string>(claim->text()) : oidc_context_invalid(name);
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

Result<std::vector<model::Tag>> propagated_keys(const jose::Claims& claims,
                                                const WebIdentity& identity,
                                                const identity::ContextProvider& by) {
  std::vector<model::Tag> keys;
  const auto add = [&keys](std::string_view front, std::string_view name, std::string value) {
    if (!value.empty()) {
      keys.push_back({.key = concat(front, name), .value = std::move(value)});
    }
  };
  add(kOrigin, "Issuer", identity.issuer);
  add(kOrigin, "FederatedProviderArn", identity.provider);
  add(kOrigin, "Subject", TRY(text_of(claims, by.subject_source)));
  std::string type = by.subject_type;
  if (!by.subject_type_source.empty()) {
    type = TRY(text_of(claims, by.subject_type_source));
    if (!type.empty() && type != "user" && type != "workload") {
      return oidc_context_invalid(by.subject_type_source);
    }
  }
  add(kOrigin, "SubjectType", std::move(type));
  for (const identity::ContextKey& key : by.keys) {
    add(kMapped, key.target, TRY(text_of(claims, key.source)));
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
