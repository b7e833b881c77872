#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "analysis/recorded_use.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "ctl/trails.h"
#include "facts/errors.h"

// `signet analyze unused`: what principals of a data folder hold and do not use.
namespace signet::ctl {
namespace {

using codec::Json;

constexpr std::int64_t kDay = 86'400;

// One thing that is not used. Kinds as Access Analyzer names its findings of unused access.
struct Unused {
  std::string_view kind;
  std::string principal;
  std::string what;  // key id, service or service:Action; empty: the principal itself
  std::string last;  // ISO 8601; empty: never, as far as is known
  std::string created;
};

class Finder {
 public:
  Finder(std::string since, const analysis::RecordedUse& recorded)
      : since_(std::move(since)), recorded_(recorded) {}

  void read(const Json& principal) {
    const std::string arn(principal.string_at("principal"));
    const std::string created(principal.string_at("created"));
    const std::string last = latest(principal.string_at("last"), recorded_.last_of(arn));
    std::string latest_use = last;
    std::vector<Unused> found;
    if (const Json* password = principal.find("password"); password != nullptr) {
      const std::string used(password->string_at("last"));
      latest_use = latest(latest_use, used);
      note("UnusedIAMUserPassword", arn, {}, used, password->string_at("created"), found);
    }
    for (const Json& key : items(principal, "keys")) {
      const std::string id(key.string_at("id"));
      const std::string used = latest(key.string_at("last"), recorded_.last_of_key(id));
      latest_use = latest(latest_use, used);
      const Json* is_active = key.find("is_active");
      if (is_active != nullptr && is_active->as_bool()) {
        note("UnusedIAMUserAccessKey", arn, id, used, key.string_at("created"), found);
      }
    }
    std::vector<Unused> permissions;
    for (const Json& service : items(principal, "services")) {
      latest_use = latest(latest_use, read_service(arn, created, service, permissions));
    }
    // Of who did nothing at all, single permissions say nothing more.
    const bool is_role = arn.find(":role/") != std::string::npos;
    if (!is_recent(latest_use) && !is_recent(created)) {
      out_.push_back({.kind = is_role ? "UnusedIAMRole" : "UnusedIAMUser",
                      .principal = arn,
                      .what = {},
                      .last = latest_use,
                      .created = created});
    } else {
      found.insert(found.end(), permissions.begin(), permissions.end());
    }
    out_.insert(out_.end(), found.begin(), found.end());
  }

  [[nodiscard]] const std::vector<Unused>& all() const { return out_; }

 private:
  static const std::vector<Json>& items(const Json& json, std::string_view name) {
    static const std::vector<Json> kNone;
    const Json* list = json.find(name);
    return list != nullptr ? list->items() : kNone;
  }

  static std::string latest(std::string_view a, std::string_view b) {
    return std::string(a < b ? b : a);
  }

  [[nodiscard]] bool is_recent(std::string_view time) const { return time > since_; }

  void note(std::string_view kind,
            const std::string& arn,
            std::string what,
            const std::string& last,
            std::string_view created,
            std::vector<Unused>& out) const {
    if (!is_recent(last) && !is_recent(created)) {
      out.push_back({.kind = kind,
                     .principal = arn,
                     .what = std::move(what),
                     .last = last,
                     .created = std::string(created)});
    }
  }

  // A service that is not used is told as one; of one that is used, the actions that are not.
  std::string read_service(const std::string& arn,
                           const std::string& created,
                           const Json& service,
                           std::vector<Unused>& out) const {
    const std::string name(service.string_at("service"));
    const std::string last =
        latest(service.string_at("last"), recorded_.last_of_service(arn, name));
    if (!is_recent(last)) {
      note("UnusedPermission", arn, name, last, created, out);
      return last;
    }
    for (const Json& action : items(service, "actions")) {
      const std::string action_name = concat(name, ":", action.string_at("action"));
      note("UnusedPermission",
           arn,
           action_name,
           latest(action.string_at("last"), recorded_.last_of_action(arn, action_name)),
           created,
           out);
    }
    return last;
  }

  std::string since_;
  const analysis::RecordedUse& recorded_;
  std::vector<Unused> out_;
};

Result<analysis::RecordedUse> read_trails(const UnusedOptions& options) {
  analysis::RecordedUse recorded;
  for (const std::string& file : trail_files(options.trails, options.data_folder)) {
    const bool is_read =
        read_trail(file, [&recorded](const std::string& line) { recorded.add(line); });
    // A server may keep no trail.
    std::error_code ignored;
    if (!is_read && (!options.trails.empty() || std::filesystem::exists(file, ignored))) {
      return fail(ErrorCode::InvalidInput, concat("cannot read ", file));
    }
  }
  return recorded;
}

std::string date_of(std::string_view time) {
  return std::string(time.substr(0, time.find('T')));
}

void print_text(const std::vector<Unused>& all, std::int64_t days) {
  if (all.empty()) {
    std::printf("Nothing was without use for %s days; what is younger is not told.\n",
                std::to_string(days).c_str());
  }
  for (const Unused& one : all) {
    std::printf("%-22s %s%s%s\n                       %s%s\n",
                std::string(one.kind).c_str(),
                one.principal.c_str(),
                one.what.empty() ? "" : " ",
                one.what.c_str(),
                one.last.empty() ? "never used" : concat("last used ", date_of(one.last)).c_str(),
                one.created.empty() ? "" : concat(", made ", date_of(one.created)).c_str());
  }
}

void print_json(const std::vector<Unused>& all) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_array();
  for (const Unused& one : all) {
    json.begin_object();
    json.member("finding", one.kind);
    json.member("principal", one.principal);
    if (!one.what.empty()) {
      json.member("what", one.what);
    }
    if (!one.last.empty()) {
      json.member("last_used", one.last);
    }
    json.member("created", one.created);
    json.end_object();
  }
  json.end_array();
  std::printf("%s\n", out.c_str());
}

Result<int> tell(const UnusedOptions& options) {
  const analysis::RecordedUse recorded = TRY(read_trails(options));
  const std::string use = TRY(access_use_of(options.data_folder));
  const auto json = Json::parse(use);
  const auto now = json ? codec::parse_iso8601(json->string_at("now")) : std::nullopt;
  const Json* principals = json ? json->find("principals") : nullptr;
  if (!now || principals == nullptr) {
    return fail(ErrorCode::InvalidInput, "the server's answer cannot be read");
  }
  Finder finder(codec::format_iso8601(now->plus_seconds(-kDay * options.days)), recorded);
  for (const Json& principal : principals->items()) {
    if (options.principal.empty() || principal.string_at("principal") == options.principal) {
      finder.read(principal);
    }
  }
  options.output == "json" ? print_json(finder.all()) : print_text(finder.all(), options.days);
  return finder.all().empty() ? int{kOk} : int{kFindings};
}

}  // namespace

int analyze_unused(const UnusedOptions& options) {
  const auto code = tell(options);
  return code ? *code : report(code.error());
}

}  // namespace signet::ctl
