#pragma once

#include <optional>

#include "saml/assertion.h"
#include "saml/impl/tree.h"

namespace signet::saml {

// The members of an Assertion that stand in the element itself (SAML core 2.3.3). Nothing if it is
// malformed: a time that is none, an attribute without a name, two subjects.
[[nodiscard]] std::optional<Assertion> assertion_of(const XmlNode& element);

}  // namespace signet::saml
