#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "objects/disk_guard.h"

namespace signet::objects {

// Where files of objects live: data/<two digits>/<name> once they count, tmp/<name> before. Names
// are 32 random hexadecimal digits, so no key can reach the file system. Immutable; shared by all
// threads.
class ObjectFiles {
 public:
  ObjectFiles(std::string folder,
              bool is_durable,
              Random& random,
              std::shared_ptr<const DiskGuard> guard)
      : folder_(std::move(folder)),
        is_durable_(is_durable),
        random_(random),
        guard_(std::move(guard)) {}

  // Makes the folders. What a crash left in tmp is removed.
  [[nodiscard]] Status prepare() const;

  [[nodiscard]] std::string data_path(std::string_view name) const;
  [[nodiscard]] std::string data_folder(std::string_view name) const;
  [[nodiscard]] std::string temporary_path(std::string_view name) const;

  [[nodiscard]] const std::string& folder() const { return folder_; }

  [[nodiscard]] bool is_durable() const { return is_durable_; }

  [[nodiscard]] const DiskGuard& guard() const { return *guard_; }

  [[nodiscard]] std::string new_name() const;

  // Removes a file that no object names any more, once nobody holds what there is. Readers that
  // have it open are not disturbed.
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
  [[nodiscard]] std::vector<std::string> all_names() const;

  // Files that wait for the last hold.
  struct Held {
    std::mutex mutex;
    int holds = 0;
    std::vector<std::string> names;
  };

  std::string folder_;
  bool is_durable_;
  Random& random_;
  std::shared_ptr<const DiskGuard> guard_;
  std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

// A file that is being written and belongs to nobody yet: dropped unkept, it is gone. One thread at
// a time.
class StagedFile {
 public:
  // SlowDown if the disk has no room for `expected_bytes` above its reserve.
  [[nodiscard]] static Result<StagedFile> create(const ObjectFiles& room,
                                                 std::uint64_t expected_bytes);

  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  StagedFile(StagedFile&& other) noexcept = default;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  // Appends. A disk that is full or has come below its reserve is the error SlowDown; the file is
  // then useless.
  [[nodiscard]] Status write(std::string_view bytes);

  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[nodiscard]] const std::string& name() const { return name_; }

  // Brings the bytes onto the disk and moves the file to its place in data/. Until forget() it is
  // still removed on drop.
  [[nodiscard]] Status settle();

  // The index names the file now: it stays.
  void forget() { room_ = nullptr; }

 private:
  struct NoOwner {
    void operator()(const ObjectFiles* /*room*/) const {}
  };

  StagedFile(const ObjectFiles& room, std::string name, UniqueFd fd)
      : room_(&room), name_(std::move(name)), fd_(std::move(fd)) {}

  std::unique_ptr<const ObjectFiles, NoOwner> room_;  // null: kept, or moved from
  std::string name_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
  std::uint64_t next_look_ = 0;  // at the disk, when the file has this size
  bool is_settled_ = false;
};

}  // namespace signet::objects
