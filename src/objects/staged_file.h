#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "crypto/aead.h"
#include "objects/object_files.h"
#include "objects/sealed_file.h"

namespace signet::objects {

// A file that is being written and belongs to nobody yet: dropped unkept, it is gone. Encrypted
// where the room has keys; there is no file then before the first chunk is full. One thread at a
// time.
class StagedFile {
 public:
  // For an object or part of `owner`. SlowDown if the disk has no room for `expected_bytes` above
  // its reserve.
  [[nodiscard]] static Result<StagedFile> create(const ObjectFiles& room,
                                                 FileOwner owner,
                                                 std::uint64_t expected_bytes);

  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  StagedFile(StagedFile&& other) noexcept = default;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  // Appends. A disk that is full or has come below its reserve is the error SlowDown; the file is
  // then useless.
  [[nodiscard]] Status write(std::string_view bytes);

  // Bytes that were written, without what the form adds.
  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[nodiscard]] FileForm form() const { return sealing_ ? FileForm::Sealed : FileForm::Plain; }

  // Whether it was staged for this object. In plain, none is for any in particular.
  [[nodiscard]] bool is_for(std::string_view bucket, std::string_view key) const {
    return !sealing_ || (owner_.bucket == bucket && owner_.key == key);
  }

  // Once it is settled or taken.
  [[nodiscard]] const std::string& name() const { return name_; }

  // Whether all bytes are in memory still, so that they may be taken.
  [[nodiscard]] bool is_small() const { return sealing_ && !has_file_; }

  // What would be in the file of this name if there were one. Of a small one, instead of settle().
  [[nodiscard]] std::string take(std::string name);

  // Brings the bytes onto the disk and moves the file to its place in data/. Until forget() it is
  // still removed on drop.
  [[nodiscard]] Status settle();

  // The index names the file now: it stays.
  void forget() { room_ = nullptr; }

 private:
  struct NoOwner {
    void operator()(const ObjectFiles* /*room*/) const {}
  };

  // Of a file that is encrypted.
  struct Sealing {
    std::optional<crypto::AeadKey> key;  // nothing: the file has no name yet
    std::string buffer;       // what is not written yet: room for the header, and the present chunk
    std::size_t start = 0;    // of the chunk in it
    std::uint64_t index = 0;  // of the chunk
  };

  StagedFile(const ObjectFiles& room, FileOwner owner) : room_(&room), owner_(std::move(owner)) {}

  [[nodiscard]] Status make_file();
  [[nodiscard]] Status write_sealed(std::string_view bytes);
  // Makes a key for the file of this name, and its header.
  void begin_sealing(std::string name);
  void seal_present_chunk(ChunkPlace place);
  // Writes the present chunk.
  [[nodiscard]] Status end_chunk(ChunkPlace place);
  [[nodiscard]] Status write_raw(std::string_view bytes);

  std::unique_ptr<const ObjectFiles, NoOwner> room_;  // null: kept, or moved from
  FileOwner owner_;
  std::string name_;
  UniqueFd fd_;
  std::optional<Sealing> sealing_;
  std::uint64_t size_ = 0;
  std::uint64_t next_look_ = 0;  // at the disk, when the file has this size
  bool has_file_ = false;
  bool is_settled_ = false;
};

}  // namespace signet::objects
