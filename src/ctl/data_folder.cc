#include "ctl/data_folder.h"

#include <filesystem>
#include <system_error>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::ctl {

Result<server::State> open_existing(const server::Options& options, Random& random) {
  std::error_code error;
  const bool is_empty = std::filesystem::is_empty(options.data_folder, error);
  if (error || is_empty) {
    return fail(ErrorCode::InvalidInput,
                concat("there is no data folder at ",
                       options.data_folder,
                       ": ",
                       error ? error.message() : std::string("it is empty"),
                       "; --data names it, `signet init` makes one"));
  }
  return server::open_state(options, random);
}

}  // namespace signet::ctl
