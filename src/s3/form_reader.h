#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace signet::s3 {

// The boundary of a "multipart/form-data" Content-Type; nothing if it is another type, or has none
// that RFC 2046 5.1.1 allows.
[[nodiscard]] std::optional<std::string> form_boundary(std::string_view content_type);

// Reads the fields of a form (RFC 7578) up to the bytes of its file, however it is cut into pieces.
// Fields behind the file are not looked at, as S3 has it.
class FormReader {
 public:
  // What may come before the file: S3 allows 20 KB, besides the policy and what frames the fields.
  static constexpr std::size_t kMaxHead = 64UL * 1024;
  static constexpr std::size_t kMaxFields = 200;

  explicit FormReader(std::string boundary) : delimiter_("\r\n--" + std::move(boundary)) {}

  // Takes bytes off the front of `piece`, all of them while the head goes on. True once the file
  // begins, whose first bytes are left in `piece`. MalformedPOSTRequest,
  // MaxPostPreDataLengthExceeded. Not to be called again after either.
  [[nodiscard]] Result<bool> take(std::string_view& piece);

  // In their order, names in lower case, the file not among them.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const {
    return fields_;
  }

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

  // As the browser names it, without folders; empty if it does not.
  [[nodiscard]] const std::string& file_name() const { return file_name_; }

  // What ends the bytes of the file: CRLF, "--" and the boundary.
  [[nodiscard]] const std::string& delimiter() const { return delimiter_; }

 private:
  enum class Next : std::uint8_t { Field, File, More };

  [[nodiscard]] Result<Next> read_part();

  std::string delimiter_;
  std::string head_;
  std::size_t at_ = 0;  // in head_: behind what was read
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string file_name_;
};

// Cuts the bytes of a file out of what follows the head, however it is cut into pieces.
class FormFile {
 public:
  explicit FormFile(std::string delimiter) : delimiter_(std::move(delimiter)) {}

  // The bytes of the file that are certain now. What is behind the delimiter is dropped.
  [[nodiscard]] std::string take(std::string_view piece);

  // Whether the delimiter was there.
  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  std::string delimiter_;
  std::string held_;  // what may be the beginning of the delimiter
  bool is_whole_ = false;
};

}  // namespace signet::s3
