#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "escalation/ways.h"

// What many principals can make of what they may, as a whole.

namespace signet::escalation {

using Graph = std::vector<Powers>;  // each principal once

// One line of JSON: {"principals": [{"principal", "everything", "becomes", "strengthens"}]}
// (docs/guide/escalation.md).
[[nodiscard]] std::string write_graph(const Graph& graph);
// One way of it.
[[nodiscard]] std::string write_way(const Way& way);
// Nothing: it is not what write_graph() makes.
[[nodiscard]] std::optional<Graph> read_graph(std::string_view json);

// What somebody does on the way: `who` is whom they have become so far.
struct Step {
  std::string who;
  Way way;
  bool is_grant = false;  // gives way.to everything, instead of becoming it
};

// The steps from one principal to another, or to an administrator (empty `to`): fewest calls first,
// then fewest conditions. Nothing: there is no way. No steps: nothing is left to do.
[[nodiscard]] std::optional<std::vector<Step>> find_path(const Graph& graph,
                                                         std::string_view from,
                                                         std::string_view to);

// The weakest condition on the way.
[[nodiscard]] Condition::Kind kind_of(const std::vector<Step>& path);

}  // namespace signet::escalation
