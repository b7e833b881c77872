#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "signin/recent_roles.h"

namespace signet::signin {

// The pages of a sign-in with a password. Each carries `step`, sealed, to the next one; what was
// wrong stands above the form. Passwords and codes are never put into a page.

struct SignInPage {
  bool is_root = false;
  std::string_view account;  // what was typed, or named by a link
  std::string_view user;
  std::string_view step;
  std::string_view to = {};       // where it leads
  std::string_view problem = {};  // empty: none yet
  int status = 200;
};

[[nodiscard]] http::Response sign_in_page(const SignInPage& page);

struct StepPage {
  std::string_view who;  // ARN
  std::string_view step;
  std::string_view to = {};
  std::string_view problem = {};
  int status = 200;
};

// What the person can show: a code of a device, or one of these passkeys.
struct MfaChoices {
  bool has_codes = true;
  std::vector<std::string> passkeys = {};  // credential ids in base64url
};

// With passkeys the page has a script, which asks for one; it is good for a code without.
[[nodiscard]] http::Response mfa_page(const StepPage& page, const MfaChoices& choices);
[[nodiscard]] http::Response new_password_page(const StepPage& page);

struct SwitchRolePageData {
  std::size_t session = 0;   // of the browser's (session_number.h)
  std::string_view account;  // as a link names them, or as they were typed
  std::string_view role;     // path and name
  std::string_view display_name;
  std::string_view color;
  std::string_view problem = {};
  int status = 200;
  std::vector<RecentRole> recent = {};  // to go back to
};

[[nodiscard]] http::Response switch_role_page(const SwitchRolePageData& page);

}  // namespace signet::signin
