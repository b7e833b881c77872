#include <optional>
#include <string>
#include <utility>

#include "api/issuer.h"
#include "crypto/sign_key.h"
#include "crypto/uuid.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/preparations.h"
#include "identity/issuers.h"

// Outbound web identity federation of an account (new-in-2026 2): whether STS issues web identity
// tokens in its name. The issuer and its keys stay when it is turned off.
namespace signet::iam {

namespace {

using identity::IssuerAlgorithm;
using identity::WebIdentityIssuer;

const WebIdentityIssuer* find_enabled(const api::HandlerContext& context) {
  const auto* issuer = context.snapshot.find<WebIdentityIssuer>(context.caller.account);
  return issuer != nullptr && issuer->is_enabled ? issuer : nullptr;
}

Result<identity::SharedSecret> new_key(std::optional<crypto::SignKey> key) {
  if (!key) {
    return std::unexpected(facts::service_failure("OpenSSL made no key"));
  }
  return std::make_shared<const Secret>(key->write());
}

// An issuer's first key of an algorithm, which signs at once: nobody waits for another.
void put_first_key(IssuerAlgorithm algorithm,
                   const identity::SharedSecret& private_key,
                   api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  context.transaction->put(
      identity::IssuerKey{.account = account,
                          .kid = identity::next_key_id(context.snapshot, account, algorithm),
                          .algorithm = algorithm,
                          .private_key = private_key,
                          .created = context.request.now,
                          .signs_from = context.request.now});
}

}  // namespace

// EnableOutboundWebIdentityFederation

Result<EnableOutboundWebIdentityFederationPreparation> prepare(
    const EnableOutboundWebIdentityFederationRequest& /*request*/,
    const api::CheckContext& context) {
  if (context.snapshot.find<WebIdentityIssuer>(context.caller.account) != nullptr) {
    return EnableOutboundWebIdentityFederationPreparation{};
  }
  return EnableOutboundWebIdentityFederationPreparation{
      .rsa = TRY(new_key(crypto::SignKey::make_rsa())),
      .ec = TRY(new_key(crypto::SignKey::make_ec(crypto::EcCurve::P384)))};
}

Result<EnableOutboundWebIdentityFederationResponse> handle(
    const api::Authorized&,
    const EnableOutboundWebIdentityFederationRequest&,
    const EnableOutboundWebIdentityFederationPreparation& prepared,
    api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const auto* known = context.snapshot.find<WebIdentityIssuer>(account);
  if (known != nullptr && known->is_enabled) {
    return outbound_federation_enabled(account);
  }
  WebIdentityIssuer issuer;
  if (known != nullptr) {
    issuer = *known;
  } else if (prepared.rsa == nullptr || prepared.ec == nullptr) {
    // It was there when the call was prepared, and went with its account.
    return std::unexpected(facts::make_error(ErrorCode::ConcurrentModification));
  } else {
    issuer = {.account = account,
              .id = crypto::uuid_v4(context.deps.random),
              .created = context.request.now};
    put_first_key(IssuerAlgorithm::Rs256, prepared.rsa, context);
    put_first_key(IssuerAlgorithm::Es384, prepared.ec, context);
  }
  issuer.is_enabled = true;
  EnableOutboundWebIdentityFederationResponse response{
      .issuer_identifier = TRY(api::issuer_url(context.deps, issuer))};
  context.transaction->put(std::move(issuer));
  return response;
}

// DisableOutboundWebIdentityFederation

Result<DisableOutboundWebIdentityFederationResponse> handle(
    const api::Authorized&,
    const DisableOutboundWebIdentityFederationRequest&,
    api::HandlerContext& context) {
  const WebIdentityIssuer* issuer = find_enabled(context);
  if (issuer == nullptr) {
    return outbound_federation_already_disabled(context.caller.account);
  }
  WebIdentityIssuer changed = *issuer;
  changed.is_enabled = false;
  context.transaction->put(std::move(changed));
  return DisableOutboundWebIdentityFederationResponse{};
}

// GetOutboundWebIdentityFederationInfo

Result<GetOutboundWebIdentityFederationInfoResponse> handle(
    const api::Authorized&,
    const GetOutboundWebIdentityFederationInfoRequest&,
    api::HandlerContext& context) {
  const WebIdentityIssuer* issuer = find_enabled(context);
  if (issuer == nullptr) {
    return outbound_federation_disabled(context.caller.account);
  }
  return GetOutboundWebIdentityFederationInfoResponse{
      .issuer_identifier = TRY(api::issuer_url(context.deps, *issuer)),
      .jwt_vending_enabled = true};
}

}  // namespace signet::iam
