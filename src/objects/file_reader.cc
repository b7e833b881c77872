#include "objects/file_reader.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "crypto/aead.h"
#include "objects/sealed_file.h"

namespace signet::objects {
namespace {

constexpr std::size_t kReadBytes = 256UL * 1024;

}  // namespace

FileReader::FileReader(const OpenObject& object, std::uint64_t offset, std::uint64_t length)
    : object_(object), offset_(offset), left_(length) {
  if (object.parts) {
    while (part_ < object.parts->list.size() && offset_ >= object.parts->list[part_].size) {
      offset_ -= object.parts->list[part_].size;
      part_ += 1;
    }
  }
}

Result<std::string_view> FileReader::next() {
  if (left_ == 0) {
    return std::string_view();
  }
  if (!object_.parts) {
    return object_.file.key ? read_sealed(object_.file, object_.info.size, left_)
                            : read_plain(object_.file, left_);
  }
  TRY_STATUS(enter_part());
  const std::uint64_t size = object_.parts->list[part_].size;
  return read_sealed(*open_part_, size, std::min(left_, size - offset_));
}

Result<std::string> FileReader::take_next(std::string spare) {
  if (buffer_.empty()) {
    buffer_ = std::move(spare);
  }
  const std::string_view piece = TRY(next());
  if (piece.data() != buffer_.data()) {
    return std::string(piece);
  }
  buffer_.resize(piece.size());
  return std::exchange(buffer_, std::string());
}

void FileReader::make_room(std::size_t size) {
  if (size > buffer_.size()) {
    buffer_.resize_and_overwrite(size, [](char* /*bytes*/, std::size_t room) { return room; });
  }
}

// Goes to the file of the next byte and opens it.
Status FileReader::enter_part() {
  const std::vector<PartFiles::One>& list = object_.parts->list;
  while (part_ < list.size() && offset_ >= list[part_].size) {
    offset_ = 0;
    part_ += 1;
    open_part_.reset();
  }
  if (part_ == list.size()) {
    return std::unexpected(not_as_stored(object_.owner, object_.info.file));
  }
  if (!open_part_) {
    const PartFiles::One& part = list[part_];
    open_part_ = TRY(object_.room->open(part.name, part.size, FileForm::Sealed, object_.owner));
    if (!open_part_) {
      return std::unexpected(not_as_stored(object_.owner, part.name));
    }
  }
  return {};
}

Result<std::string_view> FileReader::read_plain(const OpenFile& file, std::uint64_t most) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, kReadBytes));
  make_room(wanted);
  TRY_STATUS(file.read(offset_, std::span(buffer_).first(wanted)));
  offset_ += wanted;
  left_ -= wanted;
  return std::string_view(buffer_.data(), wanted);
}

// Whole chunks, one behind the other: each is read over the tag of the one before.
Result<std::string_view> FileReader::read_sealed(const OpenFile& file,
                                                 std::uint64_t size,
                                                 std::uint64_t most) {
  const std::uint64_t first = offset_ / kChunkBytes;
  const auto skipped = static_cast<std::size_t>(offset_ % kChunkBytes);
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, kReadBytes - skipped));
  const std::uint64_t count = chunk_count(size);
  const std::uint64_t chunks = (skipped + wanted + kChunkBytes - 1) / kChunkBytes;
  const std::uint64_t room = std::min(chunks * kChunkBytes, size - first * kChunkBytes);
  make_room(static_cast<std::size_t>(room) + crypto::kAeadTagSize);
  std::size_t filled = 0;
  for (std::uint64_t index = first; filled < skipped + wanted; ++index) {
    const auto bytes = static_cast<std::size_t>(std::min(kChunkBytes, size - index * kChunkBytes));
    const std::span<char> chunk = std::span(buffer_).subspan(filled, bytes + crypto::kAeadTagSize);
    TRY_STATUS(file.read(chunk_offset(index), chunk));
    const ChunkPlace place = index + 1 == count ? ChunkPlace::Last : ChunkPlace::Inner;
    if (!open_chunk(*file.key, index, place, chunk)) {
      return std::unexpected(not_as_stored(
          object_.owner, object_.parts ? object_.parts->list[part_].name : object_.info.file));
    }
    filled += bytes;
  }
  offset_ += wanted;
  left_ -= wanted;
  return std::string_view(buffer_.data() + skipped, wanted);
}

}  // namespace signet::objects
