#include "organizations/listing.h"

#include "base/strings.h"
#include "codec/base64.h"
#include "facts/organizations_sentences.h"

namespace signet::organizations {

Result<std::size_t> items_before(std::string_view list, const std::optional<std::string>& token) {
  if (!token) {
    return 0;
  }
  const auto text = codec::decode_base64(*token);
  const std::string begin = concat(list, "\n");
  const auto sent = text && text->starts_with(begin)
                        ? parse_decimal(std::string_view(*text).substr(begin.size()))
                        : std::nullopt;
  if (!sent) {
    return next_token_invalid();
  }
  return static_cast<std::size_t>(*sent);
}

std::string next_token(std::string_view list, std::size_t sent) {
  return codec::encode_base64(concat(list, "\n", std::to_string(sent)));
}

}  // namespace signet::organizations
