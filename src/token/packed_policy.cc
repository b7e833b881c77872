#include "token/packed_policy.h"

#include <algorithm>

#include "base/strings.h"
#include "token/deflate.h"

namespace signet::token {
namespace {

// Deflated bytes that count as 100 per cent: the recorded policy of 160 characters then takes 16.
constexpr std::size_t kPolicySpace = 800;
// Bytes of keys and values that count as 100 per cent: the recorded 2,268 then take 498.
constexpr std::size_t kTagSpace = 456;

int percent_of(std::size_t bytes, std::size_t space) {
  return static_cast<int>((bytes * 100 + space - 1) / space);
}

}  // namespace

int packed_policy_size(std::string_view policy, std::span<const std::string> policy_arns) {
  std::string text(policy);
  std::size_t characters = utf8_length(policy);
  for (const std::string& arn : policy_arns) {
    text.append(1, '\n').append(arn);
    characters += arn.size();
  }
  const int size = text.empty() ? 0 : percent_of(deflate_bytes(text).size(), kPolicySpace);
  const bool is_short = characters <= static_cast<std::size_t>(kPlainPolicyLimit);
  return is_short ? std::min(size, 100) : size;
}

int packed_tags_size(std::span<const model::Tag> tags) {
  std::size_t bytes = 0;
  for (const model::Tag& tag : tags) {
    bytes += tag.key.size() + tag.value.size();
  }
  return percent_of(bytes, kTagSpace);
}

}  // namespace signet::token
