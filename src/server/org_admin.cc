#include "server/org_admin.h"

#include <functional>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "facts/errors.h"
#include "server/accounts.h"
#include "server/org_file.h"

namespace signet::server {
namespace {

using identity::OrgLevel;
using identity::OrgPolicies;
using identity::Snapshot;
using identity::Transaction;

// The account's record, or an empty one.
Result<OrgPolicies> record_of(const Snapshot& state, const std::string& account) {
  if (state.find<identity::Account>(account) == nullptr) {
    return no_such_account(account);
  }
  const OrgPolicies* found = state.find<OrgPolicies>(account);
  OrgPolicies org = found != nullptr ? *found : OrgPolicies();
  org.account = account;
  return org;
}

// Stores what `edit` makes of the account's record, told as `event` with `text`.
Result<std::string> change(identity::Directory& directory,
                           const std::string& account,
                           std::string_view event,
                           std::string text,
                           const std::function<Status(OrgPolicies&)>& edit,
                           const Operator& by) {
  const auto write = [&](const Snapshot& state, Transaction& transaction) -> Status {
    OrgPolicies org = TRY(record_of(state, account));
    TRY_STATUS(edit(org));
    transaction.put(std::move(org));
    transaction.tell(by.line(event, text));
    return {};
  };
  TRY_STATUS(directory.apply(write));
  return text;
}

std::string counted_levels(std::string_view what, const std::vector<OrgLevel>& levels) {
  return concat(
      std::to_string(levels.size()), levels.size() == 1 ? " level of " : " levels of ", what);
}

// "none" takes the delegated administrator away.
constexpr std::string_view kNobody = "none";

// What a request says of the organization as a whole, as members of its management account.
void put_management(const codec::Json& request, OrgPolicies& org) {
  if (const codec::Json* access = request.find("iam_access"); access != nullptr) {
    org.has_iam_access = access->as_bool();
  }
  if (const codec::Json* billing = request.find("billing_only"); billing != nullptr) {
    org.is_billing_only = billing->as_bool();
  }
  if (const std::string_view delegate = request.string_at("delegated_administrator");
      !delegate.empty()) {
    org.delegated_administrator = delegate == kNobody ? std::string_view() : delegate;
  }
}

void forget_management(OrgPolicies& org) {
  org.has_iam_access = false;
  org.is_billing_only = false;
  org.delegated_administrator.clear();
  org.root_features.clear();
}

std::string told_of_management(const codec::Json& request) {
  std::string text;
  if (const codec::Json* access = request.find("iam_access"); access != nullptr) {
    text += access->as_bool() ? ", IAM has trusted access" : ", IAM has no trusted access";
  }
  if (const codec::Json* billing = request.find("billing_only"); billing != nullptr) {
    text += billing->as_bool() ? ", consolidated billing only" : ", all features";
  }
  if (const std::string_view delegate = request.string_at("delegated_administrator");
      !delegate.empty()) {
    text += concat(", delegated administrator for IAM: ", delegate);
  }
  return text;
}

Result<std::optional<std::vector<OrgLevel>>> levels_of(const codec::Json& request,
                                                       std::string_view member,
                                                       OrgPolicyKind kind) {
  const codec::Json* levels = request.find(member);
  if (levels == nullptr) {
    return std::nullopt;
  }
  return TRY(read_levels(*levels, kind, member));
}

}  // namespace

Result<std::string> show_organization(identity::Directory& directory,
                                      const std::string& account,
                                      const Operator& by) {
  std::string text;
  const auto write = [&](const Snapshot& state, Transaction& transaction) -> Status {
    const OrgPolicies org = TRY(record_of(state, account));
    text = state.find<OrgPolicies>(account) != nullptr ? show_org(org) : "{}";
    transaction.tell(by.line("GetOrganization", concat("organization of account ", account), true));
    return {};
  };
  TRY_STATUS(directory.apply(write));
  return text;
}

Result<std::string> place_account(identity::Directory& directory,
                                  const codec::Json& request,
                                  const Operator& by) {
  const std::string account(request.string_at("account"));
  const codec::Json* management = request.find("management");
  std::string text = concat("account ", account, " has a new place in its organization:");
  for (const std::string_view name : {"organization", "path"}) {
    if (const std::string_view value = request.string_at(name); !value.empty()) {
      text += concat(" ", name, " ", value);
    }
  }
  if (management != nullptr) {
    text += management->as_bool() ? " management account" : " member";
  }
  text += told_of_management(request);
  const auto edit = [&](OrgPolicies& org) -> Status {
    if (const std::string_view id = request.string_at("organization"); !id.empty()) {
      org.organization_id = id;
    }
    if (const std::string_view path = request.string_at("path"); !path.empty()) {
      org.path = path;
    }
    if (management != nullptr) {
      org.is_management = management->as_bool();
      if (!org.is_management) {
        forget_management(org);
      }
    }
    put_management(request, org);
    return check_organization(org, "organization");
  };
  return change(directory, account, "PlaceAccount", std::move(text), edit, by);
}

Result<std::string> set_org_policies(identity::Directory& directory,
                                     const codec::Json& request,
                                     const Operator& by) {
  const std::string account(request.string_at("account"));
  const auto scps = TRY(levels_of(request, "scps", OrgPolicyKind::Scp));
  const auto rcps = TRY(levels_of(request, "rcps", OrgPolicyKind::Rcp));
  if (!scps && !rcps) {
    return fail(ErrorCode::InvalidInput, "give scps or rcps, a list of levels");
  }
  std::string text = concat("account ", account, " has");
  if (scps) {
    text += concat(" ", counted_levels("service control policies", *scps));
  }
  if (rcps) {
    text += concat(scps ? " and " : " ", counted_levels("resource control policies", *rcps));
  }
  const auto edit = [&](OrgPolicies& org) -> Status {
    org.scps = scps.value_or(std::move(org.scps));
    org.rcps = rcps.value_or(std::move(org.rcps));
    return {};
  };
  return change(directory, account, "SetOrganizationPolicies", std::move(text), edit, by);
}

Result<std::string> leave_organization(identity::Directory& directory,
                                       const std::string& account,
                                       const Operator& by) {
  std::string text;
  const auto write = [&](const Snapshot& state, Transaction& transaction) -> Status {
    TRY_STATUS(record_of(state, account));
    const bool is_in_one = state.find<OrgPolicies>(account) != nullptr;
    text = concat(
        "account ", account, is_in_one ? " left its organization" : " is in no organization");
    if (is_in_one) {
      transaction.erase<OrgPolicies>(account);
    }
    transaction.tell(by.line("LeaveOrganization", text, !is_in_one));
    return {};
  };
  TRY_STATUS(directory.apply(write));
  return text;
}

}  // namespace signet::server
