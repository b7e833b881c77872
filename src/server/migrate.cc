#include "server/migrate.h"

#include <memory>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "server/cluster.h"
#include "server/node_folder.h"
#include "server/state_copy.h"
#include "store/embedded/embedded_store.h"
#include "store/etcd/address.h"

namespace signet::server {
namespace {

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

Status check_source(const StateSums& source, const Migration& migration) {
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
  const StateSums target = TRY(sum_up(to));
  return target.records == 0 && target.lines == 0
             ? Status()
             : refuse(concat(migration.to, " holds records already"));
}

std::vector<std::string> notes_of(const StateSums& source, const Migration& migration) {
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
  const StateSums source = TRY(sum_up(*from));
  TRY_STATUS(check_source(source, migration));
  const auto to = TRY(open_side(migration.to, options, random));
  TRY_STATUS(check_target(*to, migration));
  StateCopy copy(*to);
  const StateSums copied = TRY(copy.take(*from));
  if (copied.revision != source.revision) {
    return refuse(concat(migration.from, " is being written to: stop every node first"));
  }
  TRY_STATUS(copy.finish());
  const StateSums target = TRY(sum_up(*to));
  const StateSums again = TRY(sum_up(*from));
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
