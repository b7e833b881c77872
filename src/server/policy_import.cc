#include "server/policy_import.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"
#include "server/catalogue.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> cannot(std::string_view what, const fs::path& path, std::string_view why) {
  return std::unexpected(
      facts::service_failure(concat("cannot ", what, " ", path.string(), ": ", why)));
}

// Texts by the name of the file that a policy is kept in.
using Texts = std::map<std::string, std::string>;

Result<Texts> read_policies(const std::string& from) {
  std::map<std::string, std::string> origins;
  Texts texts;
  std::error_code error;
  fs::directory_iterator entry(from, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() != ".json") {
      continue;
    }
    std::ifstream in(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) {
      return cannot("read", path, "it cannot be opened");
    }
    const auto policy = parse_imported_policy(text);
    if (!policy) {
      return fail(ErrorCode::InvalidInput, concat(path.string(), ": ", policy.error().message));
    }
    const std::string name = concat(policy->name, ".json");
    if (const auto first = origins.emplace(name, path.string()); !first.second) {
      return fail(
          ErrorCode::InvalidInput,
          concat(first.first->second, " and ", path.string(), " are both policy ", policy->name));
    }
    texts.emplace(name, std::move(text));
  }
  if (error) {
    return cannot("read", from, error.message());
  }
  return texts;
}

Status write_file(const fs::path& path, std::string_view text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool is_written =
      file.valid() && (errno = write_all(file.get(), text)) == 0 && ::fsync(file.get()) == 0;
  return is_written ? Status() : cannot("write", path, errno_text(errno));
}

Status flush(const fs::path& folder) {
  const int error = sync_folder(folder);
  return error == 0 ? Status() : cannot("flush", folder, errno_text(error));
}

// Gives a folder the policies that there are now.
Status link_present(const fs::path& present, const fs::path& fresh) {
  std::error_code error;
  if (!fs::exists(present, error)) {
    return {};
  }
  fs::directory_iterator entry(present, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path target = fresh / entry->path().filename();
    fs::create_hard_link(entry->path(), target, error);
    if (error) {
      fs::copy_file(entry->path(), target, error);
    }
    if (error) {
      return cannot("copy", entry->path(), error.message());
    }
  }
  return error ? cannot("read", present, error.message()) : Status();
}

// Puts one folder in the place of the other in one step.
Status put_in_place(const fs::path& fresh, const fs::path& present) {
  std::error_code error;
  const unsigned flags = fs::exists(present, error) ? RENAME_EXCHANGE : 0U;
  if (renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, present.c_str(), flags) != 0) {
    return cannot("replace", present, errno_text(errno));
  }
  return flush(present.parent_path());
}

}  // namespace

Result<std::size_t> import_policies(const std::string& from, const std::string& data_folder) {
  const Texts texts = TRY(read_policies(from));
  if (texts.empty()) {
    return fail(ErrorCode::InvalidInput, concat("no *.json files in ", from));
  }
  const fs::path present = fs::path(data_folder) / "policies";
  const fs::path fresh = fs::path(data_folder) / "policies.new";
  std::error_code error;
  fs::remove_all(fresh, error);  // of an import that was interrupted
  fs::create_directory(fresh, error);
  if (error) {
    return cannot("create", fresh, error.message());
  }
  TRY_STATUS(link_present(present, fresh));
  for (const auto& [name, text] : texts) {
    fs::remove(fresh / name, error);  // another link to the file that is there
    TRY_STATUS(write_file(fresh / name, text));
  }
  TRY_STATUS(flush(fresh));
  TRY_STATUS(put_in_place(fresh, present));
  fs::remove_all(fresh, error);
  return texts.size();
}

}  // namespace signet::server
