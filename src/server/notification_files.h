#pragma once

#include <string>

#include "base/result.h"
#include "identity/directory.h"

namespace signet::server {

// Where notifications to accounts go: there is no SNS here. One file an account, `ACCOUNT.jsonl` in
// a folder that only the server's user can read, one line a notification in the form in which SNS
// delivers it. A line may hold an exchange token, which is in no log, no audit record and no
// answer.
class NotificationFiles {
 public:
  // An empty folder: nothing is written, and what nobody fetched is erased with time.
  explicit NotificationFiles(std::string folder) : folder_(std::move(folder)) {}

  // Writes what waits, flushes it, and erases it from the directory. A crash in between writes a
  // line twice, never not at all. A file that cannot be written keeps what waits for it, and holds
  // up no other; the answer is then why. Not from several threads at once.
  [[nodiscard]] Status deliver(identity::Directory& directory) const;

 private:
  std::string folder_;
};

}  // namespace signet::server
