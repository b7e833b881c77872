#include "store/etcd/local_copy.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/checksum.h"
#include "store/embedded/little_endian.h"

namespace signet::store {
namespace {

// On disk: do not change (docs/formats/store.md).
constexpr std::string_view kMagic = "SIGNETC1";
constexpr std::uint64_t kEnd = 0xffffffff;  // in the place of a key's length
constexpr std::size_t kSum = 8;
constexpr std::size_t kEntryHead = 4 + kSum;
constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::uint64_t kEntryMax = std::uint64_t{64} << 20;

std::string sum_of(std::string_view bytes) {
  crypto::Checksum sum(crypto::ChecksumAlgorithm::Xxhash3);
  sum.update(bytes);
  return sum.finish();
}

// Takes numbers and texts off the front of bytes that may be anything; once it was asked for more
// than there is, it is not well.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number(std::size_t size) {
    const std::string_view bytes = text(size);
    return bytes.size() == size ? number_at(bytes, 0, size) : 0;
  }

  std::string_view text(std::uint64_t size) {
    if (size > bytes_.size()) {
      is_well_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view front = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return front;
  }

  [[nodiscard]] bool is_well() const { return is_well_; }

  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool is_well_ = true;
};

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size(), 4);
  out += text;
}

// A commit, as it lies in state.changes behind its length and checksum.
std::string entry_of(const Change& change, std::string_view counter, std::int64_t etcd_revision) {
  std::string body;
  append_number(body, change.revision, 8);
  append_number(body, static_cast<std::uint64_t>(etcd_revision), 8);
  append_text(body, counter);
  append_number(body, change.items.size(), 4);
  for (const Change::Item& item : change.items) {
    append_number(body, item.after ? 1 : 0, 1);
    append_text(body, item.key);
    append_text(body, item.after ? std::string_view(*item.after) : std::string_view());
  }
  std::string entry;
  append_number(entry, body.size(), 4);
  entry += sum_of(body);
  return entry + body;
}

struct Entry {
  Change change;
  std::string_view counter;
  std::int64_t etcd_revision = 0;
};

std::optional<Entry> read_entry(std::string_view body) {
  Reader reader(body);
  Entry entry;
  entry.change.revision = reader.number(8);
  entry.etcd_revision = static_cast<std::int64_t>(reader.number(8));
  entry.counter = reader.text(reader.number(4));
  const std::uint64_t count = reader.number(4);
  for (std::uint64_t i = 0; i < count && reader.is_well(); ++i) {
    const bool is_there = reader.number(1) != 0;
    Change::Item item{.key = std::string(reader.text(reader.number(4))), .before = {}, .after = {}};
    const std::string_view value = reader.text(reader.number(4));
    if (is_there) {
      item.after = value;
    }
    entry.change.items.push_back(std::move(item));
  }
  return reader.is_well() && reader.left() == 0 ? std::optional(std::move(entry)) : std::nullopt;
}

}  // namespace

// A file in memory, for as long as this lives.
class LocalCopy::Mapping {
 public:
  static std::unique_ptr<Mapping> of(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat found{};
    if (!file.valid() || ::fstat(file.get(), &found) != 0 || found.st_size <= 0) {
      return nullptr;
    }
    const auto size = static_cast<std::size_t>(found.st_size);
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.get(), 0);
    return start == MAP_FAILED ? nullptr : std::unique_ptr<Mapping>(new Mapping(start, size));
  }

  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping(Mapping&&) = delete;
  Mapping& operator=(Mapping&&) = delete;

  ~Mapping() { ::munmap(start_, size_); }

  [[nodiscard]] std::string_view bytes() const { return {static_cast<const char*>(start_), size_}; }

 private:
  Mapping(void* start, std::size_t size) : start_(start), size_(size) {}

  void* start_;
  std::size_t size_;
};

// Writes state.copy beside the one that is there, and puts it in its place at the end.
class LocalCopy::Writer {
 public:
  explicit Writer(std::string path)
      : path_(std::move(path)),
        file_(::open((path_ + ".next").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)),
        is_well_(file_.valid()) {
    pending_ = kMagic;
  }

  void put(const RecordView& record) {
    std::string& out = pending_;
    append_number(out, record.key.size(), 4);
    append_number(out, record.value.size(), 4);
    append_number(out, record.revision, 8);
    out += record.key;
    out += record.value;
    if (out.size() >= kBlock) {
      flush();
    }
  }

  // The size of the file; nothing: there is none.
  std::optional<std::uint64_t> finish(const CopyPoint& point) {
    std::string& out = pending_;
    append_number(out, kEnd, 4);
    append_number(out, point.cluster, 8);
    append_number(out, static_cast<std::uint64_t>(point.etcd_revision), 8);
    append_number(out, point.revision, 8);
    append_text(out, point.counter);
    flush();
    const std::string sum = sum_.finish();
    const std::string next = path_ + ".next";
    is_well_ = is_well_ && write_all(file_.get(), sum) == 0 && ::fdatasync(file_.get()) == 0 &&
               std::rename(next.c_str(), path_.c_str()) == 0;
    if (!is_well_) {
      ::unlink(next.c_str());
      return std::nullopt;
    }
    return size_ + sum.size();
  }

 private:
  void flush() {
    sum_.update(pending_);
    is_well_ = is_well_ && write_all(file_.get(), pending_) == 0;
    size_ += pending_.size();
    pending_.clear();
  }

  std::string path_;
  UniqueFd file_;
  bool is_well_;
  crypto::Checksum sum_{crypto::ChecksumAlgorithm::Xxhash3};
  std::string pending_;
  std::uint64_t size_ = 0;
};

LocalCopy::LocalCopy(const std::string& folder)
    : records_path_(folder + "/state.copy"), changes_path_(folder + "/state.changes") {}

LocalCopy::~LocalCopy() = default;

void LocalCopy::give_up() {
  point_.reset();
  records_.reset();
  changed_.clear();
  changes_.reset();
}

std::optional<CopyPoint> LocalCopy::open() {
  give_up();
  if (!open_records()) {
    give_up();
    return std::nullopt;
  }
  open_changes();
  return point_;
}

bool LocalCopy::open_records() {
  records_ = Mapping::of(records_path_);
  if (!records_ || records_->bytes().size() < kMagic.size() + kSum ||
      !records_->bytes().starts_with(kMagic)) {
    return false;
  }
  std::string_view bytes = records_->bytes();
  const std::string_view sum = bytes.substr(bytes.size() - kSum);
  bytes.remove_suffix(kSum);
  if (sum_of(bytes) != sum) {
    return false;
  }
  Reader reader(bytes.substr(kMagic.size()));
  std::uint64_t key_size = reader.number(4);
  while (key_size != kEnd && reader.is_well()) {
    const std::uint64_t value_size = reader.number(4);
    static_cast<void>(reader.text(8 + key_size + value_size));
    key_size = reader.number(4);
  }
  CopyPoint point;
  point.cluster = reader.number(8);
  point.etcd_revision = static_cast<std::int64_t>(reader.number(8));
  point.revision = reader.number(8);
  point.counter = reader.text(reader.number(4));
  records_bytes_ = records_->bytes().size();
  if (!reader.is_well() || reader.left() != 0) {
    return false;
  }
  point_ = std::move(point);
  return true;
}

// What comes after the last whole entry that follows is cut off.
void LocalCopy::open_changes() {
  changes_bytes_ = 0;
  if (const auto mapping = Mapping::of(changes_path_)) {
    Reader reader(mapping->bytes());
    while (true) {
      const std::uint64_t size = reader.number(4);
      const std::string_view sum = reader.text(kSum);
      const std::string_view body = reader.text(size);
      if (!reader.is_well() || size > kEntryMax || sum_of(body) != sum) {
        break;
      }
      const auto entry = read_entry(body);
      if (!entry || !apply(entry->change, entry->counter, entry->etcd_revision)) {
        break;
      }
      changes_bytes_ += kEntryHead + size;
    }
  }
  changes_ = UniqueFd(::open(changes_path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const bool is_ready = changes_.valid() &&
                        ::ftruncate(changes_.get(), static_cast<off_t>(changes_bytes_)) == 0 &&
                        ::lseek(changes_.get(), 0, SEEK_END) >= 0;
  if (!is_ready) {
    changes_.reset();
  }
}

bool LocalCopy::apply(const Change& change, std::string_view counter, std::int64_t etcd_revision) {
  if (!point_ || change.revision != point_->revision + 1) {
    return false;
  }
  if (records_) {
    for (const Change::Item& item : change.items) {
      changed_.insert_or_assign(item.key, Held{.revision = change.revision, .value = item.after});
    }
  }
  point_->revision = change.revision;
  point_->etcd_revision = etcd_revision;
  point_->counter = counter;
  return true;
}

void LocalCopy::append(const Change& change, std::string_view counter, std::int64_t etcd_revision) {
  if (!apply(change, counter, etcd_revision) || !changes_.valid()) {
    return;
  }
  const std::string entry = entry_of(change, counter, etcd_revision);
  const bool has_room =
      changes_bytes_ + entry.size() <= std::max(kChangesMin, 2 * records_bytes_) &&
      entry.size() <= kEntryMax;
  // A hole would make what follows useless, so nothing follows.
  if (!has_room || write_all(changes_.get(), entry) != 0) {
    changes_.reset();
    return;
  }
  changes_bytes_ += entry.size();
}

Status LocalCopy::show(const Visitor& visit) {
  const std::unique_ptr<Mapping> records = std::move(records_);
  const auto changed = std::exchange(changed_, {});
  std::unique_ptr<Writer> writer;
  if (changes_bytes_ > std::max(kChangesMin / 16, records_bytes_ / 2)) {
    writer = std::make_unique<Writer>(records_path_);
  }
  const auto take = [&](const RecordView& record) -> Status {
    if (writer) {
      writer->put(record);
    }
    return visit(record);
  };
  Reader reader(records->bytes().substr(kMagic.size()));
  for (std::uint64_t key_size = reader.number(4); key_size != kEnd; key_size = reader.number(4)) {
    const std::uint64_t value_size = reader.number(4);
    const Revision revision = reader.number(8);
    const std::string_view key = reader.text(key_size);
    const std::string_view value = reader.text(value_size);
    if (changed.empty() || !changed.contains(key)) {
      TRY_STATUS(take({.key = key, .value = value, .revision = revision}));
    }
  }
  for (const auto& [key, held] : changed) {
    if (held.value) {
      TRY_STATUS(take({.key = key, .value = *held.value, .revision = held.revision}));
    }
  }
  if (writer) {
    writer_ = std::move(writer);
    const CopyPoint point = *point_;
    finish(point);
  }
  return {};
}

void LocalCopy::begin() {
  give_up();
  writer_ = std::make_unique<Writer>(records_path_);
}

void LocalCopy::put(const RecordView& record) {
  writer_->put(record);
}

// Commits of before the new records do not follow them: a crash in between leaves nothing wrong.
void LocalCopy::finish(const CopyPoint& point) {
  const std::unique_ptr<Writer> writer = std::move(writer_);
  const std::optional<std::uint64_t> size = writer->finish(point);
  give_up();
  if (!size) {
    ::unlink(records_path_.c_str());
    return;
  }
  records_bytes_ = *size;
  changes_bytes_ = 0;
  point_ = point;
  changes_ =
      UniqueFd(::open(changes_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
}

}  // namespace signet::store
