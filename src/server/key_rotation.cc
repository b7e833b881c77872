#include "server/key_rotation.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "authn/sealing_keys.h"
#include "base/errno_text.h"
#include "base/strings.h"
#include "codec/hex.h"
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

Result<std::string> rotate_data_key(const std::string& data_folder,
                                    identity::Directory& directory,
                                    store::Store& store,
                                    Random& random) {
  const Secret master_key = TRY(load_master_key(data_folder, MissingKey::Refuse, random));
  const std::uint32_t id = TRY(identity::add_data_key(store, master_key, random));
  if (!directory.is_shared()) {
    // Under the same master key: the directory takes up what there is.
    TRY_STATUS(directory.rewrap(master_key, master_key));
  }
  return concat("data key ",
                std::to_string(id),
                " seals the secrets of records that are written from now on, and those of objects "
                "from the next start on; the others are kept, to open what they sealed");
}

Result<std::string> rotate_sealing_key(identity::Directory& directory,
                                       authn::KeyRings& rings,
                                       Random& random,
                                       Instant now) {
  const Instant from =
      now.plus_seconds(directory.is_shared() ? authn::kLeadSeconds : -authn::kClockSlackSeconds);
  const Instant until = now.plus_seconds(authn::kRotateSeconds + authn::kKeepSeconds);
  const identity::SealingKey made = authn::make_sealing_key(from, until, random);
  std::uint32_t id = 0;
  const auto write = [&](const identity::Snapshot& snapshot,
                         identity::Transaction& transaction) -> Status {
    identity::SealingKey fresh = made;
    for (const identity::SealingKey* key : snapshot.sealing_keys()) {
      // It seals before the others from its first moment on.
      fresh.not_before = std::max(fresh.not_before, Instant{key->not_before.unix_ms + 1});
    }
    id = authn::add_sealing_key(snapshot, transaction, std::move(fresh), now);
    return {};
  };
  TRY(directory.apply(write));
  const auto snapshot = directory.current();
  rings.adopt(*snapshot, snapshot->revision());
  return concat(
      "sealing key ",
      std::to_string(id),
      directory.is_shared() ? " seals in a minute, when every node knows it" : " seals from now on",
      "; sessions go on, and what the others sealed is opened until it expires");
}

Result<std::string> retire_master_keys(const std::string& data_folder) {
  constexpr std::string_view kOld = "master.key.";
  constexpr std::size_t kIdSize = 8;
  std::error_code error;
  std::string removed;
  for (std::filesystem::directory_iterator file(data_folder, error), end; !error && file != end;
       file.increment(error)) {
    const std::string name = file->path().filename().string();
    const bool is_old = name.starts_with(kOld) && name.size() == kOld.size() + kIdSize &&
                        codec::decode_hex(std::string_view(name).substr(kOld.size()));
    if (!is_old) {
      continue;
    }
    if (::unlink(file->path().c_str()) != 0) {
      return failure("remove", file->path().string());
    }
    removed += concat(removed.empty() ? "" : ", ", name);
  }
  return removed.empty()
             ? "no replaced master key is in the folder"
             : concat("removed ", removed, ": backups made under them need the copy that you kept");
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
