#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/strings.h"

// A request taken apart once per decision. Private to this room.

namespace signet::policy {

struct Request;

// Positions of the first five colons of an ARN.
using Colons = std::array<std::size_t, 5>;

// False when there are fewer than five.
[[nodiscard]] bool find_colons(std::string_view text, Colons& colons);

// Part `i` of six.
[[nodiscard]] inline std::string_view part_at(std::string_view text,
                                              const Colons& colons,
                                              std::size_t i) {
  const std::size_t begin = i == 0 ? 0 : colons[i - 1] + 1;
  const std::size_t end = i == 5 ? text.size() : colons[i];
  return {text.data() + begin, end - begin};
}

struct RequestParts {
  explicit RequestParts(const Request& request);

  std::string_view action;
  std::uint64_t action_hash;  // hash_action()
  std::string_view resource;
  Colons colons;  // where is_arn
  bool is_arn;    // six parts; false: only "*" matches

  [[nodiscard]] std::string_view part(std::size_t i) const { return part_at(resource, colons, i); }

  // "arn:aws:s3:", the first three parts.
  [[nodiscard]] std::string_view lead() const {
    std::string_view text = resource;
    text.remove_suffix(text.size() - colons[2] - 1);
    return text;
  }

  // The action belongs to the service with that name, in lower case, of three letters.
  [[nodiscard]] bool is_of_service(const char (&name)[4]) const {
    return action.size() > 3 && action[3] == ':' && to_lower(action[0]) == name[0] &&
           to_lower(action[1]) == name[1] && to_lower(action[2]) == name[2];
  }
};

// Case-blind hash of an action name; equal for names that differ by ASCII case only.
[[nodiscard]] std::uint64_t hash_action(std::string_view action);

}  // namespace signet::policy
