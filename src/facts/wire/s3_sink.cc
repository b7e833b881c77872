#include "facts/wire/s3_sink.h"

#include "codec/time.h"

namespace signet::facts {
namespace {

constexpr std::string_view kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

}  // namespace

void S3Sink::header(std::string_view name, Instant time) {
  header(name, codec::format_http_date(time));
}

void S3Sink::field(std::string_view name, Instant time) {
  writer_.element(name, codec::format_iso8601_ms(Instant::from_seconds(time.seconds())));
}

void S3Sink::type(const std::optional<std::string>& name) {
  if (name) {
    writer_.type(*name);
  }
}

void S3Sink::open_root(std::string_view name) {
  writer_.open(name, kNamespace);
}

}  // namespace signet::facts
