#include "audit/notice.h"

#include "codec/json_writer.h"
#include "codec/time.h"

namespace signet::audit {

void append_notice(std::string& out, const Notice& notice) {
  codec::JsonWriter json(out);
  json.begin_object();
  json.member("eventVersion", "1.11");
  json.member("eventTime", codec::format_iso8601(notice.time));
  json.member("eventSource", "signet.amazonaws.com");
  json.member("eventName", notice.event);
  if (!notice.event_id.empty()) {
    json.member("eventID", notice.event_id);
  }
  json.key("serviceEventDetails");
  json.begin_object();
  json.member("message", notice.text);
  json.end_object();
  json.key("readOnly");
  json.boolean(notice.is_read_only);
  json.member("eventType", "AwsServiceEvent");
  json.key("managementEvent");
  json.boolean(true);
  json.member("eventCategory", "Management");
  json.end_object();
  out += '\n';
}

}  // namespace signet::audit
