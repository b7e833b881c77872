#include "server/stopped_folder.h"

#include <optional>
#include <utility>

#include <unistd.h>

#include "audit/sink.h"
#include "authn/key_rings.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/strings.h"
#include "crypto/random.h"
#include "objects/object_store.h"
#include "objects/removal.h"
#include "s3/invocation.h"
#include "s3/service.h"
#include "server/control.h"
#include "server/directory_trail.h"
#include "server/object_options.h"
#include "server/state.h"
#include "server/trail.h"
#include "store/embedded/folder_marker.h"

namespace signet::server {

// In the order in which they are made; what others borrow stands first.
struct StoppedFolder::Parts {
  Options options;
  SystemClock clock;
  crypto::SystemRandom random;
  std::unique_ptr<audit::Sink> audit;
  std::optional<DirectoryTrail> trail;
  State state;
  authn::KeyRings rings;
  std::unique_ptr<objects::ObjectStore> objects;  // null until a command asks for them
  std::optional<Control> control;

  Result<objects::ObjectStore*> open_objects();
  Result<StagedBackup> stage();
};

Result<StagedBackup> StoppedFolder::Parts::stage() {
  return stage_backup({.store = *state.store,
                       .directory = *state.directory,
                       .objects = *TRY(open_objects()),
                       .audit = *audit,
                       .data_folder = options.data_folder});
}

Result<objects::ObjectStore*> StoppedFolder::Parts::open_objects() {
  if (!objects) {
    const store::FolderMarker marker =
        TRY(store::read_folder_marker(options.data_folder)).value_or(store::FolderMarker());
    objects::ObjectStore::Options wanted =
        object_options(options, options.data_folder + "/objects", state.object_keys);
    wanted.id = marker.objects;
    objects = TRY(objects::ObjectStore::open(std::move(wanted), random));
    s3::own_buckets(*objects, *state.directory->current());
  }
  return objects.get();
}

Result<std::unique_ptr<StoppedFolder>> StoppedFolder::open(const Options& options) {
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  parts->state = TRY(open_state(options, parts->random));
  parts->audit = TRY(open_trail(options, parts->clock));
  if (parts->audit->is_enabled()) {
    TRY_STATUS(parts->state.directory->attach(parts->trail.emplace(*parts->audit)));
  }
  Parts* borrowed = parts.get();
  parts->control.emplace(
      Control::Deps{.directory = *parts->state.directory,
                    .rings = parts->rings,
                    .audit = *parts->audit,
                    .random = parts->random,
                    .clock = parts->clock,
                    .store = *parts->state.store,
                    .data_folder = options.data_folder,
                    .open_objects = [borrowed] { return borrowed->open_objects(); },
                    .stage_backup =
                        [borrowed] {
                          return borrowed->stage();
                        }});
  return std::unique_ptr<StoppedFolder>(new StoppedFolder(std::move(parts)));
}

StoppedFolder::StoppedFolder(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

StoppedFolder::~StoppedFolder() {
  if (!parts_->objects) {
    return;
  }
  objects::Removal removal(*parts_->objects, [this](std::string_view bucket) {
    return s3::has_bucket(*parts_->state.directory->current(), bucket);
  });
  Result<bool> more = true;
  while (more && *more) {
    more = removal.step();
  }
  if (!more) {
    // The next server goes on.
    log(LogLevel::Warning, "bucket_removal_failed", {{"cause", more.error().cause}});
  }
}

std::string StoppedFolder::answer(std::string_view request) {
  return parts_->control->answer(
      request, concat("uid ", std::to_string(getuid()), " on the stopped folder"));
}

}  // namespace signet::server
