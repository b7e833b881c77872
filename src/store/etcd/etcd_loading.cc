// What EtcdStore reads: records of one revision, page by page or from the local copy, and how far
// the cluster is.

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"
#include "store/etcd/copy_catch_up.h"
#include "store/etcd/etcd_store_parts.h"

namespace signet::store {
namespace {

constexpr std::int64_t kPage = 1000;  // records asked for at once
constexpr int kReadPatienceMs = 5000;
constexpr int kNewestPatienceMs = 2000;  // others wait for the answer

}  // namespace

Result<Revision> EtcdStore::load(std::string_view prefix, const Visitor& visit) {
  EtcdGateway gateway(access_);
  const Point point = TRY(read_counter(gateway));
  TRY_STATUS(note(point));
  EtcdKeys keys = layout_.records(prefix);
  std::int64_t page = kPage;
  while (true) {
    auto range = TRY(read_page(gateway, keys, point.etcd_revision, page));
    for (const EtcdKeyValue& one : range.records) {
      TRY_STATUS(show(one, visit));
    }
    if (!range.has_more || range.records.empty()) {
      break;
    }
    keys.first = range.records.back().key + '\0';
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

Result<RangeAnswer> EtcdStore::read_page(EtcdGateway& gateway,
                                         const EtcdKeys& keys,
                                         std::int64_t etcd_revision,
                                         std::int64_t& page) {
  while (true) {
    auto answer = gateway.ask("/v3/kv/range", range_request(keys, page, etcd_revision));
    if (answer) {
      return read_range(*answer);
    }
    if (answer.error().kind != EtcdFault::Kind::Unreachable || page == 1) {
      return error_of(answer.error());
    }
    page = std::max<std::int64_t>(1, page / 4);
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
