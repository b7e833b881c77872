#include <string>

#include <CLI/CLI.hpp>

#include "ctl/cli_parts.h"
#include "ctl/commands.h"
#include "store/etcd/address.h"

// What says where the state is: flags of `signet serve`, and `signet migrate`.
namespace signet::ctl {

void add_store_access(CLI::App& command, server::Options& options) {
  command
      .add_option("--store-ca",
                  options.store_ca,
                  "PEM file of the authority that vouches for etcd, with etcds:// (default: the "
                  "system's)")
      ->envname("SIGNET_STORE_CA")
      ->check(CLI::ExistingFile);
  CLI::Option* certificate =
      command
          .add_option("--store-cert",
                      options.store_certificate,
                      "PEM file with our certificate, where etcd asks for one")
          ->envname("SIGNET_STORE_CERT")
          ->check(CLI::ExistingFile);
  command.add_option("--store-key", options.store_key, "PEM file with its key")
      ->envname("SIGNET_STORE_KEY")
      ->check(CLI::ExistingFile)
      ->needs(certificate);
  command
      .add_option("--store-user",
                  options.store_user,
                  "User of etcd, where its authentication is on; with --store-password-file")
      ->envname("SIGNET_STORE_USER");
  command
      .add_option("--store-password-file",
                  options.store_password_file,
                  "File with that user's password in its first line")
      ->envname("SIGNET_STORE_PASSWORD_FILE")
      ->check(CLI::ExistingFile);
}

void add_store_flags(CLI::App& command, server::Options& options) {
  command
      .add_option("--store",
                  options.store,
                  "etcd://HOST:PORT,HOST:PORT,... (etcds:// with TLS): keep the state in this etcd "
                  "cluster and share it with other nodes (default: in the data folder)")
      ->envname("SIGNET_STORE")
      ->check([](const std::string& text) {
        const auto address = store::parse_etcd_address(text);
        return address ? std::string() : address.error().message;
      });
  add_store_access(command, options);
  command
      .add_flag("--consistent",
                options.reads_newest,
                "With --store, decide every call of IAM and STS on the newest state of the "
                "cluster, as x-signet-consistent: newest asks for")
      ->envname("SIGNET_CONSISTENT");
  command
      .add_option("--store-stale-max",
                  options.stale_seconds_max,
                  "With --store, answer 503 once the state may lack what is this many seconds old, "
                  "as without a majority of etcd (default 0: reads go on)")
      ->envname("SIGNET_STORE_STALE_MAX")
      ->check(CLI::Range(0, 86'400));
}

void add_migrate(CLI::App& app, server::Options& options, MigrateOptions& migrate, Action& action) {
  CLI::App* command = app.add_subcommand(
      "migrate", "Move the state of a data folder into an etcd cluster, or back (servers stopped)");
  command->add_option("--from", migrate.from, "Data folder, or etcd://HOST:PORT,...")->required();
  command->add_option("--to", migrate.to, "etcd://HOST:PORT,..., or a folder to make")->required();
  add_store_access(*command, options);
  command->footer(
      "Copies every record and compares both sides by a digest. The objects of S3 and the audit "
      "trail stay in the folder, which becomes that of a node.\n"
      "Examples:\n"
      "  signet migrate --from /var/lib/signet --to etcd://10.0.0.1:2379,10.0.0.2:2379\n"
      "  signet migrate --from etcd://10.0.0.1:2379 --to ./signet-data");
  command->callback([&] {
    action = [&options, &migrate] {
      return ctl::migrate(options, migrate);
    };
  });
}

}  // namespace signet::ctl
