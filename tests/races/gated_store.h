#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "facts/errors.h"
#include "store/memory/memory_store.h"
#include "store/store.h"

namespace signet::races {

// A store in memory whose commits wait while its gate is closed.
class GatedStore final : public store::Store {
 public:
  Result<store::Revision> load(std::string_view prefix, const store::Visitor& visit) override {
    return inner_->load(prefix, visit);
  }

  Result<store::Revision> commit(std::span<const store::Transaction> batch) override {
    {
      std::unique_lock lock(mutex_);
      is_waiting_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return is_open_; });
      is_waiting_ = false;
      if (std::exchange(is_failing_, false)) {
        return std::unexpected(facts::service_failure("the store was told to fail"));
      }
    }
    return inner_->commit(batch);
  }

  [[nodiscard]] std::string location() const override { return inner_->location(); }

  void close() {
    const std::scoped_lock lock(mutex_);
    is_open_ = false;
  }

  void open() {
    const std::scoped_lock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

  // The next commit stores nothing.
  void fail_next() {
    const std::scoped_lock lock(mutex_);
    is_failing_ = true;
  }

  // Returns once a commit is held back.
  void await_commit() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_waiting_; });
  }

 private:
  std::unique_ptr<store::Store> inner_ = store::make_memory_store();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = true;
  bool is_waiting_ = false;
  bool is_failing_ = false;
};

}  // namespace signet::races
