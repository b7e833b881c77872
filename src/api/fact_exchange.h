#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/exchange_base.h"
#include "api/services.h"
#include "api/typed.h"
#include "facts/operations.h"

namespace signet::api {

// What the exchanges of the protocols that sign the whole body have in common (Query, REST with
// JSON): which bodies are read at all, who asks, and what is recorded.
class FactExchange : public ExchangeBase {
 public:
  FactExchange(LoopState& loop, const ServiceEntry& entry, facts::Service service, bool is_signed)
      : ExchangeBase(loop), entry_(&entry), service_(service), is_signed_(is_signed) {}

  http::BodyPlan begin(const http::RequestHead& head, http::Call call) override;
  void finish(std::string_view body, http::Call call) override;

  // Also refuses what asked for a state that did not come.
  Status admit() override;

  // Of an operation that takes no signature, none is looked at (aws-wire 2.2).
  Status authenticate() override;

 protected:
  // What the head tells before there is a body; it may have no more to say.
  virtual void look_at_head(const http::RequestHead& /*head*/) {}

  // Why a request with this head is refused whatever its body says.
  [[nodiscard]] virtual Status check_place() { return {}; }

  // Whether the head names an operation that takes no signature of AWS's, whatever else it has in
  // place of one.
  [[nodiscard]] virtual bool needs_no_signature(const http::RequestHead& /*head*/) const {
    return false;
  }

  // Whether a request of somebody unknown may bring a token or an assertion, so that a body of up
  // to kMaxEvidenceBodyBytes is worth reading.
  [[nodiscard]] virtual bool may_bring_evidence(const http::RequestHead& head) const = 0;

  // The operation as the facts have it, once route() has found it.
  [[nodiscard]] virtual const FactInvocation* fact_invocation() const = 0;

  CounterSlot counter() const override { return counter_of(*entry_); }

  void describe(RecordDraft& draft,
                const Status& outcome,
                const http::Response* answer) const override;

  [[nodiscard]] bool takes_no_signature() const;

  [[nodiscard]] const ServiceEntry& entry() const { return *entry_; }

  [[nodiscard]] facts::Service service() const { return service_; }

  [[nodiscard]] bool is_signed() const { return is_signed_; }

  // The request is for another service of the same protocol.
  void change_service(const ServiceEntry& entry, facts::Service service) {
    entry_ = &entry;
    service_ = service;
  }

  // The operation that the request names; null: there is none of that name.
  void set_operation(const facts::OperationRow* row, std::string_view event) {
    row_ = row;
    event_ = event;
  }

  [[nodiscard]] const facts::OperationRow* row() const { return row_; }

  [[nodiscard]] std::string_view event() const { return event_; }

 private:
  [[nodiscard]] http::BodyPlan plan_body(const http::RequestHead& head, http::Call call);
  void wait_for_state(http::Call call);
  [[nodiscard]] Status check_head();
  [[nodiscard]] bool begins_evidence(const http::RequestHead& head);

  const ServiceEntry* entry_;
  facts::Service service_;
  bool is_signed_;
  std::optional<Shares::Place> body_place_;  // of a large one, while nobody has verified it
  const facts::OperationRow* row_ = nullptr;
  std::string_view event_;
  bool has_odd_wish_ = false;  // for a state
  bool is_state_here_ = true;  // that was asked for
};

}  // namespace signet::api
