#include "facts/wire/record_sink.h"

#include "base/strings.h"
#include "codec/time.h"
#include "codec/utf8.h"

namespace signet::facts {
void RecordSink::field(std::string_view name, const std::string& text) {
  writer_.member(name, codec::cut_utf8(text, kLongestText));
}

void RecordSink::field(std::string_view name, std::int64_t value) {
  writer_.key(name);
  writer_.integer(value);
}

void RecordSink::field(std::string_view name, bool value) {
  writer_.key(name);
  writer_.boolean(value);
}

void RecordSink::field(std::string_view name, Instant time) {
  // "Tue, 18 Jul 2023 16:07:39 GMT", whose parts have fixed places.
  const std::string text = codec::format_http_date(time);
  const std::string_view all = text;
  const std::int64_t hour = parse_decimal(all.substr(17, 2)).value_or(0);
  const std::int64_t day = parse_decimal(all.substr(5, 2)).value_or(0);
  const std::int64_t shown = hour % 12 == 0 ? 12 : hour % 12;
  writer_.member(name,
                 concat(all.substr(8, 3),
                        " ",
                        std::to_string(day),
                        ", ",
                        all.substr(12, 4),
                        ", ",
                        std::to_string(shown),
                        all.substr(19, 6),
                        hour < 12 ? " AM" : " PM"));
}

void RecordSink::document(std::string_view name, std::string_view text) {
  writer_.member(name, codec::cut_utf8(text, kLongestText));
}

std::size_t RecordSink::open(std::string_view name) {
  writer_.key(name);
  writer_.begin_object();
  return 0;
}

std::size_t RecordSink::open_list(std::string_view name) {
  writer_.key(name);
  writer_.begin_array();
  return 0;
}

void RecordSink::item(const std::string& text) {
  writer_.string(codec::cut_utf8(text, kLongestText));
}

std::size_t RecordSink::open_item() {
  writer_.begin_object();
  return 0;
}

}  // namespace signet::facts
