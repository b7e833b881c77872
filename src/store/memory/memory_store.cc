#include "store/memory/memory_store.h"

#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "store/batch.h"

namespace signet::store {
namespace {

class MemoryStore final : public Store {
 public:
  Result<Revision> load(std::string_view prefix, const Visitor& visit) override {
    const std::shared_lock lock(mutex_);
    for (auto it = records_.lower_bound(prefix);
         it != records_.end() && it->first.starts_with(prefix);
         ++it) {
      TRY_STATUS(visit(RecordView{
          .key = it->first, .value = it->second.value, .revision = it->second.revision}));
    }
    return revision_;
  }

  Result<Revision> commit(std::span<const Transaction> batch) override {
    TRY_STATUS(check_batch(batch));
    const std::unique_lock lock(mutex_);
    if (!batch.empty()) {
      revision_ += 1;
    }
    for (const Transaction& transaction : batch) {
      apply(transaction);
    }
    return revision_;
  }

  std::string location() const override { return "memory"; }

 private:
  struct Record {
    std::string value;
    Revision revision = 0;
  };

  void apply(const Transaction& transaction) {
    for (const Put& put : transaction.puts) {
      records_.insert_or_assign(put.key, Record{.value = put.value, .revision = revision_});
    }
    for (const std::string& key : transaction.deletes) {
      records_.erase(key);
    }
  }

  mutable std::shared_mutex mutex_;
  std::map<std::string, Record, std::less<>> records_;
  Revision revision_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace signet::store
