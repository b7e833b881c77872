#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ctl/cli_parts.h"
#include "ctl/commands.h"

// `signet account | org | sessions | keys | backup | restore | upgrade | verify`: what whoever owns
// a data folder does with it.
namespace signet::ctl {
namespace {

constexpr const char* kWhere =
    "Asks the server that runs on the data folder; where none runs, changes the folder. Leaves an "
    "audit record that names the user id.\n";

// What every command of a group fills and sets.
struct GroupCli {
  CLI::App& group;
  server::Options& options;
  Action& action;
};

// A command that `run` carries out, on a data folder that is there.
CLI::App* add_command(const GroupCli& cli,
                      const std::string& name,
                      const std::string& text,
                      std::function<int()> run) {
  CLI::App* command = cli.group.add_subcommand(name, text);
  add_data_folder(*command, cli.options);
  add_audit_file(*command, cli.options);
  command->callback([&action = cli.action, run = std::move(run)] { action = run; });
  return command;
}

void add_id(CLI::App& command, AccountOptions& account) {
  command.add_option("--id", account.id, "The account, 12 digits")->required();
}

void add_account_list(const GroupCli& cli, AdminFlags& flags) {
  CLI::App* command =
      add_command(cli, "list", "Show the accounts", [&options = cli.options, &flags] {
        return account_list(options, flags.output == "json");
      });
  command->add_option("--output", flags.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

void add_save_credentials(CLI::App& command, server::Options& options) {
  command.add_option("--save-credentials",
                     options.save_credentials,
                     "Write the credentials to this new file (mode 0600) instead of showing them");
}

void add_account_create(const GroupCli& cli, AccountOptions& account) {
  CLI::App* command =
      add_command(cli,
                  "create",
                  "Add an account with a root key, and an administrator with a key and a password",
                  [&options = cli.options, &account] { return account_create(options, account); });
  command->add_option("--id", account.id, "12 digits (default: random)");
  command->add_option("--alias", account.alias, "Account alias");
  command->add_option("--name", account.name, "Name for people");
  command->add_option("--admin", account.admin, "Name of the first user")->capture_default_str();
  add_save_credentials(*command, cli.options);
  command->footer(std::string(kWhere) +
                  "Example:\n  signet account create --id 210987654321 --alias staging "
                  "--save-credentials ./staging.credentials");
}

void add_account_recover(const GroupCli& cli, AccountOptions& account) {
  CLI::App* command =
      add_command(cli,
                  "recover",
                  "Get into an account whose keys are lost: a new access key for an administrator",
                  [&options = cli.options, &account] { return account_recover(options, account); });
  add_id(*command, account);
  command->add_option("--user", account.admin, "Who gets the key; made if there is no such user")
      ->capture_default_str();
  command->add_flag("--reset-password",
                    account.resets_password,
                    "Replace the user's console password too (one who has none gets one anyway)");
  add_save_credentials(*command, cli.options);
  command->footer(
      std::string(kWhere) +
      "Nothing is taken away: keys that there are stay valid, and a user with two of them is "
      "refused (name another one).\n"
      "Examples:\n"
      "  signet account recover --id 111122223333\n"
      "  signet account recover --id 111122223333 --user rescue --save-credentials "
      "./rescue.credentials");
}

void add_account_delete(const GroupCli& cli, AccountOptions& account) {
  CLI::App* command =
      add_command(cli,
                  "delete",
                  "Delete an account with everything in it; refused while it has objects",
                  [&options = cli.options, &account] { return account_delete(options, account); });
  add_id(*command, account);
  command->add_flag(
      "--with-objects", account.takes_objects, "Delete the objects in its buckets too");
  command->footer(
      std::string(kWhere) +
      "One step: after a crash the account is there as a whole or gone. There is no way "
      "back but a backup.\n"
      "Example:\n  signet account delete --id 210987654321 --with-objects");
}

void add_account_quota(const GroupCli& cli, AccountOptions& account) {
  CLI::App* command =
      add_command(cli,
                  "quota",
                  "Show the quotas of an account, or set some; in force from the next request on",
                  [&options = cli.options, &account] { return account_quota(options, account); });
  add_id(*command, account);
  command->add_option("quotas", account.quotas, "NAME=NUMBER, or NAME=default");
  command->footer(std::string(kWhere) +
                  "Object bytes and counts are bounded by `signet serve --limit quota.*`.\n"
                  "Examples:\n"
                  "  signet account quota --id 111122223333\n"
                  "  signet account quota --id 111122223333 UsersPerAccount=20000 "
                  "AccessKeysPerUser=default");
}

void add_account(CLI::App& app, server::Options& options, AdminFlags& flags, Action& action) {
  CLI::App* group = app.add_subcommand(
      "account", "Accounts of a data folder, of a running server or a stopped one");
  group->require_subcommand(1);
  const GroupCli cli{.group = *group, .options = options, .action = action};
  add_account_list(cli, flags);
  add_account_create(cli, flags.account);
  add_account_recover(cli, flags.account);
  add_account_delete(cli, flags.account);
  add_account_quota(cli, flags.account);
}

using OrgCommand = int (*)(const server::Options&, const OrgOptions&);

CLI::App* add_org_command(const GroupCli& cli,
                          OrgOptions& org,
                          const std::string& name,
                          const std::string& text,
                          OrgCommand run_command) {
  CLI::App* command = add_command(cli, name, text, [&options = cli.options, &org, run_command] {
    return run_command(options, org);
  });
  command->add_option("--account", org.account, "12 digits")->required();
  return command;
}

void add_org(CLI::App& app, server::Options& options, OrgOptions& org, Action& action) {
  CLI::App* group = app.add_subcommand(
      "org",
      "Service and resource control policies of an account, of a running server or a stopped one");
  group->require_subcommand(1);
  const GroupCli cli{.group = *group, .options = options, .action = action};
  add_org_command(cli, org, "show", "Print them as JSON", org_show);
  CLI::App* set = add_org_command(cli, org, "set", "Place the account in an organization", org_set);
  set->add_option("--organization", org.id, "Id, o-...: aws:PrincipalOrgID");
  set->add_option("--path", org.path, "o-.../r-.../ou-.../: aws:PrincipalOrgPaths");
  CLI::Option* management =
      set->add_flag("--management", org.is_management, "Management account: no policy reaches it");
  set->add_flag("--member", org.is_member, "Member account")->excludes(management);
  // Not bound to the values: CLI11 would set those of flags that are not given.
  set->add_flag_function(
      "--iam-access,!--no-iam-access",
      [&org](std::int64_t count) { org.has_iam_access = count > 0; },
      "Of the management account: the organization gives IAM trusted access, or not");
  set->add_flag_function(
      "--billing-only,!--all-features",
      [&org](std::int64_t count) { org.is_billing_only = count > 0; },
      "Of the management account: which mode the organization is in");
  set->add_option("--delegated-administrator",
                  org.delegated_administrator,
                  "Of the management account: who administers IAM beside it, 12 digits or none");
  CLI::App* scp = add_org_command(cli, org, "set-scp", "Replace the SCPs", org_set_scp);
  CLI::App* rcp = add_org_command(cli, org, "set-rcp", "Replace the RCPs", org_set_rcp);
  for (CLI::App* command : {scp, rcp}) {
    command->add_option(
        "files",
        org.files,
        "One argument a level, root first: a file with a policy or a list of them, "
        "FullAWSAccess, or several of these with commas between; none: no policies");
  }
  scp->footer(std::string(kWhere) +
              "Example: full access at the root, and beside a denial at the account\n"
              "  signet org set-scp --account 111122223333 FullAWSAccess "
              "FullAWSAccess,no-leaving.json");
  rcp->footer(std::string(kWhere) +
              "Example:\n  signet org set-rcp --account 111122223333 FullAWSAccess "
              "FullAWSAccess,perimeter.json");
  add_org_command(cli, org, "clear", "Take the account out of its organization", org_clear);
}

void add_sessions(CLI::App& app, server::Options& options, RevokeOptions& revoke, Action& action) {
  CLI::App* group = app.add_subcommand("sessions", "Temporary credentials and console sessions");
  group->require_subcommand(1);
  CLI::App* command =
      add_command({.group = *group, .options = options, .action = action},
                  "revoke",
                  "End sessions at once, of a running server too (long-term keys stay)",
                  [&options, &revoke] { return sessions_revoke(options, revoke); });
  CLI::Option_group* whose = command->add_option_group("whose");
  whose->add_option("--user", revoke.user, "ARN of a user: its sessions and federated users");
  whose->add_option("--role", revoke.role, "ARN of a role: every session of it");
  whose->add_option("--root", revoke.root, "Account whose root user's sessions end");
  whose->add_option("--account", revoke.account, "Account: all its users, roles and root");
  whose->add_flag("--everyone", revoke.is_everyone, "All accounts");
  whose->require_option(1);
  command->add_option(
      "--before", revoke.before, "End those issued before this time, ISO 8601 (default: now)");
  command->footer(
      "Asks the server that runs on the data folder; where none runs, changes the folder.\n"
      "Example:\n  signet sessions revoke --role arn:aws:iam::111122223333:role/deploy");
}

constexpr const char* kKinds =
    "master (wraps the data keys), data (seals the secrets of records), sealing (seals session "
    "tokens), oidc (signs web identity tokens)";

CLI::App* add_key_command(const GroupCli& cli,
                          KeysOptions& keys,
                          const std::string& name,
                          const std::string& text,
                          const std::vector<std::string>& kinds,
                          std::function<int()> run) {
  CLI::App* command = add_command(cli, name, text, std::move(run));
  command->add_option("kind", keys.kind, kKinds)->check(CLI::IsMember(kinds));
  return command;
}

void add_key_rotate(const GroupCli& cli, AdminFlags& flags) {
  CLI::App* command = add_key_command(
      cli,
      flags.keys,
      "rotate",
      "Put a new key in the place of the present one; sessions and access keys go on",
      {"master", "data", "sealing", "oidc"},
      [&options = cli.options, &flags] {
        const std::string& kind = flags.keys.kind;
        return kind == "master"    ? keys_rotate_master(options)
               : kind == "data"    ? keys_rotate_data(options)
               : kind == "sealing" ? keys_rotate_sealing(options)
                                   : keys_rotate_issuer(options, flags.issuer);
      });
  command->get_option("kind")->required();
  command->add_option(
      "--account", flags.issuer.account, "Of oidc: whose issuer's keys (default: all)");
  command->footer(
      std::string(kWhere) +
      "master: the data keys are wrapped anew. The old key stays beside the new one as "
      "master.key.ID: backups made before need it. Where the key comes from SIGNET_MASTER_KEY, "
      "stop the server and give the new one in SIGNET_NEW_MASTER_KEY. In a cluster, give the new "
      "master.key to the other nodes before they start again.\n"
      "data: secrets are sealed under it as records are next written; the others are kept, to open "
      "what they sealed.\n"
      "sealing: done every week anyway. In a cluster the new key seals in a minute.\n"
      "oidc: done every 90 days anyway. The new keys are published for a day before they sign, and "
      "the others for a day after.\n"
      "Example:\n  signet keys rotate master --data ./signet-data");
}

void add_key_retire(const GroupCli& cli, AdminFlags& flags) {
  CLI::App* command = add_key_command(
      cli,
      flags.keys,
      "retire",
      "End what keys sealed or signed, at once, of a running server too: a key may have leaked",
      {"master", "sealing", "oidc"},
      [&options = cli.options, &flags] {
        flags.issuer.at_once = true;
        const std::string& kind = flags.keys.kind;
        return kind == "master" ? keys_retire_master(options)
               : kind == "oidc" ? keys_rotate_issuer(options, flags.issuer)
                                : keys_retire(options);
      });
  command->add_option(
      "--account", flags.issuer.account, "Of oidc: whose issuer's keys (default: all)");
  command->footer(
      std::string(kWhere) +
      "sealing (the default): every temporary credential and console session of everybody ends.\n"
      "oidc: new keys sign, and the others are published no more: verifiers refuse the tokens that "
      "are out.\n"
      "master: removes the replaced keys, master.key.ID, from the folder. The key in use is "
      "replaced by `rotate master`.\n"
      "Example:\n  signet keys retire oidc --account 111122223333");
}

void add_keys(CLI::App& app, server::Options& options, AdminFlags& flags, Action& action) {
  CLI::App* group = app.add_subcommand("keys", "The keys of a data folder");
  group->require_subcommand(1);
  const GroupCli cli{.group = *group, .options = options, .action = action};
  CLI::App* list = add_command(cli,
                               "list",
                               "Show which keys there are and what each does; no key itself",
                               [&options, &flags] {
                                 flags.keys.is_json = flags.output == "json";
                                 return keys_list(options, flags.keys);
                               });
  list->add_option("--output", flags.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_key_rotate(cli, flags);
  add_key_retire(cli, flags);
  // What they were called before there were kinds.
  add_command(cli, "rotate-master", "As `rotate master`", [&options] {
    return keys_rotate_master(options);
  });
  CLI::App* issuers = add_command(cli, "rotate-issuer", "As `rotate oidc`", [&options, &flags] {
    return keys_rotate_issuer(options, flags.issuer);
  });
  issuers->add_option(
      "--account", flags.issuer.account, "Account whose issuer's keys are replaced (default: all)");
  issuers->add_flag("--at-once", flags.issuer.at_once, "As `retire oidc`");
}

void add_backup(CLI::App& app, server::Options& options, BackupOptions& backup, Action& action) {
  CLI::App* command = app.add_subcommand(
      "backup", "Copy everything as it is at one moment, of a running server too");
  add_data_folder(*command, options);
  add_audit_file(*command, options);
  command->add_option("folder", backup.folder, "Folder for the backup, empty or not there")
      ->required();
  command->add_flag("--copy",
                    backup.copies,
                    "Give objects files of their own, also on the file system of the data folder "
                    "(default: further names of the same files where that can be)");
  command->add_flag(
      "--with-master-key",
      backup.with_master_key,
      "Put the master key in (default: not, so that the backup alone opens no secret; "
      "then keep the key elsewhere, for without it the backup is of no use)");
  command->footer(
      "Holds state, objects, audit trail and imported policies; signet.backup in it lists every "
      "file with its SHA-256. TLS files and settings are not in it.\n"
      "Interrupted, it leaves a folder that `restore` and `verify` refuse by that name.\n"
      "Examples:\n"
      "  signet backup /backups/2026-11-30\n"
      "  signet verify /backups/2026-11-30");
  command->callback([&] {
    action = [&options, &backup] {
      return ctl::backup(options, backup);
    };
  });
}

void add_restore(CLI::App& app, server::Options& options, BackupOptions& backup, Action& action) {
  CLI::App* command = app.add_subcommand(
      "restore", "Make a data folder of a backup whose files are all as they were stored");
  add_data_folder(*command, options);
  add_audit_file(*command, options);
  command->add_option("folder", backup.folder, "Folder of the backup")->required();
  command->add_option("--master-key",
                      backup.master_key_file,
                      "File with the master key, where the backup is without it (default: "
                      "SIGNET_MASTER_KEY)");
  command->footer(
      "--data names the folder to make, empty or not there.\n"
      "Example:\n"
      "  signet restore /backups/2026-11-30 --data ./signet-data --master-key ./master.key");
  command->callback([&] {
    action = [&options, &backup] {
      return restore(options, backup);
    };
  });
}

void add_upgrade(CLI::App& app, server::Options& options, bool& is_trial, Action& action) {
  CLI::App* command = app.add_subcommand(
      "upgrade",
      "Bring a data folder to the form of this program, as its start does (server stopped)");
  add_data_folder(*command, options);
  add_audit_file(*command, options);
  command->add_flag(
      "--dry-run", is_trial, "Say what would change, tried on a copy, and change nothing");
  command->footer(
      "There is no way back but a backup. A folder of a newer program is refused with both "
      "versions.\n"
      "On the folder of a node of a cluster, which runs: raises the records of the cluster, once "
      "every node runs this program; older ones refuse them from then on.\n"
      "Example:\n  signet upgrade --dry-run --data ./signet-data");
  command->callback([&] {
    action = [&options, &is_trial] {
      return upgrade(options, is_trial);
    };
  });
}

void add_verify(CLI::App& app, server::Options& options, std::string& folder, Action& action) {
  CLI::App* command = app.add_subcommand(
      "verify",
      "Compare everything in a data folder (server stopped) or backup with its checksums");
  add_data_folder(*command, options);
  command->add_option("folder", folder, "The folder (default: --data)");
  command->footer(
      "Exit code 0: all is as it was stored; 1: objects or files differ; 3: the folder cannot be "
      "opened, or the backup was not finished.");
  command->callback([&] {
    action = [&options, &folder] {
      if (!folder.empty()) {
        options.data_folder = folder;
      }
      return verify(options);
    };
  });
}

}  // namespace

void add_admin(CLI::App& app, server::Options& options, AdminFlags& flags, Action& action) {
  add_account(app, options, flags, action);
  add_org(app, options, flags.org, action);
  add_sessions(app, options, flags.revoke, action);
  add_keys(app, options, flags, action);
  add_backup(app, options, flags.backup, action);
  add_restore(app, options, flags.backup, action);
  add_migrate(app, options, flags.migrate, action);
  add_node(app, options, flags.node, action);
  add_upgrade(app, options, flags.is_trial, action);
  add_verify(app, options, flags.folder, action);
}

}  // namespace signet::ctl
