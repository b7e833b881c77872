#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "objects/open_object.h"

namespace signet::objects {

// Reads bytes of an object or part, piece by piece, decrypted where they are encrypted. The object
// must outlive it.
class FileReader {
 public:
  FileReader(const OpenObject& object, std::uint64_t offset, std::uint64_t length);

  // The next piece, valid until the next call; empty at the end. S3InternalError if the bytes are
  // not those that were stored, as far as that shows: those in plain are only missed.
  [[nodiscard]] Result<std::string_view> next();
  // The same, to keep, in the memory of `spare` where that is enough.
  [[nodiscard]] Result<std::string> take_next(std::string spare = {});

 private:
  // Room for so many bytes; what is there stays.
  void make_room(std::size_t size);

  [[nodiscard]] Status enter_part();
  [[nodiscard]] Result<std::string_view> read_plain(const OpenFile& file, std::uint64_t most);
  [[nodiscard]] Result<std::string_view> read_sealed(const OpenFile& file,
                                                     std::uint64_t size,
                                                     std::uint64_t most);

  const OpenObject& object_;
  std::uint64_t offset_;  // in the present file
  std::uint64_t left_;
  std::size_t part_ = 0;  // of part files: which one
  std::optional<OpenFile> open_part_;
  std::string buffer_;
};

}  // namespace signet::objects
