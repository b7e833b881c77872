#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace signet::objects {

// Removes files on a thread of its own, which begins with the first: giving back the room of a
// large one takes the system tens of milliseconds, for which no answer should wait. Thread-safe.
// Files that were left when the process was killed are those that no record names
// (ObjectStore::open()).
class FileRemover {
 public:
  FileRemover() = default;
  FileRemover(const FileRemover&) = delete;
  FileRemover& operator=(const FileRemover&) = delete;
  FileRemover(FileRemover&&) = delete;
  FileRemover& operator=(FileRemover&&) = delete;
  // All of them are gone then.
  ~FileRemover();

  void remove(std::string path);

 private:
  void run();

  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::vector<std::string> paths_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace signet::objects
