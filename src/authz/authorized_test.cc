#include "authz/authorized.h"

#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "authz/authorizer.h"

namespace signet::authz {
namespace {

// A proof cannot be made outside the Authorizer: not by default, not from braces, not as an
// aggregate, not by a copy of one that was handed out, not through a derived class.
struct Heir : Authorized {};

template <class T>
concept BraceConstructible = requires { T{}; };

template <class T>
concept TakesBraces = requires(void (*handler)(const T&)) { handler({}); };

static_assert(!std::is_default_constructible_v<Authorized>);
static_assert(!std::is_aggregate_v<Authorized>);
static_assert(!BraceConstructible<Authorized>);
static_assert(!TakesBraces<Authorized>);
static_assert(!std::is_copy_constructible_v<Authorized>);
static_assert(!std::is_copy_assignable_v<Authorized>);
static_assert(!std::is_constructible_v<Authorized, bool>);
static_assert(!std::is_constructible_v<Authorized, policy::Decision>);
static_assert(!std::is_default_constructible_v<Heir>);
static_assert(!std::is_convertible_v<bool, Authorized>);
static_assert(std::is_move_constructible_v<Authorized>);

// The one way to a proof is a Result of authorize().
static_assert(std::is_same_v<decltype(std::declval<Authorizer&>().authorize(
                                 std::declval<const AuthzContext&>(), std::declval<CheckList>())),
                             Result<Authorized>>);

TEST(Authorized, CannotBeForged) {
  // The assertions above are the test: this file does not compile when one of them fails.
  SUCCEED();
}

}  // namespace
}  // namespace signet::authz
