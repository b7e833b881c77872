#include "authn/authenticator.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "crypto/constant_time.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "sigv4/presigned_v2.h"
#include "sigv4/signing_key.h"
#include "token/session_token.h"

namespace signet::authn {
namespace {

using identity::Snapshot;
using model::Caller;
using model::Session;

// Opened session tokens a loop remembers; when full it starts over (a miss costs about two
// microseconds).
constexpr std::size_t kMaxOpened = 8192;

// What a session token opened to.
struct Opened {
  std::shared_ptr<const Session> session;
  Secret secret;
};

// Why credentials were not accepted, before it is put into a service's words.
enum class Refusal : std::uint8_t { UnknownKey, BadToken, Expired };

Error query_error(Refusal refusal) {
  return facts::make_error(refusal == Refusal::Expired ? ErrorCode::ExpiredToken
                                                       : ErrorCode::InvalidClientTokenId);
}

Error rest_error(Refusal refusal, const sigv4::ParsedAuth& auth) {
  if (refusal == Refusal::UnknownKey) {
    Error error = facts::make_error(ErrorCode::InvalidAccessKeyId);
    error.fields.emplace_back("AWSAccessKeyId", std::string(auth.access_key_id));
    return error;
  }
  Error error = facts::make_error(refusal == Refusal::Expired ? ErrorCode::S3ExpiredToken
                                                              : ErrorCode::S3InvalidToken);
  error.fields.emplace_back("Token-0", std::string(auth.session_token.value_or("")));
  return error;
}

}  // namespace

struct Authenticator::State {
  const KeyRings& rings;
  const token::KeyRing* ring = nullptr;  // the one `opened` was filled with
  sigv4::Scratch scratch;
  sigv4::SigningKeyCache signing_keys;
  std::vector<sigv4::HeaderView> headers;
  std::unordered_map<std::string, Opened> opened;  // by token text
  std::string token_text;                          // reused as the look-up key

  explicit State(const KeyRings& key_rings) : rings(key_rings) {}

  sigv4::RequestView view_of(const http::RequestHead& head) {
    headers.clear();
    for (const http::HeaderView& header : head.headers) {
      headers.push_back({header.name, header.value});
    }
    return {.method = head.method, .target = head.target, .headers = headers};
  }

  const Opened* open_token(std::string_view text, Instant now);

  // Who signed, and with which secret (a view that lives as long as the snapshot or the cache
  // entry).
  struct Credentials {
    Caller caller;
    std::string_view secret;
  };

  std::expected<Credentials, Refusal> find(std::string_view access_key_id,
                                           std::optional<std::string_view> session_token,
                                           const Snapshot& snapshot,
                                           Instant now);
};

const Opened* Authenticator::State::open_token(std::string_view text, Instant now) {
  if (const token::KeyRing* newest = &rings.current(); newest != ring) {
    opened.clear();
    ring = newest;
  }
  if (text.size() > token::kMaxSessionTokenSize) {
    return nullptr;
  }
  token_text.assign(text);
  if (const auto found = opened.find(token_text); found != opened.end()) {
    return &found->second;
  }
  std::optional<token::OpenedSession> fresh = token::open_session(*ring, text, now);
  if (!fresh) {
    return nullptr;
  }
  if (opened.size() >= kMaxOpened) {
    opened.clear();
  }
  Opened entry{.session = std::make_shared<const Session>(std::move(fresh->session)),
               .secret = std::move(fresh->secret_key)};
  return &opened.emplace(token_text, std::move(entry)).first->second;
}

std::expected<Authenticator::State::Credentials, Refusal> Authenticator::State::find(
    std::string_view access_key_id,
    std::optional<std::string_view> session_token,
    const Snapshot& snapshot,
    Instant now) {
  if (!session_token) {
    const identity::AccessKey* key = snapshot.find_access_key(access_key_id);
    if (key == nullptr || key->status != identity::KeyStatus::Active) {
      return std::unexpected(Refusal::UnknownKey);
    }
    std::optional<Caller> caller = caller_of_key(*key, snapshot);
    if (!caller) {
      return std::unexpected(Refusal::UnknownKey);
    }
    return Credentials{.caller = std::move(*caller), .secret = key->secret->reveal()};
  }
  const Opened* entry = open_token(*session_token, now);
  if (entry == nullptr || entry->session->access_key_id != access_key_id) {
    return std::unexpected(Refusal::BadToken);
  }
  if (now >= entry->session->expires) {
    return std::unexpected(Refusal::Expired);
  }
  std::optional<Caller> caller = caller_of_session(entry->session, snapshot);
  if (!caller) {
    return std::unexpected(Refusal::UnknownKey);
  }
  return Credentials{.caller = std::move(*caller), .secret = entry->secret.reveal()};
}

Authenticator::Authenticator(const KeyRings& rings) : state_(std::make_unique<State>(rings)) {}

Authenticator::~Authenticator() = default;

Result<Authenticated> Authenticator::query(facts::Service service,
                                           const http::RequestHead& head,
                                           std::string_view body,
                                           const Snapshot& snapshot,
                                           Instant now) {
  State& state = *state_;
  const sigv4::Profile& profile = service == facts::Service::Iam ? sigv4::kIam : sigv4::kSts;
  const sigv4::RequestView view = state.view_of(head);
  const sigv4::ParsedAuth auth = TRY(sigv4::parse(view, profile, now, state.scratch));
  auto credentials = state.find(auth.access_key_id, auth.session_token, snapshot, now);
  if (!credentials) {
    return std::unexpected(query_error(credentials.error()));
  }
  const crypto::HmacKey& key = state.signing_keys.get(
      auth.access_key_id, credentials->secret, auth.scope_date, auth.region, auth.service);
  char body_hash[64];
  crypto::write_hex(crypto::sha256(body), body_hash);
  TRY_STATUS(sigv4::verify(
      auth, view, profile, key, std::string_view(body_hash, sizeof body_hash), state.scratch));
  return Authenticated{.caller = std::move(credentials->caller),
                       .region = std::string(auth.region),
                       .is_presigned = auth.placement == sigv4::Placement::Query};
}

Result<RestAuthenticated> Authenticator::rest(const http::RequestHead& head,
                                              std::string_view host_bucket,
                                              const Snapshot& snapshot,
                                              Instant now) {
  State& state = *state_;
  const sigv4::RequestView view = state.view_of(head);
  RestAuthenticated result;
  if (!sigv4::has_credentials(view)) {
    return result;
  }
  result.is_version_2 = sigv4::is_presigned_v2(view);
  const sigv4::ParsedAuth auth =
      TRY(result.is_version_2 ? sigv4::parse_presigned_v2(view, now, state.scratch)
                              : sigv4::parse(view, sigv4::kS3, now, state.scratch));
  auto credentials = state.find(auth.access_key_id, auth.session_token, snapshot, now);
  if (!credentials) {
    return std::unexpected(rest_error(credentials.error(), auth));
  }
  if (result.is_version_2) {
    TRY_STATUS(
        sigv4::verify_presigned_v2(auth, view, host_bucket, credentials->secret, state.scratch));
  } else {
    const crypto::HmacKey& key = state.signing_keys.get(
        auth.access_key_id, credentials->secret, auth.scope_date, auth.region, auth.service);
    TRY_STATUS(sigv4::verify(auth, view, sigv4::kS3, key, {}, state.scratch));
    result.region = std::string(auth.region);
    result.signing_key = key;
  }
  result.caller = std::move(credentials->caller);
  result.is_presigned = auth.placement == sigv4::Placement::Query;
  result.auth = auth;
  return result;
}

std::optional<Caller> Authenticator::credentials(std::string_view access_key_id,
                                                 std::string_view secret_access_key,
                                                 std::string_view session_token,
                                                 const Snapshot& snapshot,
                                                 Instant now) {
  auto found = state_->find(access_key_id, session_token, snapshot, now);
  if (!found || !crypto::equal_constant_time(found->secret, secret_access_key)) {
    return std::nullopt;
  }
  return std::move(found->caller);
}

}  // namespace signet::authn
