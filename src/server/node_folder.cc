#include "server/node_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

constexpr std::size_t kIdBytes = 8;

std::unexpected<Error> failure(const std::string& path, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("data folder ", path, ": ", why)));
}

std::string node_file(const std::string& path) {
  return path + "/node";
}

bool is_there(const std::string& file) {
  return ::access(file.c_str(), F_OK) == 0;
}

Result<std::string> read_id(const std::string& path) {
  const UniqueFd file(::open(node_file(path).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const ssize_t size = file.valid() ? ::read(file.get(), text.data(), text.size()) : -1;
  std::string_view id(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  if (id.ends_with('\n')) {
    id.remove_suffix(1);
  }
  if (id.size() != 2 * kIdBytes || !codec::decode_hex(id)) {
    return failure(path, "the file `node` does not hold the id of a node");
  }
  return std::string(id);
}

// Under another name until it is whole.
Status write_id(const std::string& path, Random& random) {
  std::array<std::uint8_t, kIdBytes> bytes{};
  random.fill(bytes);
  std::string id;
  codec::append_hex(id, bytes);
  id += '\n';
  const std::string file = node_file(path);
  const std::string fresh = file + ".new";
  const UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool is_written = fd.valid() && (errno = write_all(fd.get(), id)) == 0 &&
                          ::fsync(fd.get()) == 0 && std::rename(fresh.c_str(), file.c_str()) == 0 &&
                          (errno = sync_folder(path)) == 0;
  return is_written ? Status() : failure(path, concat("cannot write `node`: ", errno_text(errno)));
}

}  // namespace

bool NodeFolder::is_node(const std::string& path) {
  return is_there(node_file(path));
}

Status NodeFolder::make_node(const std::string& path, Random& random) {
  return is_node(path) ? Status() : write_id(path, random);
}

Result<NodeFolder> NodeFolder::open(const std::string& path, Random& random) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return failure(path, concat("cannot make it: ", errno_text(errno)));
  }
  UniqueFd lock(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) {
    return failure(path, concat("cannot lock it: ", errno_text(errno)));
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return failure(path, "another process uses it");
  }
  if (!is_node(path)) {
    if (is_there(path + "/signet.db")) {
      return failure(path,
                     "it holds a state of its own: `signet migrate --from FOLDER --to ETCD` moves "
                     "it to the cluster, or --data names another folder for this node");
    }
    TRY_STATUS(write_id(path, random));
  }
  std::string id = TRY(read_id(path));
  return NodeFolder(std::move(lock), std::move(id));
}

}  // namespace signet::server
