#include "objects/staged_file.h"

#include <array>
#include <cerrno>
#include <span>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "objects/impl/database.h"

namespace signet::objects {
namespace {

// Bytes that a file may grow by before the disk is looked at again.
constexpr std::uint64_t kLookBytes = std::uint64_t{256} << 10U;

Error file_error(std::string_view doing, std::string_view path) {
  const int number = errno;
  std::string cause = concat(doing, " ", path, ": ", errno_text(number));
  const bool is_full = number == ENOSPC || number == EDQUOT;
  return is_full ? no_room_error(std::move(cause)) : impl::storage_error(std::move(cause));
}

Status make_folder(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0700;
  if (mkdir(path.c_str(), kOwnerOnly) == 0 || errno == EEXIST) {
    return {};
  }
  return std::unexpected(file_error("make folder", path));
}

// Names of the entries of a folder, hidden ones aside; empty if it cannot be read.
std::vector<std::string> entries_of(const std::string& path) {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  if (!folder) {
    return out;
  }
  // readdir is safe: this thread alone uses this stream.
  while (const dirent* entry =
             readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe): one stream, one thread
    if (entry->d_name[0] != '.') {
      out.emplace_back(entry->d_name);
    }
  }
  return out;
}

Status make_durable(const std::string& folder) {
  errno = sync_folder(folder);
  return errno == 0 ? Status() : std::unexpected(file_error("sync folder", folder));
}

}  // namespace

Status ObjectFiles::prepare() const {
  TRY_STATUS(make_folder(folder_));
  TRY_STATUS(make_folder(folder_ + "/tmp"));
  TRY_STATUS(make_folder(folder_ + "/data"));
  for (const std::string& name : entries_of(folder_ + "/tmp")) {
    unlink(temporary_path(name).c_str());
  }
  return {};
}

std::string ObjectFiles::data_folder(std::string_view name) const {
  return concat(folder_, "/data/", name.substr(0, 2));
}

std::string ObjectFiles::data_path(std::string_view name) const {
  return concat(data_folder(name), "/", name);
}

std::string ObjectFiles::temporary_path(std::string_view name) const {
  return concat(folder_, "/tmp/", name);
}

std::string ObjectFiles::new_name() const {
  std::array<std::uint8_t, 16> bytes{};
  random_.fill(bytes);
  std::string name;
  codec::append_hex(name, bytes);
  return name;
}

void ObjectFiles::remove(std::string_view name) const {
  {
    const std::scoped_lock lock(held_->mutex);
    if (held_->holds > 0) {
      held_->names.emplace_back(name);
      return;
    }
  }
  unlink(data_path(name).c_str());
}

ObjectFiles::Hold::Hold(const ObjectFiles& room) : room_(room) {
  const std::scoped_lock lock(room_.held_->mutex);
  room_.held_->holds += 1;
}

ObjectFiles::Hold::~Hold() {
  std::vector<std::string> names;
  {
    const std::scoped_lock lock(room_.held_->mutex);
    room_.held_->holds -= 1;
    if (room_.held_->holds == 0) {
      names.swap(room_.held_->names);
    }
  }
  for (const std::string& name : names) {
    room_.remove(name);
  }
}

std::vector<std::string> ObjectFiles::all_names() const {
  std::vector<std::string> out;
  for (const std::string& shard : entries_of(folder_ + "/data")) {
    for (std::string& name : entries_of(concat(folder_, "/data/", shard))) {
      out.push_back(std::move(name));
    }
  }
  return out;
}

Result<StagedFile> StagedFile::create(const ObjectFiles& room, std::uint64_t expected_bytes) {
  TRY_STATUS(room.guard().admit(expected_bytes));
  std::string name = room.new_name();
  const std::string path = room.temporary_path(name);
  constexpr mode_t kOwnerOnly = 0600;
  UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (!fd.valid()) {
    return std::unexpected(file_error("create", path));
  }
  return StagedFile(room, std::move(name), std::move(fd));
}

StagedFile::~StagedFile() {
  if (room_) {
    unlink((is_settled_ ? room_->data_path(name_) : room_->temporary_path(name_)).c_str());
  }
}

Status StagedFile::write(std::string_view bytes) {
  if (size_ + bytes.size() > next_look_) {
    TRY_STATUS(room_->guard().admit(bytes.size()));
    next_look_ = size_ + bytes.size() + kLookBytes;
  }
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return std::unexpected(file_error("write", name_));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Status StagedFile::settle() {
  if (room_->is_durable() && fdatasync(fd_.get()) != 0) {
    return std::unexpected(file_error("sync", name_));
  }
  fd_.reset();
  const std::string folder = room_->data_folder(name_);
  const bool is_new_folder = access(folder.c_str(), F_OK) != 0;
  TRY_STATUS(make_folder(folder));
  const std::string path = room_->data_path(name_);
  if (rename(room_->temporary_path(name_).c_str(), path.c_str()) != 0) {
    return std::unexpected(file_error("rename to", path));
  }
  is_settled_ = true;
  if (!room_->is_durable()) {
    return {};
  }
  TRY_STATUS(make_durable(folder));
  return is_new_folder ? make_durable(room_->folder() + "/data") : Status();
}

}  // namespace signet::objects
