#include "server/control.h"

#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "escalation/explorer.h"
#include "escalation/graph.h"
#include "facts/errors.h"
#include "identity/record.h"
#include "identity/schema.h"
#include "s3/bucket_nodes.h"
#include "server/access_use.h"
#include "server/issuer_rotation.h"
#include "server/key_list.h"
#include "server/key_rotation.h"
#include "server/org_admin.h"
#include "server/policy_question.h"
#include "server/revocation.h"

namespace signet::server {
namespace {

using Whose = Revocation::Whose;

std::optional<Whose> whose_of(std::string_view text) {
  if (text == "user") {
    return Whose::User;
  }
  if (text == "role") {
    return Whose::Role;
  }
  if (text == "root") {
    return Whose::Root;
  }
  if (text == "account") {
    return Whose::Account;
  }
  return text == "everyone" ? std::optional(Whose::Everyone) : std::nullopt;
}

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{
      .code = ErrorCode::InvalidInput, .message = std::move(message), .fields = {}, .cause = {}});
}

Result<Revocation> read_revocation(const codec::Json& request, Instant now) {
  const auto whose = whose_of(request.string_at("whose"));
  if (!whose) {
    return refuse("say whose sessions end: user, role, root, account or everyone");
  }
  // The end of this very millisecond: what was issued in it, but earlier, ends too.
  Revocation revocation{.whose = *whose,
                        .name = std::string(request.string_at("name")),
                        .before = Instant{now.unix_ms + 1}};
  if (const std::string_view text = request.string_at("before"); !text.empty()) {
    const auto before = codec::parse_iso8601(text);
    if (!before || *before > now) {
      return refuse(concat("expected a time that has passed, such as ",
                           codec::format_iso8601(now),
                           ", got: ",
                           text));
    }
    revocation.before = *before;
  }
  return revocation;
}

// {"accounts": ...} and the like, to stand behind other members.
std::string account_members(const AccountDone& done) {
  std::string text = ",\"credentials\":";
  codec::JsonWriter json(text);
  append_credentials(json, done.credentials);
  return text;
}

bool is_true(const codec::Json& request, std::string_view name) {
  const codec::Json* member = request.find(name);
  return member != nullptr && member->as_bool();
}

}  // namespace

const std::span<const Control::Command> Control::kCommands = [] {
  static constexpr std::array kTable = {
      // whose (user, role, root, account, everyone), name (but for everyone), before (now)
      Command{"sessions revoke", &Control::revoke},
      Command{"keys list", &Control::list_keys},
      Command{"keys retire", &Control::retire},
      Command{"keys retire-master", &Control::retire_master},
      Command{"keys rotate-data", &Control::rotate_data},
      Command{"keys rotate-sealing", &Control::rotate_sealing},
      Command{"keys rotate-master", &Control::rotate_master},
      // account (all), at_once
      Command{"keys rotate-issuer", &Control::rotate_issuer},
      Command{"account list", &Control::list_accounts},
      // principal, action, resource, context ... (policy_question.h)
      Command{"policy question", &Control::ask_policy},
      Command{"policy principals", &Control::list_principals},
      Command{"policy escalation", &Control::find_escalation},
      Command{"access use", &Control::tell_use},
      // id, alias, name, admin; all may be absent
      Command{"account create", &Control::create},
      // id; user, reset_password
      Command{"account recover", &Control::recover},
      // id; with_objects
      Command{"account delete", &Control::remove},
      // id; set: a list of NAME=NUMBER
      Command{"account quota", &Control::set_quotas},
      // account
      Command{"org show", &Control::show_org},
      // account; organization, path, management, iam_access, billing_only, delegated_administrator
      Command{"org set", &Control::set_org},
      // account; scps, rcps
      Command{"org set-policies", &Control::set_org_policies},
      Command{"org clear", &Control::clear_org},
      // dry_run
      Command{"upgrade records", &Control::raise_records},
      // id
      Command{"node forget", &Control::forget_node},
      // target: where it goes, for the record; backup_stage.h
      Command{"backup", &Control::back_up},
  };
  return std::span<const Command>(kTable);
}();

std::string Control::answer(std::string_view request, std::string_view who) {
  const Result<Done> done = run(request, who);
  std::string text = done ? "{\"done\":" : "{\"error\":";
  if (done) {
    codec::append_json_string(text, done->text);
    text += done->members;
  } else {
    const Error& error = done.error();
    codec::append_json_string(text, error.cause.empty() ? error.message : error.cause);
  }
  return text + "}";
}

Result<Control::Done> Control::run(std::string_view request, std::string_view who) {
  const auto json = codec::Json::parse(request);
  const std::string_view wanted = json ? json->string_at("command") : std::string_view();
  const Operator by{.who = who, .now = deps_.clock.now(), .random = deps_.random};
  std::string names;
  for (const Command& command : kCommands) {
    if (command.name == wanted) {
      return (this->*command.run)(*json, by);
    }
    names += concat(names.empty() ? "" : ", ", command.name);
  }
  return refuse(concat("unknown command; there are: ", names));
}

Result<Control::Done> Control::revoke(const codec::Json& request, const Operator& by) {
  const Revocation revocation = TRY(read_revocation(request, by.now));
  const std::size_t count = TRY(revoke_sessions(deps_.directory, revocation));
  Done done;
  done.text = concat("sessions issued before ",
                     codec::format_iso8601_ms(revocation.before),
                     " have ended: ",
                     request.string_at("whose"),
                     revocation.name.empty() ? "" : " ",
                     revocation.name,
                     " (",
                     std::to_string(count),
                     count == 1 ? " principal)" : " principals)");
  TRY_STATUS(record(by, "RevokeSessions", done.text));
  return done;
}

Result<Control::Done> Control::retire(const codec::Json& /*request*/, const Operator& by) {
  TRY_STATUS(deps_.rings.retire_all(deps_.directory, deps_.random, by.now));
  Done done{.text =
                "every sealing key was replaced: all temporary credentials and console sessions "
                "have ended",
            .members = {}};
  TRY_STATUS(record(by, "RetireSealingKeys", done.text));
  return done;
}

// "done" is a line for each; "keys" has the same as a list.
Result<Control::Done> Control::list_keys(const codec::Json& /*request*/, const Operator& by) {
  const std::vector<KeyRow> rows =
      TRY(server::list_keys(deps_.store, *deps_.directory.current(), by.now));
  Done done{.text = {}, .members = ",\"keys\":"};
  codec::JsonWriter json(done.members);
  json.begin_array();
  for (const KeyRow& row : rows) {
    done.text += concat(done.text.empty() ? "" : "\n", row.kind, " ", row.id, ": ");
    done.text += concat(row.state, " (", row.more, ")");
    json.begin_object();
    json.member("kind", row.kind);
    json.member("id", row.id);
    json.member("state", row.state);
    json.member("more", row.more);
    json.end_object();
  }
  json.end_array();
  TRY_STATUS(record(by, "ListKeys", "the keys of the folder", true));
  return done;
}

Result<Control::Done> Control::rotate_sealing(const codec::Json& /*request*/, const Operator& by) {
  Done done{.text = TRY(rotate_sealing_key(deps_.directory, deps_.rings, deps_.random, by.now)),
            .members = {}};
  TRY_STATUS(record(by, "RotateSealingKey", done.text));
  return done;
}

Result<Control::Done> Control::rotate_data(const codec::Json& /*request*/, const Operator& by) {
  Done done{
      .text = TRY(rotate_data_key(deps_.data_folder, deps_.directory, deps_.store, deps_.random)),
      .members = {}};
  TRY_STATUS(record(by, "RotateDataKey", done.text));
  return done;
}

Result<Control::Done> Control::retire_master(const codec::Json& /*request*/, const Operator& by) {
  Done done{.text = TRY(retire_master_keys(deps_.data_folder)), .members = {}};
  TRY_STATUS(record(by, "RetireMasterKeys", done.text));
  return done;
}

Result<Control::Done> Control::rotate_master(const codec::Json& /*request*/, const Operator& by) {
  Done done{.text = TRY(rotate_master_key(deps_.data_folder, deps_.directory, deps_.random)),
            .members = {}};
  TRY_STATUS(record(by, "RotateMasterKey", done.text));
  return done;
}

Result<Control::Done> Control::rotate_issuer(const codec::Json& request, const Operator& by) {
  Done done{
      .text = TRY(replace_issuer_keys(
          deps_.directory, request.string_at("account"), is_true(request, "at_once"), by.now)),
      .members = {}};
  TRY_STATUS(record(by, "RotateIssuerKeys", done.text));
  return done;
}

// "done" has their ids, a space between.
Result<Control::Done> Control::list_accounts(const codec::Json& /*request*/, const Operator& by) {
  const auto snapshot = deps_.directory.current();
  Done done;
  for (const identity::Account* account : snapshot->accounts()) {
    done.text += concat(done.text.empty() ? "" : " ", account->id);
  }
  done.members = ",\"accounts\":";
  codec::JsonWriter json(done.members);
  append_accounts(json, *snapshot);
  TRY_STATUS(record(by, "ListAccounts", "the accounts of the folder", true));
  return done;
}

// "done" is the question with all that the directory knows (policy_question.h).
Result<Control::Done> Control::ask_policy(const codec::Json& request, const Operator& by) {
  Done done{.text = TRY(policy_question(request, *deps_.directory.current(), by.now)),
            .members = {}};
  TRY_STATUS(record(
      by,
      "ExplainPolicy",
      concat("policies of ", request.string_at("principal"), " for ", request.string_at("action")),
      true));
  return done;
}

// "done" is one ARN a line (policy_question.h).
Result<Control::Done> Control::list_principals(const codec::Json& /*request*/, const Operator& by) {
  Done done{.text = principals_of(*deps_.directory.current()), .members = {}};
  TRY_STATUS(record(by, "ExplainPolicy", "the users and roles of the folder", true));
  return done;
}

// "done" is the graph of all accounts as escalation/graph.h writes it.
Result<Control::Done> Control::find_escalation(const codec::Json& /*request*/, const Operator& by) {
  const auto snapshot = deps_.directory.current();
  Done done{.text = escalation::write_graph(escalation::find_graph(*snapshot, by.now)),
            .members = {}};
  TRY_STATUS(record(by, "ExplainPolicy", "who can become whom in the folder", true));
  return done;
}

// "done" is what access_use.h tells of all principals.
Result<Control::Done> Control::tell_use(const codec::Json& /*request*/, const Operator& by) {
  Done done{.text = access_use(*deps_.directory.current(), by.now), .members = {}};
  TRY_STATUS(record(by, "ExplainPolicy", "what users and roles of the folder used last", true));
  return done;
}

Result<Control::Done> Control::create(const codec::Json& request, const Operator& by) {
  NewAccount wanted{.id = std::string(request.string_at("id")),
                    .alias = std::string(request.string_at("alias")),
                    .name = std::string(request.string_at("name"))};
  if (const std::string_view admin = request.string_at("admin"); !admin.empty()) {
    wanted.admin = admin;
  }
  AccountDone done = TRY(create_account(deps_.directory, wanted, deps_.clock, by));
  return Done{.text = std::move(done.text), .members = account_members(done)};
}

Result<Control::Done> Control::recover(const codec::Json& request, const Operator& by) {
  Recovery wanted{.account = std::string(request.string_at("id")),
                  .resets_password = is_true(request, "reset_password")};
  if (const std::string_view user = request.string_at("user"); !user.empty()) {
    wanted.user = user;
  }
  AccountDone done = TRY(recover_account(deps_.directory, wanted, by));
  return Done{.text = std::move(done.text), .members = account_members(done)};
}

Result<Control::Done> Control::remove(const codec::Json& request, const Operator& by) {
  const Deletion wanted{.account = std::string(request.string_at("id")),
                        .takes_objects = is_true(request, "with_objects"),
                        .node = deps_.node};
  return Done{.text = TRY(delete_account(deps_.directory, deps_.open_objects, wanted, by)),
              .members = {}};
}

Result<Control::Done> Control::set_quotas(const codec::Json& request, const Operator& by) {
  std::vector<std::string> assignments;
  if (const codec::Json* set = request.find("set"); set != nullptr) {
    for (const codec::Json& item : set->items()) {
      assignments.push_back(item.text());
    }
  }
  const std::string account(request.string_at("id"));
  return Done{.text = TRY(set_account_quotas(deps_.directory, account, assignments, by)),
              .members = {}};
}

Result<Control::Done> Control::show_org(const codec::Json& request, const Operator& by) {
  const std::string account(request.string_at("account"));
  return Done{.text = TRY(show_organization(deps_.directory, account, by)), .members = {}};
}

Result<Control::Done> Control::set_org(const codec::Json& request, const Operator& by) {
  return Done{.text = TRY(place_account(deps_.directory, request, by)), .members = {}};
}

Result<Control::Done> Control::set_org_policies(const codec::Json& request, const Operator& by) {
  return Done{.text = TRY(server::set_org_policies(deps_.directory, request, by)), .members = {}};
}

Result<Control::Done> Control::clear_org(const codec::Json& request, const Operator& by) {
  const std::string account(request.string_at("account"));
  return Done{.text = TRY(leave_organization(deps_.directory, account, by)), .members = {}};
}

// A start raises the records of one machine; here other programs may be in need of the old ones.
Result<Control::Done> Control::raise_records(const codec::Json& request, const Operator& by) {
  const std::uint32_t found = TRY(identity::schema_of(deps_.store));
  const std::string versions = concat("records           version ", std::to_string(found));
  if (found == identity::kSchemaVersion) {
    return Done{.text = concat(versions, "\nnothing to do: this program reads and writes these"),
                .members = {}};
  }
  const std::string raised =
      concat(versions, " -> ", std::to_string(identity::kSchemaVersion), "\n");
  if (is_true(request, "dry_run")) {
    return Done{.text = concat(raised,
                               "not done. Once it is, programs of the version before refuse the "
                               "cluster: every node must run this one first"),
                .members = {}};
  }
  TRY_STATUS(identity::raise_records(deps_.store));
  Done done{.text = concat(raised, "done"), .members = {}};
  TRY_STATUS(record(by,
                    "UpgradeRecords",
                    concat("raised the records of the cluster from version ",
                           std::to_string(found),
                           " to ",
                           std::to_string(identity::kSchemaVersion))));
  return done;
}

Result<Control::Done> Control::forget_node(const codec::Json& request, const Operator& by) {
  const std::string id(request.string_at("id"));
  if (deps_.node.empty()) {
    return refuse("this folder is not that of a node of a cluster");
  }
  if (id == deps_.node) {
    return refuse(concat("node ", id, " is this one"));
  }
  const std::size_t count = TRY(s3::forget_node(deps_.directory, id));
  Done done{.text = concat("node ",
                           id,
                           " held objects of ",
                           std::to_string(count),
                           count == 1 ? " bucket" : " buckets",
                           ", which are taken to be lost: deleting a bucket does not wait for it"),
            .members = {}};
  TRY_STATUS(record(by, "ForgetNode", done.text));
  return done;
}

// The record comes first, so that it is in the backup too.
Result<Control::Done> Control::back_up(const codec::Json& request, const Operator& by) {
  Done done{.text = concat("backup for ", request.string_at("target")), .members = {}};
  TRY_STATUS(record(by, "MakeBackup", done.text));
  const StagedBackup staged = TRY(deps_.stage_backup());
  codec::JsonWriter json(done.members);
  done.members += ',';
  json.member("masterKey", staged.master_key);
  json.key("objects");
  json.integer(static_cast<std::int64_t>(staged.objects));
  json.key("objectBytes");
  json.integer(static_cast<std::int64_t>(staged.bytes));
  if (!staged.digest.empty()) {
    json.key("records");
    json.integer(static_cast<std::int64_t>(staged.records));
    json.member("digest", staged.digest);
  }
  json.key("accounts");
  json.begin_array();
  for (const identity::Account* account : deps_.directory.current()->accounts()) {
    json.string(account->id);
  }
  json.end_array();
  return done;
}

Status Control::record(const Operator& by,
                       std::string_view event,
                       std::string_view text,
                       bool is_read_only) {
  if (!deps_.audit.keep(by.line(event, text, is_read_only))) {
    return std::unexpected(
        facts::service_failure(concat("done, but the audit record could not be written: ", text)));
  }
  deps_.audit.flush();
  return {};
}

}  // namespace signet::server
