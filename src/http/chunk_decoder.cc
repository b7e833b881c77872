#include <algorithm>

#include "base/strings.h"
#include "http/impl/chars.h"
#include "http/request_parser.h"

namespace signet::http {
namespace {

// 15 digits keep the size below 2^60, so sums of sizes cannot overflow.
constexpr int kSizeDigitsMax = 15;

int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

void ChunkDecoder::reset() {
  state_ = State::SizeFirst;
  left_ = 0;
  digits_ = 0;
  line_bytes_ = 0;
}

ChunkDecoder::Step ChunkDecoder::next(std::string_view& input, std::string_view& piece) {
  while (!input.empty()) {
    if (state_ == State::Data) {
      const std::size_t take =
          static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
      piece = input.substr(0, take);
      input.remove_prefix(take);
      left_ -= take;
      state_ = left_ == 0 ? State::DataCr : State::Data;
      return Step::Data;
    }
    const char c = input.front();
    input.remove_prefix(1);
    state_ = ++line_bytes_ > limits_.chunk_line_bytes ? State::Bad : step(c);
    if (state_ == State::Bad) {
      return Step::Refused;
    }
    if (state_ == State::Done) {
      return Step::End;
    }
  }
  return Step::NeedMore;
}

ChunkDecoder::State ChunkDecoder::step(char c) {
  switch (state_) {
    case State::SizeFirst:
    case State::Size:
    case State::SizeLf:
      return size_line(c);
    case State::DataCr:
      return c == '\r' ? State::DataLf : State::Bad;
    case State::DataLf:
      line_bytes_ = 0;
      digits_ = 0;
      return c == '\n' ? State::SizeFirst : State::Bad;
    case State::TrailerFirst:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLf:
      return trailer(c);
    case State::EndLf:
      return c == '\n' ? State::Done : State::Bad;
    case State::Data:
    case State::Done:
    case State::Bad:
      return State::Bad;
    default:
      return extension(c);
  }
}

ChunkDecoder::State ChunkDecoder::size_line(char c) {
  if (state_ == State::SizeLf) {
    if (c != '\n') {
      return State::Bad;
    }
    if (left_ != 0) {
      return State::Data;
    }
    line_bytes_ = 0;
    return State::TrailerFirst;
  }
  const int value = hex_value(c);
  if (value >= 0) {
    left_ = left_ * 16 + static_cast<std::uint64_t>(value);
    return ++digits_ > kSizeDigitsMax ? State::Bad : State::Size;
  }
  if (state_ == State::SizeFirst) {
    return State::Bad;
  }
  if (c == ';') {
    return State::ExtensionNameFirst;
  }
  return c == '\r' ? State::SizeLf : State::Bad;
}

// chunk-ext without the optional white space: *( ";" token [ "=" ( token / quoted-string ) ] ).
ChunkDecoder::State ChunkDecoder::extension(char c) {
  const bool is_token_char = chars::in(chars::kToken, c);
  switch (state_) {
    case State::ExtensionNameFirst:
      return is_token_char ? State::ExtensionName : State::Bad;
    case State::ExtensionName:
      if (c == '=') {
        return State::ExtensionValueFirst;
      }
      break;
    case State::ExtensionValueFirst:
      if (c == '"') {
        return State::ExtensionQuoted;
      }
      return is_token_char ? State::ExtensionValue : State::Bad;
    case State::ExtensionQuoted:
      if (c == '"') {
        return State::ExtensionAfterQuoted;
      }
      if (c == '\\') {
        return State::ExtensionEscape;
      }
      return chars::is_field_byte(c) ? State::ExtensionQuoted : State::Bad;
    case State::ExtensionEscape:
      return chars::is_field_byte(c) ? State::ExtensionQuoted : State::Bad;
    default:
      break;
  }
  if (c == ';') {
    return State::ExtensionNameFirst;
  }
  if (c == '\r') {
    return State::SizeLf;
  }
  return is_token_char && state_ != State::ExtensionAfterQuoted ? state_ : State::Bad;
}

ChunkDecoder::State ChunkDecoder::trailer(char c) {
  switch (state_) {
    case State::TrailerFirst:
      if (c == '\r') {
        return State::EndLf;
      }
      return chars::in(chars::kToken, c) ? State::TrailerName : State::Bad;
    case State::TrailerName:
      if (c == ':') {
        return State::TrailerValue;
      }
      return chars::in(chars::kToken, c) ? State::TrailerName : State::Bad;
    case State::TrailerValue:
      if (c == '\r') {
        return State::TrailerLf;
      }
      return chars::is_field_byte(c) ? State::TrailerValue : State::Bad;
    default:
      return c == '\n' ? State::TrailerFirst : State::Bad;
  }
}

}  // namespace signet::http
