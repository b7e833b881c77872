#include "iam/context_providers.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "facts/iam_sentences.h"

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

}  // namespace signet::iam
