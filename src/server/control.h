#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "audit/sink.h"
#include "authn/key_rings.h"
#include "base/clock.h"
#include "base/random.h"
#include "codec/json.h"
#include "identity/directory.h"
#include "server/accounts.h"
#include "server/backup_stage.h"
#include "server/operator.h"
#include "store/store.h"

namespace signet::server {

// What operators may ask of a running server over its control socket, or of a stopped folder:
// a closed list of commands, each recorded in the audit trail (docs/guide/administer.md).
//
// A request is one JSON object whose member "command" says which one; the others are described with
// the functions that do the work (control.cc lists all). The answer is {"done": text} with what
// else the command tells ("credentials", "accounts"), or {"error": text}.
class Control {
 public:
  struct Deps {
    identity::Directory& directory;
    authn::KeyRings& rings;
    audit::Sink& audit;
    Random& random;
    const Clock& clock;
    store::Store& store;    // of the directory
    std::string node = {};  // id of this one in a cluster; empty: there is none
    std::string data_folder;
    OpenObjects open_objects;
    std::function<Result<StagedBackup>()> stage_backup;
  };

  explicit Control(Deps deps) : deps_(std::move(deps)) {}

  // `who` asks, for the record: "uid 1000" for instance. One thread at a time. Blocks on the
  // directory and the trail.
  [[nodiscard]] std::string answer(std::string_view request, std::string_view who);

 private:
  // A sentence, and more members of the answer, each with a comma before it.
  struct Done {
    std::string text;
    std::string members;
  };

  struct Command {
    std::string_view name;
    Result<Done> (Control::*run)(const codec::Json& request, const Operator& by);
  };

  static const std::span<const Command> kCommands;

  [[nodiscard]] Result<Done> run(std::string_view request, std::string_view who);
  [[nodiscard]] Result<Done> revoke(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> list_keys(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> rotate_sealing(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> rotate_data(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> retire_master(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> retire(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> rotate_master(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> rotate_issuer(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> list_accounts(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> ask_policy(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> list_principals(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> find_escalation(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> tell_use(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> create(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> recover(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> remove(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> set_quotas(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> show_org(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> set_org(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> set_org_policies(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> raise_records(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> forget_node(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> back_up(const codec::Json& request, const Operator& by);
  [[nodiscard]] Result<Done> clear_org(const codec::Json& request, const Operator& by);

  [[nodiscard]] Status record(const Operator& by,
                              std::string_view event,
                              std::string_view text,
                              bool is_read_only = false);

  Deps deps_;
};

}  // namespace signet::server
