#include "server/cluster.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

#include <unistd.h>

#include "base/strings.h"
#include "facts/errors.h"
#include "server/key_rotation.h"
#include "server/master_key.h"
#include "store/etcd/etcd_store.h"

namespace signet::server {
namespace {

Result<std::shared_ptr<const Secret>> read_password(const std::string& path) {
  if (path.empty()) {
    return nullptr;
  }
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (!in || !std::getline(in, text)) {
    return std::unexpected(facts::service_failure(concat("no password can be read from ", path)));
  }
  return std::make_shared<const Secret>(std::move(text));
}

}  // namespace

Result<std::unique_ptr<store::Store>> open_cluster(const Options& options, Random& random) {
  store::EtcdAccess access{.address = TRY(store::parse_etcd_address(options.store)),
                           .ca_file = options.store_ca,
                           .certificate_file = options.store_certificate,
                           .key_file = options.store_key,
                           .user = options.store_user,
                           .password = TRY(read_password(options.store_password_file)),
                           .copy_folder = options.data_folder};
  return store::open_etcd_store(std::move(access), random);
}

Result<Secret> master_key_of_node(const Options& options, store::Store& store, Random& random) {
  TRY_STATUS(finish_key_rotation(options.data_folder, store));
  const std::string path = options.data_folder + "/master.key";
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started
  if (std::getenv("SIGNET_MASTER_KEY") == nullptr && ::access(path.c_str(), F_OK) != 0) {
    return std::unexpected(facts::service_failure(
        concat("the nodes of a cluster share one master key, and this one was given none: put it "
               "into ",
               path,
               " (mode 0600; for a new cluster `umask 077; openssl rand -hex 32 > master.key` "
               "makes one) or into SIGNET_MASTER_KEY")));
  }
  return load_master_key(options.data_folder, MissingKey::Refuse, random);
}

}  // namespace signet::server
