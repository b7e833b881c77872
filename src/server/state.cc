#include "server/state.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "base/strings.h"
#include "crypto/password_hash.h"
#include "crypto/random.h"
#include "facts/errors.h"
#include "identity/data_keys.h"
#include "server/bootstrap_file.h"
#include "server/cluster.h"
#include "server/folder_parts.h"
#include "server/key_rotation.h"
#include "server/master_key.h"
#include "store/embedded/embedded_store.h"
#include "store/memory/memory_store.h"

namespace signet::server {
namespace {

constexpr std::size_t kPasswordLength = 20;

// Nothing of --dev outlives its process, and its passwords stand in clear in the file they came
// from, or are long and random: there a start that waits for no hash is worth more.
crypto::PasswordCost password_cost(const Options& options) {
  return options.is_dev ? crypto::PasswordCost{.memory_kib = 8, .passes = 1, .lanes = 1}
                        : crypto::PasswordCost();
}

Status make_folder(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (parent.empty()) {
    return {};  // a name in the working folder
  }
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  if (error) {
    return std::unexpected(facts::service_failure(
        concat("cannot create the folder of ", path, ": ", error.message())));
  }
  return {};
}

Result<std::unique_ptr<store::Store>> open_store(const Options& options) {
  if (options.is_dev) {
    return store::make_memory_store();
  }
  TRY_STATUS(check_parts(options));
  if (NodeFolder::is_node(options.data_folder)) {
    return std::unexpected(facts::service_failure(
        concat("data folder ",
               options.data_folder,
               ": it is that of a node, whose state is in a cluster: run `signet serve --store "
               "etcd://...`; commands ask a node that runs")));
  }
  TRY_STATUS(make_folder(options.data_folder));
  return store::open_embedded_store(
      {.folder = options.data_folder, .takes_room_at_once = options.reserves_room});
}

Result<Secret> master_key_of(const Options& options, store::Store& store, Random& random) {
  if (options.is_dev) {
    return Secret(crypto::random_bytes(random, 32));
  }
  TRY_STATUS(finish_key_rotation(options.data_folder, store));
  const bool has_secrets = TRY(identity::has_data_keys(store));
  return load_master_key(
      options.data_folder, has_secrets ? MissingKey::Refuse : MissingKey::Make, random);
}

}  // namespace

Secret make_console_password(Random& random) {
  static constexpr std::string_view kLetters =
      "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::string text;
  for (std::size_t i = 0; i < kPasswordLength; ++i) {
    text += kLetters[crypto::random_below(random, static_cast<unsigned>(kLetters.size()))];
  }
  return Secret(text + "-Aa1");
}

Result<State> open_state(const Options& options, Random& random) {
  State state;
  const bool is_node = !options.is_dev && !options.store.empty();
  if (is_node) {
    TRY_STATUS(check_parts(options));
    TRY_STATUS(make_folder(options.data_folder));
    state.node = TRY(NodeFolder::open(options.data_folder, random));
  }
  state.store = is_node ? TRY(open_cluster(options, random)) : TRY(open_store(options));
  const Secret master_key = is_node ? TRY(master_key_of_node(options, *state.store, random))
                                    : TRY(master_key_of(options, *state.store, random));
  state.catalogue = TRY(Catalogue::load(options.is_dev ? "" : options.data_folder + "/policies"));
  state.directory =
      TRY(identity::Directory::open(identity::Directory::Deps{.store = *state.store,
                                                              .master_key = master_key,
                                                              .random = random,
                                                              .catalogue = state.catalogue.get()},
                                    {.node = state.node ? state.node->id() : std::string()}));
  state.object_keys = std::make_shared<const crypto::SecretBox>(
      TRY(identity::open_data_keys(*state.store, master_key, random)));
  return state;
}

Result<std::unique_ptr<store::Store>> hold_folder(const Options& options, Random& random) {
  std::unique_ptr<store::Store> store = TRY(open_store(options));
  TRY_STATUS(master_key_of(options, *store, random));
  return store;
}

Result<std::vector<identity::CreatedKey>> add_accounts(
    identity::Directory& directory,
    const identity::BootstrapSpec& spec,
    const Clock& clock,
    Random& random,
    const std::function<std::string(std::string_view accounts)>& tell) {
  const auto hash = [&random](std::string_view password) {
    return crypto::hash_password(password, random);
  };
  return identity::bootstrap(
      directory, spec, {.clock = clock, .random = random, .hash_password = hash, .tell = tell});
}

namespace {

Result<FirstStart> make_first(const Options& options,
                              identity::Directory& directory,
                              const identity::PolicyCatalogue& catalogue,
                              const Clock& clock,
                              Random& random) {
  FirstStart result;
  result.has_made_accounts = true;
  const auto hash = [&](std::string_view password) {
    return crypto::hash_password(password, random, password_cost(options));
  };
  if (!options.bootstrap_file.empty()) {
    const BootstrapFile file = TRY(read_bootstrap_file(options.bootstrap_file));
    const authn::KeyRings no_rings;
    authn::MfaGate no_mfa;
    result.made.keys = TRY(carry_out(file,
                                     directory,
                                     {.clock = clock,
                                      .random = random,
                                      .rings = no_rings,
                                      .mfa = no_mfa,
                                      .catalogue = catalogue},
                                     hash));
    return result;
  }
  result.made.password = make_console_password(random);
  const identity::BootstrapSpec spec = identity::default_bootstrap(result.made.password.clone());
  result.made.user = spec.accounts.front().users.front().name;
  result.made.keys = TRY(identity::bootstrap(
      directory,
      spec,
      {.clock = clock, .random = random, .hash_password = hash, .is_first_only = true}));
  return result;
}

}  // namespace

Result<FirstStart> first_start(const Options& options,
                               identity::Directory& directory,
                               const identity::PolicyCatalogue& catalogue,
                               const Clock& clock,
                               Random& random) {
  FirstStart result;
  if (directory.current()->account_count() != 0) {
    result.is_bootstrap_ignored = !options.bootstrap_file.empty() && !directory.is_shared();
    return result;
  }
  Result<FirstStart> made = make_first(options, directory, catalogue, clock, random);
  if (!made && directory.is_shared() && directory.current()->account_count() != 0) {
    return FirstStart();  // another node was first
  }
  return made;
}

}  // namespace signet::server
