#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "base/fail_because.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/sts_sentences.h"
#include "saml/response.h"
#include "sts/credentials.h"
#include "sts/handlers.h"
#include "sts/propagation.h"
#include "sts/saml_redemption.h"
#include "sts/session_policy.h"
#include "sts/session_tags.h"

// AssumeRoleWithSAML (aws-wire 3.2, policy-semantics 8.1).
namespace signet::sts {
namespace {

using identity::AssertionEncryption;
using identity::SamlProvider;
using saml::ResponseFault;

constexpr std::int64_t kDefaultSeconds = 3'600;

// IdPs wrap their base64.
std::optional<std::string> decode_wrapped(std::string_view text) {
  std::string packed;
  packed.reserve(text.size());
  std::ranges::copy_if(text, std::back_inserter(packed), [](char c) {
    return kWhiteSpace.find(c) == std::string_view::npos;
  });
  return codec::decode_base64(packed);
}

Error refusal(const saml::ResponseError& error, std::string_view request_id) {
  const auto said = [&]() -> std::unexpected<Error> {
    switch (error.fault) {
      case ResponseFault::Malformed:
        return saml_response_invalid();
      case ResponseFault::Rejected:
        return saml_rejected(error.detail);
      case ResponseFault::UnknownIssuer:
        return saml_issuer_unknown(request_id);
      case ResponseFault::WrongSignature:
        return saml_signature_invalid(request_id);
      case ResponseFault::NotEncrypted:
        return saml_not_encrypted();
      case ResponseFault::Undecryptable:
        break;
    }
    return saml_undecryptable();
  };
  Error told = said().error();
  told.cause = error.detail;
  return told;
}

// Several providers may know an issuer, of other accounts too, each by certificates of its own.
void add_issuers(const SamlProvider& provider, std::vector<saml::Issuer>& issuers) {
  for (const identity::SamlIssuer& issuer : provider.issuers) {
    const auto known = std::ranges::find(issuers, issuer.entity_id, &saml::Issuer::entity_id);
    if (known == issuers.end()) {
      issuers.push_back({.entity_id = issuer.entity_id, .certificates = issuer.certificates});
    } else {
      known->certificates.insert(
          known->certificates.end(), issuer.certificates.begin(), issuer.certificates.end());
    }
  }
}

std::unexpected<Error> denied(std::string cause) {
  return with_cause(saml_denied(), std::move(cause));
}

// The provider that a request names, as long as its metadata is good.
Result<const SamlProvider*> provider_of(const AssumeRoleWithSAMLRequest& request,
                                        const api::CheckContext& context) {
  const auto* provider = context.snapshot.find_by_arn<SamlProvider>(request.principal_arn);
  if (provider == nullptr) {
    return saml_provider_missing(context.request.request_id);
  }
  if (context.request.now >= provider->valid_until) {
    return saml_provider_expired();
  }
  return provider;
}

// What was true when the assertion was verified and may have changed since: the provider is the
// same and still trusts the key.
Status still_vouches(const SamlProvider& provider, const SamlEvidence& evidence) {
  return provider.uuid == evidence.provider_uuid &&
                 trusts(provider, evidence.grant.issuer, evidence.certificate)
             ? Status()
             : Status(denied("the provider was changed while the call waited"));
}

// AWS-DIFF: an assertion gets a role's credentials once; that AWS gives them again within the five
// minutes is not documented (AssumeRoleWithSaml.AnAssertionGetsARoleOnce).
identity::Ticket ticket_of(const AssumeRoleWithSAMLRequest& request,
                           const SamlEvidence& evidence,
                           const std::string& account) {
  const auto digest = crypto::sha256(concat("saml assertion",
                                            std::string_view("\0", 1),
                                            evidence.provider_uuid,
                                            std::string_view("\0", 1),
                                            evidence.grant.issuer,
                                            std::string_view("\0", 1),
                                            evidence.grant.id,
                                            std::string_view("\0", 1),
                                            request.role_arn));
  return {.kind = identity::TicketKind::SpentToken,
          .id_hash = std::string(codec::as_text(digest)),
          .account = account,
          .expires = evidence.grant.redeemable_until,
          .data = identity::make_shared_secret("saml")};
}

// Names who may not, in the words of a trust that refuses: nothing tells which roles exist.
Result<const identity::Role*> role_of(const AssumeRoleWithSAMLRequest& request,
                                      const SamlProvider& provider,
                                      const identity::Snapshot& snapshot) {
  const auto* role = snapshot.find_by_arn<identity::Role>(request.role_arn);
  if (role == nullptr) {
    return denied("there is no such role");
  }
  if (role->account != provider.account) {
    return denied("role and provider are of two accounts");
  }
  // Roles of IAM Identity Center are for its own portal (aws-wire 3.2).
  if (role->path.starts_with("/aws-reserved/") || role->name.starts_with("AWSReservedSSO_")) {
    return denied("roles of IAM Identity Center cannot be assumed with SAML");
  }
  return role;
}

// How long the session lasts: what was asked for, cut to what the assertion says.
Result<std::int64_t> duration_of(const AssumeRoleWithSAMLRequest& request,
                                 const SamlGrant& grant,
                                 const identity::Role& role,
                                 Instant now) {
  std::int64_t seconds = request.duration_seconds.value_or(kDefaultSeconds);
  if (seconds > role.max_session_seconds) {
    return duration_too_long();
  }
  seconds = std::min(seconds, grant.session_seconds.value_or(seconds));
  if (grant.session_end) {
    seconds = std::min(seconds, grant.session_end->seconds() - now.seconds());
  }
  return seconds > 0 ? Result<std::int64_t>(seconds) : saml_too_old();
}

model::Session session_of(const SamlGrant& grant,
                          const identity::Role& role,
                          const std::string& provider_arn) {
  model::Session session;
  session.kind = model::SessionKind::Saml;
  session.account = role.account;
  session.principal_id = role.id;
  session.session_name = grant.session_name;
  session.tags = all_tags(grant.tags);
  session.transitive_keys = grant.tags.transitive;
  session.source_identity = grant.source_identity;
  session.federated_provider = provider_arn;
  // These three outlive the sign-in (aws-wire 3.2).
  session.claims = {{.key = "saml:namequalifier", .value = grant.name_qualifier},
                    {.key = "saml:sub", .value = grant.subject},
                    {.key = "saml:sub_type", .value = grant.subject_type}};
  session.claims.insert(session.claims.end(), grant.propagated.begin(), grant.propagated.end());
  return session;
}

}  // namespace

Result<saml::Assertion> read_assertion(std::string_view response,
                                       std::span<const SamlProvider* const> providers,
                                       bool may_be_encrypted,
                                       const api::RequestInfo& request) {
  const auto document = decode_wrapped(response);
  if (!document) {
    return saml_base64_invalid(request.request_id);
  }
  std::vector<saml::Issuer> issuers;
  std::vector<const Secret*> keys;
  for (const SamlProvider* provider : providers) {
    add_issuers(*provider, issuers);
    for (const identity::SamlPrivateKey& key : provider->private_keys) {
      if (may_be_encrypted) {
        keys.push_back(key.pem.get());
      }
    }
  }
  const bool must_be_encrypted =
      may_be_encrypted && std::ranges::all_of(providers, [](const SamlProvider* provider) {
        return provider->encryption == AssertionEncryption::Required;
      });
  auto assertion = saml::read_response(
      *document,
      {.issuers = issuers, .private_keys = keys, .must_be_encrypted = must_be_encrypted});
  return assertion ? Result<saml::Assertion>(*std::move(assertion))
                   : std::unexpected(refusal(assertion.error(), request.request_id));
}

bool trusts(const SamlProvider& provider, std::string_view issuer, std::string_view certificate) {
  return std::ranges::any_of(provider.issuers, [&](const identity::SamlIssuer& known) {
    return known.entity_id == issuer &&
           std::ranges::find(known.certificates, certificate) != known.certificates.end();
  });
}

Result<SamlEvidence> examine(const AssumeRoleWithSAMLRequest& request,
                             const api::CheckContext& context) {
  if (!is_iam_arn(request.role_arn, "role/") ||
      !is_iam_arn(request.principal_arn, "saml-provider/")) {
    return request_arn_invalid();
  }
  const std::string_view response = request.saml_assertion.reveal(secret_access());
  if (!decode_wrapped(response)) {
    return saml_base64_invalid(context.request.request_id);
  }
  const SamlProvider* provider = TRY(provider_of(request, context));
  saml::Assertion assertion =
      TRY(read_assertion(response, std::span(&provider, 1), true, context.request));
  const std::string own_url = context.deps.issuer_base ? context.deps.issuer_base() : std::string();
  SamlGrant grant = TRY(judge(assertion,
                              {.provider = *provider,
                               .role_arn = request.role_arn,
                               .now = context.request.now,
                               .own_url = own_url}));
  model::Vouched who{.kind = model::Vouched::Kind::Saml,
                     .id = concat(grant.name_qualifier, ":", grant.subject),
                     .name = grant.subject,
                     .provider = grant.name_qualifier};
  return SamlEvidence{.provider_uuid = provider->uuid,
                      .certificate = std::move(assertion.certificate),
                      .grant = std::move(grant),
                      .who = std::move(who)};
}

Result<api::CheckList> checks(const AssumeRoleWithSAMLRequest& request,
                              const SamlEvidence& evidence,
                              const api::CheckContext& context) {
  const SamlProvider* provider = TRY(provider_of(request, context));
  TRY_STATUS(still_vouches(*provider, evidence));
  const identity::Role* role = TRY(role_of(request, *provider, context.snapshot));
  const SamlGrant& grant = evidence.grant;
  api::CheckList list;
  list.push_back({.action = "sts:AssumeRoleWithSAML",
                  .resource = request.role_arn,
                  .wording = {.text = saml_denied().error().message},
                  .resource_account = role->account,
                  .role = role,
                  .resource_tags = &*role->tags,
                  .request_tags = all_tags(grant.tags),
                  .context = grant.keys,
                  .federation = authz::Federation::Saml,
                  .federated_provider = request.principal_arn});
  list.front().texts.add(facts::KeyId::StsRoleSessionName, grant.session_name);
  if (!grant.source_identity.empty()) {
    list.front().texts.add(facts::KeyId::StsSourceIdentity, grant.source_identity);
  }
  add_session_checks(grant.tags, !grant.source_identity.empty(), list);
  return list;
}

Result<Redemption> redeem(const AssumeRoleWithSAMLRequest& request,
                          const SamlEvidence& evidence,
                          const api::HandlerContext& context) {
  const SamlGrant& grant = evidence.grant;
  const auto* role = context.snapshot.find_by_arn<identity::Role>(request.role_arn);
  if (role == nullptr) {
    return denied("the role was deleted meanwhile");
  }
  identity::Ticket ticket = ticket_of(request, evidence, role->account);
  if (context.snapshot.find<identity::Ticket>({ticket.kind, ticket.id_hash}) != nullptr) {
    return saml_used_already();
  }
  // It may have waited: what cannot be redeemed any more is no longer kept as spent either.
  if (context.request.now >= grant.redeemable_until) {
    return saml_too_old();
  }
  const std::int64_t seconds = TRY(duration_of(request, grant, *role, context.request.now));
  return Redemption{.session = session_of(grant, *role, request.principal_arn),
                    .role = role,
                    .seconds = seconds,
                    .spent = std::move(ticket)};
}

Result<AssumeRoleWithSAMLResponse> handle(const api::Authorized& /*proof*/,
                                          const AssumeRoleWithSAMLRequest& request,
                                          const SamlEvidence& evidence,
                                          api::HandlerContext& context) {
  const SamlGrant& grant = evidence.grant;
  Redemption redemption = TRY(redeem(request, evidence, context));
  model::Session& session = redemption.session;
  TRY_STATUS(add_session_policies(request.policy, request.policy_arns, context.snapshot, session));

  AssumeRoleWithSAMLResponse response{.subject = grant.subject,
                                      .subject_type = grant.subject_type,
                                      .issuer = grant.issuer,
                                      .audience = grant.recipient,
                                      .name_qualifier = grant.name_qualifier};
  response.trusted_identity_propagation_context = propagation_of(grant.propagated);
  TRY_STATUS(issue_role_session(
      std::move(session), *redemption.role, redemption.seconds, request, context, response));
  context.transaction->put(std::move(redemption.spent));
  return response;
}

}  // namespace signet::sts
