#include "facts/web_identity_claims.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/fail_because.h"
#include "base/strings.h"
#include "codec/form.h"
#include "codec/json.h"
#include "codec/uri.h"
#include "facts/sts_sentences.h"
#include "facts/sts_wire.h"
#include "sts/session_tags.h"
#include "sts/web_identity.h"

// What the claims of a verified token become: condition keys, session tags, a source identity
// (aws-wire 3.3).
namespace signet::sts {
namespace {

using codec::Json;
using jose::Claims;

constexpr std::string_view kRoles = "https://aws.amazon.com/roles";
constexpr std::string_view kSourceIdentity = "https://aws.amazon.com/source_identity";
constexpr std::string_view kTags = "https://aws.amazon.com/tags";
constexpr std::string_view kPrincipalTags = "principal_tags";
constexpr std::string_view kTransitiveKeys = "transitive_tag_keys";

std::unexpected<Error> malformed(std::string cause) {
  return with_cause(oidc_token_invalid(), std::move(cause));
}

// A member of that name, or one within others (facts/web_identity_claims.tsv).
const Json* claim_at(const Claims& claims, std::string_view path) {
  if (const Json* flat = claims.find(path); flat != nullptr) {
    return flat;
  }
  const std::size_t slash = path.find('/');
  const Json* outer =
      slash != std::string_view::npos ? claims.find(path.substr(0, slash)) : nullptr;
  return outer != nullptr ? outer->find(path.substr(slash + 1)) : nullptr;
}

// What a claim is as a context key: a text, or a list of texts; nothing for any other form.
std::optional<authz::ContextEntry> entry_of(std::string key, const Json& claim) {
  authz::ContextEntry entry{.key = std::move(key), .values = {}, .is_list = claim.is_array()};
  switch (claim.type()) {
    case Json::Type::String:
    case Json::Type::Number:
    case Json::Type::Bool:
      entry.values.push_back(claim.text());
      return entry;
    case Json::Type::Array:
      break;
    case Json::Type::Null:
    case Json::Type::Object:
      return std::nullopt;
  }
  for (const Json& one : claim.items()) {
    if (!one.is_string()) {
      return std::nullopt;
    }
    entry.values.push_back(one.text());
  }
  return entry.values.empty() ? std::nullopt : std::optional(std::move(entry));
}

void add_keys(const Claims& claims, WebIdentity& identity) {
  const auto add = [&identity](std::string_view claim, const Json* value) {
    if (value == nullptr) {
      return;
    }
    if (auto entry = entry_of(concat(identity.issuer, ":", claim), *value)) {
      identity.keys.push_back(*std::move(entry));
    }
  };
  identity.keys.push_back({.key = concat(identity.issuer, ":aud"), .values = {identity.audience}});
  identity.keys.push_back({.key = concat(identity.issuer, ":sub"), .values = {identity.subject}});
  add("amr", claims.find("amr"));
  if (claims.find("azp") != nullptr) {
    add("oaud", claims.find("aud"));
  }
  const Json* is_verified = claims.find("email_verified");
  if (is_verified == nullptr || is_verified->text() == "true") {
    add("email", claims.find("email"));
  }
  for (const std::string_view claim : facts::claims_of_issuer(identity.issuer)) {
    add(claim, claim_at(claims, claim));
  }
}

// The one text of a tag: it stands alone, or in a list of one.
std::optional<std::string> only_text(const Json& value) {
  const Json* one = value.is_array() && value.items().size() == 1 ? value.items().data() : &value;
  return one->is_string() ? std::optional(one->text()) : std::nullopt;
}

Status add_tag(std::string_view key, const Json& value, WebIdentity& identity) {
  std::optional<std::string> text = only_text(value);
  if (!text) {
    return malformed(concat("the tag ", key, " has not exactly one value"));
  }
  identity.tags.push_back({.key = std::string(key), .value = *std::move(text)});
  return {};
}

Status add_transitive_keys(const Json& keys, WebIdentity& identity) {
  const std::optional<authz::ContextEntry> entry =
      keys.is_array() && keys.items().empty() ? authz::ContextEntry() : entry_of({}, keys);
  if (!entry || (!keys.is_array() && !keys.is_string())) {
    return malformed("the transitive tag keys are no list of texts");
  }
  identity.transitive_keys.insert(
      identity.transitive_keys.end(), entry->values.begin(), entry->values.end());
  return {};
}

// "https://aws.amazon.com/tags": {"principal_tags": {...}, "transitive_tag_keys": [...]}
Status read_nested_tags(const Json& claim, WebIdentity& identity) {
  if (!claim.is_object()) {
    return malformed("the claim of tags is no object");
  }
  if (const Json* tags = claim.find(kPrincipalTags); tags != nullptr) {
    if (!tags->is_object()) {
      return malformed("the principal tags are no object");
    }
    for (const auto& [key, value] : tags->members()) {
      TRY_STATUS(add_tag(key, value, identity));
    }
  }
  const Json* keys = claim.find(kTransitiveKeys);
  return keys != nullptr ? add_transitive_keys(*keys, identity) : Status();
}

// The same as claims of their own, for issuers that have no objects in claims:
// "https://aws.amazon.com/tags/principal_tags/KEY",
// "https://aws.amazon.com/tags/transitive_tag_keys".
Status read_tags_of(const Claims& claims, WebIdentity& identity) {
  const std::string tag_front = concat(kTags, "/", kPrincipalTags, "/");
  const std::string keys_name = concat(kTags, "/", kTransitiveKeys);
  for (const auto& [name, value] : claims.members()) {
    if (name == kTags) {
      TRY_STATUS(read_nested_tags(value, identity));
    } else if (name.starts_with(tag_front)) {
      TRY_STATUS(add_tag(std::string_view(name).substr(tag_front.size()), value, identity));
    } else if (name == keys_name) {
      TRY_STATUS(add_transitive_keys(value, identity));
    }
  }
  return {};
}

Status read_source_identity(const Claims& claims, WebIdentity& identity) {
  if (claims.find(kSourceIdentity) == nullptr) {
    return {};
  }
  std::optional<std::string> text = claims.text(kSourceIdentity);
  if (!text || is_reserved(*text)) {
    return malformed("the source identity is no text, or begins with aws:");
  }
  identity.source_identity = *std::move(text);
  return {};
}

// An issuer may say for which roles its token is; then it is for no other.
Status read_roles(const Claims& claims, std::string_view role_arn, WebIdentity& identity) {
  if (claims.find(kRoles) == nullptr) {
    return {};
  }
  const std::optional<std::vector<std::string>> roles = claims.texts(kRoles);
  if (!roles || std::ranges::find(*roles, role_arn) == roles->end()) {
    return oidc_role_not_named();
  }
  identity.is_role_named = true;
  return {};
}

// Whether tags and source identity keep what AssumeRole asks of its parameters (aws-wire 3.1): as
// such they are read.
Status check_constraints(const AssumeRoleWithWebIdentityRequest& request,
                         const WebIdentity& identity) {
  std::string form;
  const auto add = [&form](std::string_view name, std::string_view value) {
    form += concat(form.empty() ? "" : "&", name, "=");
    codec::append_percent_encoded(form, value);
  };
  add("RoleArn", request.role_arn);
  add("RoleSessionName", request.role_session_name);
  if (!identity.source_identity.empty()) {
    add("SourceIdentity", identity.source_identity);
  }
  for (std::size_t i = 0; i < identity.tags.size(); ++i) {
    const std::string front = concat("Tags.member.", std::to_string(i + 1));
    add(front + ".Key", identity.tags[i].key);
    add(front + ".Value", identity.tags[i].value);
  }
  for (std::size_t i = 0; i < identity.transitive_keys.size(); ++i) {
    add(concat("TransitiveTagKeys.member.", std::to_string(i + 1)), identity.transitive_keys[i]);
  }
  const auto parsed = codec::FormParams::parse(form);
  if (!parsed) {
    return malformed("tags or source identity are no UTF-8");
  }
  AssumeRoleRequest same;
  const Status status = decode(*parsed, same);
  return status ? Status() : malformed(status.error().message);
}

}  // namespace

Status read_claims(const Claims& claims,
                   const AssumeRoleWithWebIdentityRequest& request,
                   WebIdentity& identity) {
  TRY_STATUS(read_roles(claims, request.role_arn, identity));
  add_keys(claims, identity);
  TRY_STATUS(read_tags_of(claims, identity));
  TRY_STATUS(read_source_identity(claims, identity));
  return check_constraints(request, identity);
}

std::vector<model::Tag> lasting_keys(const WebIdentity& identity) {
  constexpr std::array<std::string_view, 3> kLasting{":amr", ":aud", ":sub"};
  std::vector<model::Tag> lasting;
  for (const authz::ContextEntry& entry : identity.keys) {
    const std::string_view claim = std::string_view(entry.key).substr(identity.issuer.size());
    if (std::ranges::find(kLasting, claim) != kLasting.end()) {
      for (const std::string& value : entry.values) {
        lasting.push_back({.key = entry.key, .value = value});
      }
    }
  }
  return lasting;
}

}  // namespace signet::sts
