#pragma once

#include <string>
#include <vector>

#include "server/options.h"

namespace signet::ctl {

// One function a command; each prints to standard output, reports failures on standard error and
// returns an exit code.

int serve(const server::Options& options);
int init(const server::Options& options);

struct EnvOptions {
  std::string endpoint;
  std::string credentials_file;  // written by --save-credentials; empty: no credentials are printed
};

int env(const EnvOptions& options);
int status(const std::string& endpoint, bool is_json);

struct AccountOptions {
  std::string id;  // empty: random
  std::string alias;
  std::string name;
  std::string admin = "admin";  // first user
};

int account_create(const server::Options& options, const AccountOptions& account);

// Files or "-" for standard input.
int policy_check(const std::vector<std::string>& files,
                 const std::string& profile,
                 const std::string& format);
int policy_import(const server::Options& options, const std::string& folder);

struct ExplainOptions {
  bool is_batch = false;
  std::string file;  // a recorded raw request, or "-"; one record of JSON with --json
  std::string secret_key;
};

int sigv4_explain(const ExplainOptions& options);

}  // namespace signet::ctl
