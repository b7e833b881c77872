#include "response_reader.h"

#include <algorithm>
#include <charconv>

namespace signet::loadgen {
namespace {

constexpr std::size_t kHeadMax = 64 * 1024;
constexpr std::size_t kBodyKept = 2048;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

std::uint64_t number(std::string_view text, int base) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

}  // namespace

void ResponseReader::reset(bool is_head_request) {
  *this = ResponseReader();
  is_head_request_ = is_head_request;
}

bool ResponseReader::finish_by_close() {
  if (state_ == State::UntilClose) {
    state_ = State::Done;
  }
  return is_done();
}

// `head_` ends with the blank line.
bool ResponseReader::read_head() {
  if (!head_.starts_with("HTTP/1.") || head_.size() < 13) {
    return false;
  }
  status_ = static_cast<int>(number(std::string_view(head_).substr(9, 3), 10));
  if (status_ == 100) {
    head_.clear();
    return true;
  }
  const std::string text = lower(head_);
  const auto value = [&text](std::string_view name) -> std::string_view {
    const std::size_t at = text.find("\r\n" + std::string(name) + ":");
    if (at == std::string::npos) {
      return {};
    }
    const std::size_t from = text.find_first_not_of(' ', at + 3 + name.size());
    return std::string_view(text).substr(from, text.find("\r\n", from) - from);
  };
  closes_ =
      value("connection") == "close" || (head_[7] == '0' && value("connection") != "keep-alive");
  const std::string_view length = value("content-length");
  if (is_head_request_ || status_ == 204 || status_ == 304) {
    state_ = State::Done;
  } else if (value("transfer-encoding") == "chunked") {
    state_ = State::ChunkSize;
  } else if (length.empty()) {
    state_ = State::UntilClose;
    closes_ = true;
  } else {
    left_ = number(length, 10);
    state_ = left_ == 0 ? State::Done : State::Counted;
  }
  return true;
}

std::size_t ResponseReader::read_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  line_ += bytes.substr(0, end);
  if (end == std::string_view::npos) {
    return bytes.size();
  }
  if (line_.ends_with('\r')) {
    line_.pop_back();
  }
  end_line();
  line_.clear();
  return end + 1;
}

void ResponseReader::end_line() {
  switch (state_) {
    case State::ChunkSize:
      left_ = number(line_, 16);
      state_ = left_ == 0 ? State::Trailer : State::ChunkData;
      break;
    case State::ChunkEnd:
      state_ = State::ChunkSize;
      break;
    default:
      state_ = line_.empty() ? State::Done : State::Trailer;
  }
}

std::size_t ResponseReader::read_body(std::string_view rest) {
  const bool is_counted = state_ != State::UntilClose;
  const std::size_t n = is_counted ? std::min<std::uint64_t>(left_, rest.size()) : rest.size();
  body_start_ += rest.substr(0, std::min(n, kBodyKept - std::min(kBodyKept, body_start_.size())));
  if (is_counted) {
    left_ -= n;
    if (left_ == 0) {
      state_ = state_ == State::Counted ? State::Done : State::ChunkEnd;
    }
  }
  return n;
}

std::size_t ResponseReader::feed(std::string_view bytes, bool& ok) {
  ok = true;
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::Done) {
    const std::string_view rest = bytes.substr(at);
    if (state_ == State::Head) {
      const std::size_t old = head_.size();
      head_ += rest;
      const std::size_t end = head_.find("\r\n\r\n", old > 3 ? old - 3 : 0);
      if (end == std::string::npos) {
        ok = head_.size() <= kHeadMax;
        return bytes.size();
      }
      at += end + 4 - old;
      head_.resize(end + 4);
      if (!read_head()) {
        ok = false;
        return at;
      }
    } else if (state_ == State::Counted || state_ == State::ChunkData ||
               state_ == State::UntilClose) {
      at += read_body(rest);
    } else {
      at += read_line(rest);
    }
  }
  return at;
}

}  // namespace signet::loadgen
