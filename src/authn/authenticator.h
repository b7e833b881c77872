#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "authn/form_signature.h"
#include "authn/key_rings.h"
#include "base/instant.h"
#include "base/result.h"
#include "facts/operations.h"
#include "http/message.h"
#include "identity/snapshot.h"
#include "model/caller.h"
#include "sigv4/verify.h"

namespace signet::authn {

// A request whose signature was checked, or an anonymous one (S3 only).
struct Authenticated {
  model::CallerRef caller;           // never null
  std::string region = "us-east-1";  // of the credential scope
  bool is_presigned = false;         // the signature was in the query
};

// The same for S3, whose body comes after its signature was checked.
struct RestAuthenticated : Authenticated {
  // How the body is covered; unset for anonymous requests. Views into the request and into the
  // Authenticator's scratch: valid until its next call.
  std::optional<sigv4::ParsedAuth> auth;
  // What signed chunks are checked with; unset for anonymous requests and links of version 2, which
  // have none.
  std::optional<sigv4::SigningKey> signing_key;
  bool is_version_2 = false;  // a presigned link of Signature Version 2
};

// Turns the signature of a request into a Caller. One instance per event loop: it keeps that loop's
// caches of signing keys, opened session tokens and callers, so it is not safe for concurrent use.
// A caller is made anew whenever the snapshot's revision is another than the one it was made from:
// a deactivated key, a deleted user or role, a revoked session are refused at once.
class Authenticator {
 public:
  explicit Authenticator(const KeyRings& rings);
  ~Authenticator();
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;
  Authenticator(Authenticator&&) = delete;
  Authenticator& operator=(Authenticator&&) = delete;

  // All services but S3: `body` is the whole body, whose hash is part of the signature. Errors in
  // the order and words of aws-wire 2.1 and 2.2.
  [[nodiscard]] Result<Authenticated> query(facts::Service service,
                                            const http::RequestHead& head,
                                            std::string_view body,
                                            const identity::Snapshot& snapshot,
                                            Instant now);

  // What the head of such a request tells against it while its body is still to come: no or
  // malformed credentials, an unknown or inactive key, an expired token. The signature, which needs
  // the body, is not looked at: query() decides.
  [[nodiscard]] Status query_head(facts::Service service,
                                  const http::RequestHead& head,
                                  const identity::Snapshot& snapshot,
                                  Instant now);

  // S3: the body is still to come; the caller checks it. A request without any credentials is
  // anonymous. Presigned links may be of Signature Version 2 as well, which signs the bucket: the
  // one that the Host names is host_bucket(), asked for those only (empty: path style). Errors:
  // aws-wire 2.7.
  [[nodiscard]] Result<RestAuthenticated> rest(const http::RequestHead& head,
                                               const std::function<std::string()>& host_bucket,
                                               const identity::Snapshot& snapshot,
                                               Instant now);

  // A browser's form to S3, signed by fields of its own; null: by nobody, the caller is anonymous.
  // Errors as of a presigned link.
  [[nodiscard]] Result<RestAuthenticated> form(const FormSignature* signature,
                                               const identity::Snapshot& snapshot,
                                               Instant now);

  // Credentials that came as text (getSigninToken's Session parameter): the caller whose temporary
  // credentials these are. Nothing unless id, secret and token belong together, are valid now and
  // their owner still exists.
  [[nodiscard]] std::optional<model::Caller> credentials(std::string_view access_key_id,
                                                         std::string_view secret_access_key,
                                                         std::string_view session_token,
                                                         const identity::Snapshot& snapshot,
                                                         Instant now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether a console session's user, or root, has another password than it began with, or none any
// more.
[[nodiscard]] bool is_password_replaced(const model::Session& session,
                                        const identity::Snapshot& snapshot);

// A user by long-term credentials.
[[nodiscard]] model::Caller caller_of_user(const identity::User& user);

// A role in a session, which the caller does not have yet.
[[nodiscard]] model::Caller caller_of_role(const identity::Role& role,
                                           const model::Session& session);

// The caller behind a session, as it is now; nothing if its user, role or account is gone, the
// session was revoked, or its password replaced. Expiry is the caller's to check.
[[nodiscard]] std::optional<model::Caller> caller_of_session(
    std::shared_ptr<const model::Session> session, const identity::Snapshot& snapshot);

// The caller of a long-term key; nothing if the user is gone.
[[nodiscard]] std::optional<model::Caller> caller_of_key(const identity::AccessKey& key,
                                                         const identity::Snapshot& snapshot);

}  // namespace signet::authn
