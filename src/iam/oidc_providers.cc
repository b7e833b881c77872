#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "facts/quotas.h"
#include "iam/checks.h"
#include "iam/context_providers.h"
#include "iam/tagging.h"

namespace signet::iam {

namespace {

using identity::OidcProvider;

constexpr std::string_view kScheme = "https://";
constexpr std::size_t kThumbprintLength = 40;

// What a provider is known by: its URL without scheme and without a slash at the end. A host with
// or without a path, but no port, user, query or fragment (aws-wire 4.14).
Result<std::string> name_of_url(std::string_view url) {
  const bool has_scheme = url.starts_with(kScheme);
  std::string_view rest = has_scheme ? url.substr(kScheme.size()) : std::string_view();
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  const std::string_view host = rest.substr(0, rest.find('/'));
  const bool is_plain = std::ranges::all_of(rest, [](char c) {
    return c > ' ' && c < '\x7f' && c != '?' && c != '#' && c != '@' && c != '\\';
  });
  if (host.empty() || host.find(':') != std::string_view::npos || !is_plain) {
    return oidc_url_invalid();
  }
  return std::string(rest);
}

bool is_thumbprint(std::string_view text) {
  return text.size() == kThumbprintLength && std::ranges::all_of(text, [](char c) {
           return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
         });
}

// As they are kept: lower case, each once.
Result<std::vector<std::string>> accept_thumbprints(const std::vector<std::string>& given) {
  if (given.size() > facts::kThumbprintsPerOpenIDConnectProvider) {
    return too_many_thumbprints();
  }
  std::vector<std::string> thumbprints;
  for (const std::string& one : given) {
    if (!is_thumbprint(one)) {
      return thumbprint_invalid();
    }
    std::string folded = to_lower(one);
    if (std::ranges::find(thumbprints, folded) == thumbprints.end()) {
      thumbprints.push_back(std::move(folded));
    }
  }
  return thumbprints;
}

// Adds those that are not there yet.
Status add_client_ids(OidcProvider& provider,
                      const std::vector<std::string>& added,
                      const identity::Snapshot& snapshot) {
  for (const std::string& id : added) {
    if (std::ranges::find(provider.client_ids, id) == provider.client_ids.end()) {
      TRY_STATUS(require_room(snapshot,
                              provider.account,
                              Quota::ClientIdsPerOpenIdConnectProvider,
                              provider.client_ids.size()));
      provider.client_ids.push_back(id);
    }
  }
  return {};
}

// The provider that a request names, for changing.
template <class Request>
Result<OidcProvider> copy_of(const Request& request, const api::HandlerContext& context) {
  return *TRY(require<OidcProvider>(
      context.snapshot, context.caller.account, Named<OidcProvider>::name_in(request)));
}

}  // namespace

// CreateOpenIDConnectProvider

Result<api::CheckList> checks(const CreateOpenIDConnectProviderRequest& request,
                              const api::CheckContext& context) {
  const std::string name = TRY(name_of_url(request.url));
  const std::string arn =
      model::iam_arn(context.caller.account, identity::Kind<OidcProvider>::kArn, "/", name);
  api::Check check = creation_check(action_of(request), arn, arn);
  add_propagation_keys(propagation_in(request), nullptr, check);
  add_issuers_key("iam:RequestIdentityProviderIssuers", {name}, check);
  return with_creation_tags(std::move(check), "iam:TagOpenIDConnectProvider", request.tags);
}

// AWS-DIFF: without thumbprints AWS asks the issuer for its certificates; this server asks nobody
// and keeps none (OidcProviders.KeepNoThumbprintsWhenNoneAreGiven).
Result<CreateOpenIDConnectProviderResponse> handle(
    const api::Authorized&,
    const CreateOpenIDConnectProviderRequest& request,
    api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  OidcProvider provider;
  provider.account = context.caller.account;
  provider.name = TRY(name_of_url(request.url));
  provider.created = context.request.now;
  provider.thumbprints = TRY(accept_thumbprints(request.thumbprint_list));
  provider.propagation = TRY(first_propagation(propagation_in(request)));
  provider.tags = TRY(first_tags<OidcProvider>(request.tags, snapshot, provider.account));
  if (snapshot.find<OidcProvider>(provider.account, provider.name) != nullptr) {
    return oidc_provider_exists(concat(kScheme, provider.name));
  }
  TRY_STATUS(require_room(snapshot,
                          provider.account,
                          Quota::OpenIDConnectProvidersPerAccount,
                          snapshot.table<OidcProvider>(provider.account).size()));
  TRY_STATUS(add_client_ids(provider, request.client_id_list, snapshot));
  CreateOpenIDConnectProviderResponse response{.open_id_connect_provider_arn = arn_of(provider)};
  if (!provider.tags.empty()) {
    response.tags = to_wire(provider.tags);
  }
  context.transaction->put(std::move(provider));
  return response;
}

// GetOpenIDConnectProvider, ListOpenIDConnectProviders

Result<GetOpenIDConnectProviderResponse> handle(const api::Authorized&,
                                                const GetOpenIDConnectProviderRequest& request,
                                                api::HandlerContext& context) {
  const OidcProvider* provider = TRY(require<OidcProvider>(
      context.snapshot, context.caller.account, request.open_id_connect_provider_arn));
  // Tags are shown even when there are none (aws-wire 4.2).
  return GetOpenIDConnectProviderResponse{
      .url = provider->name,
      .client_id_list = provider->client_ids,
      .thumbprint_list = provider->thumbprints,
      .create_date = provider->created,
      .tags = to_wire(provider->tags),
      .context_provider = to_wire(provider->propagation.context),
      .identity_center_instance_arn = shown_instance(provider->propagation),
      .identity_store_arn = shown_store(provider->propagation, provider->account)};
}

Result<ListOpenIDConnectProvidersResponse> handle(const api::Authorized&,
                                                  const ListOpenIDConnectProvidersRequest&,
                                                  api::HandlerContext& context) {
  std::vector<OpenIDConnectProviderListEntry> entries;
  for (const auto& entry : context.snapshot.table<OidcProvider>(context.caller.account)) {
    entries.push_back({.arn = arn_of(*entry.value),
                       .is_trusted_identity_propagation_enabled =
                           !entry.value->propagation.identity_center_instance.empty()});
  }
  return ListOpenIDConnectProvidersResponse{.open_id_connect_provider_list = std::move(entries)};
}

// UpdateOpenIDConnectProvider: context provider or association, given or taken away (new-in-2026
// 6).

Result<api::CheckList> checks(const UpdateOpenIDConnectProviderRequest& request,
                              const api::CheckContext& context) {
  const std::string& arn = request.open_id_connect_provider_arn;
  api::Check check = entity_check<OidcProvider>(action_of(request), context, arn);
  const OidcProvider* stored =
      Named<OidcProvider>::find(context.snapshot, context.caller.account, arn);
  add_propagation_keys(
      propagation_in(request), stored != nullptr ? &stored->propagation : nullptr, check);
  if (stored != nullptr) {
    add_issuers_key("iam:ResourceIdentityProviderIssuers", {stored->name}, check);
  }
  return one_check(std::move(check));
}

Result<UpdateOpenIDConnectProviderResponse> handle(
    const api::Authorized&,
    const UpdateOpenIDConnectProviderRequest& request,
    api::HandlerContext& context) {
  const PropagationRequest asked = propagation_in(request);
  if (!asked.context && !asked.instance && !asked.removes_context && !asked.removes_instance) {
    return context_provider_change_unclear();
  }
  OidcProvider changed = TRY(copy_of(request, context));
  TRY_STATUS(change_propagation(asked, changed.propagation));
  context.transaction->put(std::move(changed));
  return UpdateOpenIDConnectProviderResponse{};
}

// DeleteOpenIDConnectProvider

Result<DeleteOpenIDConnectProviderResponse> handle(
    const api::Authorized&,
    const DeleteOpenIDConnectProviderRequest& request,
    api::HandlerContext& context) {
  const std::string& arn = request.open_id_connect_provider_arn;
  if (Named<OidcProvider>::find(context.snapshot, context.caller.account, arn) == nullptr) {
    return oidc_provider_not_deletable();
  }
  context.transaction->erase<OidcProvider>(arn);
  return DeleteOpenIDConnectProviderResponse{};
}

// Client ids and thumbprints. Adding what is there and removing what is not are no errors (aws-wire
// 4.14).

Result<AddClientIDToOpenIDConnectProviderResponse> handle(
    const api::Authorized&,
    const AddClientIDToOpenIDConnectProviderRequest& request,
    api::HandlerContext& context) {
  OidcProvider changed = TRY(copy_of(request, context));
  TRY_STATUS(add_client_ids(changed, {request.client_id}, context.snapshot));
  context.transaction->put(std::move(changed));
  return AddClientIDToOpenIDConnectProviderResponse{};
}

Result<RemoveClientIDFromOpenIDConnectProviderResponse> handle(
    const api::Authorized&,
    const RemoveClientIDFromOpenIDConnectProviderRequest& request,
    api::HandlerContext& context) {
  OidcProvider changed = TRY(copy_of(request, context));
  std::erase(changed.client_ids, request.client_id);
  context.transaction->put(std::move(changed));
  return RemoveClientIDFromOpenIDConnectProviderResponse{};
}

Result<UpdateOpenIDConnectProviderThumbprintResponse> handle(
    const api::Authorized&,
    const UpdateOpenIDConnectProviderThumbprintRequest& request,
    api::HandlerContext& context) {
  OidcProvider changed = TRY(copy_of(request, context));
  changed.thumbprints = TRY(accept_thumbprints(request.thumbprint_list));
  context.transaction->put(std::move(changed));
  return UpdateOpenIDConnectProviderThumbprintResponse{};
}

// Tags

Result<TagOpenIDConnectProviderResponse> handle(const api::Authorized&,
                                                const TagOpenIDConnectProviderRequest& request,
                                                api::HandlerContext& context) {
  return tag<TagOpenIDConnectProviderResponse, OidcProvider>(request, context);
}

Result<UntagOpenIDConnectProviderResponse> handle(const api::Authorized&,
                                                  const UntagOpenIDConnectProviderRequest& request,
                                                  api::HandlerContext& context) {
  return untag<UntagOpenIDConnectProviderResponse, OidcProvider>(request, context);
}

Result<ListOpenIDConnectProviderTagsResponse> handle(
    const api::Authorized&,
    const ListOpenIDConnectProviderTagsRequest& request,
    api::HandlerContext& context) {
  return list_tags<ListOpenIDConnectProviderTagsResponse, OidcProvider>(request, context);
}

}  // namespace signet::iam
