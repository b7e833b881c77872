#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ctl/status.h"
#include "escalation/graph.h"
#include "server/options.h"

namespace signet::ctl {

// One function a command; each prints to standard output, reports failures on standard error and
// returns an exit code.

int serve(const server::Options& options);
int init(const server::Options& options);

// The table of what `serve --limit` takes.
int print_limits();

struct EnvOptions {
  std::string endpoint;
  std::string credentials_file;  // written by --save-credentials; empty: no credentials are printed
  bool is_check = false;         // try them with the tools that are here
};

int env(const EnvOptions& options);
int status(const StatusOptions& options);

struct RunOptions {
  std::string endpoint;
  std::string credentials_file;  // written by --save-credentials; empty: the environment's stay
  std::string ca_file;           // of the server's authority; empty: nothing is said of it
  bool is_fresh = false;         // a server of its own, in memory, gone afterwards
  std::string bootstrap_file;    // of that server
  std::string user;              // whose key of that file it gets; empty: the first user's
  std::string role;              // ARN or role/NAME that is assumed with the keys; empty: none
  std::string delivery = "environment";  // of the role's credentials: or container, instance
  std::string profile;                   // of AWS's files, in place of keys; empty: none
  bool intercepts = false;               // AWS's own hosts are answered too, and no others
  bool allows_outbound = false;          // with that: others as ever
  std::vector<std::string> words;
};

// Runs a program that finds the server and its credentials in its environment; its exit code, or
// kFailure.
int run_program(const server::Options& options, const RunOptions& run);

// A role that is assumed for programs of this machine.
struct RoleOptions {
  std::string endpoint;
  std::string credentials_file = {};  // with the keys that assume it; empty: the environment's
  std::string ca_file = {};           // of the server's authority
  std::string role = {};              // ARN or role/NAME
  std::string session_name = "signet";
  int duration_seconds = 0;  // 0: what the server gives
  std::uint16_t port = 0;    // of the endpoints; 0: the system chooses
};

// Prints its credentials as credential_process does.
int credential_process(const RoleOptions& wish);

// Serves them at the endpoints that SDKs know, until a signal.
int credential_endpoints(const RoleOptions& wish);

struct AccountOptions {
  std::string id;  // empty: random
  std::string alias;
  std::string name;
  std::string admin = "admin";      // the user who gets a key
  bool resets_password = false;     // of recover: also where there is one
  bool takes_objects = false;       // of delete
  std::vector<std::string> quotas;  // NAME=NUMBER or NAME=default
};

// On a running server over its control socket, otherwise on the stopped folder.
int account_list(const server::Options& options, bool is_json);
int account_create(const server::Options& options, const AccountOptions& account);
int account_recover(const server::Options& options, const AccountOptions& account);
int account_delete(const server::Options& options, const AccountOptions& account);
int account_quota(const server::Options& options, const AccountOptions& account);

struct RevokeOptions {
  std::string user;  // ARN; exactly one of these says whose sessions end
  std::string role;
  std::string root;     // account
  std::string account;  // account
  bool is_everyone = false;
  std::string before;  // ISO time; empty: now
};

// On a running server over its control socket, otherwise on the stopped folder.
int sessions_revoke(const server::Options& options, const RevokeOptions& revoke);

// What is done with a kind of keys: "master", "data", "sealing", "oidc".
struct KeysOptions {
  std::string kind;
  bool is_json = false;
};

int keys_list(const server::Options& options, const KeysOptions& keys);
int keys_rotate_data(const server::Options& options);
int keys_rotate_sealing(const server::Options& options);
int keys_retire(const server::Options& options);
int keys_retire_master(const server::Options& options);
int keys_rotate_master(const server::Options& options);

struct IssuerOptions {
  std::string account;  // empty: all
  bool at_once = false;
};

int keys_rotate_issuer(const server::Options& options, const IssuerOptions& issuer);

// The accounts of a data folder: of the server that runs on it, or of the stopped folder.
[[nodiscard]] Result<std::vector<std::string>> accounts_of(const std::string& folder);

// The ARNs of all users and roles of a data folder: of the server that runs on it, or of the
// stopped folder.
[[nodiscard]] Result<std::vector<std::string>> principals_of(const std::string& folder);

// The question of `policy explain --data` with all that the folder knows (policy_question.h): of
// the server that runs on it, or of the stopped folder.
[[nodiscard]] Result<std::string> question_of_folder(const std::string& folder,
                                                     const std::string& request);

// Who can become whom among all users and roles of a data folder: of the server that runs on it, or
// of the stopped folder.
[[nodiscard]] Result<escalation::Graph> escalation_of(const std::string& folder);

struct EscalationOptions {
  std::string data_folder;
  std::string from;  // ARN, or the name of a user or role; empty: everybody
  std::string to;    // the same, or "admin"; empty: told is all that there is
  std::string output = "text";
};

int analyze_escalation(const EscalationOptions& options);

// What all principals of a data folder hold and used last (access_use.h): of the server that runs
// on it, or of the stopped folder.
[[nodiscard]] Result<std::string> access_use_of(const std::string& folder);

struct UnusedOptions {
  std::string data_folder;
  std::vector<std::string> trails;  // audit files; empty: those of the folder
  std::string principal;            // ARN; empty: all
  std::int64_t days = 90;           // without use for so long
  std::string output = "text";
};

int analyze_unused(const UnusedOptions& options);

struct BackupOptions {
  std::string folder;  // of the backup
  bool copies = false;
  bool with_master_key = false;
  std::string master_key_file;  // of restore
};

int backup(const server::Options& options, const BackupOptions& backup);
int restore(const server::Options& options, const BackupOptions& backup);
int verify_backup(const std::string& folder);

struct MigrateOptions {
  std::string from;
  std::string to;
};

int migrate(const server::Options& options, const MigrateOptions& migrate);

// `is_trial`: says what would change, and changes nothing.
int upgrade(const server::Options& options, bool is_trial);

// Reads everything in a data folder and compares it with its checksums (server stopped).
int verify(const server::Options& options);

struct OrgOptions {
  std::string account;
  std::vector<std::string> files;  // one a level, root of the organization first; or names
  std::string id;                  // of the organization; empty: unchanged
  std::string path;                // empty: unchanged
  bool is_management = false;
  bool is_member = false;
  // Of the management account; nothing: unchanged.
  std::optional<bool> has_iam_access;
  std::optional<bool> is_billing_only;
  std::string delegated_administrator;
};

int org_show(const server::Options& options, const OrgOptions& org);
int org_set(const server::Options& options, const OrgOptions& org);
int org_set_scp(const server::Options& options, const OrgOptions& org);
int org_set_rcp(const server::Options& options, const OrgOptions& org);
int org_clear(const server::Options& options, const OrgOptions& org);

struct PolicyCheckOptions {
  std::vector<std::string> files;  // "-": standard input
  std::string profile = "identity";
  std::string bucket;
  std::string format = "text";
  std::string fail_on = "security-warning";
  std::vector<std::string> ignored;         // names of findings, ours or AWS's
  std::vector<std::string> known_accounts;  // empty and no folder: every account may be named
  std::string data_folder;                  // its accounts are known too; empty: none
};

int policy_check(const PolicyCheckOptions& options);

// A question to the policy engine, from flags or from a JSON file
// (docs/reference/policy-batch.md).
struct PolicyExplainOptions {
  std::string file;  // "-": standard input; empty: the flags
  std::string principal;
  std::string action;
  std::string resource = "*";
  std::string resource_account;
  std::vector<std::string> context;  // KEY=VALUE; a repeated key is a list
  std::vector<std::string> policies;
  std::vector<std::string> boundaries;
  std::vector<std::string> session_policies;
  std::string resource_policy;
  std::vector<std::string> scps;  // one a level
  std::vector<std::string> rcps;
  std::string format = "text";
  // A data folder that says which policies and context keys there are; empty: the files do.
  std::string data_folder;
  std::string request_id;  // of a request in the folder's audit trail; empty: the other flags ask
  std::string audit_file;  // its trail; empty: that of the data folder
};

int policy_explain(const PolicyExplainOptions& options);

struct PolicyGenerateOptions {
  std::string principal;            // ARN of a user, a role or a session of it
  std::string data_folder;          // whose trail is read, unless others are named
  std::vector<std::string> trails;  // audit files
  std::string since;                // beginnings of ISO times; empty: no bound
  std::string until;
  std::vector<std::string> patterns;  // resources that stand for what they match
};

// Prints the smallest policy that allows what the principal did.
int policy_generate(const PolicyGenerateOptions& options);

struct PolicyProveOptions {
  std::string question;             // the subcommand
  std::vector<std::string> now;     // files
  std::vector<std::string> before;  // files to compare with
  std::string profile = "identity";
  std::vector<std::string> actions;
  std::vector<std::string> resources;
  std::vector<std::string> conditions;  // KEY=VALUE
  std::string data_folder;              // of who-can and what-can
  std::string principal;                // of what-can: ARN or name
  std::string output = "text";
  bool only_known_actions = false;
};

int policy_prove(const PolicyProveOptions& options);
int policy_eval_batch();
int policy_import(const server::Options& options, const std::string& folder);

struct AuditVerifyOptions {
  std::vector<std::string> paths;  // files or folders
};

int audit_verify(const AuditVerifyOptions& options);

struct ExplainOptions {
  bool is_batch = false;
  std::string file;  // a recorded raw request, or "-"; one record of JSON with --json
  std::string secret_key;
};

int sigv4_explain(const ExplainOptions& options);

}  // namespace signet::ctl
