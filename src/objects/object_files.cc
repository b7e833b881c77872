#include "objects/object_files.h"

#include <algorithm>
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
#include "objects/cached_file.h"
#include "objects/impl/database.h"
#include "objects/impl/folders.h"

namespace signet::objects {
namespace {

// Bytes of a file that the system gives back within a millisecond.
constexpr off_t kRemovedAtOnceMax = off_t{4} << 20;

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

ssize_t read_some(int fd, std::uint64_t offset, std::span<char> out) {
  ssize_t got = -1;
  do {
    got = pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  return got;
}

bool has_size(int fd, std::uint64_t size) {
  struct stat found{};
  return fstat(fd, &found) == 0 && found.st_size >= 0 &&
         static_cast<std::uint64_t>(found.st_size) == size;
}

std::uint64_t stored_size(std::uint64_t size, FileForm form) {
  return form == FileForm::Sealed ? sealed_size(size) : size;
}

}  // namespace

Status read_exactly(int fd, std::uint64_t offset, std::span<char> out) {
  while (!out.empty()) {
    const ssize_t got = read_some(fd, offset, out);
    if (got <= 0) {
      return std::unexpected(impl::storage_error("the file of an object is shorter than its size"));
    }
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Status OpenFile::read(std::uint64_t offset, std::span<char> out) const {
  if (fd.valid()) {
    return read_exactly(fd.get(), offset, out);
  }
  if (offset > indexed->size() || out.size() > indexed->size() - offset) {
    return std::unexpected(impl::storage_error("the index has fewer bytes of an object"));
  }
  std::ranges::copy(std::string_view(*indexed).substr(offset, out.size()), out.begin());
  return {};
}

bool OpenFile::read_at_once(std::uint64_t offset, std::span<char> out) const {
  return fd.valid() ? read_if_cached(fd.get(), offset, out) : read(offset, out).has_value();
}

Error not_as_stored(const FileOwner& owner, std::string_view file) {
  return impl::storage_error(
      concat("the bytes of the object \"",
             owner.key,
             "\" (file ",
             file,
             ") are not those that were stored: restore the folder from a backup"));
}

Status ObjectFiles::prepare() const {
  TRY_STATUS(impl::make_folder(folder_));
  TRY_STATUS(impl::make_folder(folder_ + "/tmp"));
  TRY_STATUS(impl::make_folder(folder_ + "/data"));
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
  std::string path = data_path(name);
  struct stat found{};
  if (stat(path.c_str(), &found) == 0 && found.st_size > kRemovedAtOnceMax) {
    held_->remover.remove(std::move(path));
  } else {
    unlink(path.c_str());
  }
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

Result<std::optional<OpenFile>> ObjectFiles::open(std::string_view name,
                                                  std::uint64_t size,
                                                  FileForm form,
                                                  const FileOwner& owner) const {
  OpenFile file{.fd = UniqueFd(::open(data_path(name).c_str(), O_RDONLY | O_CLOEXEC)),
                .key = nullptr};
  if (!file.fd.valid() && errno == ENOENT) {
    return std::nullopt;
  }
  if (!file.fd.valid()) {
    return std::unexpected(impl::file_error("open", name));
  }
  if (!has_size(file.fd.get(), stored_size(size, form))) {
    return std::unexpected(not_as_stored(owner, name));
  }
  if (form == FileForm::Sealed) {
    TRY_STATUS(open_header(file, name, owner));
  }
  return std::optional<OpenFile>(std::move(file));
}

Result<OpenFile> ObjectFiles::open_indexed(std::string_view name,
                                           std::string indexed,
                                           std::uint64_t size,
                                           const FileOwner& owner) const {
  OpenFile file{.fd = UniqueFd(),
                .key = nullptr,
                .indexed = std::make_shared<const std::string>(std::move(indexed))};
  if (file.indexed->size() != stored_size(size, FileForm::Sealed)) {
    return std::unexpected(not_as_stored(owner, name));
  }
  TRY_STATUS(open_header(file, name, owner));
  return file;
}

Status ObjectFiles::open_header(OpenFile& file,
                                std::string_view name,
                                const FileOwner& owner) const {
  if (keys_ == nullptr) {
    return std::unexpected(impl::storage_error("an encrypted object, and no key to open it with"));
  }
  std::array<char, kSealedHeaderBytes> header{};
  TRY_STATUS(file.read(0, header));
  file.key = key_in(header, name, owner);
  return file.key ? Status() : std::unexpected(not_as_stored(owner, name));
}

std::shared_ptr<const crypto::AeadKey> ObjectFiles::key_in(
    std::span<const char, kSealedHeaderBytes> header,
    std::string_view name,
    const FileOwner& owner) const {
  auto key =
      open_sealed_header(*keys_, std::string_view(header.data(), header.size()), name, owner);
  return key ? std::make_shared<const crypto::AeadKey>(*std::move(key)) : nullptr;
}

std::optional<OpenFile> ObjectFiles::open_cached(std::string_view name,
                                                 std::uint64_t size,
                                                 FileForm form,
                                                 const FileOwner& owner) const {
  OpenFile file{.fd = open_if_cached(data_path(name)), .key = nullptr};
  if (!file.fd.valid() || !has_size(file.fd.get(), stored_size(size, form))) {
    return std::nullopt;
  }
  if (form == FileForm::Sealed) {
    std::array<char, kSealedHeaderBytes> header{};
    if (keys_ == nullptr || !file.read_at_once(0, header)) {
      return std::nullopt;
    }
    file.key = key_in(header, name, owner);
    if (file.key == nullptr) {
      return std::nullopt;
    }
  }
  return file;
}

// One pin of a group.
class ObjectFiles::Pin {
 public:
  Pin(const ObjectFiles& room, std::string_view id) : room_(room), id_(id) {
    const std::scoped_lock lock(room_.held_->mutex);
    room_.held_->pinned[id_].pins += 1;
  }

  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  Pin(Pin&&) = delete;
  Pin& operator=(Pin&&) = delete;

  ~Pin() {
    std::vector<std::string> names;
    {
      const std::scoped_lock lock(room_.held_->mutex);
      const auto group = room_.held_->pinned.find(id_);
      group->second.pins -= 1;
      if (group->second.pins > 0) {
        return;
      }
      names = std::move(group->second.names);
      room_.held_->pinned.erase(group);
    }
    for (const std::string& name : names) {
      room_.remove(name);
    }
  }

 private:
  const ObjectFiles& room_;
  std::string id_;
};

std::shared_ptr<const void> ObjectFiles::pin(std::string_view id) const {
  return std::make_shared<Pin>(*this, id);
}

void ObjectFiles::remove_group(std::string_view id, std::vector<std::string> names) const {
  {
    const std::scoped_lock lock(held_->mutex);
    const auto group = held_->pinned.find(id);
    if (group != held_->pinned.end()) {
      group->second.names.insert(group->second.names.end(), names.begin(), names.end());
      return;
    }
  }
  for (const std::string& name : names) {
    remove(name);
  }
}

}  // namespace signet::objects
