#include "api/typed.h"

#include <array>
#include <cstddef>

#include "base/strings.h"
#include "facts/credentials.h"
#include "facts/errors.h"

namespace signet::api {
namespace {

// Where the operations of a service begin among all.
std::size_t first_of(facts::Service service) {
  static const auto kFirst = [] {
    std::array<std::size_t, facts::kServices> first{};
    const auto all = facts::all_operations();
    for (std::size_t i = all.size(); i-- > 0;) {
      first.at(static_cast<std::size_t>(all[i].service)) = i;
    }
    return first;
  }();
  return kFirst.at(static_cast<std::size_t>(service));
}

}  // namespace

std::size_t FactInvocation::number() const {
  return static_cast<std::size_t>(row_.id) - first_of(row_.service);
}

Status check_session_limits(const model::Caller& caller, const facts::OperationRow& row) {
  using facts::Sessions;
  const Sessions allowed = facts::credentials_of(row.id).sessions;
  if (!caller.session || allowed == Sessions::Any) {
    return {};
  }
  if (allowed == Sessions::None) {
    return fail(ErrorCode::AccessDenied,
                concat("Cannot call ", row.name, " with session credentials"));
  }
  const bool is_session_token = caller.session->kind == model::SessionKind::SessionToken;
  const bool may_be_session_token =
      allowed == Sessions::SessionToken ||
      (allowed == Sessions::SessionTokenWithMfa && caller.session->mfa_time.has_value());
  const bool is_refused = is_session_token
                              ? !may_be_session_token
                              : caller.session->kind == model::SessionKind::FederatedUser;
  if (!is_refused) {
    return {};
  }
  Error error = facts::make_error(ErrorCode::InvalidClientTokenId);
  error.cause =
      is_session_token && allowed == Sessions::SessionTokenWithMfa
          ? "sessions of GetSessionToken may call IAM only if they were made with an MFA code"
          : "the operation takes no sessions of this kind";
  return std::unexpected(std::move(error));
}

Error not_implemented(std::string_view operation) {
  return {
      .code = ErrorCode::NotImplemented,
      .message = concat("The operation ", operation, " is not implemented by this server yet.")};
}

std::vector<std::string_view> operations_of(facts::Service service) {
  std::vector<std::string_view> names;
  for (const facts::OperationRow& row : facts::all_operations()) {
    if (row.service == service) {
      names.push_back(row.name);
    }
  }
  return names;
}

}  // namespace signet::api
