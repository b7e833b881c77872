#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/operation.h"
#include "base/result.h"
#include "identity/entities.h"

namespace signet::sts {

// The MFA code of a call after it was looked at: none was given, or one that is right and now
// spent, whatever becomes of the call.
class SpentCode {
 public:
  // No code was given.
  SpentCode() = default;

  // Spends the code of a call. The device must be assigned to the caller itself, a user or root.
  // AccessDenied in the words of aws-wire 2.6, also when only one of serial number and code is
  // given.
  [[nodiscard]] static Result<SpentCode> spend(const std::optional<std::string>& serial_number,
                                               const std::optional<std::string>& token_code,
                                               const api::CheckContext& context);

  [[nodiscard]] bool is_used() const { return seed_ != nullptr; }

  // Whether the code still speaks for the caller: nothing, or the refusal of a code of a device
  // that is not the caller's (any more), or that another process took meanwhile.
  [[nodiscard]] Status check(const api::CheckContext& context) const;

  // Stores that the code is spent, so that it stays so across a restart.
  void keep(const identity::Snapshot& snapshot,
            const api::Deps& deps,
            identity::Transaction& transaction) const;

 private:
  [[nodiscard]] bool is_of(const identity::MfaDevice& device) const;

  std::string serial_;
  // The device's own: one that is made again under its serial has another.
  identity::SharedSecret seed_;
  std::int64_t step_ = -1;  // that the code is of
};

}  // namespace signet::sts
