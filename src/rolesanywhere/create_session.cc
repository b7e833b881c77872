#include <algorithm>
#include <optional>
#include <utility>

#include "base/assertion.h"
#include "base/fail_because.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "facts/condition_key_ids.h"
#include "http/message.h"
#include "rolesanywhere/checks.h"
#include "rolesanywhere/common.h"
#include "rolesanywhere/evidence.h"
#include "rolesanywhere/mapping.h"
#include "rolesanywhere/revocation.h"
#include "sessions/seal.h"
#include "sessions/session_policy.h"
#include "sigv4/x509.h"

// CreateSession (IAM Roles Anywhere user guide: the authentication process, the CreateSession API,
// the trust model).
namespace signet::rolesanywhere {
namespace {

using crypto::EndEntity;
using identity::AnywhereProfile;
using identity::AnywhereSubject;
using identity::RevocationList;
using identity::Role;
using identity::TrustAnchor;

constexpr std::string_view kService = "rolesanywhere.amazonaws.com";

// The certificates of a chain's header: base64 of DER, separated by commas.
std::optional<std::vector<std::string>> read_chain(std::string_view header) {
  std::vector<std::string> chain;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    auto der = codec::decode_base64(header.substr(0, end));
    if (!der || chain.size() == facts::kCertificateChainLength) {
      return std::nullopt;
    }
    chain.push_back(*std::move(der));
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return chain;
}

Result<sigv4::X509Signature> read_signature(const api::CheckContext& context) {
  SIGNET_ASSERT(context.head != nullptr);
  std::vector<sigv4::HeaderView> headers;
  for (const http::HeaderView& header : context.head->headers) {
    headers.push_back({header.name, header.value});
  }
  auto signature = sigv4::read_x509_signature(
      {.method = context.head->method, .target = context.head->target, .headers = headers},
      facts::service_row(facts::Service::Rolesanywhere).name,
      context.body,
      context.request.now);
  if (!signature) {
    return with_cause(signature_invalid(), std::string(signature.error()));
  }
  return *std::move(signature);
}

crypto::SignatureScheme scheme_of(sigv4::X509Algorithm algorithm) {
  return algorithm == sigv4::X509Algorithm::Rsa ? crypto::SignatureScheme::RsaPkcs1
                                                : crypto::SignatureScheme::Ecdsa;
}

// Where the request says that it belongs.
Result<Place> place_in(const CreateSessionRequest& request) {
  const auto parts = model::split_arn(request.trust_anchor_arn);
  if (!parts || parts->service != "rolesanywhere") {
    return entity_not_found(Named<TrustAnchor>::kNoun);
  }
  return Place{.account = parts->account, .region = parts->region};
}

Result<const TrustAnchor*> anchor_of(const CreateSessionRequest& request,
                                     const Place& place,
                                     const identity::Snapshot& snapshot) {
  const auto* anchor = find<TrustAnchor>(snapshot, place, request.trust_anchor_arn);
  if (anchor == nullptr) {
    return entity_not_found(Named<TrustAnchor>::kNoun);
  }
  if (!anchor->is_enabled) {
    return anchor_disabled();
  }
  return anchor;
}

std::vector<const RevocationList*> enabled_lists(const identity::Snapshot& snapshot,
                                                 const TrustAnchor& anchor) {
  std::vector<const RevocationList*> lists = lists_of(snapshot, anchor);
  std::erase_if(lists, [](const RevocationList* list) { return !list->is_enabled; });
  return lists;
}

// What a certificate is believed by, in a state: changes with the anchor's certificates and with
// its lists.
std::string authority_of(const identity::Snapshot& snapshot, const TrustAnchor& anchor) {
  std::string authority = anchor.bundle;
  for (const RevocationList* list : enabled_lists(snapshot, anchor)) {
    authority.append(list->data);
  }
  return authority;
}

Status believe(std::string_view leaf,
               const std::vector<std::string>& chain,
               const TrustAnchor& anchor,
               const api::CheckContext& context) {
  const auto anchors =
      crypto::certificates_of_pem(anchor.bundle, facts::kCertificatesPerTrustAnchor);
  if (!anchors) {
    return with_cause(certificate_untrusted(), "the trust anchor's certificates cannot be read");
  }
  std::vector<std::string> lists;
  for (const RevocationList* list : enabled_lists(context.snapshot, anchor)) {
    lists.push_back(list->data);
  }
  crypto::TrustAnswer answer = crypto::judge_path({.leaf = leaf,
                                                   .chain = chain,
                                                   .anchors = *anchors,
                                                   .revocation_lists = lists,
                                                   .now = context.request.now});
  switch (answer.trust) {
    case crypto::Trust::Trusted:
      return {};
    case crypto::Trust::OutOfTime:
      return with_cause(certificate_expired(), std::move(answer.reason));
    case crypto::Trust::Revoked:
      return with_cause(certificate_revoked(), std::move(answer.reason));
    case crypto::Trust::Untrusted:
      break;
  }
  return with_cause(certificate_untrusted(), std::move(answer.reason));
}

// The enabled profile that the request names, of the trust anchor's account and region.
Result<const AnywhereProfile*> profile_of(const CreateSessionRequest& request,
                                          const Place& place,
                                          const identity::Snapshot& snapshot) {
  const auto* profile = find<AnywhereProfile>(snapshot, place, request.profile_arn);
  if (profile == nullptr) {
    return entity_not_found(Named<AnywhereProfile>::kNoun);
  }
  if (!profile->is_enabled) {
    return profile_disabled();
  }
  return profile;
}

Result<const Role*> role_of(const CreateSessionRequest& request,
                            const AnywhereProfile& profile,
                            const identity::Snapshot& snapshot) {
  if (std::ranges::find(profile.role_arns, request.role_arn) == profile.role_arns.end()) {
    return role_not_in_profile(request.role_arn);
  }
  const auto* role = snapshot.find_by_arn<Role>(request.role_arn);
  if (role == nullptr || role->account != profile.account) {
    return with_cause(role_refused(request.role_arn), "there is no such role in the account");
  }
  return role;
}

// What a state has of all that a session is made of.
struct Grant {
  const TrustAnchor* anchor = nullptr;
  const AnywhereProfile* profile = nullptr;
  const Role* role = nullptr;
  std::vector<model::Tag> tags;
  std::string source_identity;
};

// True of the state of the context, however long the certificate was looked at before.
template <class Context>
Result<Grant> grant_of(const CreateSessionRequest& request,
                       const CreateSessionEvidence& evidence,
                       const Context& context) {
  const Place place{.account = evidence.account, .region = evidence.region};
  const identity::Snapshot& snapshot = context.snapshot;
  Grant grant;
  grant.anchor = TRY(anchor_of(request, place, snapshot));
  if (grant.anchor->id != evidence.anchor_id ||
      authority_of(snapshot, *grant.anchor) != evidence.authority) {
    return with_cause(certificate_untrusted(), "the trust anchor was changed meanwhile");
  }
  grant.profile = TRY(profile_of(request, place, snapshot));
  grant.role = TRY(role_of(request, *grant.profile, snapshot));
  if (request.role_session_name && !grant.profile->accepts_session_name) {
    return role_session_name_refused();
  }
  const bool has_properties = request.instance_properties && !request.instance_properties->empty();
  if (grant.profile->requires_instance_properties && !has_properties) {
    return instance_properties_missing();
  }
  grant.tags = TRY(tags_of(grant.profile->mappings, evidence.certificate));
  grant.source_identity = TRY(source_identity_of(evidence.certificate));
  return grant;
}

// The serial number where the request has no name of its own.
const std::string& session_name_of(const CreateSessionRequest& request,
                                   const CreateSessionEvidence& evidence) {
  return request.role_session_name ? *request.role_session_name : evidence.certificate.serial_hex;
}

void add_action(std::string_view action, api::CheckList& list) {
  api::Check check = list.front();
  check.action = action;
  list.push_back(std::move(check));
}

// The shortest of what the request, the profile and the role say.
std::int64_t duration_of(const CreateSessionRequest& request, const Grant& grant) {
  const std::int64_t most =
      std::min<std::int64_t>(grant.profile->session_seconds, grant.role->max_session_seconds);
  return std::min(request.duration_seconds.value_or(most), most);
}

const AnywhereSubject* find_subject(const identity::Snapshot& snapshot,
                                    const CreateSessionEvidence& evidence) {
  const auto& table = snapshot.index<identity::SubjectsByName>(evidence.account);
  const std::string key = identity::relation_key(evidence.region, evidence.certificate.subject);
  const auto at = table.lower_bound(key);
  return at != table.end() && at->key == key ? at->value.get() : nullptr;
}

// Who authenticated, as ListSubjects shows it from now on.
AnywhereSubject seen_subject(const CreateSessionRequest& request,
                             const CreateSessionEvidence& evidence,
                             const api::HandlerContext& context) {
  const Instant now = context.request.now;
  const AnywhereSubject* known = find_subject(context.snapshot, evidence);
  AnywhereSubject subject = known != nullptr ? *known : AnywhereSubject();
  if (known == nullptr) {
    subject.account = evidence.account;
    subject.id = crypto::uuid_v4(context.deps.random);
    subject.region = evidence.region;
    subject.name = evidence.certificate.subject;
    subject.created = now;
  }
  subject.updated = subject.seen = now;
  std::erase_if(subject.certificates, [&](const auto& seen) { return seen.pem == evidence.pem; });
  subject.certificates.insert(subject.certificates.begin(),
                              {.serial = evidence.certificate.serial,
                               .issuer = evidence.certificate.issuer,
                               .pem = evidence.pem,
                               .seen = now});
  if (subject.certificates.size() > facts::kSeenCertificates) {
    subject.certificates.pop_back();
  }
  subject.instance_properties.clear();
  if (request.instance_properties) {
    for (const auto& [key, value] : *request.instance_properties) {
      subject.instance_properties.push_back({.key = key, .value = value});
    }
  }
  return subject;
}

}  // namespace

Result<CreateSessionEvidence> examine(const CreateSessionRequest& request,
                                      const api::CheckContext& context) {
  const Place place = TRY(place_in(request));
  const auto leaf = codec::decode_base64(request.cert);
  auto certificate = leaf ? crypto::read_end_entity(*leaf) : std::nullopt;
  const auto chain = read_chain(request.cert_chain.value_or(""));
  if (!certificate || !chain || certificate->subject.empty()) {
    return certificate_unreadable();
  }
  const sigv4::X509Signature signature = TRY(read_signature(context));
  if (signature.region != place.region) {
    return request_unfit();
  }
  const bool has_signed =
      signature.serial == certificate->serial &&
      crypto::verify_with_certificate(
          *leaf, scheme_of(signature.algorithm), signature.string_to_sign, signature.signature);
  if (!has_signed) {
    return with_cause(signature_invalid(), "the certificate's key did not make the signature");
  }
  if (!certificate->may_authenticate) {
    return certificate_insufficient();
  }
  const TrustAnchor* anchor = TRY(anchor_of(request, place, context.snapshot));
  TRY_STATUS(believe(*leaf, *chain, *anchor, context));
  return CreateSessionEvidence{.account = anchor->account,
                               .region = anchor->region,
                               .anchor_id = anchor->id,
                               .authority = authority_of(context.snapshot, *anchor),
                               .certificate = *std::move(certificate),
                               .pem = crypto::pem_of_certificate(*leaf)};
}

Result<api::CheckList> checks(const CreateSessionRequest& request,
                              const CreateSessionEvidence& evidence,
                              const api::CheckContext& context) {
  Grant grant = TRY(grant_of(request, evidence, context));
  api::CheckList list;
  list.push_back({.action = "sts:AssumeRole",
                  .resource = request.role_arn,
                  .wording = {.text = role_refused(request.role_arn).error().message},
                  .resource_account = grant.role->account,
                  .role = grant.role,
                  .resource_tags = &*grant.role->tags,
                  .request_tags = std::move(grant.tags),
                  .context = {{.key = "aws:SourceArn", .values = {arn_of(*grant.anchor)}}},
                  .federation = authz::Federation::Service,
                  .federated_provider = std::string(kService)});
  api::Check& first = list.front();
  first.texts.add(facts::KeyId::AwsSourceAccount, evidence.account);
  first.texts.add(facts::KeyId::StsRoleSessionName, session_name_of(request, evidence));
  if (!grant.source_identity.empty()) {
    first.context.push_back({.key = "sts:SourceIdentity", .values = {grant.source_identity}});
  }
  if (!first.request_tags.empty()) {
    add_action("sts:TagSession", list);
  }
  if (!grant.source_identity.empty()) {
    add_action("sts:SetSourceIdentity", list);
  }
  return list;
}

Result<CreateSessionResponse> handle(const api::Authorized& /*proof*/,
                                     const CreateSessionRequest& request,
                                     const CreateSessionEvidence& evidence,
                                     api::HandlerContext& context) {
  Grant grant = TRY(grant_of(request, evidence, context));
  const Role& role = *grant.role;
  model::Session session;
  session.kind = model::SessionKind::AssumedRole;
  session.account = role.account;
  session.principal_id = role.id;
  session.session_name = session_name_of(request, evidence);
  session.tags = std::move(grant.tags);
  session.source_identity = grant.source_identity;
  const std::string& policy = grant.profile->session_policy;
  TRY_STATUS(sessions::add_session_policies(policy.empty() ? std::nullopt : std::optional(policy),
                                            grant.profile->managed_policy_arns,
                                            context.snapshot,
                                            session));
  const std::int64_t packed = TRY(sessions::packed_size(session));
  const std::string name = session.session_name;
  sessions::SealedSession sealed = TRY(
      sessions::seal_for(std::move(session), duration_of(request, grant), std::nullopt, context));

  AnywhereSubject subject = seen_subject(request, evidence, context);
  CreateSessionResponse response{.credential_set = {}, .subject_arn = arn_of(subject)};
  CredentialResponse& credential = response.credential_set.emplace_back();
  credential.assumed_role_user = {.arn = model::assumed_role_arn(role.account, role.name, name),
                                  .assumed_role_id = concat(role.id, ":", name)};
  credential.credentials = {.access_key_id = std::move(sealed.access_key_id),
                            .secret_access_key = std::move(sealed.secret_access_key),
                            .session_token = std::move(sealed.token),
                            .expiration = sealed.expires};
  credential.packed_policy_size = packed;
  credential.role_arn = request.role_arn;
  if (!grant.source_identity.empty()) {
    credential.source_identity = grant.source_identity;
  }
  context.transaction->put(std::move(subject));
  return response;
}

}  // namespace signet::rolesanywhere
