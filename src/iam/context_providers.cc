#include "iam/context_providers.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "facts/iam_sentences.h"
#include "identity/identity_center.h"
#include "model/arn.h"

namespace signet::iam {
namespace {

constexpr std::string_view kSigns = " _.:/=+-@#";

// Letters, digits, these signs, and single spaces between them.
bool is_claim_name(std::string_view text) {
  const bool has_good_signs = std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || kSigns.find(c) != std::string_view::npos;
  });
  return has_good_signs && !text.empty() && !text.starts_with(' ') && !text.ends_with(' ') &&
         text.find("  ") == std::string_view::npos;
}

Result<identity::ContextKey> accept_key(const ContextProviderKeyDefinition& given) {
  identity::ContextKey key{.source = given.source_key,
                           .target = given.target_key.value_or(given.source_key)};
  for (const std::string& name : {key.source, key.target}) {
    if (!is_claim_name(name)) {
      return context_key_invalid(name);
    }
  }
  return key;
}

// arn:aws:sso:::instance/ssoins- or ins-, and 16 letters, digits, dots or hyphens (API model of IAM
// Identity Center).
bool is_instance_arn(std::string_view arn) {
  const auto parts = model::split_arn(arn);
  constexpr std::string_view kInstance = "instance/";
  constexpr std::size_t kIdLength = 16;
  if (!parts || parts->service != "sso" || !parts->region.empty() || !parts->account.empty() ||
      !parts->resource.starts_with(kInstance)) {
    return false;
  }
  std::string_view id = parts->resource.substr(kInstance.size());
  for (const std::string_view front : {"ssoins-", "ins-"}) {
    if (id.starts_with(front)) {
      id.remove_prefix(front.size());
      return id.size() == kIdLength && std::ranges::all_of(id, [](char c) {
               return is_alpha(c) || is_digit(c) || c == '-' || c == '.';
             });
    }
  }
  return false;
}

Status associate(const std::string& instance, identity::Propagation& kept) {
  if (!is_instance_arn(instance)) {
    return identity_center_instance_invalid(instance);
  }
  if (!kept.context) {
    return identity_center_needs_context();
  }
  kept.identity_center_instance = instance;
  return {};
}

}  // namespace

Result<identity::ContextProvider> accept_context_provider(const ContextProvider& given) {
  identity::ContextProvider accepted{
      .subject_source = given.subject_source_key,
      .subject_type = given.subject_type_value.value_or(""),
      .subject_type_source = given.subject_type_source_key.value_or(""),
      .keys = {}};
  if (!is_claim_name(accepted.subject_source)) {
    return context_key_invalid(accepted.subject_source);
  }
  if (given.subject_type_source_key && !is_claim_name(accepted.subject_type_source)) {
    return context_key_invalid(accepted.subject_type_source);
  }
  if (given.subject_type_value && given.subject_type_source_key) {
    return context_subject_type_twice();
  }
  const std::string& type = accepted.subject_type;
  if (!type.empty() && type != "user" && type != "workload") {
    return context_subject_type_invalid(type);
  }
  for (const ContextProviderKeyDefinition& one : given.key_definition_list) {
    identity::ContextKey key = TRY(accept_key(one));
    const bool is_taken = std::ranges::any_of(accepted.keys, [&key](const auto& other) {
      return equals_ignore_case(other.target, key.target);
    });
    if (is_taken) {
      return context_key_twice(key.target);
    }
    accepted.keys.push_back(std::move(key));
  }
  return accepted;
}

std::optional<ContextProvider> to_wire(const std::optional<identity::ContextProvider>& kept) {
  if (!kept) {
    return std::nullopt;
  }
  ContextProvider shown{.subject_source_key = kept->subject_source};
  if (!kept->subject_type.empty()) {
    shown.subject_type_value = kept->subject_type;
  }
  if (!kept->subject_type_source.empty()) {
    shown.subject_type_source_key = kept->subject_type_source;
  }
  for (const identity::ContextKey& key : kept->keys) {
    shown.key_definition_list.push_back({.source_key = key.source, .target_key = key.target});
  }
  return shown;
}

std::optional<std::string> shown_instance(const identity::Propagation& kept) {
  return kept.identity_center_instance.empty() ? std::nullopt
                                               : std::optional(kept.identity_center_instance);
}

std::optional<std::string> shown_store(const identity::Propagation& kept,
                                       std::string_view account) {
  return kept.identity_center_instance.empty()
             ? std::nullopt
             : std::optional(identity::identity_store_arn(account, kept.identity_center_instance));
}

Result<identity::Propagation> first_propagation(const PropagationRequest& asked) {
  identity::Propagation made;
  if (asked.context) {
    made.context = TRY(accept_context_provider(*asked.context));
  }
  if (asked.instance) {
    TRY_STATUS(associate(*asked.instance, made));
  }
  return made;
}

Status change_propagation(const PropagationRequest& asked, identity::Propagation& kept) {
  const bool changes_context = asked.context || asked.removes_context;
  const bool changes_instance = asked.instance || asked.removes_instance;
  if (asked.context && asked.removes_context) {
    return context_provider_change_unclear();
  }
  if (asked.instance && asked.removes_instance) {
    return identity_center_change_unclear();
  }
  if (changes_context && changes_instance) {
    return context_provider_changed_with_more();
  }
  if (asked.removes_context) {
    if (!kept.identity_center_instance.empty()) {
      return context_provider_in_use();
    }
    kept.context.reset();
  }
  if (asked.context) {
    kept.context = TRY(accept_context_provider(*asked.context));
  }
  if (asked.removes_instance) {
    kept.identity_center_instance.clear();
  }
  return asked.instance ? associate(*asked.instance, kept) : Status();
}

void add_propagation_keys(const PropagationRequest& asked,
                          const identity::Propagation* stored,
                          api::Check& check) {
  add_key(check, "iam:EnableIdentityPropagation", asked.context ? "true" : "false");
  add_key(check, "iam:EnableIdentityCenterAssociation", asked.instance ? "true" : "false");
  if (asked.instance) {
    add_key(check, "iam:RequestIdentityCenterInstanceArn", *asked.instance);
  }
  if (stored != nullptr && !stored->identity_center_instance.empty()) {
    add_key(check, "iam:ResourceIdentityCenterInstanceArn", stored->identity_center_instance);
  }
}

void add_issuers_key(std::string_view key, std::vector<std::string> issuers, api::Check& check) {
  if (!issuers.empty()) {
    check.context.push_back(
        {.key = std::string(key), .values = std::move(issuers), .is_list = true});
  }
}

}  // namespace signet::iam
