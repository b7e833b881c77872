#include "audit/chain.h"

#include <algorithm>

#include "base/strings.h"
#include "crypto/sha256.h"

namespace signet::audit {
namespace {

constexpr std::size_t kDigestSize = 64;
constexpr std::string_view kSequence = ",\"sequence\":";
constexpr std::string_view kPrevious = ",\"previous\":\"";
constexpr std::string_view kChain = ",\"chain\":\"";
constexpr std::string_view kEnd = "\"}";

bool is_digest(std::string_view text) {
  return text.size() == kDigestSize && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f');
         });
}

// A number as we write it: no leading zero, above 0.
std::optional<std::uint64_t> read_sequence(std::string_view text) {
  const auto number = parse_decimal(text);
  if (!number || text.starts_with('0')) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*number);
}

}  // namespace

std::string chain_digest(std::string_view previous, std::string_view covered) {
  crypto::Sha256 hash;
  hash.update(previous);
  hash.update(covered);
  std::string digest(kDigestSize, '\0');
  crypto::write_hex(hash.finish(), digest.data());
  return digest;
}

void append_chained(std::string& out, std::string_view line, ChainPoint& point, bool begins_file) {
  const std::size_t start = out.size();
  out += line.substr(0, line.rfind('}'));
  out += kSequence;
  out += std::to_string(++point.sequence);
  if (begins_file) {
    out += kPrevious;
    out += point.digest;
    out += '"';
  }
  point.digest = chain_digest(point.digest, std::string_view(out).substr(start));
  out += kChain;
  out += point.digest;
  out += kEnd;
  out += '\n';
}

std::optional<ChainTail> read_chain_tail(std::string_view line) {
  const std::size_t tail_size = kChain.size() + kDigestSize + kEnd.size();
  if (line.size() < tail_size || !line.ends_with(kEnd)) {
    return std::nullopt;
  }
  ChainTail tail{.point = {}, .previous = {}, .covered = line.substr(0, line.size() - tail_size)};
  const std::string_view digest = line.substr(tail.covered.size() + kChain.size(), kDigestSize);
  if (!line.substr(tail.covered.size()).starts_with(kChain) || !is_digest(digest)) {
    return std::nullopt;
  }
  std::string_view rest = tail.covered;
  const std::size_t previous_size = kPrevious.size() + kDigestSize + 1;
  if (rest.size() > previous_size && rest.ends_with('"')) {
    const std::string_view member = rest.substr(rest.size() - previous_size);
    const std::string_view value = member.substr(kPrevious.size(), kDigestSize);
    if (!member.starts_with(kPrevious) || !is_digest(value)) {
      return std::nullopt;
    }
    tail.previous = value;
    rest.remove_suffix(previous_size);
  }
  const std::size_t at = rest.rfind(kSequence);
  const auto number = at == std::string_view::npos
                          ? std::optional<std::uint64_t>()
                          : read_sequence(rest.substr(at + kSequence.size()));
  if (!number || !rest.starts_with('{')) {
    return std::nullopt;
  }
  tail.point = {.sequence = *number, .digest = std::string(digest)};
  return tail;
}

std::string format_head(const ChainPoint& point) {
  return concat(std::to_string(point.sequence), " ", point.digest, "\n");
}

std::optional<ChainPoint> read_head(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !text.ends_with('\n')) {
    return std::nullopt;
  }
  const auto number = read_sequence(text.substr(0, space));
  const std::string_view digest = text.substr(space + 1, text.size() - space - 2);
  if (!number || !is_digest(digest)) {
    return std::nullopt;
  }
  return ChainPoint{.sequence = *number, .digest = std::string(digest)};
}

}  // namespace signet::audit
