#include "sigv4/wire_parts.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "sigv4/canonical.h"

namespace signet::sigv4 {
namespace {

std::string_view trim_spaces(std::string_view text) {
  while (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  while (text.ends_with(' ')) {
    text.remove_suffix(1);
  }
  return text;
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::optional<std::string_view> raw_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (piece.starts_with(name) && (piece.size() == name.size() || piece[name.size()] == '=')) {
      return piece.substr(piece.size() == name.size() ? name.size() : name.size() + 1);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> parameter(std::string_view query,
                                          std::string_view name,
                                          Scratch& scratch) {
  const std::optional<std::string_view> raw = raw_parameter(query, name);
  if (!raw || raw->find_first_of("%+") == std::string_view::npos) {
    return raw;
  }
  const std::size_t start = scratch.decoded.size();
  append_decoded(scratch.decoded, *raw, Plus::Space);
  return std::string_view(scratch.decoded).substr(start);
}

Components split_components(std::string_view text) {
  Components found;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    const std::string_view piece = trim_spaces(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos) {
      continue;
    }
    const std::string_view name = piece.substr(0, equals);
    const std::string_view value = piece.substr(equals + 1);
    if (name == "Credential") {
      found.credential = value;
    } else if (name == "SignedHeaders") {
      found.signed_headers = value;
    } else if (name == "Signature") {
      found.signature = value;
    }
  }
  return found;
}

std::optional<Credential> split_credential(std::string_view text, Algorithm algorithm) {
  const std::size_t count = algorithm == Algorithm::HmacSha256 ? 5 : 4;
  std::array<std::string_view, 5> parts;
  std::string_view rest = text;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t slash = rest.find('/');
    const bool is_last = i + 1 == count;
    if ((slash == std::string_view::npos) != is_last) {
      return std::nullopt;
    }
    parts[i] = rest.substr(0, slash);
    rest.remove_prefix(is_last ? rest.size() : slash + 1);
  }
  return Credential{.key_id = parts[0],
                    .date = parts[1],
                    .region = count == 5 ? parts[2] : std::string_view(),
                    .service = parts[count - 2],
                    .terminator = parts[count - 1],
                    .scope = text.substr(parts[0].size() + 1)};
}

std::optional<Algorithm> algorithm_of(std::string_view authorization) {
  for (const Algorithm algorithm : {Algorithm::HmacSha256, Algorithm::EcdsaP256Sha256}) {
    if (authorization.starts_with(name_of(algorithm))) {
      return algorithm;
    }
  }
  return std::nullopt;
}

bool is_signed_header(std::string_view signed_headers, std::string_view name) {
  while (!signed_headers.empty()) {
    const std::size_t end = signed_headers.find(';');
    if (has_name({.name = signed_headers.substr(0, end), .value = {}}, name)) {
      return true;
    }
    signed_headers.remove_prefix(end == std::string_view::npos ? signed_headers.size() : end + 1);
  }
  return false;
}

std::optional<PayloadKind> payload_kind(std::string_view value, Algorithm algorithm) {
  if (value == kUnsignedPayload) {
    return PayloadKind::Unsigned;
  }
  if (value == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    return PayloadKind::StreamUnsignedTrailer;
  }
  if (value.size() == 64 && std::ranges::all_of(value, is_hex_digit)) {
    return PayloadKind::Hash;
  }
  constexpr std::string_view kStreaming = "STREAMING-";
  const std::string_view name = name_of(algorithm);
  if (!value.starts_with(kStreaming) || !value.substr(kStreaming.size()).starts_with(name)) {
    return std::nullopt;
  }
  const std::string_view rest = value.substr(kStreaming.size() + name.size());
  if (rest == "-PAYLOAD") {
    return PayloadKind::StreamSigned;
  }
  return rest == "-PAYLOAD-TRAILER" ? std::optional(PayloadKind::StreamSignedTrailer)
                                    : std::nullopt;
}

}  // namespace signet::sigv4
