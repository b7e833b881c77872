#include "api/query.h"

#include <array>
#include <cstddef>

namespace signet::api {
namespace {

// Where the operations of a service begin among all.
std::size_t first_of(facts::Service service) {
  static const auto kFirst = [] {
    std::array<std::size_t, 2> first{};
    const auto all = facts::all_operations();
    for (std::size_t i = all.size(); i-- > 0;) {
      first.at(static_cast<std::size_t>(all[i].service)) = i;
    }
    return first;
  }();
  return kFirst.at(static_cast<std::size_t>(service));
}

}  // namespace

std::size_t QueryInvocation::number() const {
  return static_cast<std::size_t>(row_.id) - first_of(row_.service);
}

std::vector<std::string_view> QueryService::operations() const {
  std::vector<std::string_view> names;
  for (const facts::OperationRow& row : facts::all_operations()) {
    if (row.service == id_) {
      names.push_back(row.name);
    }
  }
  return names;
}

}  // namespace signet::api
