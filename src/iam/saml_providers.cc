#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fail_because.h"
#include "base/strings.h"
#include "codec/base32.h"
#include "crypto/certificate_key.h"
#include "crypto/random.h"
#include "facts/quotas.h"
#include "iam/checks.h"
#include "iam/context_providers.h"
#include "iam/tagging.h"
#include "saml/metadata.h"

// SAML providers (aws-wire 4.15).
namespace signet::iam {
namespace {

using identity::AssertionEncryption;
using identity::SamlProvider;

constexpr std::string_view kRequired = "Required";
constexpr std::string_view kAllowed = "Allowed";
constexpr std::size_t kShortestPrivateKey = 1024;

// Where metadata says no end: a hundred years (aws-wire 4.15).
constexpr std::int64_t kWithoutEndSeconds = std::int64_t{100} * 365 * 24 * 3600;

// 32 characters of base32.
std::string fresh_name(Random& random) {
  constexpr std::size_t kBytes = 20;
  return codec::encode_base32(crypto::random_bytes(random, kBytes));
}

// What a document says, in the form in which it is kept.
Result<PreparedMetadata> prepare_metadata(std::string_view document) {
  auto read = saml::read_metadata(document);
  if (!read) {
    return with_cause(saml_metadata_invalid(), std::string(saml::describe(read.error())));
  }
  PreparedMetadata prepared{.issuers = {}, .valid_until = read->valid_until};
  for (saml::Issuer& issuer : read->issuers) {
    prepared.issuers.push_back(
        {.entity_id = std::move(issuer.entity_id), .certificates = std::move(issuer.certificates)});
  }
  return prepared;
}

Status check_private_key(const std::optional<Secret>& key) {
  if (!key) {
    return {};
  }
  const auto bits = crypto::rsa_private_key_bits(*key);
  if (!bits) {
    return saml_private_key_invalid();
  }
  return *bits < kShortestPrivateKey ? Status(saml_private_key_too_short(kShortestPrivateKey))
                                     : Status();
}

// Puts a document and what it says into a provider.
Status set_metadata(SamlProvider& provider,
                    std::string document,
                    const PreparedMetadata& prepared,
                    Instant now) {
  std::size_t keys = 0;
  for (const identity::SamlIssuer& issuer : prepared.issuers) {
    keys += issuer.certificates.size();
  }
  if (keys > facts::kSigningKeysPerSAMLProvider) {
    return quota_exceeded("SigningKeysPerSAMLProvider", facts::kSigningKeysPerSAMLProvider);
  }
  provider.metadata = std::move(document);
  provider.issuers = prepared.issuers;
  provider.valid_until = prepared.valid_until.value_or(now.plus_seconds(kWithoutEndSeconds));
  return {};
}

// A provider that demands what it cannot read would let nobody in.
Status set_encryption(SamlProvider& provider, const std::optional<std::string>& mode) {
  if (mode) {
    provider.encryption =
        *mode == kRequired ? AssertionEncryption::Required : AssertionEncryption::Allowed;
  }
  const bool is_deaf =
      provider.encryption == AssertionEncryption::Required && provider.private_keys.empty();
  return is_deaf ? Status(saml_private_key_missing()) : Status();
}

Status add_private_key(SamlProvider& provider,
                       const std::optional<Secret>& key,
                       const api::HandlerContext& context) {
  if (!key) {
    return {};
  }
  if (provider.private_keys.size() >= facts::kPrivateKeysPerSAMLProvider) {
    return quota_exceeded("PrivateKeysPerSAMLProvider", facts::kPrivateKeysPerSAMLProvider);
  }
  provider.private_keys.push_back({.id = fresh_name(context.deps.random),
                                   .added = context.request.now,
                                   .pem = std::make_shared<const Secret>(key->clone())});
  return {};
}

Status remove_private_key(SamlProvider& provider, const std::optional<std::string>& id) {
  if (id && std::erase_if(provider.private_keys, [&](const identity::SamlPrivateKey& key) {
              return key.id == *id;
            }) == 0) {
    return saml_private_key_not_found(*id);
  }
  return {};
}

std::vector<std::string> entity_ids(const std::vector<identity::SamlIssuer>& issuers) {
  std::vector<std::string> ids;
  for (const identity::SamlIssuer& issuer : issuers) {
    ids.push_back(issuer.entity_id);
  }
  return ids;
}

// Whether an update changes what AWS calls the metadata of the provider: not its context provider
// (new-in-2026 6).
bool changes_metadata(const UpdateSAMLProviderRequest& request) {
  return request.saml_metadata_document || request.assertion_encryption_mode ||
         request.add_private_key || request.remove_private_key;
}

std::vector<SAMLKeyHashEntry> key_hashes(const SamlProvider& provider) {
  std::vector<SAMLKeyHashEntry> entries;
  for (const identity::SamlIssuer& issuer : provider.issuers) {
    std::vector<std::string> hashes;
    for (const std::string& certificate : issuer.certificates) {
      if (auto hash = saml::key_hash(certificate)) {
        hashes.push_back(*std::move(hash));
      }
    }
    entries.push_back({.issuer_url = issuer.entity_id, .key_hashes = std::move(hashes)});
  }
  return entries;
}

// AWS-DIFF: the issuers of a document are told to policies of requests that set up propagation
// alone: for others AWS's are not known, and reading one takes long
// (SamlProviders.TellPoliciesWhatPropagationIsAskedFor). A document that cannot be read names
// nobody and is refused later.
template <class Request>
void add_propagation(const Request& request, const SamlProvider* stored, api::Check& check) {
  const PropagationRequest asked = propagation_in(request);
  add_propagation_keys(asked, stored != nullptr ? &stored->propagation : nullptr, check);
  if (stored != nullptr) {
    add_issuers_key("iam:ResourceIdentityProviderIssuers", entity_ids(stored->issuers), check);
  }
  const std::optional<std::string_view> document = request.saml_metadata_document;
  if (document && (asked.context || asked.instance)) {
    if (const auto prepared = prepare_metadata(*document)) {
      add_issuers_key("iam:RequestIdentityProviderIssuers", entity_ids(prepared->issuers), check);
    }
  }
}

std::vector<SAMLPrivateKey> show_keys(const SamlProvider& provider) {
  std::vector<SAMLPrivateKey> keys;
  for (const identity::SamlPrivateKey& key : provider.private_keys) {
    keys.push_back({.key_id = key.id, .timestamp = key.added});
  }
  return keys;
}

}  // namespace

// CreateSAMLProvider

Result<api::CheckList> checks(const CreateSAMLProviderRequest& request,
                              const api::CheckContext& context) {
  const std::string arn =
      model::iam_arn(context.caller.account, identity::Kind<SamlProvider>::kArn, "/", request.name);
  api::Check check = creation_check(action_of(request), arn, arn);
  add_propagation(request, nullptr, check);
  return with_creation_tags(std::move(check), "iam:TagSAMLProvider", request.tags);
}

Result<PreparedMetadata> prepare(const CreateSAMLProviderRequest& request,
                                 const api::CheckContext& /*context*/) {
  TRY_STATUS(check_private_key(request.add_private_key));
  return prepare_metadata(request.saml_metadata_document);
}

Result<CreateSAMLProviderResponse> handle(const api::Authorized&,
                                          const CreateSAMLProviderRequest& request,
                                          const PreparedMetadata& prepared,
                                          api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  SamlProvider provider;
  provider.account = context.caller.account;
  provider.name = request.name;
  provider.uuid = fresh_name(context.deps.random);
  provider.created = context.request.now;
  provider.tags = TRY(first_tags<SamlProvider>(request.tags, snapshot, provider.account));
  if (snapshot.find<SamlProvider>(provider.account, provider.name) != nullptr) {
    return saml_provider_exists(provider.name);
  }
  TRY_STATUS(require_room(snapshot,
                          provider.account,
                          Quota::SAMLProvidersPerAccount,
                          snapshot.table<SamlProvider>(provider.account).size()));
  TRY_STATUS(set_metadata(provider, request.saml_metadata_document, prepared, context.request.now));
  TRY_STATUS(add_private_key(provider, request.add_private_key, context));
  TRY_STATUS(set_encryption(provider, request.assertion_encryption_mode));
  provider.propagation = TRY(first_propagation(propagation_in(request)));
  CreateSAMLProviderResponse response{.saml_provider_arn = arn_of(provider)};
  if (!provider.tags.empty()) {
    response.tags = to_wire(provider.tags);
  }
  context.transaction->put(std::move(provider));
  return response;
}

// UpdateSAMLProvider

Result<api::CheckList> checks(const UpdateSAMLProviderRequest& request,
                              const api::CheckContext& context) {
  api::Check check =
      entity_check<SamlProvider>(action_of(request), context, request.saml_provider_arn);
  add_propagation(request,
                  Named<SamlProvider>::find(
                      context.snapshot, context.caller.account, request.saml_provider_arn),
                  check);
  return one_check(std::move(check));
}

Result<PreparedMetadata> prepare(const UpdateSAMLProviderRequest& request,
                                 const api::CheckContext& context) {
  TRY_STATUS(
      require<SamlProvider>(context.snapshot, context.caller.account, request.saml_provider_arn));
  if (request.add_private_key && request.remove_private_key) {
    return saml_private_keys_both();
  }
  TRY_STATUS(check_private_key(request.add_private_key));
  if (!request.saml_metadata_document) {
    return PreparedMetadata{};
  }
  return prepare_metadata(*request.saml_metadata_document);
}

Result<UpdateSAMLProviderResponse> handle(const api::Authorized&,
                                          const UpdateSAMLProviderRequest& request,
                                          const PreparedMetadata& prepared,
                                          api::HandlerContext& context) {
  SamlProvider changed = *TRY(
      require<SamlProvider>(context.snapshot, context.caller.account, request.saml_provider_arn));
  if (request.saml_metadata_document) {
    TRY_STATUS(
        set_metadata(changed, *request.saml_metadata_document, prepared, context.request.now));
  }
  TRY_STATUS(remove_private_key(changed, request.remove_private_key));
  TRY_STATUS(add_private_key(changed, request.add_private_key, context));
  TRY_STATUS(set_encryption(changed, request.assertion_encryption_mode));
  const PropagationRequest asked = propagation_in(request);
  if ((asked.context || asked.removes_context) && changes_metadata(request)) {
    return context_provider_changed_with_more();
  }
  TRY_STATUS(change_propagation(asked, changed.propagation));
  UpdateSAMLProviderResponse response{.saml_provider_arn = arn_of(changed)};
  context.transaction->put(std::move(changed));
  return response;
}

// GetSAMLProvider, ListSAMLProviders

Result<GetSAMLProviderResponse> handle(const api::Authorized&,
                                       const GetSAMLProviderRequest& request,
                                       api::HandlerContext& context) {
  const SamlProvider* provider = TRY(
      require<SamlProvider>(context.snapshot, context.caller.account, request.saml_provider_arn));
  const bool is_required = provider->encryption == AssertionEncryption::Required;
  // Keys and tags are shown even when there are none (aws-wire 4.2, 4.15).
  return GetSAMLProviderResponse{
      .saml_provider_uuid = provider->uuid,
      .saml_metadata_document = provider->metadata,
      .context_provider = to_wire(provider->propagation.context),
      .saml_key_hashes = key_hashes(*provider),
      .create_date = provider->created,
      .valid_until = provider->valid_until,
      .tags = to_wire(provider->tags),
      .assertion_encryption_mode = std::string(is_required ? kRequired : kAllowed),
      .private_key_list = show_keys(*provider),
      .identity_center_instance_arn = shown_instance(provider->propagation),
      .identity_store_arn = shown_store(provider->propagation, provider->account)};
}

Result<ListSAMLProvidersResponse> handle(const api::Authorized&,
                                         const ListSAMLProvidersRequest&,
                                         api::HandlerContext& context) {
  std::vector<SAMLProviderListEntry> entries;
  for (const auto& entry : context.snapshot.table<SamlProvider>(context.caller.account)) {
    const SamlProvider& provider = *entry.value;
    entries.push_back({.arn = arn_of(provider),
                       .valid_until = provider.valid_until,
                       .create_date = provider.created,
                       .is_trusted_identity_propagation_enabled =
                           !provider.propagation.identity_center_instance.empty()});
  }
  return ListSAMLProvidersResponse{.saml_provider_list = std::move(entries)};
}

// DeleteSAMLProvider

Result<DeleteSAMLProviderResponse> handle(const api::Authorized&,
                                          const DeleteSAMLProviderRequest& request,
                                          api::HandlerContext& context) {
  TRY_STATUS(
      require<SamlProvider>(context.snapshot, context.caller.account, request.saml_provider_arn));
  context.transaction->erase<SamlProvider>(request.saml_provider_arn);
  return DeleteSAMLProviderResponse{};
}

// Tags

Result<TagSAMLProviderResponse> handle(const api::Authorized&,
                                       const TagSAMLProviderRequest& request,
                                       api::HandlerContext& context) {
  return tag<TagSAMLProviderResponse, SamlProvider>(request, context);
}

Result<UntagSAMLProviderResponse> handle(const api::Authorized&,
                                         const UntagSAMLProviderRequest& request,
                                         api::HandlerContext& context) {
  return untag<UntagSAMLProviderResponse, SamlProvider>(request, context);
}

Result<ListSAMLProviderTagsResponse> handle(const api::Authorized&,
                                            const ListSAMLProviderTagsRequest& request,
                                            api::HandlerContext& context) {
  return list_tags<ListSAMLProviderTagsResponse, SamlProvider>(request, context);
}

}  // namespace signet::iam
