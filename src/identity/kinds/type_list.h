#pragma once

#include <tuple>
#include <type_traits>

namespace signet::identity {

// A list of types.
template <class... T>
struct Types {};

namespace detail {

template <class... Lists>
struct JoinedLists;

template <>
struct JoinedLists<> {
  using Type = Types<>;
};

template <class... A>
struct JoinedLists<Types<A...>> {
  using Type = Types<A...>;
};

template <class... A, class... B, class... Rest>
struct JoinedLists<Types<A...>, Types<B...>, Rest...> : JoinedLists<Types<A..., B...>, Rest...> {};

}  // namespace detail

// The lists one after the other.
template <class... Lists>
using Joined = typename detail::JoinedLists<Lists...>::Type;

namespace detail {

template <template <class> class Predicate, class List>
struct Filtered;

template <template <class> class Predicate, class... T>
struct Filtered<Predicate, Types<T...>> {
  using Type = Joined<std::conditional_t<Predicate<T>::value, Types<T>, Types<>>...>;
};

template <class First, class... Rest>
First first_of(Types<First, Rest...>);

}  // namespace detail

// Those types of a list for which Predicate<T>::value holds.
template <template <class> class Predicate, class List>
using Filter = typename detail::Filtered<Predicate, List>::Type;

template <class List>
using FirstOf = decltype(detail::first_of(List()));

// Calls visit.operator()<T>() for each type of a list.
template <class... T, class Visit>
constexpr void for_each_type(Types<T...>, Visit&& visit) {
  (visit.template operator()<T>(), ...);
}

// The same until a call returns something that converts to false; that, or what the last returned.
template <class Outcome, class... T, class Visit>
Outcome try_each_type(Types<T...>, Outcome outcome, Visit&& visit) {
  (void)((outcome = visit.template operator()<T>(), static_cast<bool>(outcome)) && ...);
  return outcome;
}

// Makes, in the file that has `template struct Instances<Of, List>;`, the functions of which
// Of<T>::kFunctions is a tuple of pointers, so that a header need only declare them.
template <template <class> class Of, class List>
struct Instances;

template <template <class> class Of, class... T>
struct Instances<Of, Types<T...>> {
  static constexpr std::tuple kAll = {Of<T>::kFunctions...};
};

}  // namespace signet::identity
