#include <cstdio>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "crypto/random.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/control_client.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "escalation/explorer.h"
#include "facts/errors.h"
#include "server/access_use.h"
#include "server/control_socket.h"
#include "server/policy_question.h"

// `signet sessions`, `signet keys`, and which accounts there are.
namespace signet::ctl {
namespace {

// Of a large directory.
constexpr std::int64_t kGraphMs = 600'000;

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
  return ask_and_print(options, request);
}

int keys_list(const server::Options& options, const KeysOptions& keys) {
  const auto answer = ask(options, R"({"command":"keys list"})");
  if (!answer) {
    return report(answer.error());
  }
  if (!keys.is_json) {
    std::printf("%s\n", std::string(answer->string_at("done")).c_str());
    return kOk;
  }
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object();
  json.key("keys");
  json.begin_array();
  const codec::Json* rows = answer->find("keys");
  for (const codec::Json& row : rows != nullptr ? rows->items() : std::span<const codec::Json>()) {
    json.begin_object();
    for (const std::string_view name : {"kind", "id", "state", "more"}) {
      json.member(name, row.string_at(name));
    }
    json.end_object();
  }
  json.end_array();
  json.end_object();
  std::printf("%s\n", text.c_str());
  return kOk;
}

int keys_rotate_data(const server::Options& options) {
  return ask_and_print(options, R"({"command":"keys rotate-data"})");
}

int keys_rotate_sealing(const server::Options& options) {
  return ask_and_print(options, R"({"command":"keys rotate-sealing"})");
}

int keys_retire_master(const server::Options& options) {
  return ask_and_print(options, R"({"command":"keys retire-master"})");
}

int keys_retire(const server::Options& options) {
  return ask_and_print(options, R"({"command":"keys retire"})");
}

int keys_rotate_master(const server::Options& options) {
  return ask_and_print(options, R"({"command":"keys rotate-master"})");
}

int keys_rotate_issuer(const server::Options& options, const IssuerOptions& issuer) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "keys rotate-issuer");
  json.member("account", issuer.account);
  json.key("at_once");
  json.boolean(issuer.at_once);
  json.end_object();
  return ask_and_print(options, request);
}

Result<std::vector<std::string>> accounts_of(const std::string& folder) {
  server::Options options;
  options.data_folder = folder;
  const codec::Json answer = TRY(ask(options, R"({"command":"account list"})"));
  std::istringstream ids{std::string(answer.string_at("done"))};
  return std::vector<std::string>(std::istream_iterator<std::string>(ids), {});
}

namespace {

// A running server's answer, or what `read` finds in the folder of a stopped one. A question
// changes nothing: on a stopped folder it is not recorded either.
template <class Read>
Result<std::string> answer_of_folder(const std::string& folder,
                                     const std::string& request,
                                     Read read,
                                     std::int64_t wait_ms = server::kAnswerMs) {
  if (const auto answer = TRY(server::ask_server(folder, request, wait_ms))) {
    return std::string(TRY(read_answer(*answer)).string_at("done"));
  }
  server::Options options;
  options.data_folder = folder;
  crypto::SystemRandom random;
  const server::State state = TRY(open_existing(options, random));
  return read(*state.directory->current());
}

}  // namespace

Result<std::vector<std::string>> principals_of(const std::string& folder) {
  std::istringstream names{TRY(answer_of_folder(
      folder, R"({"command":"policy principals"})", [](const identity::Snapshot& snapshot) {
        return server::principals_of(snapshot);
      }))};
  return std::vector<std::string>(std::istream_iterator<std::string>(names), {});
}

Result<escalation::Graph> escalation_of(const std::string& folder) {
  const std::string text = TRY(answer_of_folder(
      folder,
      R"({"command":"policy escalation"})",
      [](const identity::Snapshot& snapshot) {
        return escalation::write_graph(escalation::find_graph(snapshot, SystemClock().now()));
      },
      kGraphMs));
  auto graph = escalation::read_graph(text);
  return graph ? Result<escalation::Graph>(*std::move(graph))
               : fail(ErrorCode::InvalidInput, "the server's answer cannot be read");
}

Result<std::string> access_use_of(const std::string& folder) {
  return answer_of_folder(
      folder,
      R"({"command":"access use"})",
      [](const identity::Snapshot& snapshot) {
        return server::access_use(snapshot, SystemClock().now());
      },
      kGraphMs);
}

Result<std::string> question_of_folder(const std::string& folder, const std::string& request) {
  return answer_of_folder(folder, request, [&request](const identity::Snapshot& snapshot) {
    return server::policy_question(
        codec::Json::parse(request).value_or(codec::Json()), snapshot, SystemClock().now());
  });
}

}  // namespace signet::ctl
