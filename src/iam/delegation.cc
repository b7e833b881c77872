#include "iam/delegation.h"

#include <utility>

#include "base/strings.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "crypto/uuid.h"
#include "model/arn.h"

namespace signet::iam {
namespace {

using identity::DelegationRequest;
using identity::DelegationState;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kUnassignedSeconds = kDay;
// Every other state, and what is expired until it is forgotten.
// AWS-DIFF: how long AWS keeps expired requests is not known; Signet keeps them as long as any
// other state lasts (Delegations.ExpireAndAreForgotten).
constexpr std::int64_t kStateSeconds = 7 * kDay;

// What all notifications of a request say, up to what is special to one.
void begin_message(codec::JsonWriter& writer,
                   std::string_view type,
                   const DelegationRequest& request) {
  writer.begin_object();
  writer.member("Type", type);
  writer.member("RequestId", request.id);
  writer.member("RequestorWorkflowId", request.workflow);
  writer.member("State", name_of(request.state));
  if (!request.owner_account.empty()) {
    writer.member("OwnerAccountId", request.owner_account);
  }
  writer.member("UpdatedAt", codec::format_iso8601_ms(request.updated));
}

void put_notification(const DelegationRequest& request,
                      std::string message,
                      Random& random,
                      identity::Transaction& transaction) {
  identity::Notification notification;
  notification.account = request.account;
  notification.id = crypto::uuid_v4(random);
  notification.channel = request.channel;
  notification.created = request.updated;
  notification.message = identity::make_shared_secret(std::move(message));
  transaction.put(std::move(notification));
}

}  // namespace

std::string delegation_arn(std::string_view account, std::string_view id) {
  return model::iam_arn(account, "delegation-request", "/", id);
}

std::string_view name_of(DelegationState state) {
  switch (state) {
    case DelegationState::Unassigned:
      return "UNASSIGNED";
    case DelegationState::Assigned:
      return "ASSIGNED";
    case DelegationState::PendingApproval:
      return "PENDING_APPROVAL";
    case DelegationState::Accepted:
      return "ACCEPTED";
    case DelegationState::Finalized:
      return "FINALIZED";
    case DelegationState::Rejected:
      return "REJECTED";
    case DelegationState::Expired:
      break;
  }
  return "EXPIRED";
}

DelegationState state_at(const DelegationRequest& request, Instant now) {
  return now >= request.expires ? DelegationState::Expired : request.state;
}

const DelegationRequest* find_delegation(const identity::Snapshot& snapshot,
                                         std::string_view account,
                                         std::string_view id,
                                         Unowned unowned) {
  const DelegationRequest* request = snapshot.find<DelegationRequest>(id);
  if (request == nullptr) {
    return nullptr;
  }
  const bool is_shown = request->owner_account.empty() ? unowned == Unowned::Shown
                                                       : request->owner_account == account;
  return is_shown ? request : nullptr;
}

bool is_owner(const DelegationRequest& request, const model::Caller& caller) {
  return !request.owner_arn.empty() && request.owner_arn == caller.arn &&
         request.owner_id == caller.principal_id;
}

void enter_state(DelegationRequest& request,
                 DelegationState state,
                 Instant now,
                 Random& random,
                 identity::Transaction& transaction) {
  request.state = state;
  request.updated = now;
  request.expires =
      now.plus_seconds(state == DelegationState::Unassigned ? kUnassignedSeconds : kStateSeconds);
  if (state == DelegationState::Unassigned) {
    return;
  }
  std::string message;
  codec::JsonWriter writer(message);
  begin_message(writer, "StateChange", request);
  writer.end_object();
  put_notification(request, std::move(message), random, transaction);
}

void tell_exchange_token(const DelegationRequest& request,
                         std::string_view token,
                         Instant expires,
                         Random& random,
                         identity::Transaction& transaction) {
  std::string message;
  codec::JsonWriter writer(message);
  begin_message(writer, "ExchangeToken", request);
  writer.member("ExchangeToken", token);
  writer.member("ExpiresAt", codec::format_iso8601_ms(expires));
  writer.end_object();
  put_notification(request, std::move(message), random, transaction);
}

bool end_delegations(const identity::Snapshot& snapshot,
                     Instant now,
                     std::size_t limit,
                     Random& random,
                     identity::Transaction& transaction) {
  bool has_ended = false;
  for (const DelegationRequest* request : snapshot.ended_delegations(now, limit)) {
    has_ended = true;
    if (request->state == DelegationState::Expired) {
      transaction.erase<DelegationRequest>(request->id);
      continue;
    }
    DelegationRequest changed = *request;
    enter_state(changed, DelegationState::Expired, now, random, transaction);
    transaction.put(std::move(changed));
  }
  for (const identity::Notification* one :
       snapshot.notifications_before(now.plus_seconds(-kStateSeconds), limit)) {
    has_ended = true;
    transaction.erase<identity::Notification>(one->id);
  }
  return has_ended;
}

}  // namespace signet::iam
