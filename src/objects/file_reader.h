#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::objects {

// Reads a file that an object or part is in, piece by piece, whatever the offset of the descriptor.
class FileReader {
 public:
  FileReader(int fd, std::uint64_t offset, std::uint64_t length);

  // The next piece, valid until the next call; empty at the end. S3InternalError if the file is
  // shorter than it was.
  [[nodiscard]] Result<std::string_view> next();

 private:
  int fd_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::vector<char> buffer_;
};

}  // namespace signet::objects
