#include "server/access_use.h"

#include <optional>
#include <string_view>
#include <vector>

#include "codec/json_writer.h"
#include "codec/time.h"
#include "facts/catalogue.h"
#include "iam/access_subject.h"
#include "iam/allowed_services.h"

namespace signet::server {
namespace {

using codec::JsonWriter;
using identity::Snapshot;

void write_time(JsonWriter& json, std::string_view name, std::optional<Instant> at) {
  if (at) {
    json.member(name, codec::format_iso8601(*at));
  }
}

std::optional<Instant> last_use(const Snapshot& snapshot, std::string_view id) {
  const auto* used = snapshot.find<identity::LastUsed>(std::string(id));
  return used != nullptr ? std::optional(used->at) : std::nullopt;
}

void write_actions(JsonWriter& json,
                   const facts::CatalogueService& service,
                   const iam::AccessSubject& subject,
                   const identity::ServiceAccess* access,
                   Instant now) {
  json.key("actions");
  json.begin_array();
  for (const std::string_view name : iam::allowed_actions(subject.documents, service)) {
    json.begin_object();
    json.member("action", name);
    const auto* done = access == nullptr ? nullptr : iam::find_action_access(*access, name, now);
    if (done != nullptr) {
      write_time(json, "last", done->at);
    }
    json.end_object();
  }
  json.end_array();
}

void write_services(JsonWriter& json,
                    const Snapshot& snapshot,
                    std::string_view account,
                    const std::string& arn,
                    std::string_view id,
                    Instant now) {
  json.key("services");
  json.begin_array();
  const auto subject = iam::find_access_subject(snapshot, account, arn);
  for (const auto* service : subject ? iam::allowed_services(subject->documents)
                                     : std::vector<const facts::CatalogueService*>()) {
    const auto* access = iam::find_access(snapshot, id, service->prefix, now);
    json.begin_object();
    json.member("service", service->prefix);
    if (access != nullptr) {
      write_time(json, "last", access->at);
    }
    if (iam::has_tracked_actions(service->prefix)) {
      write_actions(json, *service, *subject, access, now);
    }
    json.end_object();
  }
  json.end_array();
}

void write_user(JsonWriter& json,
                const Snapshot& snapshot,
                const identity::User& user,
                Instant now) {
  const std::string arn = identity::arn_of(user);
  json.begin_object();
  json.member("principal", arn);
  write_time(json, "created", user.created);
  if (user.login) {
    json.key("password");
    json.begin_object();
    write_time(json, "created", user.login->created);
    write_time(json, "last", last_use(snapshot, user.id));
    json.end_object();
  }
  json.key("keys");
  json.begin_array();
  for (const identity::AccessKey* key : snapshot.access_keys_of(user.account, user.id)) {
    json.begin_object();
    json.member("id", key->id);
    json.key("is_active");
    json.boolean(key->status == identity::KeyStatus::Active);
    write_time(json, "created", key->created);
    write_time(json, "last", last_use(snapshot, key->id));
    json.end_object();
  }
  json.end_array();
  write_services(json, snapshot, user.account, arn, user.id, now);
  json.end_object();
}

void write_role(JsonWriter& json,
                const Snapshot& snapshot,
                const identity::Role& role,
                Instant now) {
  const std::string arn = identity::arn_of(role);
  json.begin_object();
  json.member("principal", arn);
  write_time(json, "created", role.created);
  write_time(json, "last", last_use(snapshot, std::string_view(role.id)));
  json.key("keys");
  json.begin_array();
  json.end_array();
  write_services(
      json, snapshot, std::string_view(role.account), arn, std::string_view(role.id), now);
  json.end_object();
}

}  // namespace

std::string access_use(const Snapshot& snapshot, Instant now) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("now", codec::format_iso8601(now));
  json.key("principals");
  json.begin_array();
  for (const identity::Account* account : snapshot.accounts()) {
    for (const auto& entry : snapshot.table<identity::User>(account->id)) {
      write_user(json, snapshot, *entry.value, now);
    }
    for (const auto& entry : snapshot.table<identity::Role>(account->id)) {
      write_role(json, snapshot, *entry.value, now);
    }
  }
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace signet::server
