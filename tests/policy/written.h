#pragma once

#include "generator.h"

// Generated policies as they are written: the same rights in other words, and requests made of one
// statement.

namespace signet::ref {

// The same policies written otherwise: statements and documents taken apart, repeated and put in
// another order, `*` written as `**`, `?*` as `*?`, and equal texts as patterns whose wildcards are
// escaped (`${*}`). What cannot be parsed stays as it is.
[[nodiscard]] GeneratedPolicies rewritten(const GeneratedPolicies& world, Random& random);

// Gives a request what a statement of the world, often two, asks for: action, resource and the
// context keys of its conditions. Most requests of make_request() are of several statements' parts.
void aim(const GeneratedPolicies& world, Request& request, Random& random);

}  // namespace signet::ref
