#include "server/notification_files.h"

#include <cerrno>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

constexpr std::size_t kAtOnce = 1000;
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

std::unexpected<Error> failure(std::string_view what, const std::string& path, int error) {
  return std::unexpected(facts::service_failure(
      concat("notifications: cannot ", what, " ", path, ": ", errno_text(error))));
}

// As SNS sends it to its subscribers.
std::string line_of(const identity::Notification& one) {
  std::string line;
  codec::JsonWriter writer(line);
  writer.begin_object();
  writer.member("Type", "Notification");
  writer.member("MessageId", one.id);
  writer.member("TopicArn", one.channel);
  writer.member("Message", one.message->reveal(secret_access()));
  writer.member("Timestamp", codec::format_iso8601_ms(one.created));
  writer.end_object();
  return line + "\n";
}

Status append(const std::string& path, std::string_view text) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!file.valid()) {
    return failure("open", path, errno);
  }
  if (const int error = write_all(file.get(), text); error != 0) {
    return failure("write", path, error);
  }
  if (::fdatasync(file.get()) != 0) {
    return failure("flush", path, errno);
  }
  return {};
}

}  // namespace

Status NotificationFiles::deliver(identity::Directory& directory) const {
  if (folder_.empty()) {
    return {};
  }
  const auto snapshot = directory.current();
  const std::vector<const identity::Notification*> waiting =
      snapshot->notifications_before(Instant{.unix_ms = INT64_MAX}, kAtOnce);
  if (waiting.empty()) {
    return {};
  }
  if (::mkdir(folder_.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return failure("make", folder_, errno);
  }
  std::map<std::string_view, std::vector<const identity::Notification*>> by_account;
  for (const identity::Notification* one : waiting) {
    by_account[one->account].push_back(one);
  }
  std::vector<const identity::Notification*> written;
  Status outcome;
  for (const auto& [account, ones] : by_account) {
    std::string lines;
    for (const identity::Notification* one : ones) {
      lines += line_of(*one);
    }
    if (Status done = append(concat(folder_, "/", account, ".jsonl"), lines); !done) {
      outcome = std::move(done);
      continue;
    }
    written.insert(written.end(), ones.begin(), ones.end());
  }
  if (written.empty()) {
    return outcome;
  }
  const auto erased = directory.apply(
      [&](const identity::Snapshot& state, identity::Transaction& transaction) -> Status {
        for (const identity::Notification* one : written) {
          if (state.find<identity::Notification>(one->id) != nullptr) {
            transaction.erase<identity::Notification>(one->id);
          }
        }
        return {};
      });
  return erased ? outcome : std::unexpected(erased.error());
}

}  // namespace signet::server
