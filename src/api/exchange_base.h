#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/loop_state.h"
#include "api/pipeline.h"
#include "api/record.h"
#include "http/handler.h"

namespace signet::api {

// What the exchanges of all protocols share: where each step runs, who asks, the proof, and the
// record that is always written. A protocol adds what it makes of route, authenticate, decode and
// encode.
class ExchangeBase : public http::Exchange, public Steps {
 public:
  explicit ExchangeBase(LoopState& loop) : loop_(loop) {}

  http::Response no_room() override;

  [[nodiscard]] bool must_wait(Step step) override;
  // ServiceUnavailable while records are required and cannot be kept.
  [[nodiscard]] Status admit() override;
  [[nodiscard]] Status checks() final;
  [[nodiscard]] Status authorize() final;
  [[nodiscard]] Status handle() override;
  [[nodiscard]] Status record(const Status& outcome, const http::Response& answer) final;
  void send(http::Response answer) final;

 protected:
  // Fills request_ from the head. `request_id` is kept.
  void start(const http::RequestHead& head, std::string request_id);

  // Goes through the steps, on the loop's newest state. From begin() or finish().
  void go(Step step, http::Call call);

  // Goes straight to the refusal.
  void refuse(Status refusal, http::Call call);

  // The whole request is here: expiry, conditions and times are those of this moment, not of the
  // head's.
  void body_is_complete();

  // The operation, once route() has found it; null before.
  [[nodiscard]] virtual Invocation* invocation() const = 0;

  // Keeps who signed the request, as found in state().
  void set_caller(model::CallerRef caller);

  // Whether the caller was found in this very state, just now, and has not expired since.
  [[nodiscard]] bool is_caller_of(const identity::Snapshot& snapshot) const;

  // Finds in state(), another one or later, who was found before.
  [[nodiscard]] virtual Status renew_caller();

  // The state that the request is decided on now.
  [[nodiscard]] const identity::Snapshot& state() const { return *state_; }

  // What handle() gets on that state; the arguments are borrowed.
  [[nodiscard]] HandlerContext handler_context();

  // Gives a refusal its encoded message, where no client that knows AWS looks: in a header.
  void add_authorization_message(http::Response& response) const;

  // Credentials that ended, in the words of the protocol: those of IAM and STS unless overridden.
  [[nodiscard]] virtual Error credentials_error(authn::Refusal refusal) const {
    return authn::query_error(refusal);
  }

  // What the protocol knows of the request for its record. `answer` is null on the directory's
  // writer thread, where it is not made yet.
  virtual void describe(RecordDraft& draft,
                        const Status& outcome,
                        const http::Response* answer) const = 0;

  // A success that changed something outside the directory, whose record is kept before the answer
  // leaves; changes of the directory bring theirs with them.
  [[nodiscard]] virtual bool is_unrecorded_change() const { return false; }

  // Whether requests of this kind leave a record at all.
  [[nodiscard]] virtual bool leaves_record() const { return true; }

  // Where the request is counted.
  [[nodiscard]] virtual CounterSlot counter() const = 0;

  // The slot of the operation that was routed to, of this service; of its others before that.
  [[nodiscard]] CounterSlot counter_of(const ServiceEntry& entry) const;

  LoopState& loop_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes): a base
                     // class's working state
  const http::RequestHead* head_ = nullptr;
  std::string_view body_;  // of protocols that read it whole; empty until it is here
  std::string request_id_;
  std::string region_ = "us-east-1";
  RequestInfo request_;
  model::CallerRef caller_;  // null until the request is authenticated
  std::optional<Authorized> proof_;
  bool is_sent_ = false;

 private:
  // Whose thread the request is on.
  enum class Place : std::uint8_t { Loop, Pool, Writer, Answering };

  [[nodiscard]] CheckContext check_context() const;
  void note_access();
  // The call was decided on exactly this state, just before.
  [[nodiscard]] bool is_decided() const;
  void describe_refusal(const authz::AuthzContext& context, const CheckList& checks);
  void seal_refusal(std::string_view details);

  // Goes on with another state on the thread that owns the authorizer.
  void decide_at(Place place,
                 const identity::Snapshot& snapshot,
                 identity::Transaction* transaction,
                 authz::Authorizer& authorizer);
  [[nodiscard]] Status write(const identity::Snapshot& snapshot,
                             identity::Transaction& transaction);
  [[nodiscard]] Result<std::shared_ptr<const identity::Snapshot>> decide_on_newest();
  // Goes where the effect says. False: it stays on the loop.
  [[nodiscard]] bool leave_loop();
  // The same from the pool. False: it stays there.
  [[nodiscard]] bool leave_pool();
  void leave_to_examine();
  void submit_write();
  void keep_spent();
  // Goes on to the answer once the write is durable, or could not be made so.
  void submit(identity::WriteFn write);
  void submit_job();
  // Answers a call that finds no place where it has to go.
  void answer_instead(Status refusal);

  void count_refusal(ResultClass result, ErrorCode code);
  void observe(CounterSlot slot,
               ResultClass result,
               std::int64_t took_us,
               const Status& outcome,
               const http::Response& answer) const;

  // What the operator is told of a signature that differs.
  void log_signature(const Error& error) const;

  // Sends the record of a write along with its changes.
  void tell(identity::Transaction& transaction);
  [[nodiscard]] audit::Record append_line(std::string& line,
                                          const Status& outcome,
                                          const http::Response* answer) const;

  Place place_ = Place::Loop;
  const identity::Snapshot* state_ = nullptr;
  identity::Transaction* transaction_ = nullptr;
  authz::Authorizer* authorizer_ = nullptr;
  std::shared_ptr<const identity::Snapshot> held_;

  CheckList checks_;  // to be decided, or refused
  // What DecodeAuthorizationMessage opens about a refusal; empty: nothing was refused, or the
  // caller gets none.
  std::string authorization_message_;
  std::string refusal_;  // JSON, for the record
  // Revisions of the states in which the caller was found and the proof was given; 0: to be done
  // again wherever it is needed.
  std::uint64_t caller_of_ = 0;
  std::uint64_t proof_of_ = 0;
  Instant caller_at_;
  std::int64_t started_us_ = 0;  // monotonic
  std::int64_t write_us_ = 0;    // until it was durable, or refused; 0: nothing was written
  authz::RefusedBy refused_by_;  // of a call that policies refused
  bool has_asked_to_spend_ = false;
  bool has_examined_ = false;
  bool is_told_ = false;       // the record went with the change
  std::uint64_t written_ = 0;  // the revision that holds what was changed
  std::optional<Shares::Place> write_place_;
  std::optional<http::Call> call_;
  std::optional<http::Responder> responder_;
};

// The longest form that nobody signs: an assertion of 100,000 characters, of which base64's signs
// are percent-encoded, or a token of 20,000, beside session policies of 2,048 (aws-wire 8).
inline constexpr std::uint64_t kMaxEvidenceBodyBytes = std::uint64_t{128} * 1024;

// Whose work a call is: strangers are told apart by address.
[[nodiscard]] Share share_of(const model::Caller& caller, const RequestInfo& request);

// What is told to a request that finds no memory for its body: Throttling, or S3's SlowDown.
[[nodiscard]] Status too_busy();

// The log line of our own faults, with the cause the caller never sees.
void log_fault(const Error& error, std::string_view request_id);

}  // namespace signet::api
