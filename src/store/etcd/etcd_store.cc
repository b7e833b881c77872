#include "store/etcd/etcd_store.h"

#include <array>
#include <chrono>
#include <utility>

#include "base/strings.h"
#include "codec/hex.h"
#include "facts/errors.h"
#include "store/etcd/etcd_store_parts.h"

namespace signet::store {
namespace {

constexpr std::size_t kCountersMax = 65'536;  // commits between what is held here and the newest

}  // namespace

std::unexpected<Error> etcd_failure(std::string cause) {
  return std::unexpected(facts::service_failure(std::move(cause)));
}

std::unexpected<Error> etcd_unavailable(std::string cause) {
  Error error = facts::make_error(ErrorCode::ServiceUnavailable);
  error.cause = std::move(cause);
  return std::unexpected(std::move(error));
}

std::unexpected<Error> error_of(const EtcdFault& fault) {
  return fault.kind == EtcdFault::Kind::Unreachable ? etcd_unavailable(fault.text)
                                                    : etcd_failure(fault.text);
}

EtcdStore::EtcdStore(EtcdAccess access, Random& random)
    : access_(std::move(access)),
      layout_(access_.address.prefix),
      random_(random),
      writer_(access_),
      reader_(access_),
      office_(layout_, random_id()) {
  if (!access_.copy_folder.empty()) {
    copy_.emplace(access_.copy_folder);
  }
}

EtcdStore::~EtcdStore() {
  unfollow();
}

Status EtcdStore::start() {
  const Point point = TRY(read_counter(writer_));
  return note(point);
}

std::string EtcdStore::location() const {
  std::string text = access_.address.is_tls ? "etcds://" : "etcd://";
  for (const EtcdEndpoint& one : access_.address.endpoints) {
    text += concat(text.ends_with('/') ? "" : ",", one.host, ":", std::to_string(one.port));
  }
  return concat(text, "/", access_.address.prefix.substr(0, access_.address.prefix.size() - 1));
}

bool EtcdStore::pause() {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(
      lock, std::chrono::milliseconds(kEtcdRetryMs), [this] { return is_stopping_; });
}

Status EtcdStore::note(const Point& point) {
  const std::scoped_lock lock(mutex_);
  if (cluster_ == 0) {
    cluster_ = point.cluster;
  }
  if (point.cluster != cluster_) {
    return etcd_failure(
        "etcd: another cluster answers than the one that was opened (its id differs): restart "
        "Signet after etcd was restored");
  }
  note_counter(point.revision, point.counter);
  return {};
}

void EtcdStore::note_counter(Revision revision, const std::optional<std::string>& counter) {
  counters_.insert_or_assign(revision, counter);
  if (counters_.size() > kCountersMax) {
    counters_.erase(counters_.begin());
  }
}

std::optional<std::optional<std::string>> EtcdStore::counter_of(Revision revision) {
  const std::scoped_lock lock(mutex_);
  const auto found = counters_.find(revision);
  return found == counters_.end() ? std::nullopt : std::optional(found->second);
}

std::string EtcdStore::random_id() {
  std::array<std::uint8_t, 8> bytes{};
  random_.fill(bytes);
  std::string text;
  codec::append_hex(text, bytes);
  return text;
}

Result<std::unique_ptr<SharedStore>> open_etcd_store(EtcdAccess access, Random& random) {
  auto store = std::make_unique<EtcdStore>(std::move(access), random);
  TRY_STATUS(store->start());
  return store;
}

}  // namespace signet::store
