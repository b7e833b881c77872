#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "crypto/aead.h"
#include "crypto/key_wrap.h"
#include "objects/disk_guard.h"
#include "objects/file_remover.h"
#include "objects/sealed_file.h"

namespace signet::objects {

// How the bytes lie in a file: as they are, or encrypted (sealed_file.h).
enum class FileForm : std::uint8_t { Plain, Sealed };

// A file that is open for reading, or what the index has in place of one. Thread-safe as long as it
// is not changed.
struct OpenFile {
  UniqueFd fd;
  std::shared_ptr<const crypto::AeadKey> key;            // null: plain
  std::shared_ptr<const std::string> indexed = nullptr;  // where it is no file

  // Fills `out` from `offset` on. S3InternalError if there are not so many bytes.
  [[nodiscard]] Status read(std::uint64_t offset, std::span<char> out) const;
  // The same where it needs no disk; false, with `out` in any state, in every other case. Never
  // blocks.
  [[nodiscard]] bool read_at_once(std::uint64_t offset, std::span<char> out) const;
};

// Where files of objects live: data/<two digits>/<name> once they count, tmp/<name> before. Names
// are 32 random hexadecimal digits, so no key can reach the file system. Immutable; shared by all
// threads.
class ObjectFiles {
 public:
  ObjectFiles(std::string folder,
              bool is_durable,
              Random& random,
              std::shared_ptr<const DiskGuard> guard,
              std::shared_ptr<const crypto::SecretBox> keys = nullptr)
      : folder_(std::move(folder)),
        is_durable_(is_durable),
        random_(random),
        guard_(std::move(guard)),
        keys_(std::move(keys)) {}

  // Makes the folders. What a crash left in tmp is removed.
  [[nodiscard]] Status prepare() const;

  [[nodiscard]] std::string data_path(std::string_view name) const;
  [[nodiscard]] std::string data_folder(std::string_view name) const;
  [[nodiscard]] std::string temporary_path(std::string_view name) const;

  [[nodiscard]] const std::string& folder() const { return folder_; }

  [[nodiscard]] bool is_durable() const { return is_durable_; }

  [[nodiscard]] const DiskGuard& guard() const { return *guard_; }

  [[nodiscard]] std::string new_name() const;

  // Under which the keys of new files are sealed; null: files are written in plain.
  [[nodiscard]] const crypto::SecretBox* keys() const { return keys_.get(); }

  // A key for a new file.
  [[nodiscard]] NewSealedFile new_sealed_file(std::string_view name, const FileOwner& owner) const {
    return begin_sealed_file(*keys_, random_, name, owner);
  }

  // Opens the file of so many bytes for reading. Nothing if there is no such file; S3InternalError
  // with a cause if it has another length or, encrypted, is not what was written for the owner.
  [[nodiscard]] Result<std::optional<OpenFile>> open(std::string_view name,
                                                     std::uint64_t size,
                                                     FileForm form,
                                                     const FileOwner& owner) const;

  // The same of what the index has in place of a file, which is encrypted.
  [[nodiscard]] Result<OpenFile> open_indexed(std::string_view name,
                                              std::string indexed,
                                              std::uint64_t size,
                                              const FileOwner& owner) const;

  // The same of a file that the system has in memory; nothing in every other case. Never blocks.
  [[nodiscard]] std::optional<OpenFile> open_cached(std::string_view name,
                                                    std::uint64_t size,
                                                    FileForm form,
                                                    const FileOwner& owner) const;

  // As long as one lives, the files that are given to remove_group() under this id stay; they go
  // with the last one.
  [[nodiscard]] std::shared_ptr<const void> pin(std::string_view id) const;
  void remove_group(std::string_view id, std::vector<std::string> names) const;

  // Removes a file that no object names any more, once nobody holds what there is; a large one a
  // little later. Readers that have it open are not disturbed.
  void remove(std::string_view name) const;

  // As long as one lives, no file is removed: what is superfluous meanwhile goes with the last one.
  class Hold {
   public:
    explicit Hold(const ObjectFiles& room);
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    Hold(Hold&&) = delete;
    Hold& operator=(Hold&&) = delete;
    ~Hold();

   private:
    const ObjectFiles& room_;
  };

  // Removes every file in data/ for which `is_known` answers false.
  template <class IsKnown>
  void sweep(const IsKnown& is_known) const {
    for (const std::string& name : all_names()) {
      if (!is_known(name)) {
        remove(name);
      }
    }
  }

 private:
  [[nodiscard]] Status open_header(OpenFile& file,
                                   std::string_view name,
                                   const FileOwner& owner) const;
  // Null: it is no header of that file.
  [[nodiscard]] std::shared_ptr<const crypto::AeadKey> key_in(
      std::span<const char, kSealedHeaderBytes> header,
      std::string_view name,
      const FileOwner& owner) const;
  [[nodiscard]] std::vector<std::string> all_names() const;

  // Files that wait for their last pin.
  struct Group {
    int pins = 0;
    std::vector<std::string> names;
  };

  // Files that wait for the last hold, and those of groups that are pinned.
  struct Held {
    std::mutex mutex;
    int holds = 0;
    std::vector<std::string> names;
    std::map<std::string, Group, std::less<>> pinned;
    FileRemover remover;
  };

  class Pin;

  std::string folder_;
  bool is_durable_;
  Random& random_;
  std::shared_ptr<const DiskGuard> guard_;
  std::shared_ptr<const crypto::SecretBox> keys_;
  std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

// Fills `out` from `offset` on. S3InternalError if the file is shorter than that.
[[nodiscard]] Status read_exactly(int fd, std::uint64_t offset, std::span<char> out);

// S3InternalError: the file does not hold what was stored for its owner.
[[nodiscard]] Error not_as_stored(const FileOwner& owner, std::string_view file);

}  // namespace signet::objects
