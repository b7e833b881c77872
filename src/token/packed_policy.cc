#include "token/packed_policy.h"

#include <algorithm>

#include "base/strings.h"
#include "token/deflate.h"

namespace signet::token {
namespace {

// Deflated bytes that count as 100 per cent: the recorded policy of 160 characters then takes 16.
constexpr std::size_t kPackedSpace = 800;

int percent_of_space(std::size_t bytes) {
  return static_cast<int>((bytes * 100 + kPackedSpace - 1) / kPackedSpace);
}

}  // namespace

int packed_policy_size(std::string_view policy,
                       std::span<const std::string> policy_arns,
                       std::span<const model::Tag> tags) {
  std::string text(policy);
  std::size_t characters = utf8_length(policy);
  for (const std::string& arn : policy_arns) {
    text.append(1, '\n').append(arn);
    characters += arn.size();
  }
  int size = text.empty() ? 0 : percent_of_space(deflate_bytes(text).size());
  if (characters <= static_cast<std::size_t>(kPlainPolicyLimit)) {
    size = std::min(size, 100);
  }
  if (!tags.empty()) {
    const std::size_t before = text.empty() ? 0 : deflate_bytes(text).size();
    for (const model::Tag& tag : tags) {
      text.append(1, '\n').append(tag.key).append(1, '\n').append(tag.value);
    }
    const std::size_t after = deflate_bytes(text).size();
    size += percent_of_space(after > before ? after - before : 0);
  }
  return size;
}

}  // namespace signet::token
