#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/operation.h"
#include "api/query.h"
#include "authz/authorizer.h"
#include "facts/errors.h"
#include "facts/outcome_for_test.h"
#include "iam/handlers.h"
#include "identity/snapshot.h"
#include "identity/templates.h"

namespace signet::iam {

// For tests: two accounts in a real directory over the memory store, a clock that stands still, a
// catalogue with a handful of AWS's policies, and calls that go the pipeline's way: checks,
// authorize, prepare, handle.
class IamFixture {
 public:
  static constexpr std::string_view kAccount = "111122223333";
  static constexpr std::string_view kOther = "444455556666";
  static constexpr std::string_view kAdministrator = "arn:aws:iam::aws:policy/AdministratorAccess";
  static constexpr std::string_view kReadOnly = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
  static constexpr std::string_view kServiceRolePolicy =
      "arn:aws:iam::aws:policy/aws-service-role/ExampleServiceRolePolicy";

  IamFixture();
  ~IamFixture();
  IamFixture(const IamFixture&) = delete;
  IamFixture& operator=(const IamFixture&) = delete;
  IamFixture(IamFixture&&) = delete;
  IamFixture& operator=(IamFixture&&) = delete;

  template <class Request>
  auto call(const model::Caller& caller, const Request& request) {
    return call_between(caller, request, [] {});
  }

  // `meanwhile` happens after prepare() and before handle().
  template <class Request>
  auto call_between(const model::Caller& caller,
                    const Request& request,
                    const std::function<void()>& meanwhile) {
    if constexpr (api::HasPreparation<Request>) {
      typename api::detail::PreparationOf<Request>::Type prepared;
      return make_call(
          caller,
          request,
          [&](const api::CheckContext& context) -> Status {
            prepared = TRY(prepare(request, context));
            meanwhile();
            return {};
          },
          [&](const api::Authorized& proof, api::HandlerContext& context) {
            return handle(proof, request, prepared, context);
          });
    } else {
      return make_call(
          caller,
          request,
          [&](const api::CheckContext&) -> Status {
            meanwhile();
            return {};
          },
          [&](const api::Authorized& proof, api::HandlerContext& context) {
            return handle(proof, request, context);
          });
    }
  }

  // By root of the first account.
  template <class Request>
  auto call(const Request& request) {
    return call(root(), request);
  }

  // What a call needs, without making it.
  template <class Request>
  Result<api::CheckList> checks_of(const model::Caller& caller, const Request& request) {
    return look(caller, [&](const api::CheckContext& context) { return checks(request, context); });
  }

  [[nodiscard]] static model::Caller root(std::string_view account = kAccount);
  // A user of the first account that exists, calling with a long-term key.
  [[nodiscard]] model::Caller user(std::string_view name) const;
  // A session of a role of the first account that exists.
  [[nodiscard]] model::Caller session(std::string_view role_name) const;

  // Shorthands that must succeed.
  void make_user(std::string_view name);
  void make_group(std::string_view name);
  void make_role(std::string_view name);
  std::string make_policy(std::string_view name);  // its ARN
  // A user whose only permission is this inline policy; made anew on each call.
  model::Caller make_caller(std::string_view name, std::string_view policy);

  [[nodiscard]] std::shared_ptr<const identity::Snapshot> snapshot() const;
  // Makes the credential reports that were asked for, as the server's housekeeper does.
  void make_credential_reports();
  // Any change to the state, past all checks.
  void write(const std::function<void(identity::Transaction&)>& change);
  void advance_seconds(std::int64_t seconds);
  // Those that calls see; empty at first.
  identity::TemplateCatalogue& templates();
  [[nodiscard]] Instant now() const;

 private:
  struct Parts;
  using Checks = std::function<Result<api::CheckList>(const api::CheckContext&)>;
  using Prepare = std::function<Status(const api::CheckContext&)>;
  using Handle = std::function<Status(const api::Authorized&, api::HandlerContext&)>;

  Result<api::CheckList> look(const model::Caller& caller, const Checks& checks);
  Status run(facts::Operation operation,
             const model::Caller& caller,
             const Checks& checks,
             const Prepare& prepare,
             const Handle& handle);

  template <class Request, class Work>
  auto make_call(const model::Caller& caller,
                 const Request& request,
                 const Prepare& prepare,
                 const Work& work) {
    using Answer = decltype(work(std::declval<const api::Authorized&>(),
                                 std::declval<api::HandlerContext&>()));
    Answer answer = fail(ErrorCode::ServiceFailure, "the handler did not run");
    const Status status = run(
        kOperationOf<Request>,
        caller,
        [&](const api::CheckContext& context) { return checks(request, context); },
        prepare,
        [&](const api::Authorized& proof, api::HandlerContext& context) -> Status {
          answer = work(proof, context);
          return answer ? Status() : std::unexpected(answer.error());
        });
    if (!status) {
      answer = std::unexpected(status.error());
    }
    return answer;
  }

  std::unique_ptr<Parts> parts_;
};

// Valid documents.
inline constexpr std::string_view kAllowAll =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
inline constexpr std::string_view kTrustEc2 =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
    R"("Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]})";

}  // namespace signet::iam
