#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/control_client.h"
#include "ctl/output.h"
#include "facts/errors.h"
#include "server/org_file.h"

// `signet org`: what an organization lays upon an account, of a running server or a stopped folder.
namespace signet::ctl {
namespace {

using identity::OrgLevel;
using server::OrgPolicyKind;

bool is_file(const std::string& name) {
  return name == "-" || access(name.c_str(), F_OK) == 0;
}

// A file, or a policy that AWS keeps under a name, as JSON.
Result<codec::Json> read_policies(const std::string& name, OrgPolicyKind kind) {
  const bool is_named = !is_file(name) && !server::named_org_policy(kind, name).empty();
  const std::string text = is_named ? concat("\"", name, "\"") : TRY(read_text(name));
  std::string reason;
  auto json = codec::Json::parse(text, &reason);
  if (!json) {
    return fail(ErrorCode::InvalidInput, concat(name, ": ", reason));
  }
  return *std::move(json);
}

// What one argument names: a file or policy, or several with commas between.
std::vector<std::string> names_in(const std::string& argument) {
  if (is_file(argument)) {
    return {argument};
  }
  std::vector<std::string> names;
  std::string_view left = argument;
  while (true) {
    const std::size_t comma = left.find(',');
    names.emplace_back(left.substr(0, comma));
    if (comma == std::string_view::npos) {
      return names;
    }
    left.remove_prefix(comma + 1);
  }
}

Result<OrgLevel> read_argument(const std::string& argument,
                               OrgPolicyKind kind,
                               const std::string& label) {
  OrgLevel level;
  for (const std::string& name : names_in(argument)) {
    const codec::Json json = TRY(read_policies(name, kind));
    OrgLevel part = TRY(server::read_level(json, kind, label, name));
    for (identity::OrgPolicy& policy : part.policies) {
      level.policies.push_back(std::move(policy));
    }
  }
  if (server::allows_nothing(level)) {
    std::fprintf(stderr,
                 "signet: warning: %s allows nothing, so every call that it reaches will be "
                 "denied; put FullAWSAccess beside its denials: FullAWSAccess,%s\n",
                 argument.c_str(),
                 argument.c_str());
  }
  return level;
}

int set_policies(const server::Options& options, const OrgOptions& org, OrgPolicyKind kind) {
  const std::string_view member = kind == OrgPolicyKind::Scp ? "scps" : "rcps";
  std::vector<OrgLevel> levels;
  for (const std::string& argument : org.files) {
    const std::string label = concat(member.substr(0, 3), ".", std::to_string(levels.size() + 1));
    Result<OrgLevel> level = read_argument(argument, kind, label);
    if (!level) {
      return report(level.error());
    }
    levels.push_back(*std::move(level));
  }
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "org set-policies");
  json.member("account", org.account);
  json.key(member);
  server::append_levels(json, levels);
  json.end_object();
  return ask_and_print(options, request);
}

// A command that says no more than whose organization it is about.
int ask_about(const server::Options& options, const OrgOptions& org, std::string_view command) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", command);
  json.member("account", org.account);
  json.end_object();
  return ask_and_print(options, request);
}

}  // namespace

int org_show(const server::Options& options, const OrgOptions& org) {
  return ask_about(options, org, "org show");
}

int org_set(const server::Options& options, const OrgOptions& org) {
  std::string request;
  codec::JsonWriter json(request);
  json.begin_object();
  json.member("command", "org set");
  json.member("account", org.account);
  json.member("organization", org.id);
  json.member("path", org.path);
  if (org.is_management || org.is_member) {
    json.key("management");
    json.boolean(org.is_management);
  }
  if (org.has_iam_access) {
    json.key("iam_access");
    json.boolean(*org.has_iam_access);
  }
  if (org.is_billing_only) {
    json.key("billing_only");
    json.boolean(*org.is_billing_only);
  }
  json.member("delegated_administrator", org.delegated_administrator);
  json.end_object();
  return ask_and_print(options, request);
}

int org_set_scp(const server::Options& options, const OrgOptions& org) {
  return set_policies(options, org, OrgPolicyKind::Scp);
}

int org_set_rcp(const server::Options& options, const OrgOptions& org) {
  return set_policies(options, org, OrgPolicyKind::Rcp);
}

int org_clear(const server::Options& options, const OrgOptions& org) {
  return ask_about(options, org, "org clear");
}

}  // namespace signet::ctl
