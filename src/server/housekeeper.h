#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "authn/key_rings.h"
#include "base/clock.h"
#include "base/random.h"
#include "identity/directory.h"

namespace signet::server {

// One thread that wakes every second for what `each_second` does and to make the credential reports
// that were asked for, and at the start and once a minute rotates the sealing keys and those of
// issuers when it is time, erases all tickets (sign-in tokens, console sessions) that have expired,
// and ends delegation requests whose time is over. Of the nodes of a cluster one does this, but for
// the sealing keys, of which each sees to it that there are some. stop() is the destructor.
class Housekeeper {
 public:
  Housekeeper(identity::Directory& directory,
              authn::KeyRings& rings,
              Random& random,
              const Clock& clock,
              std::function<void()> each_second);
  ~Housekeeper();
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;
  Housekeeper(Housekeeper&&) = delete;
  Housekeeper& operator=(Housekeeper&&) = delete;

 private:
  void run();
  void each_minute();
  void make_reports();
  void sweep();
  void end_delegations();
  [[nodiscard]] bool is_stopping();

  identity::Directory& directory_;
  authn::KeyRings& rings_;
  Random& random_;
  const Clock& clock_;
  const std::function<void()> each_second_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace signet::server
