#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/issuer.h"
#include "base/strings.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "crypto/sign_key.h"
#include "crypto/uuid.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/sts_sentences.h"
#include "identity/issuers.h"
#include "jose/issue.h"
#include "model/arn.h"
#include "sts/endpoint.h"
#include "sts/handlers.h"
#include "sts/origin_identity.h"
#include "sts/session_tags.h"

// GetWebIdentityToken (new-in-2026 2): a JWT that tells an outside service who the caller is. What
// is wrong is told in the order that was recorded: a caller without permission learns nothing about
// the feature.
namespace signet::sts {
namespace {

using codec::JsonWriter;
using identity::IssuerAlgorithm;

constexpr std::int64_t kDefaultSeconds = 300;
constexpr std::string_view kOriginIdentity = "OriginIdentity";
constexpr std::string_view kNamespace = "https://sts.amazonaws.com/";

std::optional<IssuerAlgorithm> algorithm_of(const GetWebIdentityTokenRequest& request) {
  if (request.signing_algorithm == "RS256") {
    return IssuerAlgorithm::Rs256;
  }
  return request.signing_algorithm == "ES384" ? std::optional(IssuerAlgorithm::Es384)
                                              : std::nullopt;
}

bool is_for_origin(const GetWebIdentityTokenRequest& request) {
  return request.subject_mode == kOriginIdentity;
}

std::int64_t duration_of(const GetWebIdentityTokenRequest& request) {
  return request.duration_seconds.value_or(kDefaultSeconds);
}

// Unlike session tags they may begin with "aws:" (new-in-2026 2).
Result<std::vector<model::Tag>> read_request_tags(const GetWebIdentityTokenRequest& request) {
  std::vector<model::Tag> tags;
  for (const Tag& tag : request.tags) {
    if (has_key(tags, tag.key)) {
      return duplicate_tag_keys();
    }
    tags.push_back({.key = tag.key, .value = tag.value});
  }
  return tags;
}

// The values of Scope, which a space parts.
std::vector<std::string> scopes_of(const GetWebIdentityTokenRequest& request) {
  std::vector<std::string> scopes;
  std::string_view left = request.scope ? std::string_view(*request.scope) : std::string_view();
  while (!left.empty()) {
    const std::size_t space = std::min(left.find(' '), left.size());
    scopes.emplace_back(left.substr(0, space));
    left.remove_prefix(std::min(space + 1, left.size()));
  }
  return scopes;
}

Status check_scope(const GetWebIdentityTokenRequest& request) {
  if (!request.scope) {
    return {};
  }
  if (!is_for_origin(request) || request.audience.size() != 1) {
    return identity_token_scope_misplaced();
  }
  std::vector<std::string> scopes = scopes_of(request);
  std::ranges::sort(scopes);
  const bool is_repeated = std::ranges::adjacent_find(scopes) != scopes.end();
  return is_repeated ? Status(identity_token_scope_repeated()) : Status();
}

void add_key(api::Check& check, std::string_view key, std::string value) {
  check.context.push_back(
      {.key = std::string(key), .values = {std::move(value)}, .is_list = false});
}

api::Check own_check(const GetWebIdentityTokenRequest& request,
                     std::vector<model::Tag> tags,
                     const api::CheckContext& context) {
  const std::string self = concat("arn:aws:sts::", context.caller.account, ":self");
  api::Check check{
      .action = "sts:GetWebIdentityToken", .resource = self, .wording = {.resource = self}};
  check.request_tags = std::move(tags);
  check.context.push_back(
      {.key = "sts:IdentityTokenAudience", .values = request.audience, .is_list = true});
  add_key(check, "sts:DurationSeconds", std::to_string(duration_of(request)));
  add_key(check, "sts:SigningAlgorithm", request.signing_algorithm);
  add_key(check, "sts:SubjectMode", request.subject_mode.value_or("AWSIdentity"));
  if (request.scope) {
    check.context.push_back(
        {.key = "sts:IdentityTokenScope", .values = scopes_of(request), .is_list = true});
  }
  return check;
}

// Tags of the role or user, under those of the session, whatever the case of their keys
// (new-in-2026 2).
std::vector<model::Tag> principal_tags(const api::HandlerContext& context) {
  const model::Caller& caller = context.caller;
  std::vector<model::Tag> tags;
  if (caller.session) {
    tags = caller.session->tags;
  }
  const auto add_own = [&tags](const std::vector<model::Tag>& own) {
    const std::size_t of_session = tags.size();
    for (const model::Tag& tag : own) {
      const bool is_hidden =
          std::any_of(tags.begin(),
                      tags.begin() + static_cast<std::ptrdiff_t>(of_session),
                      [&tag](const model::Tag& t) { return equals_ignore_case(t.key, tag.key); });
      if (!is_hidden) {
        tags.push_back(tag);
      }
    }
  };
  if (const auto* role = context.snapshot.find<identity::Role>(caller.principal_id)) {
    add_own(role->tags);
  } else if (const auto* user = context.snapshot.find<identity::User>(caller.principal_id)) {
    add_own(user->tags);
  }
  return tags;
}

void append_tags(JsonWriter& writer, std::string_view name, const std::vector<model::Tag>& tags) {
  if (tags.empty()) {
    return;
  }
  writer.key(name);
  writer.begin_object();
  for (const model::Tag& tag : tags) {
    writer.member(tag.key, tag.value);
  }
  writer.end_object();
}

void append_text(JsonWriter& writer, std::string_view name, std::string_view text) {
  if (!text.empty()) {
    writer.member(name, text);
  }
}

// What STS says of the caller, each where there is something to say.
void append_namespace(JsonWriter& writer,
                      const std::vector<model::Tag>& request_tags,
                      const api::HandlerContext& context) {
  const model::Caller& caller = context.caller;
  const model::Session* session = caller.session.get();
  const auto* org = context.snapshot.find<identity::OrgPolicies>(caller.account);
  writer.key(kNamespace);
  writer.begin_object();
  append_text(writer, "source_identity", session != nullptr ? session->source_identity : "");
  append_text(writer, "org_id", org != nullptr ? org->organization_id : "");
  writer.member("aws_account", caller.account);
  if (org != nullptr && !org->path.empty()) {
    writer.key("ou_path");
    writer.begin_array();
    writer.string(org->path);
    writer.end_array();
  }
  append_tags(writer, "request_tags", request_tags);
  if (caller.kind == model::CallerKind::AssumedRole && session != nullptr) {
    std::string end;
    codec::append_iso8601(end, session->expires);
    writer.member("original_session_exp", end);
  }
  append_text(writer, "federated_provider", session != nullptr ? session->federated_provider : "");
  writer.member("source_region", context.request.region);
  writer.member("principal_id", caller.principal_arn);
  append_tags(writer, "principal_tags", principal_tags(context));
  writer.end_object();
}

std::string payload_of(const GetWebIdentityTokenRequest& request,
                       const std::vector<model::Tag>& request_tags,
                       std::string_view issuer,
                       std::string_view subject,
                       const api::HandlerContext& context) {
  const std::int64_t now = context.request.now.seconds();
  std::string payload;
  JsonWriter writer(payload);
  writer.begin_object();
  writer.key("aud");
  if (request.audience.size() == 1) {
    writer.string(request.audience.front());
  } else {
    writer.begin_array();
    std::ranges::for_each(request.audience, [&](const std::string& name) { writer.string(name); });
    writer.end_array();
  }
  writer.member("sub", subject);
  if (is_for_origin(request)) {
    writer.member("subject_mode", kOriginIdentity);
  }
  if (request.scope) {
    writer.member("scope", *request.scope);
  }
  append_namespace(writer, request_tags, context);
  writer.member("iss", issuer);
  writer.key("exp");
  writer.integer(now + duration_of(request));
  writer.key("iat");
  writer.integer(now);
  writer.member("jti", crypto::uuid_v4(context.deps.random));
  writer.end_object();
  return payload;
}

Result<std::string> sign(IssuerAlgorithm algorithm,
                         std::string_view payload,
                         const api::HandlerContext& context) {
  const identity::IssuerKey* stored = identity::signing_key(
      context.snapshot, context.caller.account, algorithm, context.request.now);
  if (stored == nullptr) {
    return std::unexpected(facts::service_failure(
        "no key of the issuer may sign now: was the clock set back before it was made?"));
  }
  const std::optional<crypto::SignKey>& key = stored->sign_key();
  const jose::Algorithm name =
      algorithm == IssuerAlgorithm::Rs256 ? jose::Algorithm::Rs256 : jose::Algorithm::Es384;
  std::optional<std::string> token =
      key ? jose::issue_token(name, stored->kid, *key, payload) : std::nullopt;
  if (!token) {
    return std::unexpected(facts::service_failure("the issuer's key does not sign"));
  }
  return *std::move(token);
}

Status check_caller(const api::CheckContext& context) {
  if (is_global_endpoint(context.request)) {
    return global_endpoint_not_supported();
  }
  switch (context.caller.kind) {
    case model::CallerKind::FederatedUser:
      return identity_token_no_federated_users();
    case model::CallerKind::Root:
      return identity_token_no_root();
    default:
      return {};
  }
}

}  // namespace

Result<api::CheckList> checks(const GetWebIdentityTokenRequest& request,
                              const api::CheckContext& context) {
  if (!algorithm_of(request)) {
    return identity_token_algorithm_unsupported();
  }
  std::vector<model::Tag> tags = TRY(read_request_tags(request));
  TRY_STATUS(check_scope(request));
  TRY_STATUS(check_caller(context));
  const bool has_tags = !tags.empty();
  api::CheckList list;  // a braced list would copy its check
  list.push_back(own_check(request, std::move(tags), context));
  if (has_tags) {
    add_action("sts:TagGetWebIdentityToken", list);
  }
  if (request.scope) {
    add_action("sts:SetWebIdentityTokenScope", list);
  }
  return list;
}

Result<GetWebIdentityTokenResponse> handle(const api::Authorized& /*proof*/,
                                           const GetWebIdentityTokenRequest& request,
                                           api::HandlerContext& context) {
  const model::Caller& caller = context.caller;
  const std::vector<model::Tag> tags = TRY(read_request_tags(request));
  const Instant end = context.request.now.plus_seconds(duration_of(request));
  if (caller.session && end > caller.session->expires) {
    return identity_token_outlives_session();
  }
  const auto* issuer = context.snapshot.find<identity::WebIdentityIssuer>(caller.account);
  const std::optional<IssuerAlgorithm> algorithm = algorithm_of(request);
  if (issuer == nullptr || !issuer->is_enabled || !algorithm) {
    return identity_token_federation_disabled();
  }
  const std::string subject =
      is_for_origin(request) ? TRY(origin_subject(caller)) : caller.principal_arn;
  const std::string url = TRY(api::issuer_url(context.deps, *issuer));
  const std::string payload = payload_of(request, tags, url, subject, context);
  if (payload.size() > facts::kIdentityTokenPayloadBytesMax) {
    return identity_token_too_large(payload.size(), facts::kIdentityTokenPayloadBytesMax);
  }
  GetWebIdentityTokenResponse response;
  response.web_identity_token = Secret(TRY(sign(*algorithm, payload, context)));
  response.expiration = end;
  return response;
}

}  // namespace signet::sts
