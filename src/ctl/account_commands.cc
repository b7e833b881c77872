#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/control_client.h"
#include "ctl/output.h"
#include "server/credentials.h"

// `signet account`, on a running server or a stopped folder.
namespace signet::ctl {
namespace {

// Asks, prints what was done and shows the credentials that were made.
int ask_for_credentials(const server::Options& options, const std::string& request) {
  if (!options.save_credentials.empty() && access(options.save_credentials.c_str(), F_OK) == 0) {
    return report(concat("cannot write the credentials file ",
                         options.save_credentials,
                         ": it is there already; nothing was changed"));
  }
  const Result<codec::Json> answer = ask(options, request);
  if (!answer) {
    return report(answer.error());
  }
  std::printf("%s\n", std::string(answer->string_at("done")).c_str());
  const codec::Json* made = answer->find("credentials");
  return made == nullptr
             ? int{kOk}
             : show_credentials(server::read_credentials(*made), options.save_credentials);
}

std::string text_at(const codec::Json& account, std::string_view name) {
  const codec::Json* member = account.find(name);
  return member == nullptr || member->text().empty() ? std::string("-") : member->text();
}

void print_account(const codec::Json& account) {
  std::printf("%-12s  %-20s  %-24s  %-20s  %6s %6s %8s  %s\n",
              text_at(account, "id").c_str(),
              text_at(account, "alias").c_str(),
              text_at(account, "name").c_str(),
              text_at(account, "created").c_str(),
              text_at(account, "users").c_str(),
              text_at(account, "roles").c_str(),
              text_at(account, "buckets").c_str(),
              account.find("inOrganization")->as_bool() ? "yes" : "no");
}

}  // namespace

int account_list(const server::Options& options, bool is_json) {
  const Result<codec::Json> answer = ask(options, R"({"command":"account list"})");
  if (!answer) {
    return report(answer.error());
  }
  const codec::Json* accounts = answer->find("accounts");
  if (accounts == nullptr) {
    return report("the server is of another version: restart it");
  }
  if (is_json) {
    std::string text;
    codec::append_json(text, *accounts);
    std::printf("%s\n", text.c_str());
    return kOk;
  }
  std::printf("%-12s  %-20s  %-24s  %-20s  %6s %6s %8s  %s\n",
              "account",
              "alias",
              "name",
              "made",
              "users",
              "roles",
              "buckets",
              "organization");
  for (const codec::Json& account : accounts->items()) {
    print_account(account);
  }
  return kOk;
}

int account_create(const server::Options& options, const AccountOptions& account) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "account create");
  json.member("id", account.id);
  json.member("alias", account.alias);
  json.member("name", account.name);
  json.member("admin", account.admin);
  json.end_object();
  return ask_for_credentials(options, request);
}

int account_recover(const server::Options& options, const AccountOptions& account) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "account recover");
  json.member("id", account.id);
  json.member("user", account.admin);
  json.key("reset_password");
  json.boolean(account.resets_password);
  json.end_object();
  return ask_for_credentials(options, request);
}

int account_delete(const server::Options& options, const AccountOptions& account) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "account delete");
  json.member("id", account.id);
  json.key("with_objects");
  json.boolean(account.takes_objects);
  json.end_object();
  return ask_and_print(options, request);
}

int account_quota(const server::Options& options, const AccountOptions& account) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "account quota");
  json.member("id", account.id);
  json.key("set");
  json.begin_array();
  for (const std::string& assignment : account.quotas) {
    json.string(assignment);
  }
  json.end_array();
  json.end_object();
  return ask_and_print(options, request);
}

}  // namespace signet::ctl
