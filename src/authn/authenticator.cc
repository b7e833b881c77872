#include "authn/authenticator.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "authn/credentials.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/uri.h"
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
using model::CallerRef;
using model::Session;

// Opened session tokens a loop remembers; when full it starts over (a miss costs about two
// microseconds).
constexpr std::size_t kMaxOpened = 8192;

// Long-term keys a loop remembers; likewise.
constexpr std::size_t kMaxKeys = 8192;

// This server has one region, whatever clients call it.
constexpr std::string_view kHomeRegion = "us-east-1";

constexpr sigv4::Profile kS3 = [] {
  sigv4::Profile profile = sigv4::kS3;
  profile.home_region = kHomeRegion;
  return profile;
}();

// The region that a request was made to: of SigV4A, whose signature may be for several, ours.
std::string region_of(const sigv4::ParsedAuth& auth) {
  const bool is_of_several =
      auth.algorithm == sigv4::Algorithm::EcdsaP256Sha256 && auth.region.empty();
  return std::string(is_of_several ? kHomeRegion : auth.region);
}

// Who stands behind credentials in the state of one revision. Revisions are never used again
// (identity/directory.h); 0 is that of a snapshot that no directory published.
struct KnownCaller {
  std::uint64_t revision = 0;
  CallerRef caller;

  [[nodiscard]] bool is_of(const Snapshot& snapshot) const {
    return caller != nullptr && revision == snapshot.revision() && revision != 0;
  }
};

// What a session token opened to.
struct Opened {
  std::shared_ptr<const Session> session;
  Secret secret;
  KnownCaller known;
};

// A long-term key that is active in the state of `known`.
struct KnownKey {
  identity::SharedSecret secret;
  KnownCaller known;
};

struct TextHash {
  using is_transparent = void;

  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

// Why a long-term key is of no use; `key` is null where there is none.
Refusal why_no_key(const identity::AccessKey* key, std::string_view access_key_id) {
  if (key == nullptr) {
    return access_key_id.starts_with("ASIA") ? Refusal::NoToken : Refusal::UnknownKey;
  }
  return key->status == identity::KeyStatus::Active ? Refusal::Ended : Refusal::InactiveKey;
}

// The fields of a form as the query of a presigned link.
std::string presigned_target(const FormSignature& form) {
  std::string target = "/?X-Amz-Expires=604800&X-Amz-SignedHeaders=host";
  const auto add = [&](std::string_view name, std::string_view value) {
    target += concat("&", name, "=");
    codec::append_percent_encoded(target, value);
  };
  add("X-Amz-Algorithm", form.algorithm);
  add("X-Amz-Credential", form.credential);
  add("X-Amz-Date", form.date);
  if (form.session_token) {
    add("X-Amz-Security-Token", *form.session_token);
  }
  add("X-Amz-Signature", form.signature);
  return target;
}

}  // namespace

struct Authenticator::State {
  const KeyRings& rings;
  const token::KeyRing* ring = nullptr;  // the one `opened` was filled with
  sigv4::Scratch scratch;
  sigv4::SigningKeyCache signing_keys;
  std::vector<sigv4::HeaderView> headers;
  std::unordered_map<std::string, Opened, TextHash, std::equal_to<>> opened;  // by token text
  std::unordered_map<std::string, KnownKey, TextHash, std::equal_to<>> keys;  // by access key id
  const CallerRef anonymous = std::make_shared<const Caller>();

  explicit State(const KeyRings& key_rings) : rings(key_rings) {}

  sigv4::RequestView view_of(const http::RequestHead& head) {
    headers.clear();
    for (const http::HeaderView& header : head.headers) {
      headers.push_back({header.name, header.value});
    }
    return {.method = head.method, .target = head.target, .headers = headers};
  }

  Opened* open_token(std::string_view text, Instant now);

  // Who signed, and with which secret (a view that lives as long as the cache entry).
  struct Credentials {
    CallerRef caller;
    std::string_view secret;
  };

  std::expected<Credentials, Refusal> find_key(std::string_view access_key_id,
                                               const Snapshot& snapshot);
  std::expected<Credentials, Refusal> find(std::string_view access_key_id,
                                           std::optional<std::string_view> session_token,
                                           const Snapshot& snapshot,
                                           Instant now);
};

Opened* Authenticator::State::open_token(std::string_view text, Instant now) {
  if (const token::KeyRing* newest = &rings.current(); newest != ring) {
    opened.clear();
    ring = newest;
  }
  if (text.size() > token::kMaxSessionTokenSize) {
    return nullptr;
  }
  if (const auto found = opened.find(text); found != opened.end()) {
    return &found->second;
  }
  std::optional<token::OpenedSession> fresh = token::open_session(*ring, text, now);
  if (!fresh) {
    return nullptr;
  }
  if (opened.size() >= kMaxOpened) {
    opened.clear();
  }
  Opened entry{
      .session = std::move(fresh->session), .secret = std::move(fresh->secret_key), .known = {}};
  return &opened.emplace(text, std::move(entry)).first->second;
}

std::expected<Authenticator::State::Credentials, Refusal> Authenticator::State::find_key(
    std::string_view access_key_id, const Snapshot& snapshot) {
  const auto remembered = keys.find(access_key_id);
  if (remembered != keys.end() && remembered->second.known.is_of(snapshot)) [[likely]] {
    const KnownKey& key = remembered->second;
    return Credentials{.caller = key.known.caller, .secret = key.secret->reveal(secret_access())};
  }
  const identity::AccessKey* key = snapshot.find<identity::AccessKey>(access_key_id);
  std::optional<Caller> caller;
  if (key != nullptr && key->status == identity::KeyStatus::Active) {
    caller = caller_of_key(*key, snapshot);
  }
  if (!caller) {
    if (remembered != keys.end()) {
      keys.erase(remembered);
    }
    return std::unexpected(why_no_key(key, access_key_id));
  }
  if (remembered == keys.end() && keys.size() >= kMaxKeys) {
    keys.clear();
  }
  KnownKey& entry = keys[std::string(access_key_id)];
  entry.secret = key->secret;
  entry.known = {.revision = snapshot.revision(),
                 .caller = std::make_shared<const Caller>(std::move(*caller))};
  return Credentials{.caller = entry.known.caller, .secret = entry.secret->reveal(secret_access())};
}

std::expected<Authenticator::State::Credentials, Refusal> Authenticator::State::find(
    std::string_view access_key_id,
    std::optional<std::string_view> session_token,
    const Snapshot& snapshot,
    Instant now) {
  if (!session_token) {
    return find_key(access_key_id, snapshot);
  }
  Opened* entry = open_token(*session_token, now);
  if (entry == nullptr || entry->session->access_key_id != access_key_id) {
    return std::unexpected(entry == nullptr ? Refusal::BadToken : Refusal::TokenOfAnotherKey);
  }
  if (now >= entry->session->expires) {
    return std::unexpected(Refusal::Expired);
  }
  if (!entry->known.is_of(snapshot)) {
    std::optional<Caller> caller = caller_of_session(entry->session, snapshot);
    if (!caller) {
      return std::unexpected(Refusal::Ended);
    }
    entry->known = {.revision = snapshot.revision(),
                    .caller = std::make_shared<const Caller>(std::move(*caller))};
  }
  return Credentials{.caller = entry->known.caller,
                     .secret = entry->secret.reveal(secret_access())};
}

Authenticator::Authenticator(const KeyRings& rings) : state_(std::make_unique<State>(rings)) {}

Authenticator::~Authenticator() = default;

Result<Authenticated> Authenticator::query(facts::Service service,
                                           const http::RequestHead& head,
                                           std::string_view body,
                                           const Snapshot& snapshot,
                                           Instant now) {
  State& state = *state_;
  const sigv4::Profile profile{.service = facts::service_row(service).name};
  const sigv4::RequestView view = state.view_of(head);
  const sigv4::ParsedAuth auth = TRY(sigv4::parse(view, profile, now, state.scratch));
  auto credentials = state.find(auth.access_key_id, auth.session_token, snapshot, now);
  if (!credentials) {
    return std::unexpected(query_error(credentials.error()));
  }
  const sigv4::SigningKey& key = state.signing_keys.get(auth, credentials->secret);
  char body_hash[64];
  crypto::write_hex(crypto::sha256(body), body_hash);
  TRY_STATUS(sigv4::verify(
      auth, view, profile, key, std::string_view(body_hash, sizeof body_hash), state.scratch));
  return Authenticated{.caller = std::move(credentials->caller),
                       .region = region_of(auth),
                       .is_presigned = auth.placement == sigv4::Placement::Query};
}

Status Authenticator::query_head(facts::Service service,
                                 const http::RequestHead& head,
                                 const Snapshot& snapshot,
                                 Instant now) {
  State& state = *state_;
  const sigv4::Profile profile{.service = facts::service_row(service).name};
  const sigv4::ParsedAuth auth =
      TRY(sigv4::parse(state.view_of(head), profile, now, state.scratch));
  const auto credentials = state.find(auth.access_key_id, auth.session_token, snapshot, now);
  return credentials ? Status() : std::unexpected(query_error(credentials.error()));
}

Result<RestAuthenticated> Authenticator::rest(const http::RequestHead& head,
                                              const std::function<std::string()>& host_bucket,
                                              const Snapshot& snapshot,
                                              Instant now) {
  State& state = *state_;
  const sigv4::RequestView view = state.view_of(head);
  RestAuthenticated result;
  if (!sigv4::has_credentials(view)) {
    result.caller = state.anonymous;
    return result;
  }
  result.is_version_2 = sigv4::is_presigned_v2(view);
  const sigv4::ParsedAuth auth =
      TRY(result.is_version_2 ? sigv4::parse_presigned_v2(view, now, state.scratch)
                              : sigv4::parse(view, kS3, now, state.scratch));
  auto credentials = state.find(auth.access_key_id, auth.session_token, snapshot, now);
  if (!credentials) {
    return std::unexpected(
        rest_error(credentials.error(), auth.access_key_id, auth.session_token.value_or("")));
  }
  if (result.is_version_2) {
    TRY_STATUS(
        sigv4::verify_presigned_v2(auth, view, host_bucket(), credentials->secret, state.scratch));
  } else {
    const sigv4::SigningKey& key = state.signing_keys.get(auth, credentials->secret);
    TRY_STATUS(sigv4::verify(auth, view, kS3, key, {}, state.scratch));
    result.region = region_of(auth);
    result.signing_key = key;
  }
  result.caller = std::move(credentials->caller);
  result.is_presigned = auth.placement == sigv4::Placement::Query;
  result.auth = auth;
  return result;
}

Result<RestAuthenticated> Authenticator::form(const FormSignature* signature,
                                              const Snapshot& snapshot,
                                              Instant now) {
  State& state = *state_;
  RestAuthenticated result;
  if (signature == nullptr) {
    result.caller = state.anonymous;
    return result;
  }
  if (signature->is_version_2) {
    auto credentials = state.find(signature->credential, signature->session_token, snapshot, now);
    if (!credentials) {
      return std::unexpected(rest_error(
          credentials.error(), signature->credential, signature->session_token.value_or("")));
    }
    TRY_STATUS(sigv4::verify_policy_v2(signature->credential,
                                       signature->policy,
                                       signature->signature,
                                       credentials->secret,
                                       state.scratch));
    result.is_version_2 = true;
    result.caller = std::move(credentials->caller);
    return result;
  }
  // What can be said without the key is what can be said of a link that is good for as long as
  // keys of a day are.
  const std::string target = presigned_target(*signature);
  constexpr sigv4::HeaderView kHost[] = {{"host", "form"}};
  const sigv4::RequestView view{.method = "POST", .target = target, .headers = kHost};
  const sigv4::ParsedAuth auth = TRY(sigv4::parse(view, kS3, now, state.scratch));
  auto credentials = state.find(auth.access_key_id, auth.session_token, snapshot, now);
  if (!credentials) {
    return std::unexpected(
        rest_error(credentials.error(), auth.access_key_id, auth.session_token.value_or("")));
  }
  const sigv4::SigningKey& key = state.signing_keys.get(auth, credentials->secret);
  TRY_STATUS(sigv4::verify_policy(auth, key, signature->policy, state.scratch));
  result.region = region_of(auth);
  result.caller = std::move(credentials->caller);
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
  return *found->caller;
}

}  // namespace signet::authn
