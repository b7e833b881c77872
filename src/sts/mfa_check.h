#pragma once

#include <optional>
#include <string>

#include "api/operation.h"
#include "base/result.h"

namespace signet::sts {

// Spends the MFA code of a call. True if one was given and is right; false if the call names
// neither device nor code. The device must be assigned to the caller itself, a user or root.
// Errors: AccessDenied in the words of aws-wire 2.6.
[[nodiscard]] Result<bool> spend_mfa_code(const std::optional<std::string>& serial_number,
                                          const std::optional<std::string>& token_code,
                                          const api::CheckContext& context);

// Stores that the code of a call was spent, so that it stays spent across a restart. For a handler
// whose checks() called spend_mfa_code() with success.
void store_spent_code(const std::string& serial_number, api::HandlerContext& context);

}  // namespace signet::sts
