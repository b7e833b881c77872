#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "base/clock.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/control_client.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "server/backup.h"
#include "server/backup_lock.h"
#include "server/backup_stage.h"
#include "server/version.h"

// `signet backup`, `signet restore`, and `signet verify` of a backup.
namespace signet::ctl {
namespace {

namespace fs = std::filesystem;

// An answer may take as long as giving names to millions of files does.
constexpr std::int64_t kStageMs = 3'600'000;

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

std::uint64_t count_at(const codec::Json& json, std::string_view name) {
  const codec::Json* member = json.find(name);
  return member == nullptr ? 0 : static_cast<std::uint64_t>(member->as_int().value_or(0));
}

server::BackupHead head_of(const codec::Json& answer, const server::Options& options) {
  server::BackupHead head{.program = std::string(server::kVersionText),
                          .made = codec::format_iso8601(SystemClock().now()),
                          .by = concat("uid ", std::to_string(getuid())),
                          .source = absolute(options.data_folder),
                          .master_key = std::string(answer.string_at("masterKey")),
                          .objects = count_at(answer, "objects"),
                          .object_bytes = count_at(answer, "objectBytes")};
  if (const codec::Json* accounts = answer.find("accounts"); accounts != nullptr) {
    for (const codec::Json& account : accounts->items()) {
      head.accounts.push_back(account.text());
    }
  }
  return head;
}

struct Made {
  server::BackupManifest manifest;
  std::uint64_t records = 0;  // of a cluster
  std::string digest;         // of them; empty: of no cluster
};

// Has everything staged, and takes it to the target.
Result<Made> make_backup(const server::Options& options, const server::BackupWishes& wishes) {
  const server::BackupLock lock = TRY(server::BackupLock::take(options.data_folder));
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "backup");
  json.member("target", wishes.target);
  json.end_object();
  const codec::Json answer = TRY(ask(options, request, kStageMs));
  server::BackupHead head = head_of(answer, options);
  head.has_master_key = wishes.takes_master_key;
  auto manifest = server::take_backup(options.data_folder, wishes, std::move(head));
  std::error_code error;
  fs::remove_all(server::staging_folder(options.data_folder), error);
  return Made{.manifest = TRY(std::move(manifest)),
              .records = count_at(answer, "records"),
              .digest = std::string(answer.string_at("digest"))};
}

void print_contents(const server::BackupManifest& manifest) {
  std::printf("  %zu %s, %llu %s with %llu bytes, %zu files; made %s by %s\n",
              manifest.head.accounts.size(),
              manifest.head.accounts.size() == 1 ? "account" : "accounts",
              static_cast<unsigned long long>(manifest.head.objects),
              manifest.head.objects == 1 ? "object" : "objects",
              static_cast<unsigned long long>(manifest.head.object_bytes),
              manifest.files.size(),
              manifest.head.made.c_str(),
              manifest.head.by.c_str());
}

int report_differences(const std::string& folder, const server::BackupManifest& manifest) {
  const std::size_t wrong = server::verify_backup(folder, manifest, [](std::string_view what) {
    std::fprintf(stderr, "signet: %s\n", std::string(what).c_str());
  });
  return wrong == 0 ? kOk : kFindings;
}

}  // namespace

int backup(const server::Options& options, const BackupOptions& backup) {
  if (const Status there = require_data_folder(options.data_folder); !there) {
    return report(there.error());
  }
  const server::BackupWishes wishes{.target = absolute(backup.folder),
                                    .copies_objects = backup.copies,
                                    .takes_master_key = backup.with_master_key};
  const std::string key = options.data_folder + "/master.key";
  if (wishes.takes_master_key && access(key.c_str(), R_OK) != 0) {
    return report(concat("there is no key file ", key, " to put in (SIGNET_MASTER_KEY?)"));
  }
  if (const Status free = server::check_backup_target(options.data_folder, wishes.target); !free) {
    return report(free.error());
  }
  const auto made = make_backup(options, wishes);
  if (!made) {
    return report(made.error());
  }
  const server::BackupManifest& manifest = made->manifest;
  std::printf("made a backup in %s\n", wishes.target.c_str());
  print_contents(manifest);
  if (!made->digest.empty()) {
    std::printf("  the state of the cluster: %llu records, sha256 %s\n",
                static_cast<unsigned long long>(made->records),
                made->digest.c_str());
  }
  if (manifest.head.has_master_key) {
    std::printf("  with the master key: whoever reads the backup can use every secret in it\n");
  } else {
    std::printf(
        "  without the master key (id %s), and of no use without it: keep a copy of %s elsewhere\n",
        manifest.head.master_key.c_str(),
        access(key.c_str(), F_OK) == 0 ? key.c_str() : "what SIGNET_MASTER_KEY holds");
  }
  return kOk;
}

int restore(const server::Options& options, const BackupOptions& backup) {
  const auto manifest = server::read_backup(backup.folder);
  if (!manifest) {
    return report(manifest.error());
  }
  std::error_code error;
  if (fs::exists(options.data_folder, error) && !fs::is_empty(options.data_folder, error)) {
    return report(concat(options.data_folder,
                         " is not empty: name a folder that is empty or not there with --data"));
  }
  if (report_differences(backup.folder, *manifest) != kOk) {
    return report("the backup is damaged; nothing was restored");
  }
  crypto::SystemRandom random;
  const server::RestoreWishes wishes{.backup = absolute(backup.folder),
                                     .master_key_file = backup.master_key_file};
  if (const Status done = server::restore_backup(options, wishes, *manifest, random); !done) {
    return report(done.error());
  }
  // What cannot be opened is told now, not by the next start.
  if (const auto state = open_existing(options, random); !state) {
    return report(state.error());
  }
  std::printf("restored %s into %s\n", backup.folder.c_str(), options.data_folder.c_str());
  print_contents(*manifest);
  std::printf(
      "  What was deleted, deactivated or revoked since then is as it was. `signet keys retire "
      "--data %s` ends the sessions of that time.\n",
      options.data_folder.c_str());
  return kOk;
}

int verify_backup(const std::string& folder) {
  const auto manifest = server::read_backup(folder);
  if (!manifest) {
    return report(manifest.error());
  }
  const int found = report_differences(folder, *manifest);
  if (found == kOk) {
    std::printf("backup: every file is as it was stored\n");
    print_contents(*manifest);
  }
  return found;
}

}  // namespace signet::ctl
