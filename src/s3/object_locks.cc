// GetObjectRetention, PutObjectRetention, GetObjectLegalHold, PutObjectLegalHold.
#include <utility>

#include "base/strings.h"
#include "codec/time.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/object_lock.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/typed.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;

// What the four have in common. None has another action for a version.
template <class Request, class Response>
class LockOperation : public Typed<ObjectInvocation, Request, Response> {
 public:
  using Typed<ObjectInvocation, Request, Response>::Typed;

 protected:
  Result<CheckList> checks_of(const CheckContext& context) override {
    static_cast<void>(TRY(this->named_version()));
    std::vector<authz::ContextEntry> keys = version_keys(this->request());
    add_keys(context.request.now, keys);
    return only(this->own_check(context, std::move(keys)));
  }

  // Context keys of what the request wants.
  virtual void add_keys(Instant /*now*/, std::vector<authz::ContextEntry>& /*keys*/) const {}

  // The version that the request is about.
  [[nodiscard]] Result<objects::ObjectInfo> require_version(const identity::Bucket& bucket,
                                                            const HandlerContext& context) {
    if (!has_object_lock(bucket)) {
      return bucket_without_lock();
    }
    return this->find_present(context, bucket);
  }

  // Changes the lock of the version, at once with the look at it.
  template <class Change>
  [[nodiscard]] Status change(const identity::Bucket& bucket,
                              const HandlerContext& context,
                              const Change& change) {
    const std::string version = TRY(this->named_version());
    return this->store().amend(
        store_id(bucket), this->key(), version, [&](objects::ObjectInfo& info) -> Status {
          if (info.is_marker) {
            return std::unexpected(this->marker_refused());
          }
          ObjectLock lock = lock_of(info.headers);
          TRY_STATUS(change(lock, context.request.now));
          set_lock(info.headers, lock);
          return {};
        });
  }
};

Failure lock_absent() {
  return std::unexpected(facts::make_error(ErrorCode::NoSuchObjectLockConfiguration));
}

Failure malformed() {
  return std::unexpected(facts::make_error(ErrorCode::MalformedXML));
}

class GetObjectRetention final
    : public LockOperation<shapes::GetObjectRetentionRequest, shapes::GetObjectRetentionResponse> {
 public:
  using LockOperation::LockOperation;

 protected:
  Result<shapes::GetObjectRetentionResponse> answer_to(
      const shapes::GetObjectRetentionRequest& /*request*/,
      const identity::Bucket* bucket,
      HandlerContext& context) override {
    const ObjectLock lock = lock_of(TRY(require_version(*bucket, context)).headers);
    if (!lock.retention) {
      return lock_absent();
    }
    return shapes::GetObjectRetentionResponse{
        .retention = shapes::ObjectLockRetention{.mode = std::string(name_of(lock.retention->mode)),
                                                 .retain_until_date = lock.retention->until}};
  }
};

class PutObjectRetention final
    : public LockOperation<shapes::PutObjectRetentionRequest, shapes::PutObjectRetentionResponse> {
 public:
  using LockOperation::LockOperation;

 protected:
  void add_keys(Instant now, std::vector<authz::ContextEntry>& keys) const override {
    if (const auto& wanted = asked().retention) {
      add_retention_keys(
          wanted->mode.value_or(""),
          wanted->retain_until_date ? codec::format_iso8601_ms(*wanted->retain_until_date) : "",
          now,
          keys);
    }
  }

  Result<shapes::PutObjectRetentionResponse> answer_to(
      const shapes::PutObjectRetentionRequest& request,
      const identity::Bucket* bucket,
      HandlerContext& context) override {
    const std::optional<Retention> wanted = TRY(wanted_retention(request, context.request.now));
    TRY_STATUS(check_bypass(headers(), *bucket));
    static_cast<void>(TRY(require_version(*bucket, context)));
    const auto newest = TRY(still_allowed(context, store_id(*bucket)));
    const Bypass bypass = bypass_of(context, *newest, key());
    const auto set = [&](ObjectLock& lock, Instant now) -> Status {
      TRY_STATUS(check_new_retention(lock, wanted, now, bypass));
      lock.retention = wanted;
      return {};
    };
    TRY_STATUS(change(*bucket, context, set));
    return shapes::PutObjectRetentionResponse();
  }

 private:
  // An empty element takes the retention away.
  [[nodiscard]] static Result<std::optional<Retention>> wanted_retention(
      const shapes::PutObjectRetentionRequest& request, Instant now) {
    if (!request.retention) {
      return malformed();
    }
    const shapes::ObjectLockRetention& asked = *request.retention;
    if (asked.event_hold || asked.event_hold_duration) {
      return event_hold_not_implemented();
    }
    if (!asked.mode && !asked.retain_until_date) {
      return std::nullopt;
    }
    if (!asked.mode || !asked.retain_until_date) {
      return malformed();
    }
    if (*asked.retain_until_date <= now) {
      return about(retain_until_past(),
                   "RetainUntilDate",
                   codec::format_iso8601_ms(*asked.retain_until_date));
    }
    return Retention{.mode = lock_mode_named(*asked.mode).value_or(LockMode::Compliance),
                     .until = *asked.retain_until_date};
  }
};

class GetObjectLegalHold final
    : public LockOperation<shapes::GetObjectLegalHoldRequest, shapes::GetObjectLegalHoldResponse> {
 public:
  using LockOperation::LockOperation;

 protected:
  Result<shapes::GetObjectLegalHoldResponse> answer_to(
      const shapes::GetObjectLegalHoldRequest& /*request*/,
      const identity::Bucket* bucket,
      HandlerContext& context) override {
    const ObjectLock lock = lock_of(TRY(require_version(*bucket, context)).headers);
    if (!lock.legal_hold) {
      return lock_absent();
    }
    return shapes::GetObjectLegalHoldResponse{
        .legal_hold = shapes::ObjectLockLegalHold{.status = *lock.legal_hold ? "ON" : "OFF"}};
  }
};

class PutObjectLegalHold final
    : public LockOperation<shapes::PutObjectLegalHoldRequest, shapes::PutObjectLegalHoldResponse> {
 public:
  using LockOperation::LockOperation;

 protected:
  void add_keys(Instant /*now*/, std::vector<authz::ContextEntry>& keys) const override {
    if (const auto& wanted = asked().legal_hold; wanted && wanted->status) {
      keys.push_back({.key = "s3:object-lock-legal-hold", .values = {*wanted->status}});
    }
  }

  Result<shapes::PutObjectLegalHoldResponse> answer_to(
      const shapes::PutObjectLegalHoldRequest& request,
      const identity::Bucket* bucket,
      HandlerContext& context) override {
    if (!request.legal_hold || !request.legal_hold->status) {
      return malformed();
    }
    static_cast<void>(TRY(require_version(*bucket, context)));
    static_cast<void>(TRY(still_allowed(context, store_id(*bucket))));
    const bool is_held = *request.legal_hold->status == "ON";
    const auto set = [is_held](ObjectLock& lock, Instant /*now*/) -> Status {
      lock.legal_hold = is_held;
      return {};
    };
    TRY_STATUS(change(*bucket, context, set));
    return shapes::PutObjectLegalHoldResponse();
  }
};

}  // namespace

SIGNET_S3_MAKE(GetObjectRetention)
SIGNET_S3_MAKE(PutObjectRetention)
SIGNET_S3_MAKE(GetObjectLegalHold)
SIGNET_S3_MAKE(PutObjectLegalHold)

}  // namespace signet::s3
