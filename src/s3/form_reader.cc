#include "s3/form_reader.h"

#include <algorithm>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::s3 {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadersEnd = "\r\n\r\n";

std::unexpected<Error> malformed() {
  return std::unexpected(facts::make_error(ErrorCode::MalformedPOSTRequest));
}

// A parameter of a header's value (`; name="value"`), unquoted; nothing if it is absent. A quote in
// a quoted value is written \" or %22.
std::optional<std::string> parameter(std::string_view value, std::string_view name) {
  std::size_t at = value.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = trimmed(value.substr(at + 1));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) {
      return std::nullopt;
    }
    const bool is_it = equals_ignore_case(trimmed(rest.substr(0, equals)), name);
    rest.remove_prefix(equals + 1);
    std::string text;
    if (rest.starts_with('"')) {
      std::size_t i = 1;
      for (; i < rest.size() && rest[i] != '"'; ++i) {
        i += rest[i] == '\\' && i + 1 < rest.size() ? 1 : 0;
        text += rest[i];
      }
      if (i >= rest.size()) {
        return std::nullopt;  // no end
      }
      rest.remove_prefix(i + 1);
    } else {
      text = trimmed(rest.substr(0, rest.find(';')));
      rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    }
    if (is_it) {
      return text;
    }
    const std::size_t next = rest.find(';');
    at = next == std::string_view::npos
             ? next
             : static_cast<std::size_t>(rest.data() - value.data()) + next;
  }
  return std::nullopt;
}

// The value of a header among the lines of a part.
std::string_view header_of(std::string_view lines, std::string_view name) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find(kLineEnd), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + kLineEnd.size(), lines.size()));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos &&
        equals_ignore_case(trimmed(line.substr(0, colon)), name)) {
      return trimmed(line.substr(colon + 1));
    }
  }
  return {};
}

bool is_boundary_char(char c) {
  constexpr std::string_view kOthers = "'()+_,-./:=? ";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  constexpr std::string_view kType = "multipart/form-data";
  constexpr std::size_t kLongest = 70;
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  if (!equals_ignore_case(type, kType)) {
    return std::nullopt;
  }
  std::optional<std::string> boundary = parameter(content_type, "boundary");
  const bool is_good = boundary && !boundary->empty() && boundary->size() <= kLongest &&
                       boundary->back() != ' ' && std::ranges::all_of(*boundary, is_boundary_char);
  return is_good ? boundary : std::nullopt;
}

Result<bool> FormReader::take(std::string_view& piece) {
  const std::size_t taken = std::min(piece.size(), kMaxHead - head_.size());
  head_ += piece.substr(0, taken);
  if (at_ == 0 && head_.size() >= delimiter_.size() - kLineEnd.size()) {
    // The first delimiter has no line before it.
    if (!head_.starts_with(std::string_view(delimiter_).substr(kLineEnd.size()))) {
      return malformed();
    }
    at_ = delimiter_.size() - kLineEnd.size();
  }
  Next next = at_ == 0 ? Next::More : Next::Field;
  while (next == Next::Field) {
    next = TRY(read_part());
  }
  if (next == Next::File) {
    piece.remove_prefix(taken - (head_.size() - at_));
    return true;
  }
  if (head_.size() == kMaxHead) {
    return std::unexpected(facts::make_error(ErrorCode::MaxPostPreDataLengthExceeded));
  }
  piece = {};
  return false;
}

// Reads the part behind the delimiter that at_ is behind.
Result<FormReader::Next> FormReader::read_part() {
  const std::string_view rest = std::string_view(head_).substr(at_);
  if (rest.size() < kLineEnd.size()) {
    return Next::More;
  }
  if (!rest.starts_with(kLineEnd)) {
    return malformed();  // also the end of a form without a file
  }
  const std::size_t end = rest.find(kHeadersEnd);
  if (end == std::string_view::npos) {
    return Next::More;
  }
  const std::string_view disposition =
      header_of(rest.substr(kLineEnd.size(), end - kLineEnd.size()), "content-disposition");
  std::optional<std::string> name = parameter(disposition, "name");
  if (!equals_ignore_case(disposition.substr(0, disposition.find(';')), "form-data") || !name) {
    return malformed();
  }
  const std::size_t begin = end + kHeadersEnd.size();
  if (equals_ignore_case(*name, "file")) {
    const std::string file = parameter(disposition, "filename").value_or("");
    file_name_ = file.substr(file.find_last_of("/\\") + 1);
    at_ += begin;
    return Next::File;
  }
  const std::size_t value_end = rest.find(delimiter_, begin);
  if (value_end == std::string_view::npos) {
    return Next::More;
  }
  if (fields_.size() == kMaxFields) {
    return std::unexpected(facts::make_error(ErrorCode::MaxPostPreDataLengthExceeded));
  }
  std::string lower = to_lower(*name);
  if (find(lower)) {
    return malformed();  // which of the two counts must not be a matter of taste
  }
  fields_.emplace_back(std::move(lower), rest.substr(begin, value_end - begin));
  at_ += value_end + delimiter_.size();
  return Next::Field;
}

std::optional<std::string_view> FormReader::find(std::string_view name) const {
  const auto found = std::ranges::find(
      fields_, name, [](const auto& field) { return std::string_view(field.first); });
  return found == fields_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::string FormFile::take(std::string_view piece) {
  if (is_whole_) {
    return {};
  }
  std::string bytes = std::move(held_);
  held_.clear();
  bytes += piece;
  if (const std::size_t end = bytes.find(delimiter_); end != std::string::npos) {
    is_whole_ = true;
    bytes.resize(end);
    return bytes;
  }
  // The longest end of it that is a beginning of the delimiter.
  std::size_t keep = std::min(delimiter_.size() - 1, bytes.size());
  while (keep > 0 && !bytes.ends_with(std::string_view(delimiter_).substr(0, keep))) {
    keep -= 1;
  }
  held_ = bytes.substr(bytes.size() - keep);
  bytes.resize(bytes.size() - keep);
  return bytes;
}

}  // namespace signet::s3
