#include "signin/note.h"

#include <string>

namespace signet::signin {

void note_event(const api::WebContext& context, std::string_view event, bool changes) {
  if (context.record != nullptr) {
    context.record->event = event;
    context.record->is_change = changes;
  }
}

void note_caller(const api::WebContext& context, const model::Caller& caller) {
  if (context.record != nullptr) {
    context.record->caller = caller;
  }
}

void note_outcome(const api::WebContext& context, const http::Response& response) {
  if (context.record == nullptr) {
    return;
  }
  api::WebRecord& record = *context.record;
  const bool has_failed = response.status >= 400;
  const bool is_login_page = record.event == "ConsoleLogin" && response.status == 200;
  record.error = has_failed ? "Failed authentication" : "";
  record.elements.emplace_back(record.event,
                               has_failed      ? "Failure"
                               : is_login_page ? "ConfirmationRequired"
                                               : "Success");
  const bool has_mfa =
      record.caller && record.caller->session && record.caller->session->mfa_time.has_value();
  record.additional.emplace_back("MobileVersion", "No");
  record.additional.emplace_back("MFAUsed", has_mfa ? "Yes" : "No");
}

void note_destination(const api::WebContext& context, std::string_view destination) {
  if (context.record != nullptr) {
    context.record->additional.emplace_back("LoginTo", destination);
  }
}

}  // namespace signet::signin
