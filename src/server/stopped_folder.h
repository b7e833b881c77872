#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/options.h"

namespace signet::server {

// A data folder on which no server runs, for the commands of its operator (control.h). Holds the
// folder as long as it lives.
class StoppedFolder {
 public:
  // The folder is there. Refuses while another process has it.
  [[nodiscard]] static Result<std::unique_ptr<StoppedFolder>> open(const Options& options);

  StoppedFolder(const StoppedFolder&) = delete;
  StoppedFolder& operator=(const StoppedFolder&) = delete;
  StoppedFolder(StoppedFolder&&) = delete;
  StoppedFolder& operator=(StoppedFolder&&) = delete;
  // Finishes what commands left to be removed.
  ~StoppedFolder();

  // As Control::answer(), for the user of this process.
  [[nodiscard]] std::string answer(std::string_view request);

 private:
  struct Parts;
  explicit StoppedFolder(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace signet::server
