#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/key_wrap.h"
#include "identity/bootstrap.h"
#include "identity/directory.h"
#include "server/catalogue.h"
#include "server/credentials.h"
#include "server/node_folder.h"
#include "server/options.h"
#include "store/store.h"

namespace signet::server {

// Store, catalogue and directory, in the order they depend on each other. Used by the server and by
// commands that work on a data folder directly.
struct State {
  std::optional<NodeFolder> node;  // where the state is in a cluster
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Catalogue> catalogue;
  std::unique_ptr<identity::Directory> directory;
  std::shared_ptr<const crypto::SecretBox> object_keys;  // the store's data keys, for objects
};

// What a first start made.
struct FirstStart {
  bool has_made_accounts = false;
  Credentials made;  // the password is that of the default account
  // A bootstrap file was given, and not looked at: there are accounts already.
  bool is_bootstrap_ignored = false;  // where others share the state, that is no surprise
};

// A console password that AWS's default policy takes, without letters that look alike.
[[nodiscard]] Secret make_console_password(Random& random);

// Opens the data folder (made if missing), or memory in dev mode, or the cluster that holds the
// state of a node with this folder. Refuses while another process has the folder.
[[nodiscard]] Result<State> open_state(const Options& options, Random& random);

// Opens the data folder as open_state() does, but looks neither at what it says nor at imported
// policies: for commands that put something beside the state. Holds the folder as long as it lives.
[[nodiscard]] Result<std::unique_ptr<store::Store>> hold_folder(const Options& options,
                                                                Random& random);

// Fills a directory that has no account yet, from options.bootstrap_file or with the default
// account. Nothing if it has accounts already.
[[nodiscard]] Result<FirstStart> first_start(const Options& options,
                                             identity::Directory& directory,
                                             const identity::PolicyCatalogue& catalogue,
                                             const Clock& clock,
                                             Random& random);

// Adds the accounts of a spec to a directory. `tell`: see identity::BootstrapDeps.
[[nodiscard]] Result<std::vector<identity::CreatedKey>> add_accounts(
    identity::Directory& directory,
    const identity::BootstrapSpec& spec,
    const Clock& clock,
    Random& random,
    const std::function<std::string(std::string_view accounts)>& tell = {});

}  // namespace signet::server
