#include "objects/removal.h"

#include "objects/object_store.h"

namespace signet::objects {

void Removal::settle() {
  deleted_.clear();
  for (ClosedBuckets::Unsettled& bucket : store_.closed().unsettled()) {
    if (is_kept_(bucket.bucket)) {
      store_.reopen(bucket);
    } else {
      deleted_.push_back(std::move(bucket));
    }
  }
}

Result<bool> Removal::step() {
  settle();
  if (deleted_.empty()) {
    return false;
  }
  // In turn, so that one that cannot be removed is in nobody's way.
  const ClosedBuckets::Unsettled& bucket = deleted_[turn_++ % deleted_.size()];
  if (!TRY(store_.remove_some(bucket.bucket))) {
    TRY_STATUS(store_.finish_removal(bucket));
    return deleted_.size() > 1;
  }
  return true;
}

}  // namespace signet::objects
