#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "identity/snapshot.h"
#include "model/caller.h"
#include "sigv4/verify.h"

namespace signet::token {
class Sealer;
}

namespace signet::authn {

// Which service's rules and error texts apply.
enum class Protocol : std::uint8_t { Iam, Sts, S3 };

// A request whose signature was checked, or an anonymous one (S3 only).
struct Authenticated {
  model::Caller caller;
  std::string region;         // of the credential scope; "us-east-1" when unsigned
  bool is_presigned = false;  // the signature was in the query
  // S3: what was promised about the body, and what is needed to check signed chunks.
  std::optional<sigv4::ParsedAuth> auth;
  sigv4::SigningKey signing_key;
};

// Turns the signature of a request into a Caller. One instance per event loop: it keeps that loop's caches of signing
// keys and opened session tokens, so it is not safe for concurrent use. The caches are checked against the snapshot on
// every request: a deactivated key or a deleted user is refused at once.
class Authenticator {
 public:
  Authenticator(const Clock& clock, const token::Sealer& sealer);
  ~Authenticator();
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;
  Authenticator(Authenticator&&) = delete;
  Authenticator& operator=(Authenticator&&) = delete;

  // IAM and STS: `body` is the whole body, whose hash is part of the signature. Errors: aws-wire 2.2.
  [[nodiscard]] Result<Authenticated> query(Protocol protocol,
                                            const http::RequestHead& head,
                                            std::string_view body,
                                            const identity::Snapshot& snapshot,
                                            Instant now);

  // S3: the body is still to come; the caller checks it against `auth`. Errors: aws-wire 2.7.
  [[nodiscard]] Result<Authenticated> rest(const http::RequestHead& head, const identity::Snapshot& snapshot, Instant now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signet::authn
