#pragma once

#include <string>

#include "escalation/graph.h"

// The graph for people.

namespace signet::escalation {

// Who becomes whom, for Graphviz. Principals without a way from or to them are left out.
[[nodiscard]] std::string draw_dot(const Graph& graph);

// The same as a picture: administrators stand on the right, everybody else as many steps to the
// left as they are away from one.
[[nodiscard]] std::string draw_svg(const Graph& graph);

// "always", "if {...} or {...}", "if MFA", "perhaps (REASON)".
[[nodiscard]] std::string words_of(const Condition& condition);

// A path as lines: what to type, as whom, and under which conditions it works.
[[nodiscard]] std::string tell(const std::vector<Step>& path);

}  // namespace signet::escalation
