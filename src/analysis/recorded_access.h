#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace signet::analysis {

// An action on a resource, as a policy would name them.
struct Access {
  std::string action;    // service:Name
  std::string resource;  // an ARN, or "*" for actions without resource types

  auto operator<=>(const Access&) const = default;
};

struct Uses {
  std::uint64_t count = 0;
  std::string first;  // times as records have them: ISO 8601, UTC
  std::string last;
};

// What one user, role or root did and was allowed, from the lines of an audit trail
// (docs/formats/audit.md), in any order. Not thread-safe.
class RecordedAccess {
 public:
  // The ARN of a user, a role or one of its sessions (for all of them), or root. `since` and
  // `until`: ISO 8601 as records have it, or a beginning of it such as a date; empty: no bound.
  // Both days count.
  explicit RecordedAccess(std::string principal_arn,
                          std::string since = {},
                          std::string until = {});

  // Takes one record. Records of others, of refused calls and of other times, and lines that are no
  // record, change nothing.
  void add(std::string_view line);

  // Decisions that needed a permission.
  [[nodiscard]] const std::map<Access, Uses>& accesses() const { return accesses_; }

  // Events that no action is known for, "service:Event".
  [[nodiscard]] const std::map<std::string, std::uint64_t>& unexplained() const {
    return unexplained_;
  }

  [[nodiscard]] std::uint64_t records() const { return records_; }

 private:
  [[nodiscard]] bool is_of_principal(std::string_view arn) const;

  std::string principal_;
  std::string role_;  // where the ARN is a session's: the role's name and account
  std::string account_;
  std::string since_;
  std::string until_;
  std::map<Access, Uses> accesses_;
  std::map<std::string, std::uint64_t> unexplained_;
  std::uint64_t records_ = 0;
};

}  // namespace signet::analysis
