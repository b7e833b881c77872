#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/pipeline.h"
#include "api/record.h"
#include "authn/authenticator.h"
#include "authn/credentials.h"

namespace signet::api {

// What one event loop keeps between requests. Touched by that loop's thread only.
class LoopState {
 public:
  // `writer` is the directory's writer thread's own authorizer: used there only.
  LoopState(PipelineParts& pipeline_parts, authz::Authorizer& writer)
      : parts(pipeline_parts),
        writer_authorizer(writer),
        reader(pipeline_parts.directory),
        authenticator(pipeline_parts.deps.rings) {}

  PipelineParts& parts;
  authz::Authorizer& writer_authorizer;
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

  // The whole request is here: expiry, conditions and times are those of this moment, not of the
  // head's.
  void body_is_complete();

  // Keeps who signed the request, as found in a state.
  void set_caller(model::CallerRef caller, const identity::Snapshot& snapshot);

  // Whether the caller was found in this very state, just now, and has not expired since.
  [[nodiscard]] bool is_caller_of(const identity::Snapshot& snapshot) const;

  // spend(), then the first decision; on the loop, on a state in which the caller was found.
  [[nodiscard]] Status admit(Invocation& invocation, const identity::Snapshot& snapshot);

  // Decides an admitted call once more, with the caller found again; on the loop.
  [[nodiscard]] Status admit_again(Invocation& invocation, const identity::Snapshot& snapshot);

  // What handle() gets on a state that the call was decided on. The arguments are borrowed;
  // `transaction` null: nothing is written.
  [[nodiscard]] HandlerContext context_of(const identity::Snapshot& snapshot,
                                          identity::Transaction* transaction,
                                          authz::Authorizer* authorizer);

  // Runs handle() where the invocation's effect says, then make_answer() on whatever thread that
  // was. `snapshot` is the one that the loop's reader gave last, on which the call was admitted.
  // `call` is answered or deferred when this returns.
  void run(Invocation& invocation, const identity::Snapshot& snapshot, http::Call call);

  // Answers a call that was refused before run(), once what it used up is stored. `invocation` may
  // be null.
  void refuse(const Invocation* invocation, Status refusal, http::Call call);

  // Gives a refusal its encoded message, where no client that knows AWS looks: in a header.
  void add_authorization_message(http::Response& response) const;

  // Makes the answer of a finished call; `status` is what handle() (or the commit) said.
  [[nodiscard]] virtual http::Response make_answer(const Status& status) = 0;

  // Credentials that ended, in the words of the protocol: those of IAM and STS unless overridden.
  [[nodiscard]] virtual Error credentials_error(authn::Refusal refusal) const {
    return authn::query_error(refusal);
  }

  // What the protocol knows of the request for its record. Called where make_answer() is, or on the
  // directory's writer thread.
  virtual void describe(RecordDraft& draft, const Status& status) const = 0;

  // Writes the audit record, unless it went with the change. `is_change`: something was changed, so
  // the record is kept before the answer leaves. ServiceUnavailable: it must be kept and cannot be.
  [[nodiscard]] Status record(const Status& status, bool is_change);

  LoopState& loop_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes): a base
                     // class's working state
  const http::RequestHead* head_ = nullptr;
  std::string request_id_;
  std::string region_ = "us-east-1";
  RequestInfo request_;
  model::CallerRef caller_;  // null until the request is authenticated
  std::optional<Authorized> proof_;
  CheckList checks_;  // of the last decision; for the record, what they borrow may be gone
  // What DecodeAuthorizationMessage opens about a refusal; empty: nothing was refused, or the
  // caller gets none.
  std::string authorization_message_;

 private:
  // Finds again, in another state or later, who signed the request: the refusal that the same
  // credentials would get now.
  [[nodiscard]] Status renew_caller(const identity::Snapshot& snapshot);
  // The call may be carried out on exactly this state: decided just before, or now with the caller
  // found again. On the thread that owns the authorizer.
  [[nodiscard]] Status decide(Invocation& invocation,
                              const identity::Snapshot& snapshot,
                              authz::Authorizer& authorizer);
  // checks() and authorize(); the proof is kept.
  [[nodiscard]] Status authorize(Invocation& invocation,
                                 const identity::Snapshot& snapshot,
                                 authz::Authorizer& authorizer);
  void describe_refusal(const identity::Snapshot& snapshot, const CheckList& checks);

  [[nodiscard]] Status carry_out(Invocation& invocation,
                                 const identity::Snapshot& snapshot,
                                 identity::Transaction* transaction,
                                 authz::Authorizer& authorizer);
  [[nodiscard]] Status write(Invocation& invocation,
                             const identity::Snapshot& snapshot,
                             identity::Transaction& transaction);
  [[nodiscard]] Result<std::shared_ptr<const identity::Snapshot>> decide_on_newest(
      Invocation& invocation, authz::Authorizer& authorizer) const;
  // Sends the record of a write along with its changes.
  void tell(const Status& status, identity::Transaction& transaction);
  [[nodiscard]] audit::Record append_line(std::string& line, const Status& status) const;
  void submit_write(Invocation& invocation);
  // Answers outcome_ once the write is durable, or why it is not.
  void submit(identity::WriteFn write);
  void run_prepared(Invocation& invocation, http::Call call);
  void run_blocking(Invocation& invocation, http::Call call);
  void finish_later(const Status& status);
  void submit_job(Work work, WorkerPool::Job job);

  // Revisions of the states in which the caller was found and the proof was given; 0: to be done
  // again wherever it is needed.
  std::uint64_t caller_of_ = 0;
  std::uint64_t proof_of_ = 0;
  Instant caller_at_;
  bool is_told_ = false;  // the record went with the change
  Status outcome_;        // of a call that stored what it used up
  std::optional<http::Responder> responder_;
  std::shared_ptr<const identity::Snapshot> held_;
};

// What is told to a request that finds no memory for its body: Throttling, or S3's SlowDown.
[[nodiscard]] Status too_busy();

// The log line of our own faults, with the cause the caller never sees.
void log_fault(const Error& error, std::string_view request_id);

http::ExchangePtr make_query_exchange(LoopState& loop, bool is_iam, bool is_signed);
http::ExchangePtr make_rest_exchange(LoopState& loop);
http::ExchangePtr make_unserved_exchange(LoopState& loop, std::string service);
http::ExchangePtr make_web_exchange(LoopState& loop, WebService& service);

}  // namespace signet::api
