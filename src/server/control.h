#pragma once

#include <string>
#include <string_view>

#include "audit/sink.h"
#include "authn/key_rings.h"
#include "base/clock.h"
#include "base/random.h"
#include "identity/directory.h"

namespace signet::server {

// What operators may ask of a running server over its control socket, or of a stopped folder:
// a closed list of commands, each recorded in the audit trail (docs/guide/command-line.md).
//
// A request is one JSON object: {"command": "sessions revoke", "whose":
// "user|role|root|account|everyone", "name": ..., "before": ISO time}, where name is absent for
// everyone and before is now if absent; {"command": "keys retire"}; or {"command": "accounts
// list"}, which changes nothing and answers their ids, a space between. The answer is {"done":
// text} or
// {"error": text}.
class Control {
 public:
  struct Deps {
    identity::Directory& directory;
    authn::KeyRings& rings;
    audit::Sink& audit;
    Random& random;
    const Clock& clock;
  };

  explicit Control(const Deps& deps) : deps_(deps) {}

  // `who` asks, for the record: "uid 1000" for instance. One thread at a time. Blocks on the
  // directory and the trail.
  [[nodiscard]] std::string answer(std::string_view request, std::string_view who);

 private:
  [[nodiscard]] Result<std::string> run(std::string_view request, std::string_view who);
  [[nodiscard]] Status record(std::string_view event,
                              const std::string& text,
                              bool is_read_only = false);

  Deps deps_;
};

}  // namespace signet::server
