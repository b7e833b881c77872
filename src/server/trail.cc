#include "server/trail.h"

#include "base/log.h"
#include "store/embedded/folder_marker.h"

namespace signet::server {

Result<std::unique_ptr<audit::Sink>> open_trail(const Options& options, const Clock& clock) {
  const bool is_own = options.audit_file.empty();
  if (options.audit_file == "off" || (options.is_dev && is_own)) {
    return std::make_unique<audit::Sink>();
  }
  auto sink = TRY(
      audit::Sink::open({.path = is_own ? options.data_folder + "/audit.jsonl" : options.audit_file,
                         .rotate_bytes = static_cast<std::uint64_t>(options.audit_rotate_mib) << 20,
                         .keep = options.audit_keep,
                         .is_required = options.is_audit_required},
                        clock));
  if (is_own) {
    auto marker = TRY(store::read_folder_marker(options.data_folder));
    if (marker && !marker->has_audit) {
      marker->has_audit = true;
      // Where the disk is full the next start notes it.
      if (const Status noted = store::write_folder_marker(options.data_folder, *marker); !noted) {
        log(LogLevel::Warning, "audit_not_noted", {{"cause", noted.error().cause}});
      }
    }
  }
  return sink;
}

}  // namespace signet::server
