#include "server/data_key_rotation.h"

#include <cstdint>
#include <memory>

#include "base/strings.h"
#include "identity/data_keys.h"
#include "server/master_key.h"
#include "server/operator.h"
#include "server/state.h"

namespace signet::server {

Result<std::string> rotate_data_key(const Options& options, Random& random) {
  const std::unique_ptr<store::Store> store = TRY(hold_folder(options, random));
  const Secret master_key = TRY(load_master_key(options.data_folder, MissingKey::Refuse, random));
  const std::uint32_t id = TRY(identity::add_data_key(*store, master_key, random));
  std::string done =
      concat("data key ",
             std::to_string(id),
             " seals what is written from the next start on; the others are kept, to open what "
             "they sealed");
  TRY_STATUS(record_act(options, "RotateDataKey", done));
  return done;
}

}  // namespace signet::server
