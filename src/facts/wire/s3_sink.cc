#include "facts/wire/s3_sink.h"

#include "codec/time.h"

namespace signet::facts {
namespace {

constexpr std::string_view kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";
// The only attributes that answers have are types of schema instances.
constexpr std::string_view kInstance = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ";

}  // namespace

void S3Sink::header(std::string_view name, Instant time) {
  header(name, codec::format_http_date(time));
}

void S3Sink::field(std::string_view name, Instant time) {
  writer_.element(name, codec::format_iso8601_ms(Instant::from_seconds(time.seconds())));
}

void S3Sink::attribute(std::string_view name, const std::optional<std::string>& text) {
  if (!text) {
    return;
  }
  document.pop_back();  // the ">" of the element
  document += kInstance;
  document += name;
  document += "=\"";
  writer_.text(*text);
  document += "\">";
}

void S3Sink::open_root(std::string_view name) {
  writer_.open(name, kNamespace);
}

}  // namespace signet::facts
