#include "server/migrate.h"

#include <memory>
#include <utility>

#include "base/strings.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "identity/record.h"
#include "identity/trail_store.h"
#include "server/cluster.h"
#include "server/node_folder.h"
#include "store/embedded/embedded_store.h"
#include "store/etcd/address.h"
#include "store/schema.h"
#include "store/shared_store.h"

namespace signet::server {
namespace {

// What is written at once: below what etcd takes unless it is told otherwise.
constexpr std::size_t kCommitBytes = std::size_t{512} << 10;
constexpr std::size_t kCommitRecords = 1000;

std::unexpected<Error> refuse(std::string cause) {
  return fail(ErrorCode::InvalidInput, std::move(cause));
}

Result<std::unique_ptr<store::Store>> open_side(const std::string& place,
                                                const Options& options,
                                                Random& random) {
  if (store::is_etcd_address(place)) {
    Options cluster = options;
    cluster.store = place;
    cluster.data_folder.clear();  // no node's: nothing is to start from a copy
    return open_cluster(cluster, random);
  }
  if (NodeFolder::is_node(place)) {
    return refuse(concat("the folder ", place, " is that of a node: the state is in its cluster"));
  }
  return store::open_embedded_store({.folder = place});
}

// Length and bytes of keys and values in the order of keys.
class Digest {
 public:
  void add(std::string_view key, std::string_view value) {
    add(key);
    add(value);
  }

  [[nodiscard]] std::string take() {
    std::string text;
    codec::append_hex(text, hash_.finish());
    return text;
  }

 private:
  void add(std::string_view bytes) {
    hash_.update(concat(std::to_string(bytes.size()), ":"));
    hash_.update(bytes);
  }

  crypto::Sha256 hash_;
};

struct Sums {
  std::uint64_t records = 0;
  std::uint64_t lines = 0;  // of a trail, which stay where they are
  store::Revision revision = 0;
  bool has_schema = false;
  std::string digest;
};

Result<Sums> sum_up(store::Store& store) {
  Sums sums;
  Digest digest;
  sums.revision = TRY(store.load({}, [&](const store::RecordView& record) -> Status {
    if (identity::is_trail_key(record.key)) {
      sums.lines += 1;
      return {};
    }
    sums.has_schema = sums.has_schema || record.key == store::kSchemaKey;
    sums.records += 1;
    digest.add(record.key, record.value);
    return {};
  }));
  sums.digest = digest.take();
  return sums;
}

// The schema version is left out: it comes last.
class Copier {
 public:
  explicit Copier(store::Store& to) : to_(to) {}

  Status add(const store::RecordView& record) {
    if (identity::is_trail_key(record.key)) {
      return {};
    }
    if (record.key == store::kSchemaKey) {
      schema_ = record.value;
      return {};
    }
    bytes_ += record.key.size() + record.value.size();
    next_.puts.push_back({std::string(record.key), std::string(record.value)});
    return bytes_ >= kCommitBytes || next_.puts.size() >= kCommitRecords ? flush() : Status();
  }

  Status finish() {
    TRY_STATUS(flush());
    next_.puts.push_back({std::string(store::kSchemaKey), schema_});
    return flush();
  }

 private:
  Status flush() {
    if (next_.puts.empty()) {
      return {};
    }
    TRY_STATUS(to_.commit(std::span(&next_, 1)));
    next_.puts.clear();
    bytes_ = 0;
    return {};
  }

  store::Store& to_;
  store::Transaction next_;
  std::size_t bytes_ = 0;
  std::string schema_;
};

Status check_source(const Sums& source, const Migration& migration) {
  if (!source.has_schema) {
    return refuse(concat(migration.from, " holds no state of Signet's"));
  }
  if (source.lines != 0 && !store::is_etcd_address(migration.from)) {
    return refuse(concat(migration.from,
                         " was not stopped in order, and audit lines wait in it: start a server on "
                         "it and stop it"));
  }
  return {};
}

Status check_target(store::Store& to, const Migration& migration) {
  const Sums target = TRY(sum_up(to));
  return target.records == 0 && target.lines == 0
             ? Status()
             : refuse(concat(migration.to, " holds records already"));
}

std::vector<std::string> notes_of(const Sums& source, const Migration& migration) {
  std::vector<std::string> notes;
  if (source.lines != 0) {
    notes.push_back(concat(std::to_string(source.lines),
                           " groups of audit lines of nodes that were killed stay in the cluster: "
                           "such a node keeps them when it starts again"));
  }
  if (store::is_etcd_address(migration.from)) {
    notes.push_back(concat("put the cluster's master key into ", migration.to, "/master.key"));
  } else {
    notes.push_back(concat(migration.from,
                           " is the folder of a node now, with its master key, audit trail and "
                           "objects; give the same master key to the others"));
  }
  return notes;
}

}  // namespace

Result<Migrated> migrate(const Migration& migration, const Options& options, Random& random) {
  const bool is_to_cluster = store::is_etcd_address(migration.to);
  if (is_to_cluster == store::is_etcd_address(migration.from)) {
    return refuse("one side must be a data folder, the other an etcd cluster");
  }
  const auto from = TRY(open_side(migration.from, options, random));
  const Sums source = TRY(sum_up(*from));
  TRY_STATUS(check_source(source, migration));
  const auto to = TRY(open_side(migration.to, options, random));
  TRY_STATUS(check_target(*to, migration));
  Copier copier(*to);
  const store::Revision copied = TRY(
      from->load({}, [&copier](const store::RecordView& record) { return copier.add(record); }));
  if (copied != source.revision) {
    return refuse(concat(migration.from, " is being written to: stop every node first"));
  }
  TRY_STATUS(copier.finish());
  const Sums target = TRY(sum_up(*to));
  const Sums again = TRY(sum_up(*from));
  if (again.revision != source.revision) {
    return refuse(concat(migration.from, " was written to meanwhile: stop every node first"));
  }
  if (target.digest != source.digest || target.records != source.records) {
    return std::unexpected(facts::service_failure(
        concat("what was written to ", migration.to, " is not what ", migration.from, " holds")));
  }
  if (is_to_cluster) {
    TRY_STATUS(NodeFolder::make_node(migration.from, random));
  }
  return Migrated{
      .records = source.records, .digest = source.digest, .notes = notes_of(source, migration)};
}

}  // namespace signet::server
