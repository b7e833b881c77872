#include "server/folder_parts.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "base/strings.h"
#include "facts/errors.h"
#include "store/embedded/folder_marker.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> missing(const Options& options, std::string_view what) {
  return std::unexpected(
      facts::service_failure(concat("data folder ", options.data_folder, ": ", what)));
}

bool is_there(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

}  // namespace

Status check_parts(const Options& options) {
  if (options.is_dev) {
    return {};
  }
  TRY_STATUS(store::check_folder_purpose(options.data_folder));
  const auto marker = TRY(store::read_folder_marker(options.data_folder));
  if (!marker) {
    return {};  // a new folder, or one of a program that wrote no marker
  }
  const std::string objects = options.data_folder + "/objects";
  if (!marker->objects.empty() && !is_there(objects)) {
    return missing(options,
                   "the folder objects is missing, and with it the index of the objects, "
                   "objects/index.db, is missing, but objects were stored here: restore the whole "
                   "folder from a backup");
  }
  if (!marker->objects.empty() && !is_there(objects + "/index.db")) {
    return missing(
        options,
        "the index of the objects, objects/index.db, is missing, but objects were stored "
        "here: restore the whole folder from a backup");
  }
  if (!marker->objects.empty() && !is_there(objects + "/data")) {
    return missing(options,
                   "the bytes of the objects, objects/data, are missing: restore the whole folder "
                   "from a backup");
  }
  const std::string trail = options.data_folder + "/audit.jsonl";
  const bool uses_own = options.audit_file.empty();
  if (uses_own && marker->has_audit && !is_there(trail) && !is_there(trail + ".head")) {
    return missing(options,
                   "the audit trail, audit.jsonl with audit.jsonl.head, is missing: restore the "
                   "whole folder from a backup, or put the files back; to begin a trail anew, take "
                   "the line \"audit\" out of signet.folder");
  }
  return {};
}

}  // namespace signet::server
