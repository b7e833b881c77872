#include "server/admin.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "facts/errors.h"
#include "http/trusted_proxies.h"

namespace signet::server {
namespace {

http::Response json_response(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response error_response(int status, std::string_view message) {
  std::string body = "{\"error\":";
  codec::append_json_string(body, message);
  body += "}\n";
  return json_response(status, std::move(body));
}

std::string_view name_of(const api::WebRequest& request) {
  return std::string_view(request.path).substr(std::string_view("/_signet/").size());
}

// The operations, under the names that metrics and records have for them.
enum class Operation : std::uint8_t {
  GetHealth,
  GetReadiness,
  GetMetrics,
  ResetState,
  GetClock,
  SetClock,
  Unknown,  // nothing that there is
};

constexpr std::array<std::string_view, 6> kNames = {
    "GetHealth", "GetReadiness", "GetMetrics", "ResetState", "GetClock", "SetClock"};

bool is_read(const api::WebRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

Operation operation_of(const api::WebRequest& request) {
  const std::string_view name = name_of(request);
  if (name == "reset") {
    return Operation::ResetState;
  }
  if (name == "clock") {
    return is_read(request) ? Operation::GetClock : Operation::SetClock;
  }
  if (!is_read(request)) {
    return Operation::Unknown;
  }
  return name == "health" || name == "live" ? Operation::GetHealth
         : name == "ready"                  ? Operation::GetReadiness
         : name == "metrics"                ? Operation::GetMetrics
                                            : Operation::Unknown;
}

using Params = std::vector<std::pair<std::string, std::string>>;

// Parameters of the query and the form, then the members of a JSON body.
Result<Params> clock_params(const api::WebRequest& request) {
  Params params = request.params;
  const std::size_t start = request.body.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && request.body[start] == '{') {
    // A client that sends JSON under a form's content type gets its JSON read, not a form of one
    // odd name.
    std::erase_if(params, [](const auto& param) { return param.first.starts_with('{'); });
    std::string reason;
    const auto json = codec::Json::parse(request.body, &reason);
    if (!json) {
      return fail(ErrorCode::InvalidInput, "the body is not JSON: " + reason);
    }
    for (const auto& [name, value] : json->members()) {
      params.emplace_back(name, value.text());
    }
  }
  return params;
}

std::string_view without_unit(std::string_view name) {
  constexpr std::string_view kUnit = "_seconds";
  return name.ends_with(kUnit) ? name.substr(0, name.size() - kUnit.size()) : name;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr double kLimit = 1e11;  // some 3,000 years
  const bool is_whole = status == std::errc() && end == text.data() + text.size();
  // Written so that "nan" and "inf", which are numbers to from_chars, are refused too.
  if (!is_whole || !(value >= -kLimit && value <= kLimit)) {
    return std::nullopt;
  }
  return value;
}

std::optional<Instant> read_time(std::string_view text) {
  if (const auto seconds = number(text); seconds) {
    return Instant{static_cast<std::int64_t>(*seconds * 1000)};
  }
  return codec::parse_iso8601(text);
}

Result<ClockChange> read_param(std::string_view name, const std::string& text) {
  if (is_one_of(name, {"set", "now", "time", "at"})) {
    const auto target = read_time(text);
    if (!target) {
      return fail(ErrorCode::InvalidInput,
                  "expected an ISO-8601 time or seconds since 1970, got: " + text);
    }
    return ClockChange{.kind = ClockChange::Kind::Set, .target = *target};
  }
  if (is_one_of(without_unit(name), {"shift", "advance", "offset", "seconds", "delta"})) {
    const auto seconds = number(text);
    if (!seconds) {
      return fail(ErrorCode::InvalidInput, "expected a number of seconds, got: " + text);
    }
    return ClockChange{.kind = ClockChange::Kind::Shift,
                       .shift_ms = static_cast<std::int64_t>(*seconds * 1000)};
  }
  if (name == "reset" && is_one_of(text, {"true", "1", ""})) {
    return ClockChange{.kind = ClockChange::Kind::Reset};
  }
  return fail(ErrorCode::InvalidInput,
              concat("unknown parameter \"", name, "\": use set, shift or reset"));
}

// Whether the time after the change can be written in every format that carries one.
bool is_in_calendar(const ClockChange& change, Instant now) {
  constexpr std::int64_t kLastSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z
  const Instant after = change.kind == ClockChange::Kind::Set ? change.target
                        : change.kind == ClockChange::Kind::Shift
                            ? Instant{now.unix_ms + change.shift_ms}
                            : now;
  return after.unix_ms >= 0 && after.seconds() <= kLastSecond;
}

}  // namespace

Result<ClockChange> read_clock_change(const api::WebRequest& request) {
  const Params params = TRY(clock_params(request));
  if (params.size() != 1) {
    return fail(ErrorCode::InvalidInput, "give one of set (a time), shift (seconds) or reset");
  }
  return read_param(params.front().first, params.front().second);
}

AdminService::AdminService(AdminHooks hooks, SystemClock& clock, const AdminAccess& access)
    : hooks_(std::move(hooks)), clock_(clock), access_(access) {}

bool AdminService::handles(std::string_view /*method*/,
                           std::string_view path,
                           std::string_view /*raw_query*/) const {
  return path.starts_with("/_signet/");
}

// One request of an endpoint. Nobody has to be known for it: who sees what is a matter of where the
// peer is.
class AdminCall final : public api::PageInvocation {
 public:
  AdminCall(AdminService& service, Operation operation, const api::WebRequest& request)
      : PageInvocation("signet",
                       operation == Operation::Unknown
                           ? std::string_view("UnknownEndpoint")
                           : kNames.at(static_cast<std::size_t>(operation)),
                       static_cast<std::size_t>(operation)),
        service_(service),
        operation_(operation),
        request_(request) {}

  // Health and metrics are answered on the event loop, however busy the server is.
  api::RunMode run_mode() const override {
    return operation_ == Operation::ResetState || operation_ == Operation::SetClock
               ? api::RunMode::Blocking
               : api::RunMode::Read;
  }

  Result<model::CallerRef> identify(const api::WebContext& /*context*/) override {
    return std::make_shared<const model::Caller>();
  }

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    return own_check(authz::Grant::ToEverybody);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    http::Response response = service_.serve(request_, context.request.source_ip);
    if (response.status >= 400 && operation_ != Operation::GetReadiness) {
      return refuse(std::move(response), "Refused");
    }
    answer_with(std::move(response));
    return {};
  }

  void describe(api::WebRecord& record,
                const model::Caller* /*caller*/,
                const Status& /*outcome*/) const override {
    record.service = service();
    record.event = name();
    record.is_change = true;
  }

  bool is_unrecorded_change() const override { return true; }

  // Only changes do.
  bool leaves_record() const override {
    return run_mode() == api::RunMode::Blocking && service_.is_there(request_);
  }

 private:
  AdminService& service_;
  Operation operation_;
  const api::WebRequest& request_;
};

std::vector<std::string_view> AdminService::operations() const {
  return {kNames.begin(), kNames.end()};
}

std::unique_ptr<api::WebInvocation> AdminService::match(const api::WebRequest& request) {
  return std::make_unique<AdminCall>(*this, operation_of(request), request);
}

http::Response AdminService::serve_state(bool is_readiness) const {
  const std::vector<std::string> troubles = hooks_.troubles();
  if (troubles.empty()) {
    return json_response(200, "{\"status\":\"ok\"}\n");
  }
  std::string body =
      concat("{\"status\":\"", is_readiness ? "not ready" : "degraded", "\",\"reasons\":[");
  for (const std::string& trouble : troubles) {
    body += body.back() == '[' ? "" : ",";
    codec::append_json_string(body, trouble);
  }
  body += "]}\n";
  return json_response(is_readiness ? 503 : 200, std::move(body));
}

http::Response AdminService::serve_metrics(const api::WebRequest& request,
                                           std::string_view peer) const {
  const bool is_passed_on = request.head->is_forwarded || request.head->find("forwarded") ||
                            request.head->find("x-forwarded-for");
  if (!access_.shows_metrics && (!http::is_loopback(peer) || is_passed_on)) {
    return error_response(403, "metrics are shown to this machine only, without --metrics-public");
  }
  http::Response response{.body = hooks_.metrics()};
  response.headers.add("Content-Type", "text/plain; version=0.0.4");
  return response;
}

bool AdminService::is_there(const api::WebRequest& request) const {
  return access_.is_dev && request.method == "POST";
}

http::Response AdminService::serve(const api::WebRequest& request, std::string_view peer) {
  const Operation operation = operation_of(request);
  switch (operation) {
    case Operation::GetHealth:
    case Operation::GetReadiness:
      return serve_state(operation == Operation::GetReadiness);
    case Operation::GetMetrics:
      return serve_metrics(request, peer);
    case Operation::Unknown:
      return error_response(404, "no such endpoint");
    case Operation::GetClock:
    case Operation::ResetState:
    case Operation::SetClock:
      break;
  }
  if (!access_.is_dev) {
    return error_response(404, "this endpoint exists with `signet serve --dev` only");
  }
  if (operation == Operation::GetClock) {
    return json_response(200,
                         concat("{\"now\":\"", codec::format_iso8601_ms(clock_.now()), "\"}\n"));
  }
  if (!is_there(request)) {
    return error_response(405, "use POST");
  }
  return operation == Operation::ResetState ? serve_reset() : serve_clock(request);
}

http::Response AdminService::serve_reset() {
  if (const Status status = hooks_.reset(); !status) {
    return error_response(
        500, status.error().cause.empty() ? status.error().message : status.error().cause);
  }
  return json_response(200, "{\"status\":\"reset\"}\n");
}

http::Response AdminService::serve_clock(const api::WebRequest& request) {
  const auto change = read_clock_change(request);
  if (!change) {
    return error_response(400, change.error().message);
  }
  if (!is_in_calendar(*change, clock_.now())) {
    return error_response(400, "the clock runs from 1970 to 9999");
  }
  switch (change->kind) {
    case ClockChange::Kind::Set:
      clock_.set(change->target);
      break;
    case ClockChange::Kind::Shift:
      clock_.shift_ms(change->shift_ms);
      break;
    case ClockChange::Kind::Reset:
      clock_.reset();
      break;
  }
  if (const Status status = hooks_.clock_changed(); !status) {
    return error_response(500, status.error().cause);
  }
  return json_response(200, concat("{\"now\":\"", codec::format_iso8601_ms(clock_.now()), "\"}\n"));
}

}  // namespace signet::server
