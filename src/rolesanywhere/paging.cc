#include "rolesanywhere/paging.h"

#include <utility>

#include "base/strings.h"
#include "codec/base64.h"

namespace signet::rolesanywhere {
namespace {

constexpr std::size_t kDefaultSize = 50;
constexpr std::size_t kMaxSize = 1000;

std::string scope_of(std::string_view type, const Place& place) {
  return concat(type, "\n", place.account, "\n", place.region, "\n");
}

}  // namespace

Result<PageQuery> read_page(std::string_view type,
                            const Place& place,
                            const std::optional<std::string>& token,
                            const std::optional<std::int64_t>& size) {
  PageQuery query{.after = {}, .limit = kDefaultSize};
  if (size) {
    if (*size < 1 || std::cmp_greater(*size, kMaxSize)) {
      return page_size_invalid(kMaxSize);
    }
    query.limit = static_cast<std::size_t>(*size);
  }
  if (token) {
    const auto text = codec::decode_base64url(*token);
    const std::string scope = scope_of(type, place);
    if (!text || !text->starts_with(scope)) {
      return next_token_invalid();
    }
    query.after = text->substr(scope.size());
  }
  return query;
}

std::string next_token(std::string_view type, const Place& place, std::string_view key) {
  return codec::encode_base64url(concat(scope_of(type, place), key));
}

}  // namespace signet::rolesanywhere
