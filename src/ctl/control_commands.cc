#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "audit/sink.h"
#include "authn/key_rings.h"
#include "base/clock.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "facts/errors.h"
#include "server/control.h"
#include "server/control_socket.h"
#include "server/state.h"

// Commands that a running server carries out; where none runs, this process does on its folder.
namespace signet::ctl {
namespace {

Result<std::unique_ptr<audit::Sink>> open_audit(const server::Options& options,
                                                const Clock& clock) {
  if (options.audit_file == "off") {
    return std::make_unique<audit::Sink>();
  }
  return audit::Sink::open(
      {.path =
           options.audit_file.empty() ? options.data_folder + "/audit.jsonl" : options.audit_file},
      clock);
}

Result<std::string> answer_here(const server::Options& options, const std::string& request) {
  crypto::SystemRandom random;
  const SystemClock clock;
  const server::State state = TRY(open_existing(options, random));
  const std::unique_ptr<audit::Sink> audit = TRY(open_audit(options, clock));
  authn::KeyRings rings;
  server::Control control({.directory = *state.directory,
                           .rings = rings,
                           .audit = *audit,
                           .random = random,
                           .clock = clock});
  return control.answer(request, "signet command on the stopped folder");
}

// What was done, as the answer to a request says it.
Result<std::string> done_of(std::string_view answer) {
  const auto json = codec::Json::parse(answer);
  const std::string_view done = json ? json->string_at("done") : std::string_view();
  if (done.empty()) {
    return fail(ErrorCode::InvalidInput,
                std::string(json ? json->string_at("error") : "the answer cannot be read"));
  }
  return std::string(done);
}

int ask(const server::Options& options, const std::string& request) {
  auto answer = server::ask_server(options.data_folder, request);
  if (!answer) {
    return report(answer.error());
  }
  if (!*answer) {
    Result<std::string> here = answer_here(options, request);
    if (!here) {
      return report(here.error());
    }
    *answer = *std::move(here);
  }
  const Result<std::string> done = done_of(**answer);
  if (!done) {
    return report(done.error());
  }
  std::printf("%s\n", done->c_str());
  return kOk;
}

}  // namespace

int sessions_revoke(const server::Options& options, const RevokeOptions& revoke) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "sessions revoke");
  const auto whose = [&json](std::string_view kind, const std::string& name) {
    if (!name.empty()) {
      json.member("whose", kind);
      json.member("name", name);
    }
  };
  whose("user", revoke.user);
  whose("role", revoke.role);
  whose("root", revoke.root);
  whose("account", revoke.account);
  if (revoke.is_everyone) {
    json.member("whose", "everyone");
  }
  if (!revoke.before.empty()) {
    json.member("before", revoke.before);
  }
  json.end_object();
  return ask(options, request);
}

int keys_retire(const server::Options& options) {
  return ask(options, R"({"command":"keys retire"})");
}

Result<std::vector<std::string>> accounts_of(const std::string& folder) {
  if (const auto answer = TRY(server::ask_server(folder, R"({"command":"accounts list"})"))) {
    std::istringstream done(TRY(done_of(*answer)));
    return std::vector<std::string>(std::istream_iterator<std::string>(done), {});
  }
  crypto::SystemRandom random;
  server::Options options;
  options.data_folder = folder;
  const server::State state = TRY(open_existing(options, random));
  std::vector<std::string> accounts;
  for (const identity::Account* account : state.directory->current()->accounts()) {
    accounts.push_back(account->id);
  }
  return accounts;
}

}  // namespace signet::ctl
