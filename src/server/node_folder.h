#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace signet::server {

// The data folder of a process whose state is in a cluster: master key, audit trail and objects are
// in it, and the file `node` with what tells it from the other nodes. This process has it alone for
// as long as this lives.
class NodeFolder {
 public:
  // Makes the folder and its id where they are missing. Refused: a folder that another process has,
  // and one that holds a state of its own.
  [[nodiscard]] static Result<NodeFolder> open(const std::string& path, Random& random);

  // Whether a folder is that of a node: what state lies in it besides is not the truth.
  [[nodiscard]] static bool is_node(const std::string& path);

  // Makes it one, whose state was moved away.
  [[nodiscard]] static Status make_node(const std::string& path, Random& random);

  // 16 hexadecimal digits.
  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  NodeFolder(UniqueFd lock, std::string id) : lock_(std::move(lock)), id_(std::move(id)) {}

  UniqueFd lock_;
  std::string id_;
};

}  // namespace signet::server
