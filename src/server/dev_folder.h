#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace signet::server {

// The folder of objects of a server whose state is thrown away: made anew under a name that nobody
// can know before, for its owner alone, and removed with this object. Removes what servers that
// were killed have left behind.
class DevFolder {
 public:
  // `parent` is usually the system's temporary folder.
  [[nodiscard]] static Result<DevFolder> make(const std::string& parent);

  DevFolder(const DevFolder&) = delete;
  DevFolder& operator=(const DevFolder&) = delete;
  DevFolder(DevFolder&& other) noexcept;
  DevFolder& operator=(DevFolder&&) = delete;
  ~DevFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  DevFolder(std::string path, UniqueFd lock);

  std::string path_;
  UniqueFd lock_;  // held while the folder is in use
};

}  // namespace signet::server
