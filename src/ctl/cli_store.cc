#include <string>

#include <CLI/CLI.hpp>

#include "base/strings.h"
#include "codec/hex.h"
#include "ctl/cli_parts.h"
#include "ctl/commands.h"
#include "ctl/control_client.h"
#include "ctl/settings.h"
#include "store/etcd/address.h"

// What says where the state is: flags of `signet serve`, `signet migrate`, and `signet node`.
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

void add_node(CLI::App& app, server::Options& options, std::string& id, Action& action) {
  CLI::App* group = app.add_subcommand("node", "The nodes of a cluster");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "forget", "Take the objects of a node that will not come back for lost");
  command->add_option("id", id, "Of the node, as the file `node` of its folder and its log have it")
      ->required()
      ->check([](const std::string& text) {
        return text.size() == 16 && codec::decode_hex(text)
                   ? std::string()
                   : "expected the 16 hexadecimal digits of a node's id";
      });
  add_data_folder(*command, options);
  command->footer(
      "--data names the folder of another node, which runs. A bucket is not deleted as long as a "
      "node may hold objects of it; this says that one holds nothing any more.\n"
      "Example:\n  signet node forget 0123456789abcdef --data ./signet-data");
  command->callback([&] {
    action = [&options, &id] {
      return ask_and_print(options, concat(R"({"command":"node forget","id":")", id, R"("})"));
    };
  });
}

}  // namespace signet::ctl
