#include "server/operator.h"

#include <unistd.h>

#include "audit/notice.h"
#include "audit/sink.h"
#include "base/clock.h"
#include "base/strings.h"
#include "crypto/random.h"
#include "crypto/uuid.h"
#include "facts/errors.h"
#include "server/trail.h"

namespace signet::server {

std::string Operator::line(std::string_view event, std::string_view text, bool is_read_only) const {
  const crypto::UuidText id = crypto::uuid_v4_text(random);
  std::string line;
  audit::append_notice(line,
                       {.time = now,
                        .event = event,
                        .text = concat(who, ": ", text),
                        .is_read_only = is_read_only,
                        .event_id = {id.data(), id.size()}});
  return line;
}

Status record_act(const Options& options,
                  std::string_view event,
                  std::string_view text,
                  bool is_read_only) {
  const SystemClock clock;
  crypto::SystemRandom random;
  const auto sink = TRY(open_trail(options, clock));
  const std::string who = concat("uid ", std::to_string(getuid()), " on the stopped folder");
  const Operator by{.who = who, .now = clock.now(), .random = random};
  if (!sink->keep(by.line(event, text, is_read_only))) {
    return std::unexpected(
        facts::service_failure(concat("done, but the audit record could not be written: ", text)));
  }
  sink->flush();
  return {};
}

}  // namespace signet::server
