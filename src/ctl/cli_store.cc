#include <string>

#include <CLI/CLI.hpp>

#include "ctl/cli_parts.h"
#include "ctl/commands.h"
#include "ctl/settings.h"
#include "store/etcd/address.h"

// What says where the state is: flags of `signet serve`, and `signet migrate`.
namespace signet::ctl {

void add_store_access(CLI::App& command, server::Options& options) {
  describe(command.add_option("--store-ca", options.store_ca))->check(CLI::ExistingFile);
  CLI::Option* certificate = describe(command.add_option("--store-cert", options.store_certificate))
                                 ->check(CLI::ExistingFile);
  describe(command.add_option("--store-key", options.store_key))
      ->check(CLI::ExistingFile)
      ->needs(certificate);
  describe(command.add_option("--store-user", options.store_user));
  describe(command.add_option("--store-password-file", options.store_password_file))
      ->check(CLI::ExistingFile);
}

void add_store_flags(CLI::App& command, server::Options& options) {
  describe(command.add_option("--store", options.store))->check([](const std::string& text) {
    const auto address = store::parse_etcd_address(text);
    return address ? std::string() : address.error().message;
  });
  add_store_access(command, options);
  describe(command.add_flag("--consistent", options.reads_newest));
  describe(command.add_option("--store-stale-max", options.stale_seconds_max));
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
