#include "server/key_rotation.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "crypto/random.h"
#include "facts/errors.h"
#include "identity/data_keys.h"
#include "server/master_key.h"

namespace signet::server {
namespace {

constexpr std::size_t kKeySize = 32;

std::string next_of(const std::string& folder) {
  return folder + "/master.key.next";
}

std::unexpected<Error> failure(std::string_view doing, const std::string& path) {
  return std::unexpected(
      facts::service_failure(concat("cannot ", doing, " ", path, ": ", errno_text(errno))));
}

// The next key becomes the key, and the old one stays under its id.
Status put_in_place(const std::string& folder, const Secret& old_key) {
  const std::string path = folder + "/master.key";
  const std::string kept = concat(path, ".", identity::master_key_id(old_key));
  if (::link(path.c_str(), kept.c_str()) != 0 && errno != EEXIST) {
    return failure("keep the old master key as", kept);
  }
  if (std::rename(next_of(folder).c_str(), path.c_str()) != 0) {
    return failure("replace the master key file", path);
  }
  return {};
}

Result<std::string> rotate_environment(identity::Directory& directory) {
  const Secret old_key = TRY(key_from_environment("SIGNET_MASTER_KEY"));
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets variables
  if (std::getenv("SIGNET_NEW_MASTER_KEY") == nullptr) {
    return fail(
        ErrorCode::InvalidInput,
        "the master key comes from SIGNET_MASTER_KEY: stop the server, run this command with "
        "the new key (64 hexadecimal digits) in SIGNET_NEW_MASTER_KEY, and start the server "
        "with that one in SIGNET_MASTER_KEY");
  }
  const Secret new_key = TRY(key_from_environment("SIGNET_NEW_MASTER_KEY"));
  TRY_STATUS(directory.rewrap(old_key, new_key));
  return concat("the data keys are wrapped by the key of SIGNET_NEW_MASTER_KEY (id ",
                identity::master_key_id(new_key),
                "): put it into SIGNET_MASTER_KEY; the old one (id ",
                identity::master_key_id(old_key),
                ") opens backups made before, and nothing here");
}

}  // namespace

Result<std::string> rotate_master_key(const std::string& data_folder,
                                      identity::Directory& directory,
                                      Random& random) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets variables
  if (std::getenv("SIGNET_MASTER_KEY") != nullptr) {
    return rotate_environment(directory);
  }
  const std::string path = data_folder + "/master.key";
  const Secret old_key = TRY(read_master_key(path));
  const Secret new_key(crypto::random_bytes(random, kKeySize));
  // On the disk before anything is wrapped by it. A crash from here on is ended by the next start.
  TRY_STATUS(write_master_key(next_of(data_folder), new_key));
  if (const Status wrapped = directory.rewrap(old_key, new_key); !wrapped) {
    ::unlink(next_of(data_folder).c_str());
    return std::unexpected(wrapped.error());
  }
  TRY_STATUS(put_in_place(data_folder, old_key));
  return concat("the data keys are wrapped by a new master key (id ",
                identity::master_key_id(new_key),
                ") in ",
                path,
                ": keep a copy of it elsewhere; the old one is now ",
                path,
                ".",
                identity::master_key_id(old_key),
                ", which opens backups made before, and nothing here");
}

Status finish_key_rotation(const std::string& data_folder, store::Store& store) {
  const std::string next = next_of(data_folder);
  if (::access(next.c_str(), F_OK) != 0) {
    return {};
  }
  const std::string wanted = TRY(identity::master_key_id_of(store));
  const Secret new_key = TRY(read_master_key(next));
  if (identity::master_key_id(new_key) == wanted) {
    const Secret old_key = TRY(read_master_key(data_folder + "/master.key"));
    return put_in_place(data_folder, old_key);
  }
  return ::unlink(next.c_str()) == 0 ? Status() : failure("remove", next);
}

}  // namespace signet::server
