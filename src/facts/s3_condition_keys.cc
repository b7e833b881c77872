#include "facts/s3_condition_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/strings.h"

namespace signet::facts {
namespace {

struct Row {
  std::string_view name;
  std::size_t first;
  std::size_t count;  // 0: every action
};

constexpr auto kRows = std::to_array<Row>({
#include "facts/s3_condition_keys_table.inc"
});

constexpr auto kActions = std::to_array<std::string_view>({
#include "facts/s3_condition_actions.inc"
});

}  // namespace

std::optional<S3ConditionKey> find_s3_condition_key(std::string_view name) {
  const std::size_t slash = name.find('/');
  const std::string_view wanted =
      slash == std::string_view::npos ? name : name.substr(0, slash + 1);
  const auto* const row = std::find_if(kRows.begin(), kRows.end(), [wanted](const Row& each) {
    return equals_ignore_case(each.name, wanted);
  });
  if (row == kRows.end() || slash + 1 == name.size()) {
    return std::nullopt;
  }
  return S3ConditionKey{.fits_every_action = row->count == 0,
                        .actions = std::span(kActions).subspan(row->first, row->count)};
}

}  // namespace signet::facts
