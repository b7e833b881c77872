#pragma once

#include <map>
#include <string>
#include <string_view>

namespace signet::analysis {

// When everybody in an audit trail did what last, by its records (docs/formats/audit.md), in any
// order. Refused calls are no use. Not thread-safe.
class RecordedUse {
 public:
  // Takes one record; a line that is none changes nothing.
  void add(std::string_view line);

  // Times as records have them: ISO 8601, UTC; empty: never. Principals by ARN, a role's sessions
  // as the role; services by the prefix of their actions; actions as service:Name.
  [[nodiscard]] std::string_view last_of(std::string_view principal) const;
  [[nodiscard]] std::string_view last_of_key(std::string_view access_key_id) const;
  [[nodiscard]] std::string_view last_of_service(std::string_view principal,
                                                 std::string_view service) const;
  [[nodiscard]] std::string_view last_of_action(std::string_view principal,
                                                std::string_view action) const;

 private:
  using Times = std::map<std::string, std::string, std::less<>>;

  static void note(Times& times, std::string key, std::string_view time);
  [[nodiscard]] static std::string_view find(const Times& times, std::string_view key);

  Times principals_;
  Times keys_;
  Times services_;  // "ARN service"
  Times actions_;   // "ARN service:Name"
};

}  // namespace signet::analysis
