#pragma once

#include <string_view>
#include <vector>

#include "api/saml_sign_in.h"
#include "http/message.h"

namespace signet::signin {

struct SamlChoicePage {
  std::string_view action;  // where the choice is posted
  std::string_view response;
  std::string_view relay_state;
  const std::vector<api::SamlRole>& roles;
  const identity::Snapshot& snapshot;  // knows the accounts' aliases
};

// Asks which of the roles of an assertion to sign in with; by account, in their order. Classes and
// fields are those of AWS's page, which programs read (saml2aws and its kin).
[[nodiscard]] http::Response saml_choice_page(const SamlChoicePage& page);

}  // namespace signet::signin
