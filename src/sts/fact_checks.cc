#include "sts/handlers.h"

namespace signet::sts {

namespace {

api::CheckList one_check(api::Check check) {
  api::CheckList list;  // a braced list would copy it
  list.push_back(std::move(check));
  return list;
}

// The action knows no resource types, and AccessDenied names none (aws-wire 2.6).
api::Check account_check(std::string_view action) {
  return {.action = std::string(action), .resource = "*", .wildcard_only = true};
}

// Allowed whatever policies say (aws-wire 3.7).
api::Check open_check(std::string_view action) {
  return {.action = std::string(action), .resource = "*", .grant = authz::Grant::ToSignedIn};
}

}  // namespace

// checks() of the operations whose check is said in facts/operations/curated.tsv.
#include "sts/fact_checks.inc"

}  // namespace signet::sts
