#include "sigv4/canonical.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/strings.h"
#include "crypto/sha256.h"

namespace signet::sigv4 {
namespace {

constexpr std::string_view kUpperDigits = "0123456789ABCDEF";

// RFC 3986 2.3: what SigV4 never encodes.
constexpr std::array<bool, 256> make_unreserved() {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    const char as_char = static_cast<char>(c);
    table[c] =
        is_alpha(as_char) || is_digit(as_char) || c == '-' || c == '.' || c == '_' || c == '~';
  }
  return table;
}

constexpr std::array<bool, 256> kUnreserved = make_unreserved();

bool is_unreserved(char c) {
  return kUnreserved[static_cast<std::uint8_t>(c)];
}

int digit_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void append_encoded(std::string& out, char c) {
  if (is_unreserved(c)) {
    out.push_back(c);
    return;
  }
  const auto byte = static_cast<std::uint8_t>(c);
  const std::array<char, 3> escape{'%', kUpperDigits[byte >> 4], kUpperDigits[byte & 15]};
  out.append(escape.data(), escape.size());
}

// The byte that text[at] stands for, '%XX' decoded; moves `at` past it. A '%' without two digits is
// itself.
char take_decoded(std::string_view text, std::size_t& at) {
  const char c = text[at++];
  if (c != '%' || at + 2 > text.size()) {
    return c;
  }
  const int high = digit_value(text[at]);
  const int low = digit_value(text[at + 1]);
  if (high < 0 || low < 0) {
    return c;
  }
  at += 2;
  return static_cast<char>(high * 16 + low);
}

void append_run_of_unreserved(std::string& out, std::string_view text, std::size_t& at) {
  const std::size_t start = at;
  while (at < text.size() && is_unreserved(text[at])) {
    ++at;
  }
  out.append(text, start, at - start);
}

// A query name or value in canonical form: decoded, then encoded.
//
// A '+' is read as a space. On the wire both the Query protocol and S3 mean a space by it (form
// decoding), S3 is known to accept a '+' that the signer counted as %20 (aws4fetch issue 83), and
// any other reading would let somebody turn a signed %2B into a '+', which the service would then
// read as a space, without breaking the signature.
void append_recoded(std::string& out, std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    append_run_of_unreserved(out, text, at);
    if (at < text.size()) {
      const bool is_plus = text[at] == '+';
      const char decoded = take_decoded(text, at);
      append_encoded(out, is_plus ? ' ' : decoded);
    }
  }
}

// S3's path: decoded and encoded once, so that however a client escapes, one key has one form,
// which is also the one that the operation is about. An escaped slash becomes a plain one, as S3's
// answers show (recorded 2026-02: sent "/%2Fbucket", shown "//bucket").
void append_s3_path(std::string& out, std::string_view path) {
  std::size_t at = 0;
  while (at < path.size()) {
    append_run_of_unreserved(out, path, at);
    if (at < path.size()) {
      const char decoded = take_decoded(path, at);
      if (decoded == '/') {
        out.push_back('/');
      } else {
        append_encoded(out, decoded);
      }
    }
  }
}

// Resolves '.', '..' and empty segments of `path`, encoding what is left as it is, so that an
// escape is escaped again.
void append_normalized_path(std::string& out, std::string_view path) {
  const std::size_t start = out.size();
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (segment == "..") {
      const std::size_t parent = out.rfind('/');
      out.resize(parent == std::string::npos || parent < start ? start : parent);
    } else if (!segment.empty() && segment != ".") {
      out.push_back('/');
      for (const char c : segment) {
        append_encoded(out, c);
      }
    }
  }
}

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Whether one of eight bytes is a blank or another byte up to 0x20.
bool has_byte_up_to_space(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, 8);
  return ((word - kOnes * 0x21) & ~word & (kOnes * 0x80)) != 0;
}

std::size_t find_blank(std::string_view text, std::size_t at) {
  while (at + 8 <= text.size() && !has_byte_up_to_space(text.data() + at)) {
    at += 8;
  }
  while (at < text.size() && !is_blank(text[at])) {
    ++at;
  }
  return at;
}

// Trimmed, and every inner run of blanks made one space (aws-wire 2.2; folded lines count as
// blanks).
void append_header_value(std::string& out, std::string_view value) {
  std::size_t at = 0;
  bool is_first = true;
  while (at < value.size()) {
    while (at < value.size() && is_blank(value[at])) {
      ++at;
    }
    const std::size_t end = find_blank(value, at);
    if (end > at) {
      if (!is_first) {
        out.push_back(' ');
      }
      out.append(value, at, end - at);
      is_first = false;
    }
    at = end;
  }
}

void append_fields_named(std::string& out, const RequestView& request, std::string_view name) {
  bool is_first = true;
  for (const HeaderView& field : request.headers) {
    if (has_name(field, name)) {
      if (!is_first) {
        out.push_back(',');
      }
      append_header_value(out, field.value);
      is_first = false;
    }
  }
}

}  // namespace

void append_decoded(std::string& out, std::string_view text, Plus plus) {
  std::size_t at = 0;
  while (at < text.size()) {
    const bool is_space = text[at] == '+' && plus == Plus::Space;
    const char decoded = take_decoded(text, at);
    out.push_back(is_space ? ' ' : decoded);
  }
}

void append_canonical_path(std::string& out, std::string_view raw_path, bool normalize) {
  if (raw_path.empty() || raw_path == "/") {
    out.push_back('/');
    return;
  }
  if (!normalize) {
    append_s3_path(out, raw_path);
    return;
  }
  const std::size_t start = out.size();
  append_normalized_path(out, raw_path);
  if (out.size() == start || raw_path.ends_with('/')) {
    out.push_back('/');
  }
}

void append_canonical_query(std::string& out,
                            std::string_view raw_query,
                            QueryOptions options,
                            Scratch& scratch) {
  if (raw_query.empty()) {
    return;
  }
  scratch.parameters.clear();
  scratch.encoded.clear();
  scratch.encoded.reserve(raw_query.size() * 3);  // the views below must not move
  while (!raw_query.empty()) {
    const std::size_t end = raw_query.find('&');
    const std::string_view piece = raw_query.substr(0, end);
    raw_query.remove_prefix(end == std::string_view::npos ? raw_query.size() : end + 1);
    if (piece.empty()) {
      continue;
    }
    const std::size_t equals = piece.find('=');
    const std::size_t name_start = scratch.encoded.size();
    append_recoded(scratch.encoded, piece.substr(0, equals));
    const std::size_t value_start = scratch.encoded.size();
    if (equals != std::string_view::npos) {
      append_recoded(scratch.encoded, piece.substr(equals + 1));
    }
    const std::string_view all = scratch.encoded;
    const std::string_view name = all.substr(name_start, value_start - name_start);
    const bool is_signature = options.is_presigned && name == "X-Amz-Signature";
    const bool is_late_token = options.skip_token && name == "X-Amz-Security-Token";
    if (!is_signature && !is_late_token) {
      scratch.parameters.emplace_back(name, all.substr(value_start));
    }
  }
  std::sort(scratch.parameters.begin(), scratch.parameters.end());
  bool is_first = true;
  for (const auto& [name, value] : scratch.parameters) {
    if (!is_first) {
      out.push_back('&');
    }
    is_first = false;
    out.append(name).append(1, '=').append(value);
  }
}

void append_canonical_headers(std::string& out,
                              const RequestView& request,
                              std::string_view signed_headers) {
  while (!signed_headers.empty()) {
    const std::size_t end = signed_headers.find(';');
    const std::string_view name = signed_headers.substr(0, end);
    signed_headers.remove_prefix(end == std::string_view::npos ? signed_headers.size() : end + 1);
    out.append(name).push_back(':');
    append_fields_named(out, request, name);
    out.push_back('\n');
  }
}

void build_canonical_request(const RequestView& request,
                             std::string_view signed_headers,
                             std::string_view payload_hash,
                             bool normalize_path,
                             QueryOptions options,
                             Scratch& scratch) {
  std::string& out = scratch.canonical;
  out.clear();
  out.append(request.method).push_back('\n');
  append_canonical_path(out, request.path(), normalize_path);
  out.push_back('\n');
  append_canonical_query(out, request.query(), options, scratch);
  out.push_back('\n');
  append_canonical_headers(out, request, signed_headers);
  out.append(1, '\n').append(signed_headers).append(1, '\n').append(payload_hash);
}

void build_string_to_sign(Algorithm algorithm,
                          std::string_view amz_date,
                          std::string_view scope,
                          Scratch& scratch) {
  std::string& out = scratch.string_to_sign;
  out.clear();
  out.append(name_of(algorithm)).append(1, '\n').append(amz_date).append(1, '\n');
  out.append(scope).append(1, '\n');
  std::array<char, 64> digits;
  crypto::write_hex(crypto::sha256(scratch.canonical), digits.data());
  out.append(digits.data(), digits.size());
}

}  // namespace signet::sigv4
