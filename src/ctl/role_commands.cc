#include <csignal>
#include <cstdio>

#include "agent/credential_endpoints.h"
#include "base/clock.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/endpoint_files.h"
#include "ctl/exports.h"
#include "ctl/output.h"
#include "ctl/role_keys.h"
#include "ctl/tool_run.h"

// `signet credential-process` and `signet credential-endpoints`: a role for programs on this
// machine.
namespace signet::ctl {
namespace {

std::expected<std::unique_ptr<agent::RoleSession>, std::string> session_of(const RoleOptions& wish,
                                                                           const Clock& clock) {
  const auto keys = keys_of(wish.credentials_file);
  if (!keys) {
    return std::unexpected(keys.error());
  }
  return open_role(wish, *keys, clock);
}

void print_exports(const Variables& variables) {
  for (const auto& [name, value] : variables) {
    std::printf("export %s=%s\n", name.c_str(), shell_quoted(value).c_str());
  }
}

}  // namespace

int credential_process(const RoleOptions& wish) {
  const SystemClock clock;
  const auto session = session_of(wish, clock);
  if (!session) {
    return report(session.error());
  }
  std::fputs(agent::process_credentials(*(*session)->current()).c_str(), stdout);
  return kOk;
}

int credential_endpoints(const RoleOptions& wish) {
  block_signals();
  ::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  const auto session = session_of(wish, clock);
  if (!session) {
    return report(session.error());
  }
  const auto folder = temporary_folder();
  if (!folder) {
    return report(folder.error());
  }
  const auto served = serve_role(**session, clock, wish.port, folder->path());
  if (!served) {
    return report(served.error());
  }
  print_exports((*served)->container_variables());
  print_exports((*served)->instance_variables());
  std::fflush(stdout);
  await_signal();
  return kOk;
}

}  // namespace signet::ctl
