#include "objects/file_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include <unistd.h>

#include "objects/impl/database.h"

namespace signet::objects {
namespace {

constexpr std::size_t kReadBytes = 256UL * 1024;

}  // namespace

FileReader::FileReader(int fd, std::uint64_t offset, std::uint64_t length)
    : fd_(fd),
      offset_(offset),
      left_(length),
      buffer_(static_cast<std::size_t>(std::min<std::uint64_t>(length, kReadBytes))) {}

Result<std::string_view> FileReader::next() {
  if (left_ == 0) {
    return std::string_view();
  }
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer_.size()));
  ssize_t got = -1;
  do {
    got = pread(fd_, buffer_.data(), wanted, static_cast<off_t>(offset_));
  } while (got < 0 && errno == EINTR);
  if (got <= 0) {
    return std::unexpected(impl::storage_error("the file of an object is shorter than its size"));
  }
  offset_ += static_cast<std::uint64_t>(got);
  left_ -= static_cast<std::uint64_t>(got);
  return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
}

}  // namespace signet::objects
