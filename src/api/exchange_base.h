#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/pipeline.h"
#include "authn/authenticator.h"

namespace signet::api {

// What one event loop keeps between requests. Touched by that loop's thread only.
class LoopState {
 public:
  explicit LoopState(PipelineParts& pipeline_parts)
      : parts(pipeline_parts),
        reader(pipeline_parts.directory),
        authenticator(pipeline_parts.deps.rings) {}

  PipelineParts& parts;
  identity::SnapshotReader reader;
  authn::Authenticator authenticator;
  authz::Authorizer authorizer;

  // Notes when a key or a role was last used, at most once in kLastUsedSeconds each (aws-wire 4.17
  // allows 15 minutes), without waiting for it.
  void note_use(const identity::Snapshot& snapshot,
                const model::Caller& caller,
                const RequestInfo& request,
                std::string_view service);

  // Whether one more refusal may be described in this second: descriptions cost several times what
  // the refusal does, so a flood of refused calls gets kDescribedPerSecond of them.
  [[nodiscard]] bool may_describe(Instant now);

 private:
  struct Noted {
    Instant at;
    std::uint64_t stored_revision = 0;  // of the last snapshot in which it was found
  };

  // Whether a snapshot has the note; asked once per revision.
  static bool is_stored(const identity::Snapshot& snapshot, const std::string& id, Noted& noted);

  std::unordered_map<std::string, Noted> noted_;
  std::int64_t described_second_ = 0;
  int described_ = 0;
};

inline constexpr int kDescribedPerSecond = 500;

inline constexpr std::int64_t kLastUsedSeconds = 15 * 60;

// The part of an exchange that both protocols share: who asks, what the request tells about itself,
// the proof, and the record that is always written.
class ExchangeBase : public http::Exchange {
 public:
  explicit ExchangeBase(LoopState& loop) : loop_(loop) {}

 protected:
  // Fills request_ from the head. `request_id` is kept.
  void start(const http::RequestHead& head, std::string request_id);

  // ServiceUnavailable while records are required and cannot be kept.
  [[nodiscard]] Status check_recording() const;

  // checks() and authorize() of an invocation against a snapshot; the proof is kept.
  [[nodiscard]] Status authorize(Invocation& invocation, const identity::Snapshot& snapshot);

  // What handle() gets. The arguments are borrowed; `transaction` null: nothing is written.
  [[nodiscard]] HandlerContext context_of(const identity::Snapshot& snapshot,
                                          identity::Transaction* transaction,
                                          authz::Authorizer* authorizer);

  // Runs handle() where the invocation's effect says, then answered() on whatever thread that was.
  // `call` is answered or deferred when this returns.
  void run(Invocation& invocation, http::Call call);

  // Gives a refusal its encoded message, where no client that knows AWS looks: in a header.
  void add_authorization_message(http::Response& response) const;

  // Makes the answer of a finished call; `status` is what handle() (or the commit) said.
  [[nodiscard]] virtual http::Response make_answer(const Status& status) = 0;

  // Writes the audit record. `error` null: success.
  void record(std::string_view service,
              std::string_view event,
              bool is_read_only,
              int http_status,
              const Error* error);

  LoopState& loop_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes): a base
                     // class's working state
  const http::RequestHead* head_ = nullptr;
  std::string request_id_;
  std::string region_ = "us-east-1";
  RequestInfo request_;
  model::CallerRef caller_;  // null until the request is authenticated
  std::optional<Authorized> proof_;
  std::string resource_;  // of the first check, for the record
  // What DecodeAuthorizationMessage opens about a refusal; empty: nothing was refused, or the
  // caller gets none.
  std::string authorization_message_;

 private:
  void describe_refusal(const identity::Snapshot& snapshot, const CheckList& checks);
  void finish_later(const Status& status);
  void submit_write(Invocation& invocation);
  void run_prepared(Invocation& invocation, http::Call call);
  void run_blocking(Invocation& invocation, http::Call call);

  std::optional<http::Responder> responder_;
  std::shared_ptr<const identity::Snapshot> held_;
};

// The log line of our own faults, with the cause the caller never sees.
void log_fault(const Error& error, std::string_view request_id);

http::ExchangePtr make_query_exchange(LoopState& loop, bool is_iam, bool is_signed);
http::ExchangePtr make_rest_exchange(LoopState& loop);
http::ExchangePtr make_unserved_exchange(LoopState& loop, std::string service);
http::ExchangePtr make_web_exchange(LoopState& loop, WebService& service);

}  // namespace signet::api
