#include "store/etcd/messages.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/json_writer.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

using codec::Json;
using codec::JsonWriter;

// Operations of one level of a transaction. 64 levels of 64 are as many as etcd takes unless it is
// told otherwise (--max-txn-ops 128 is shared between a level and the one in it).
constexpr std::size_t kNested = 64;

std::unexpected<Error> odd(std::string_view what) {
  return std::unexpected(facts::service_failure(concat("etcd: ", what)));
}

void bytes(JsonWriter& out, std::string_view name, std::string_view value) {
  out.member(name, codec::encode_base64(value));
}

void number(JsonWriter& out, std::string_view name, std::int64_t value) {
  out.member(name, std::to_string(value));
}

std::optional<std::string> bytes_at(const Json& from, std::string_view name) {
  const Json* member = from.find(name);
  return member == nullptr ? std::string() : codec::decode_base64(member->text());
}

// Numbers come as strings; what is left out is 0.
std::optional<std::uint64_t> number_at(const Json& from, std::string_view name) {
  const Json* member = from.find(name);
  if (member == nullptr) {
    return 0;
  }
  const std::string& text = member->text();
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                   : std::nullopt;
}

std::optional<std::int64_t> revision_at(const Json& from, std::string_view name) {
  const auto value = number_at(from, name);
  constexpr std::uint64_t kMax = std::uint64_t{1} << 62;
  return value && *value < kMax ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

bool flag_at(const Json& from, std::string_view name) {
  const Json* member = from.find(name);
  return member != nullptr && member->as_bool();
}

struct Header {
  std::uint64_t cluster = 0;
  std::int64_t revision = 0;
};

Result<Header> read_header(const Json& answer) {
  const Json* header = answer.find("header");
  if (header == nullptr) {
    return odd("an answer without a header");
  }
  const auto cluster = number_at(*header, "cluster_id");
  const auto revision = revision_at(*header, "revision");
  if (!cluster || !revision) {
    return odd("an answer with an odd header");
  }
  return Header{.cluster = *cluster, .revision = *revision};
}

Result<EtcdKeyValue> read_record(const Json& json) {
  auto key = bytes_at(json, "key");
  auto value = bytes_at(json, "value");
  const auto revision = revision_at(json, "mod_revision");
  if (!key || !value || !revision) {
    return odd("a record that is none");
  }
  return EtcdKeyValue{
      .key = *std::move(key), .value = *std::move(value), .mod_revision = *revision};
}

Result<std::vector<EtcdKeyValue>> read_records(const Json& range) {
  std::vector<EtcdKeyValue> records;
  if (const Json* list = range.find("kvs")) {
    for (const Json& one : list->items()) {
      records.push_back(TRY(read_record(one)));
    }
  }
  return records;
}

void write_change(JsonWriter& out,
                  const std::string& key,
                  const std::optional<std::string>& value,
                  std::int64_t lease) {
  out.begin_object();
  out.key(value ? "request_put" : "request_delete_range");
  out.begin_object();
  bytes(out, "key", key);
  if (value) {
    bytes(out, "value", *value);
    if (lease != 0) {
      number(out, "lease", lease);
    }
  }
  out.end_object();
  out.end_object();
}

void write_changes(JsonWriter& out, const EtcdChanges& changes, std::int64_t lease) {
  const bool is_nested = changes.size() > kNested;
  const std::size_t each = std::max(kNested, (changes.size() + kNested - 1) / kNested);
  out.begin_array();
  std::size_t done = 0;
  for (const auto& [key, value] : changes) {
    if (is_nested && done % each == 0) {
      out.begin_object();
      out.key("request_txn");
      out.begin_object();
      out.key("success");
      out.begin_array();
    }
    write_change(out, key, value, lease);
    done += 1;
    if (is_nested && (done % each == 0 || done == changes.size())) {
      out.end_array();
      out.end_object();
      out.end_object();
    }
  }
  out.end_array();
}

void write_keys(JsonWriter& out, const EtcdKeys& keys) {
  bytes(out, "key", keys.first);
  if (!keys.end.empty()) {
    bytes(out, "range_end", keys.end);
  }
}

Result<WatchEvent> read_event(const Json& json) {
  const Json* kv = json.find("kv");
  if (kv == nullptr) {
    return odd("an event without a record");
  }
  EtcdKeyValue record = TRY(read_record(*kv));
  WatchEvent event{
      .key = std::move(record.key), .mod_revision = record.mod_revision, .before = {}, .after = {}};
  const bool is_delete = json.string_at("type") == "DELETE";
  if (!is_delete) {
    event.after = std::move(record.value);
  }
  if (const Json* before = json.find("prev_kv")) {
    EtcdKeyValue previous = TRY(read_record(*before));
    event.before = std::move(previous.value);
    return event;
  }
  const auto created = revision_at(*kv, "create_revision");
  event.lacks_before = is_delete || created != event.mod_revision;
  return event;
}

// A line of a stream: {"result": ...} or {"error": ...}.
Result<Json> read_line(std::string_view line) {
  std::string why;
  auto json = Json::parse(line, &why);
  if (!json) {
    return odd(concat("a line that is no JSON: ", why));
  }
  if (const Json* error = json->find("error")) {
    return odd(concat("the stream ended: ",
                      error->is_object() ? error->string_at("message") : error->text()));
  }
  const Json* result = json->find("result");
  if (result == nullptr) {
    return odd("a line without a result");
  }
  return *result;
}

}  // namespace

std::string range_request(const EtcdKeys& keys, std::int64_t limit, std::int64_t revision) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  write_keys(out, keys);
  if (limit != 0) {
    number(out, "limit", limit);
  }
  if (revision != 0) {
    number(out, "revision", revision);
  }
  out.end_object();
  return text;
}

Result<RangeAnswer> read_range(const Json& answer) {
  const Header header = TRY(read_header(answer));
  return RangeAnswer{.cluster = header.cluster,
                     .revision = header.revision,
                     .records = TRY(read_records(answer)),
                     .has_more = flag_at(answer, "more")};
}

std::string txn_request(const EtcdGuard& guard, const EtcdChanges& changes, std::int64_t lease) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.key("compare");
  out.begin_array();
  out.begin_object();
  bytes(out, "key", guard.key);
  out.member("result", "EQUAL");
  out.member("target", guard.value ? "VALUE" : "VERSION");
  if (guard.value) {
    bytes(out, "value", *guard.value);
  } else {
    out.member("version", "0");
  }
  out.end_object();
  out.end_array();
  out.key("success");
  write_changes(out, changes, lease);
  out.key("failure");
  out.begin_array();
  out.begin_object();
  out.key("request_range");
  out.begin_object();
  bytes(out, "key", guard.key);
  out.end_object();
  out.end_object();
  out.end_array();
  out.end_object();
  return text;
}

Result<TxnAnswer> read_txn(const Json& answer) {
  const Header header = TRY(read_header(answer));
  TxnAnswer out{.cluster = header.cluster,
                .revision = header.revision,
                .is_done = flag_at(answer, "succeeded"),
                .found = {}};
  if (out.is_done) {
    return out;
  }
  const Json* responses = answer.find("responses");
  const Json* range = responses == nullptr || responses->items().size() != 1
                          ? nullptr
                          : responses->items().front().find("response_range");
  if (range == nullptr) {
    return odd("a transaction that was not done says nothing of its guard");
  }
  std::vector<EtcdKeyValue> records = TRY(read_records(*range));
  if (!records.empty()) {
    out.found = std::move(records.front());
  }
  return out;
}

std::string watch_request(const EtcdKeys& keys, std::int64_t from_revision) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.key("create_request");
  out.begin_object();
  write_keys(out, keys);
  number(out, "start_revision", from_revision);
  out.key("prev_kv");
  out.boolean(true);
  out.end_object();
  out.end_object();
  return text;
}

Result<WatchAnswer> read_watch(std::string_view line) {
  const Json result = TRY(read_line(line));
  const Header header = TRY(read_header(result));
  const auto compacted = revision_at(result, "compact_revision");
  WatchAnswer out{.cluster = header.cluster,
                  .is_canceled = flag_at(result, "canceled"),
                  .is_compacted = compacted.value_or(0) != 0,
                  .reason = std::string(result.string_at("cancel_reason")),
                  .events = {}};
  if (const Json* events = result.find("events")) {
    for (const Json& one : events->items()) {
      out.events.push_back(TRY(read_event(one)));
    }
  }
  const bool is_sorted = std::ranges::is_sorted(out.events, {}, &WatchEvent::mod_revision);
  return is_sorted ? Result<WatchAnswer>(std::move(out)) : odd("events out of order");
}

std::string grant_request(std::int64_t seconds) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  number(out, "TTL", seconds);
  out.end_object();
  return text;
}

Result<std::int64_t> read_grant(const Json& answer) {
  const auto id = number_at(answer, "ID");  // of 63 bits
  if (!id || *id == 0 || *id >> 63U != 0) {
    return odd("a lease without an id");
  }
  return static_cast<std::int64_t>(*id);
}

std::string keep_alive_request(std::int64_t lease) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  number(out, "ID", lease);
  out.end_object();
  return text;
}

Result<bool> read_keep_alive(std::string_view line) {
  const Json result = TRY(read_line(line));
  const auto left = number_at(result, "TTL");
  return left ? Result<bool>(*left > 0) : odd("a lease with an odd time");
}

std::string revoke_request(std::int64_t lease) {
  return keep_alive_request(lease);
}

std::string authenticate_request(std::string_view user, std::string_view password) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.member("name", user);
  out.member("password", password);
  out.end_object();
  return text;
}

EtcdRefusal read_refusal(std::string_view body) {
  const auto json = Json::parse(body);
  if (!json || !json->is_object()) {
    return {};
  }
  const Json* code = json->find("code");
  std::string message(json->string_at("message"));
  if (message.empty()) {
    message = json->string_at("error");
  }
  return {.code = code == nullptr ? 0 : code->as_int().value_or(0), .message = std::move(message)};
}

}  // namespace signet::store
