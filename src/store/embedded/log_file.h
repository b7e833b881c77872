#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/embedded/log_header.h"
#include "store/store.h"

namespace signet::store {

// One of the two files of the commit log: a block that says what it is, and behind it bytes at its
// end that are durable when append() returns. It has its full length from the beginning, so that
// a file that was cut shows, and is written again from the start once all of it is in the database.
// Room that has been written before is much cheaper to make durable than room that the file system
// has yet to find, hence fill(). Positions count from behind the first block. One thread at a time.
class LogFile {
 public:
  LogFile() = default;

  // Opens an existing file. Writes go past the page cache where the file system allows it.
  [[nodiscard]] static Result<LogFile> open(const std::string& path);

  // Makes the file anew, mode 0600, with its full length. Durable, but for its name in the folder.
  [[nodiscard]] static Result<LogFile> create(const std::string& path, const LogHeader& header);

  [[nodiscard]] bool is_open() const { return fd_ != nullptr; }

  // What the file says it is. Nothing: its first block is no header.
  [[nodiscard]] Result<std::optional<LogHeader>> header() const;

  // Makes the file as long as `header` says, which must not be shorter than it is, and writes it.
  [[nodiscard]] Status lengthen(const LogHeader& header);

  // All of the file, the first block too; refuses one that no version of this program has made (too
  // long).
  [[nodiscard]] Result<std::string> read() const;

  // Writes `bytes`, a multiple of kLogBlock, at the end. On an error the end stays where it was,
  // and what was written of them may or may not be found later.
  [[nodiscard]] Status append(std::string_view bytes);

  // Makes sure that nothing of a failed append() is found later. Before any other file continues
  // this one.
  [[nodiscard]] Status clean_tail();

  // Where the next append() goes.
  void set_end(std::size_t end) { end_ = end; }

  [[nodiscard]] std::size_t end() const { return end_; }

  // Bytes that the file has behind its first block, holes included.
  [[nodiscard]] std::size_t length() const { return length_; }

  // Bytes from the start on that were written before.
  [[nodiscard]] std::size_t written() const { return written_; }

  // Writes some zeros behind what was written, so that it comes nearer to `size` bytes. Durable.
  [[nodiscard]] Status fill(std::size_t size);

 private:
  // A file descriptor that is closed.
  class Fd {
   public:
    explicit Fd(int fd) : fd_(fd) {}

    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    Fd(Fd&&) = delete;
    Fd& operator=(Fd&&) = delete;
    ~Fd();

    [[nodiscard]] int get() const { return fd_; }

   private:
    int fd_;
  };

  [[nodiscard]] static Result<LogFile> open(const std::string& path, int flags);
  [[nodiscard]] Status measure();
  [[nodiscard]] Status write(std::string_view bytes, std::size_t at);
  [[nodiscard]] Status write_raw(std::string_view bytes, std::size_t offset);
  bool go_through_cache();
  void give_back(std::size_t written);
  [[nodiscard]] std::unexpected<Error> failure(std::string_view doing, int number) const;

  std::string path_;
  std::unique_ptr<Fd> fd_;
  std::string buffer_;  // holds an aligned copy of what is written
  std::size_t end_ = 0;
  std::size_t length_ = 0;
  std::size_t written_ = 0;
  bool is_tail_dirty_ = false;
};

}  // namespace signet::store
