#include "objects/moment.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/place_file.h"
#include "base/strings.h"
#include "objects/impl/database.h"
#include "objects/impl/object_index.h"
#include "objects/object_info.h"
#include "objects/object_store.h"

namespace signet::objects {
namespace {

std::unexpected<Error> failure(std::string_view doing, const std::string& path, int number) {
  return std::unexpected(impl::storage_error(
      concat("copy of the objects: cannot ", doing, " ", path, ": ", errno_text(number))));
}

Status make_folder(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0700;
  return mkdir(path.c_str(), kOwnerOnly) == 0 || errno == EEXIST ? Status()
                                                                 : failure("make", path, errno);
}

}  // namespace

Moment::Moment(const ObjectFiles& files, std::unique_ptr<impl::Database> index)
    : files_(files), hold_(files), index_(std::move(index)) {}

Moment::~Moment() = default;

Status Moment::begin() {
  TRY_STATUS(index_->execute("BEGIN"));
  // The first read fixes what all later ones see.
  TRY_STATUS(index_->number("SELECT count(*) FROM state"));
  return {};
}

Result<std::unique_ptr<Moment>> ObjectStore::hold_moment(const std::function<Status()>& together) {
  std::unique_ptr<Moment> moment(new Moment(
      files_, TRY(impl::Database::open(files_.folder() + "/index.db", files_.is_durable()))));
  // Inside a write: no other one is committed in between.
  TRY_STATUS(index_->write([&](impl::IndexWriter& /*writer*/) -> Status {
    TRY_STATUS(moment->begin());
    return together();
  }));
  return moment;
}

Result<Moment::Copied> Moment::copy_to(const std::string& folder) {
  TRY_STATUS(make_folder(folder));
  TRY_STATUS(make_folder(folder + "/data"));
  const std::string index_path = folder + "/index.db";
  TRY_STATUS(index_->copy_to(index_path));
  {
    // Nobody has the copy open, whatever the original says of itself.
    const auto copy = TRY(impl::Database::open(index_path, true));
    TRY_STATUS(copy->execute("UPDATE state SET value = 0 WHERE name = 'open'"));
  }
  Copied copied;
  impl::Statement rows = TRY(index_->prepare(
      "SELECT file, size FROM object UNION ALL SELECT file, size FROM part UNION ALL "
      "SELECT file, size FROM version WHERE marker = 0"));
  while (TRY(rows.step())) {
    const std::string name(rows.bytes(0));
    if (name.starts_with(kPartsMark)) {
      continue;  // its parts come by themselves
    }
    copied.objects += 1;
    copied.bytes += static_cast<std::uint64_t>(rows.number(1));
    if (name.starts_with(kIndexMark)) {
      continue;  // in the index
    }
    const std::string shard = concat(folder, "/data/", std::string_view(name).substr(0, 2));
    TRY_STATUS(make_folder(shard));
    const int failed = place_file(files_.data_path(name), concat(shard, "/", name), Placing::Link);
    if (failed != 0) {
      return failure("take over", files_.data_path(name), failed);
    }
  }
  return copied;
}

}  // namespace signet::objects
