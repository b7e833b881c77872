#include <cstdio>
#include <memory>
#include <optional>
#include <string>

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
  const auto json = codec::Json::parse(**answer);
  const std::string_view done = json ? json->string_at("done") : std::string_view();
  if (done.empty()) {
    return report(json ? json->string_at("error") : "the answer cannot be read");
  }
  std::printf("%s\n", std::string(done).c_str());
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

}  // namespace signet::ctl
