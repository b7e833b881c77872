#include "objects/file_remover.h"

#include <utility>

#include <unistd.h>

namespace signet::objects {

FileRemover::~FileRemover() {
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void FileRemover::remove(std::string path) {
  {
    const std::scoped_lock lock(mutex_);
    paths_.push_back(std::move(path));
    if (!thread_.joinable()) {
      thread_ = std::thread([this] { run(); });
    }
  }
  wake_.notify_one();
}

void FileRemover::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return is_ending_ || !paths_.empty(); });
    if (paths_.empty()) {
      return;
    }
    const std::vector<std::string> paths = std::exchange(paths_, {});
    lock.unlock();
    for (const std::string& path : paths) {
      unlink(path.c_str());
    }
    lock.lock();
  }
}

}  // namespace signet::objects
