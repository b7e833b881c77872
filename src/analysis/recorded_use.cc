#include "analysis/recorded_use.h"

#include "analysis/record_parts.h"
#include "base/strings.h"

namespace signet::analysis {

void RecordedUse::add(std::string_view line) {
  const auto record = codec::Json::parse(line);
  if (!record || !record->string_at("errorCode").empty()) {
    return;
  }
  const std::string principal(principal_of(*record));
  const std::string_view time = record->string_at("eventTime");
  if (principal.empty() || time.empty()) {
    return;
  }
  note(principals_, principal, time);
  const codec::Json* identity = record->find("userIdentity");
  if (const std::string_view key = identity->string_at("accessKeyId"); !key.empty()) {
    note(keys_, std::string(key), time);
  }
  const auto use = [&](std::string_view action) {
    note(services_, concat(principal, " ", action.substr(0, action.find(':'))), time);
    note(actions_, concat(principal, " ", action), time);
  };
  const codec::Json* checked = checked_actions(*record);
  if (checked == nullptr) {
    use(event_of(*record));
    return;
  }
  for (const codec::Json& check : checked->items()) {
    use(check.string_at("action"));
  }
}

void RecordedUse::note(Times& times, std::string key, std::string_view time) {
  std::string& last = times[std::move(key)];
  if (time > last) {
    last = time;
  }
}

std::string_view RecordedUse::find(const Times& times, std::string_view key) {
  const auto found = times.find(key);
  return found == times.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view RecordedUse::last_of(std::string_view principal) const {
  return find(principals_, principal);
}

std::string_view RecordedUse::last_of_key(std::string_view access_key_id) const {
  return find(keys_, access_key_id);
}

std::string_view RecordedUse::last_of_service(std::string_view principal,
                                              std::string_view service) const {
  return find(services_, concat(principal, " ", service));
}

std::string_view RecordedUse::last_of_action(std::string_view principal,
                                             std::string_view action) const {
  return find(actions_, concat(principal, " ", action));
}

}  // namespace signet::analysis
