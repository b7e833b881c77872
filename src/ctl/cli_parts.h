#pragma once

#include <functional>
#include <string>

#include "ctl/commands.h"
#include "server/options.h"

namespace CLI {
class App;
}  // namespace CLI

// What the files of the command line share. Private to this room.
namespace signet::ctl {

// The command that was asked for; returns its exit code.
using Action = std::function<int()>;

void add_data_folder(CLI::App& command, std::string& data_folder);
void add_data_folder(CLI::App& command, server::Options& options);

// Flags of every command that may be the first on a data folder.
void add_data_flags(CLI::App& command, server::Options& options);

// How an etcd cluster is reached.
void add_store_access(CLI::App& command, server::Options& options);

// Where the state is, if not in the data folder; with the above.
void add_store_flags(CLI::App& command, server::Options& options);

// `signet migrate`.
void add_migrate(CLI::App& app, server::Options& options, MigrateOptions& migrate, Action& action);

// `signet node`.
void add_node(CLI::App& app, server::Options& options, std::string& id, Action& action);

void add_audit_file(CLI::App& command, server::Options& options);

// `signet run`.
void add_run(CLI::App& app, server::Options& options, RunOptions& run, Action& action);

// `signet credential-process` and `signet credential-endpoints`.
void add_credential_process(CLI::App& app, RoleOptions& wish, Action& action);
void add_credential_endpoints(CLI::App& app, RoleOptions& wish, Action& action);

struct AdminFlags {
  AccountOptions account;
  OrgOptions org;
  RevokeOptions revoke;
  IssuerOptions issuer;
  KeysOptions keys;
  BackupOptions backup;
  MigrateOptions migrate;
  bool is_trial = false;
  std::string folder;  // of verify
  std::string node;    // id of one of a cluster
  std::string output = "text";
};

// `signet account | org | sessions | keys | backup | restore | upgrade | verify`.
void add_admin(CLI::App& app, server::Options& options, AdminFlags& flags, Action& action);

// What is wrong with words that no command took, and what to write instead; empty: there are none.
[[nodiscard]] std::string usage_problem(const CLI::App& app);

// CLI11 reads the variables of every command, asked for or not, into what commands share: this puts
// the flags of the one that was asked for back.
void take_own_options(const CLI::App& app, server::Options& options);

// Why the command that was asked for cannot do without a data folder, where none is known; empty:
// it has one, or needs none.
[[nodiscard]] std::string folder_problem(const CLI::App& app, const std::string& folder);

struct PolicyFlags {
  PolicyCheckOptions check;
  PolicyExplainOptions explain;
  PolicyGenerateOptions generate;
  PolicyProveOptions prove;
  bool is_batch = false;  // of eval; there is no other way yet
  std::string folder;
};

struct AnalyzeFlags {
  EscalationOptions escalation;
  UnusedOptions unused;
};

// `signet analyze`.
void add_analyze(CLI::App& app,
                 AnalyzeFlags& flags,
                 const server::Options& options,
                 Action& action);

// `signet policy prove`.
void add_policy_prove(CLI::App& group, PolicyProveOptions& prove, Action& action);

// `signet policy`.
void add_policy(CLI::App& app, server::Options& options, PolicyFlags& flags, Action& action);

}  // namespace signet::ctl
