#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "http/web_bundle.h"
#include "oidc/https_fetch.h"
#include "server/limits.h"
#include "server/upstream_options.h"

namespace signet::server {

inline constexpr std::uint16_t kDefaultPort = 9311;

// How a server runs. The command line and SIGNET_* variables fill it (ctl/serve.cc); the defaults
// work with no file.
struct Options {
  std::string address = "127.0.0.1";  // IPv4 or IPv6 address to listen on
  std::uint16_t port = kDefaultPort;  // 0: the system chooses
  std::string data_folder;            // unused with is_dev
  std::string settings_file;          // TOML, read by the command line; empty: none
  // An etcd cluster that holds the state in place of the data folder, which other nodes share:
  // etcd://HOST:PORT,... (store/etcd/address.h); empty: the folder holds it.
  std::string store;
  std::string store_ca;           // PEM, of the authorities that vouch for it; empty: the system's
  std::string store_certificate;  // PEM, ours, where it asks for one; with store_key
  std::string store_key;          // PEM
  std::string store_user;         // empty: it asks for none
  std::string store_password_file;  // holds the user's password
  bool reads_newest = false;        // every request is decided on the newest state of the cluster
  // With a store that cannot be followed for so many seconds, requests are refused; 0: they go on.
  int stale_seconds_max = 0;
  int threads = 1;                 // event loops
  bool is_dev = false;             // state in memory, reset and clock endpoints; loopback only
  bool allows_remote_dev = false;  // with is_dev: beyond loopback too, without TLS
  std::string bootstrap_file;      // JSON, used on the first start; empty: a default account
  std::string audit_file;     // empty: <data_folder>/audit.jsonl, none with is_dev; "off": none
  int audit_rotate_mib = 64;  // size at which an audit file is closed
  int audit_keep = 0;         // closed audit files that are kept; 0: all
  bool is_audit_required = false;  // work that cannot be recorded is refused
  std::string
      audit_ship;  // where records are sent too: syslog://... or a collector; empty: nowhere
  std::string access_log;         // file with a line for each request; empty: none
  std::string traces;             // URL of an OpenTelemetry collector; empty: none
  double traces_share = 1;        // of the traces that begin here, 0 to 1
  std::string telemetry_ca;       // PEM, of the authorities of collectors; empty: the system's
  std::string telemetry_headers;  // file with headers that collectors want to see; empty: none
  std::string role_templates;     // folder of role templates besides those built in; empty: none
  std::string policy_templates;   // folder of policy templates of partners; empty: none
  std::string notifications;      // folder of notifications to accounts; empty: DATA/notifications,
                                  // none with is_dev
  std::vector<std::string> s3_domains;  // buckets are also found as BUCKET.<domain>
  UpstreamOptions upstreams;            // who holds objects in our place
  std::string authorizer_token_file;    // of stores that ask; empty: SIGNET_AUTHORIZER_TOKEN
  std::string save_credentials;  // file for the credentials of the first start; empty: shown once,
                                 // kept nowhere
  std::string log_form;          // json or text; empty: text on a terminal
  bool is_quiet = false;         // no banner, only the "listening on" line

  std::string tls_certificate;               // PEM chain; with tls_key: HTTPS, no plain HTTP
  std::string tls_key;                       // PEM
  std::vector<std::string> trusted_proxies;  // addresses and ranges that may speak for clients
  bool is_insecure_listen = false;           // plain HTTP beyond loopback all the same
  // Where verifiers of web identity tokens reach this server, without a slash at the end; empty:
  // the address that it listens on.
  std::string issuer_url;

  oidc::FetchOptions issuers;  // how issuers of web identity tokens are asked for their keys
  // Issuers (by name) whose keys are in a file, and which are never asked.
  std::vector<std::pair<std::string, std::string>> issuer_key_files;

  http::WebBundle console;  // what /_console/ runs; none: a plain page

  Limits limits;               // what callers may cost; --limit
  bool reserves_room = false;  // the store takes room on the disk before it needs it
  bool shows_metrics = false;  // /_signet/metrics also to peers that are not on this machine
};

}  // namespace signet::server
