#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signet::loadgen {

// Reads one HTTP answer from bytes as they come; keeps the first 2 KiB of its body.
class ResponseReader {
 public:
  void reset(bool is_head_request);

  // Takes bytes of this answer and returns how many; nothing follows is_done(). False in `ok` on a
  // broken answer.
  std::size_t feed(std::string_view bytes, bool& ok);
  // The server closed: completes an answer without a length.
  bool finish_by_close();

  [[nodiscard]] bool is_done() const { return state_ == State::Done; }

  [[nodiscard]] bool has_begun() const { return state_ != State::Head || !head_.empty(); }

  [[nodiscard]] int status() const { return status_; }

  [[nodiscard]] bool closes() const { return closes_; }

  [[nodiscard]] const std::string& body_start() const { return body_start_; }

 private:
  enum class State : std::uint8_t {
    Head,
    Counted,
    UntilClose,
    ChunkSize,
    ChunkData,
    ChunkEnd,
    Trailer,
    Done
  };

  bool read_head();
  std::size_t read_line(std::string_view bytes);
  // Takes what of `rest` is the body's; answers how many bytes.
  std::size_t read_body(std::string_view rest);
  void end_line();

  State state_ = State::Head;
  bool is_head_request_ = false;
  bool closes_ = false;
  int status_ = 0;
  std::uint64_t left_ = 0;
  std::string head_;
  std::string line_;
  std::string body_start_;
};

}  // namespace signet::loadgen
