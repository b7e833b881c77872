#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "api/web.h"
#include "audit/record.h"
#include "audit/sink.h"

namespace signet::http {
struct RequestHead;
}

namespace signet::api {

// A record under construction, and the texts that its views may point into.
struct RecordDraft {
  audit::Record record;
  std::string event;
  std::string error_message;
  std::string parameters;
  std::string elements;
  std::string additional;
  std::string refusal;
  std::string rest;  // more of additionalEventData, of the protocol
  std::vector<audit::Resource> resources;

  // Begins another record; what was allocated stays.
  void clear();
};

// Fills what every request tells of itself.
void draft_request(RecordDraft& draft, const RequestInfo& request, std::string_view host);

// What the decisions of a call were about, and which they were if there were several or the only
// one is of another action than the event tells: after service and event are there.
void draft_checks(RecordDraft& draft, const CheckList& checks, const model::Caller* caller);

// `refusal` is what the decision told, as JSON; where it is empty the error's cause stands for it.
void draft_error(RecordDraft& draft, const Error& error, std::string_view refusal);

// What pages tell of themselves; whose request it is is known already.
void draft_web(RecordDraft& draft, const WebRecord& told);

// Gives the record an id and makes it one line. The views of `draft.record` that belong to its own
// texts are set here.
void finish_line(std::string& line, RecordDraft& draft, Random& random);

// Sends a finished line where it belongs. With `is_change`, and wherever records are required, it
// survives the end of this process on return. False: it must, and could not be kept.
[[nodiscard]] bool send_line(audit::Sink& sink,
                             const audit::Record& record,
                             std::string_view line,
                             bool is_change);

}  // namespace signet::api
