// What EtcdStore reads: records of one revision, page by page or from the local copy, and how far
// the cluster is.

#include <algorithm>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"
#include "store/etcd/copy_catch_up.h"
#include "store/etcd/etcd_store_parts.h"

namespace signet::store {
namespace {

constexpr std::int64_t kPage = 1000;  // records asked for at once, at first
constexpr std::int64_t kPageMax = 8000;
constexpr std::size_t kPageBytes = std::size_t{2} << 20;  // of a page, for the next to be larger
constexpr int kPageWaitMax = 16;                          // seconds
constexpr int kReadPatienceMs = 5000;
constexpr int kNewestPatienceMs = 2000;  // others wait for the answer

}  // namespace

Result<Revision> EtcdStore::load(std::string_view prefix, const Visitor& visit) {
  Pages pages{.gateway = std::make_unique<EtcdGateway>(access_), .size = kPage};
  const Point point = TRY(read_counter(*pages.gateway));
  TRY_STATUS(note(point));
  EtcdKeys keys = layout_.records(prefix);
  while (true) {
    auto range = TRY(read_page(pages, keys, point.etcd_revision));
    std::size_t bytes = 0;
    for (const EtcdKeyValue& one : range.records) {
      bytes += one.key.size() + one.value.size();
      TRY_STATUS(show(one, visit));
    }
    if (!range.has_more || range.records.empty()) {
      break;
    }
    keys.first = range.records.back().key + '\0';
    if (bytes < kPageBytes) {
      pages.size = std::min(2 * pages.size, kPageMax);
    }
  }
  const std::scoped_lock lock(mutex_);
  loaded_ = point;
  return point.revision;
}

Result<Revision> EtcdStore::load_all(const Visitor& visit) {
  if (!copy_) {
    return load({}, visit);
  }
  const std::scoped_lock copy_lock(copy_mutex_);
  if (const std::optional<Point> point = catch_up_copy()) {
    TRY_STATUS(copy_->show(visit));
    const std::scoped_lock lock(mutex_);
    loaded_ = point;
    return point->revision;
  }
  copy_->begin();
  const Revision revision = TRY(load({}, [&](const RecordView& record) {
    copy_->put(record);
    return visit(record);
  }));
  std::unique_lock lock(mutex_);
  const CopyPoint point = copy_point(*loaded_);
  lock.unlock();
  copy_->finish(point);
  return revision;
}

Result<Revision> EtcdStore::newest() {
  const std::scoped_lock lock(reader_mutex_);
  const Point point = TRY(read_counter(reader_));
  TRY_STATUS(note(point));
  return point.revision;
}

Result<codec::Json> EtcdStore::ask(EtcdGateway& gateway,
                                   std::string_view path,
                                   const std::string& message) {
  const std::int64_t deadline =
      monotonic_ms() + (&gateway == &reader_ ? kNewestPatienceMs : kReadPatienceMs);
  while (true) {
    auto answer = gateway.ask(path, message);
    if (answer) {
      return *std::move(answer);
    }
    if (answer.error().kind != EtcdFault::Kind::Unreachable || monotonic_ms() >= deadline ||
        !pause()) {
      return error_of(answer.error());
    }
  }
}

Result<EtcdStore::Point> EtcdStore::point_of(const RangeAnswer& range) const {
  Point point{.counter = {}, .etcd_revision = range.revision, .cluster = range.cluster};
  if (!range.records.empty()) {
    const auto revision = revision_of_counter(range.records.front().value);
    if (!revision) {
      return etcd_failure(concat(
          "etcd: the key ", layout_.counter(), " holds no revision: is this a store of Signet's?"));
    }
    point.revision = *revision;
    point.counter = range.records.front().value;
  }
  return point;
}

Result<EtcdStore::Point> EtcdStore::read_counter(EtcdGateway& gateway) {
  const auto answer = TRY(
      ask(gateway, "/v3/kv/range", range_request({.first = layout_.counter(), .end = {}}, 0, 0)));
  return point_of(TRY(read_range(answer)));
}

Result<RangeAnswer> EtcdStore::read_page(Pages& pages,
                                         const EtcdKeys& keys,
                                         std::int64_t etcd_revision) {
  while (true) {
    auto answer =
        pages.gateway->ask("/v3/kv/range", range_request(keys, pages.size, etcd_revision));
    if (answer) {
      return read_range(*answer);
    }
    if (answer.error().kind != EtcdFault::Kind::Unreachable || pages.size == 1) {
      return error_of(answer.error());
    }
    pages.size = std::max<std::int64_t>(1, pages.size / 16);
    pages.wait_seconds = std::min(2 * pages.wait_seconds, kPageWaitMax);
    pages.gateway = std::make_unique<EtcdGateway>(access_, pages.wait_seconds);
  }
}

std::optional<EtcdStore::Point> EtcdStore::catch_up_copy() {
  const std::optional<CopyPoint> held = copy_->open();
  if (!held) {
    return std::nullopt;
  }
  EtcdGateway gateway(access_);
  Result<Point> now = read_counter(gateway);
  const bool is_of_use = now && note(*now) && now->counter &&
                         bring_to(*copy_, *held, copy_point(*now), gateway, layout_);
  return is_of_use ? std::optional(*std::move(now)) : std::nullopt;
}

CopyPoint EtcdStore::copy_point(const Point& point) {
  return {.cluster = point.cluster,
          .etcd_revision = point.etcd_revision,
          .revision = point.revision,
          .counter = point.counter.value_or("")};
}

Status EtcdStore::show(const EtcdKeyValue& one, const Visitor& visit) const {
  const auto key = layout_.key_of(one.key);
  const auto record = read_record_value(one.value);
  if (!key || !record) {
    return etcd_failure(concat("etcd: the key ", one.key, " holds no record of Signet's"));
  }
  return visit(RecordView{.key = *key, .value = record->value, .revision = record->revision});
}

}  // namespace signet::store
