#include "objects/staged_file.h"

#include <algorithm>
#include <cerrno>
#include <span>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assertion.h"
#include "base/errno_text.h"
#include "base/strings.h"
#include "objects/impl/folders.h"

namespace signet::objects {
namespace {

// Bytes that a file may grow by before the disk is looked at again.
constexpr std::uint64_t kLookBytes = std::uint64_t{256} << 10U;

Status make_durable(const std::string& folder) {
  errno = sync_folder(folder);
  return errno == 0 ? Status() : std::unexpected(impl::file_error("sync folder", folder));
}

}  // namespace

Result<StagedFile> StagedFile::create(const ObjectFiles& room,
                                      FileOwner owner,
                                      std::uint64_t expected_bytes) {
  TRY_STATUS(room.guard().admit(expected_bytes));
  StagedFile file(room, std::move(owner));
  if (room.keys() == nullptr) {
    TRY_STATUS(file.make_file());
    return file;
  }
  Sealing sealing{.key = std::nullopt, .buffer = {}, .start = kSealedHeaderBytes};
  sealing.buffer.reserve(kSealedHeaderBytes + crypto::kAeadTagSize +
                         static_cast<std::size_t>(std::min(expected_bytes, kChunkBytes)));
  sealing.buffer.assign(kSealedHeaderBytes, '\0');
  file.sealing_ = std::move(sealing);
  return file;
}

Status StagedFile::make_file() {
  std::string name = room_->new_name();
  const std::string path = room_->temporary_path(name);
  constexpr mode_t kOwnerOnly = 0600;
  fd_ = UniqueFd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (!fd_.valid()) {
    return std::unexpected(impl::file_error("create", path));
  }
  has_file_ = true;
  if (sealing_) {
    begin_sealing(std::move(name));
  } else {
    name_ = std::move(name);
  }
  return {};
}

void StagedFile::begin_sealing(std::string name) {
  name_ = std::move(name);
  NewSealedFile sealed = room_->new_sealed_file(name_, owner_);
  sealing_->key = std::move(sealed.key);
  sealing_->buffer.replace(0, kSealedHeaderBytes, sealed.header);
}

StagedFile::~StagedFile() {
  if (room_ && has_file_) {
    unlink((is_settled_ ? room_->data_path(name_) : room_->temporary_path(name_)).c_str());
  }
}

Status StagedFile::write(std::string_view bytes) {
  if (size_ + bytes.size() > next_look_) {
    TRY_STATUS(room_->guard().admit(bytes.size()));
    next_look_ = size_ + bytes.size() + kLookBytes;
  }
  size_ += bytes.size();
  return sealing_ ? write_sealed(bytes) : write_raw(bytes);
}

Status StagedFile::write_sealed(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t filled = sealing_->buffer.size() - sealing_->start;
    if (filled == kChunkBytes) {
      TRY_STATUS(end_chunk(ChunkPlace::Inner));
      filled = 0;
    }
    const std::size_t taken = std::min<std::size_t>(kChunkBytes - filled, bytes.size());
    sealing_->buffer += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
  }
  return {};
}

void StagedFile::seal_present_chunk(ChunkPlace place) {
  Sealing& present = *sealing_;
  present.buffer.append(crypto::kAeadTagSize, '\0');
  seal_chunk(*present.key, present.index, place, std::span(present.buffer).subspan(present.start));
}

std::string StagedFile::take(std::string name) {
  SIGNET_ASSERT(is_small());
  begin_sealing(std::move(name));
  seal_present_chunk(ChunkPlace::Last);
  return std::move(sealing_->buffer);
}

Status StagedFile::end_chunk(ChunkPlace place) {
  if (!has_file_) {
    TRY_STATUS(make_file());
  }
  Sealing& present = *sealing_;
  seal_present_chunk(place);
  TRY_STATUS(write_raw(present.buffer));
  present.buffer.clear();
  present.start = 0;
  present.index += 1;
  return {};
}

Status StagedFile::write_raw(std::string_view bytes) {
  errno = write_all(fd_.get(), bytes);
  return errno == 0 ? Status() : std::unexpected(impl::file_error("write", name_));
}

Status StagedFile::settle() {
  if (sealing_) {
    TRY_STATUS(end_chunk(ChunkPlace::Last));
  }
  if (room_->is_durable() && fdatasync(fd_.get()) != 0) {
    return std::unexpected(impl::file_error("sync", name_));
  }
  fd_.reset();
  const std::string folder = room_->data_folder(name_);
  const bool is_new_folder = access(folder.c_str(), F_OK) != 0;
  TRY_STATUS(impl::make_folder(folder));
  const std::string path = room_->data_path(name_);
  if (rename(room_->temporary_path(name_).c_str(), path.c_str()) != 0) {
    return std::unexpected(impl::file_error("rename to", path));
  }
  is_settled_ = true;
  if (!room_->is_durable()) {
    return {};
  }
  TRY_STATUS(make_durable(folder));
  return is_new_folder ? make_durable(room_->folder() + "/data") : Status();
}

}  // namespace signet::objects
