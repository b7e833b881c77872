#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace signet::codec {

struct FormParam {
  std::string_view name;
  std::string_view value;
};

enum class FormFault : std::uint8_t {
  BadEscape,  // '%' without two hexadecimal digits
  NotUtf8,
  TooMany,  // more parameters than the limit
};

// The parameters of an application/x-www-form-urlencoded text (a POST body, a query string, or
// both), decoded, checked to be UTF-8 and sorted by name. Owns its bytes: views from it live as
// long as it does, also after a move.
class FormParams {
 public:
  static constexpr std::size_t kMaxParams = 10'000;

  // Pairs are split at '&'; pieces without a name are skipped; a piece without '=' has an empty
  // value. The two texts count as one. Cost is linear but for the sort.
  [[nodiscard]] static std::expected<FormParams, FormFault> parse(std::string_view text,
                                                                  std::string_view more = {});

  // Null when there is no such parameter. Of several with this name the first; see duplicate().
  [[nodiscard]] const FormParam* find(std::string_view name) const;

  // The value, or empty when absent.
  [[nodiscard]] std::string_view get(std::string_view name) const;

  // All whose name begins with the prefix: neighbours, since names are sorted.
  [[nodiscard]] std::span<const FormParam> with_prefix(std::string_view prefix) const;

  [[nodiscard]] std::span<const FormParam> all() const { return params_; }

  // A name that occurs more than once; readers refuse such requests rather than choose a value.
  [[nodiscard]] std::optional<std::string_view> duplicate() const;

 private:
  std::unique_ptr<char[]> bytes_;
  std::vector<FormParam> params_;
};

}  // namespace signet::codec
