#pragma once

#include <string_view>
#include <vector>

#include "facts/catalogue.h"
#include "policy_language/document.h"

namespace signet::iam {

// Which services and actions a policy lets somebody use: those that a statement allows somewhere.
// Conditions, resources and denials are not looked at (new-in-2026 10).

// `prefix` may be one that the catalogue does not know: then any action of it counts.
[[nodiscard]] bool allows_service(const policy::Document& document, std::string_view prefix);

// `action` is one of the service's, without its prefix.
[[nodiscard]] bool allows_action(const policy::Document& document,
                                 std::string_view prefix,
                                 std::string_view action);

// A statement denies every action of the service on every resource without condition.
[[nodiscard]] bool denies_service(const policy::Document& document, std::string_view prefix);

// The services of the catalogue that any of the documents allows, sorted by prefix. Linear in the
// catalogue for patterns that leave the service open: not for an event loop.
[[nodiscard]] std::vector<const facts::CatalogueService*> allowed_services(
    const std::vector<const policy::Document*>& documents);

// The actions of a service that any of the documents allows, as the catalogue has them.
[[nodiscard]] std::vector<std::string_view> allowed_actions(
    const std::vector<const policy::Document*>& documents, const facts::CatalogueService& service);

}  // namespace signet::iam
