#include "jose/jws.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"

namespace signet::jose {
namespace {

using Failure = std::unexpected<std::string>;

// In the order of Algorithm.
constexpr std::array<std::string_view, 6> kNames{
    "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"};

std::expected<codec::Json, std::string> read_header(std::string_view part) {
  const std::optional<std::string> text = codec::decode_base64url(part);
  if (!text) {
    return Failure("the header is not base64url");
  }
  std::string why;
  std::optional<codec::Json> header = codec::Json::parse(*text, &why);
  if (!header || !header->is_object()) {
    return Failure(concat("the header is no JSON object: ", why));
  }
  return *std::move(header);
}

std::expected<void, std::string> take_header(const codec::Json& header, CompactJws& jws) {
  const codec::Json* algorithm = header.find("alg");
  if (algorithm == nullptr || !algorithm->is_string()) {
    return Failure("the header names no algorithm");
  }
  const std::optional<Algorithm> known = find_algorithm(algorithm->text());
  if (!known) {
    return Failure(concat("the algorithm ", algorithm->text(), " is not accepted"));
  }
  if (header.find("crit") != nullptr) {
    return Failure("the header has extensions that must be understood, and none is");
  }
  jws.algorithm = *known;
  if (const codec::Json* id = header.find("kid"); id != nullptr) {
    if (!id->is_string()) {
      return Failure("the key id is no text");
    }
    jws.key_id = id->text();
  }
  return {};
}

}  // namespace

std::optional<Algorithm> find_algorithm(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  return found != kNames.end() ? std::optional(static_cast<Algorithm>(found - kNames.begin()))
                               : std::nullopt;
}

std::string_view name_of(Algorithm algorithm) {
  return kNames.at(static_cast<std::size_t>(algorithm));
}

std::expected<CompactJws, std::string> read_compact(std::string_view text) {
  if (text.size() > kMaxCompactSize) {
    return Failure("the token is too long");
  }
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (first == std::string_view::npos || first == last || text.find('.', first + 1) != last) {
    return Failure("the token does not have three parts");
  }
  auto header = read_header(text.substr(0, first));
  if (!header) {
    return Failure(header.error());
  }
  CompactJws jws;
  if (auto taken = take_header(*header, jws); !taken) {
    return Failure(std::move(taken.error()));
  }
  auto payload = codec::decode_base64url(text.substr(first + 1, last - first - 1));
  auto signature = codec::decode_base64url(text.substr(last + 1));
  if (!payload || !signature || signature->empty()) {
    return Failure("payload or signature is not base64url");
  }
  jws.header = *std::move(header);
  jws.signing_input = text.substr(0, last);
  jws.payload = *std::move(payload);
  jws.signature = *std::move(signature);
  return jws;
}

}  // namespace signet::jose
