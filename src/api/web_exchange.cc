#include <algorithm>
#include <string>
#include <utility>

#include "api/exchange_base.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "crypto/uuid.h"

namespace signet::api {
namespace {

class WebExchange final : public http::Exchange {
 public:
  WebExchange(LoopState& loop, WebService& service) : loop_(loop), service_(service) {}

  http::BodyPlan begin(const http::RequestHead& head, http::Call /*call*/) override {
    request_id_ = crypto::uuid_v4(loop_.parts.deps.random);
    request_.head = &head;
    request_.method = head.method;
    info_ = RequestInfo{.request_id = request_id_,
                        .source_ip = head.remote_address,
                        .user_agent = head.find("user-agent").value_or(""),
                        .referer = head.find("referer").value_or(""),
                        .region = "us-east-1",
                        .is_secure = head.tls,
                        .now = loop_.parts.deps.clock.now()};
    return {.mode = http::BodyPlan::Mode::Buffer, .max_bytes = loop_.parts.unsigned_body_max};
  }

  void finish(std::string_view body, http::Call call) override {
    request_.body = body;
    if (!read_params(body)) {
      refuse("malformed request parameters");
      call.answer(http::Response{.status = 400, .body = "malformed request parameters\n"});
      return;
    }
    if (std::optional<http::Response> response = service_.serve_at_once(request_, info_)) {
      call.answer(*std::move(response));
      return;
    }
    responder_.emplace(call.defer());
    const Share share{.account = {}, .caller = std::string(info_.source_ip)};
    const Admission admission =
        loop_.parts.pools.of(Work::Pages).submit(share, [this](authz::Authorizer& authorizer) {
          serve(authorizer);
        });
    if (admission != Admission::Queued) {
      refuse("busy");
      http::Responder responder = std::move(*responder_);
      responder.answer(http::Response{.status = 503, .body = "busy, try again\n"});
    }
  }

 private:
  // Takes the time anew: the body may have been long in coming, and the pool busy.
  void serve(authz::Authorizer& authorizer) {
    info_.now = loop_.parts.deps.clock.now();
    const WebContext context{.directory = loop_.parts.directory,
                             .authorizer = authorizer,
                             .request = info_,
                             .deps = loop_.parts.deps,
                             .record = &record_};
    http::Response response = loop_.parts.audit.accepts_work() || service_.is_unrecorded()
                                  ? service_.serve(request_, context)
                                  : unrecordable();
    if (!write_record()) {
      response = unrecordable();
    }
    http::Responder responder = std::move(*responder_);
    responder.answer(std::move(response));
  }

  static http::Response unrecordable() {
    return http::Response{.status = 503, .body = "requests cannot be recorded now, try again\n"};
  }

  void refuse(std::string_view why) {
    record_.event = service_.is_unrecorded() ? "" : "SigninRequest";
    record_.error = why;
    static_cast<void>(write_record());
  }

  // False: it must be kept, and cannot be.
  bool write_record() {
    audit::Sink& sink = loop_.parts.audit;
    if (!sink.is_enabled() || record_.event.empty()) {
      return true;
    }
    RecordDraft draft;
    draft_web(draft, record_, info_, request_.head->host);
    std::string line;
    finish_line(line, draft, loop_.parts.deps.random);
    return send_line(sink, draft.record, line, record_.is_change && record_.error.empty());
  }

  // Query parameters, then those of a form body.
  bool read_params(std::string_view body) {
    const std::optional<std::string> path = codec::percent_decode(request_.head->path());
    if (!path) {
      return false;
    }
    request_.path = *path;
    const std::string_view type = request_.head->find("content-type").value_or("");
    const bool has_form = type.starts_with("application/x-www-form-urlencoded");
    for (const std::string_view text :
         {request_.head->query(), has_form ? body : std::string_view()}) {
      const auto form = codec::FormParams::parse(text);
      if (!form) {
        return false;
      }
      for (const codec::FormParam& param : form->all()) {
        request_.params.emplace_back(param.name, param.value);
      }
    }
    return true;
  }

  LoopState& loop_;
  WebService& service_;
  WebRequest request_;
  RequestInfo info_;
  WebRecord record_;
  std::string request_id_;
  std::optional<http::Responder> responder_;
};

}  // namespace

std::string_view WebRequest::param(std::string_view name) const {
  const auto found = std::find_if(
      params.begin(), params.end(), [name](const auto& param) { return param.first == name; });
  return found == params.end() ? std::string_view() : std::string_view(found->second);
}

http::ExchangePtr make_web_exchange(LoopState& loop, WebService& service) {
  return http::ExchangePtr(new WebExchange(loop, service));
}

}  // namespace signet::api
