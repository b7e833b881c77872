#include "server/reload.h"

#include "base/log.h"
#include "base/strings.h"

namespace signet::server {

int ReloadHooks::run() const {
  int failed = 0;
  for (const Hook& hook : hooks_) {
    if (const Status status = hook.run(); status) {
      log(LogLevel::Info, concat(hook.what, "_reloaded"), {});
    } else {
      failed += 1;
      log(LogLevel::Error, concat(hook.what, "_reload_failed"), {{"cause", status.error().cause}});
    }
  }
  return failed;
}

}  // namespace signet::server
