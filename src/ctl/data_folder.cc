#include "ctl/data_folder.h"

#include <filesystem>
#include <system_error>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::ctl {

Status require_data_folder(const std::string& folder) {
  std::error_code error;
  const bool is_empty = std::filesystem::is_empty(folder, error);
  if (!error && !is_empty) {
    return {};
  }
  return fail(ErrorCode::InvalidInput,
              concat("there is no data folder at ",
                     folder,
                     ": ",
                     error ? error.message() : std::string("it is empty"),
                     "; --data names it, `signet serve` or `signet init` makes one"));
}

Result<server::State> open_existing(const server::Options& options, Random& random) {
  TRY_STATUS(require_data_folder(options.data_folder));
  return server::open_state(options, random);
}

}  // namespace signet::ctl
