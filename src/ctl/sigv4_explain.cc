#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "sigv4/explain.h"
#include "sigv4/verify.h"

namespace signet::ctl {
namespace {

using codec::Json;

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.size() > 1 ? "," : "";
  codec::append_json_string(out, name);
  out += ':';
  codec::append_json_string(out, value);
}

bool flag_at(const Json& json, std::string_view name, bool fallback) {
  const Json* member = json.find(name);
  return member == nullptr || member->is_null() ? fallback : member->as_bool();
}

std::optional<Instant> time_of(std::string_view text) {
  const auto instant = codec::parse_iso8601(text);
  return instant ? instant : codec::parse_amz_date(text);
}

// Answer to one line of --batch; an error if it cannot be understood.
std::string batch_answer(const Json& json, std::string& problem) {
  sigv4::SigningRequest request;
  const std::string_view placement = json.string_at("placement");
  request.placement = placement == "query" ? sigv4::Placement::Query : sigv4::Placement::Header;
  if (!placement.empty() && placement != "query" && placement != "header") {
    problem = "placement must be header or query";
  }
  request.method = json.string_at("method");
  request.target = json.string_at("target");
  if (const Json* headers = json.find("headers"); headers != nullptr) {
    for (const Json& pair : headers->items()) {
      if (pair.items().size() != 2) {
        problem = "headers must be [name, value] pairs";
        return {};
      }
      request.headers.emplace_back(pair.items()[0].text(), pair.items()[1].text());
    }
  }
  request.body = json.string_at("body");
  request.access_key = json.string_at("access_key");
  request.secret_key = json.string_at("secret_key");
  request.session_token = json.string_at("session_token");
  request.omit_session_token = flag_at(json, "omit_session_token", false);
  request.region = json.string_at("region");
  request.service = json.string_at("service");
  const auto timestamp = time_of(json.string_at("timestamp"));
  if (!timestamp) {
    problem = "timestamp must be ISO-8601";
    return {};
  }
  request.timestamp = *timestamp;
  if (const Json* expires = json.find("expires"); expires != nullptr && !expires->is_null()) {
    request.expires_seconds = expires->as_int().value_or(0);
  }
  request.normalize = flag_at(json, "normalize", true);
  request.sign_body = flag_at(json, "sign_body", false);

  const sigv4::Explanation stages = sigv4::explain(request);
  std::string out = "{";
  if (const Json* id = json.find("id"); id != nullptr) {
    if (id->is_string()) {
      append_member(out, "id", id->text());
    } else {
      out += "\"id\":" + (id->text().empty() ? std::string("null") : id->text());
    }
  }
  append_member(out, "canonical_request", stages.canonical_request);
  append_member(out, "string_to_sign", stages.string_to_sign);
  append_member(out, "signature", stages.signature);
  return out + "}";
}

int run_batch() {
  int exit_code = kOk;
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.empty()) {
      continue;
    }
    std::string problem;
    const auto json = Json::parse(line, &problem);
    std::string answer;
    if (json) {
      answer = batch_answer(*json, problem);
    }
    if (!problem.empty()) {
      exit_code = kFindings;
      answer = "{";
      if (json && json->find("id") != nullptr) {
        append_member(answer, "id", json->find("id")->text());
      }
      append_member(answer, "error", problem);
      answer += "}";
    }
    std::printf("%s\n", answer.c_str());
  }
  return exit_code;
}

// A raw HTTP request: request line, headers, empty line, body. Lines may end in CRLF or LF.
struct RawRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

std::optional<RawRequest> parse_raw(std::string_view text) {
  RawRequest request;
  const std::string_view first = take_line(text);
  const std::size_t space = first.find(' ');
  if (space == std::string_view::npos) {
    return std::nullopt;
  }
  request.method = std::string(first.substr(0, space));
  const std::string_view rest = first.substr(space + 1);
  request.target = std::string(rest.substr(0, rest.rfind(" HTTP/")));
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return std::nullopt;
    }
    request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  request.body = std::string(text);
  return request;
}

int explain_file(const ExplainOptions& options) {
  const auto text = read_text(options.file);
  if (!text) {
    return report(text.error());
  }
  const auto raw = parse_raw(*text);
  if (!raw) {
    return report(
        "not an HTTP request: expected a request line, headers, an empty line and the body");
  }
  std::vector<sigv4::HeaderView> headers;
  for (const auto& [name, value] : raw->headers) {
    headers.push_back({name, value});
  }
  const sigv4::RequestView view{.method = raw->method, .target = raw->target, .headers = headers};
  sigv4::Scratch scratch;
  const auto scope = sigv4::peek_scope(view, scratch);
  if (!scope) {
    return report("the request carries no SigV4 credential scope");
  }
  const sigv4::Profile profile =
      scope->service == "s3" ? sigv4::kS3 : sigv4::Profile{.service = scope->service};
  // The request is judged at its own time: a recorded one is always old.
  const std::string_view stamp = view.header("x-amz-date");
  const Instant now = codec::parse_amz_date(stamp).value_or(SystemClock().now());
  const sigv4::ReceivedExplanation result =
      sigv4::explain_received(view, profile, options.secret_key, raw->body, now);
  std::printf(
      "canonical request:\n%s\n\nstring to sign:\n%s\n\nsignature computed: %s\nsignature "
      "provided: %s\n\n%s\n",
      result.computed.canonical_request.c_str(),
      result.computed.string_to_sign.c_str(),
      result.computed.signature.c_str(),
      result.provided_signature.c_str(),
      result.matches ? "they match" : result.error.message.c_str());
  if (!result.hint.empty()) {
    std::printf("%s\n", result.hint.c_str());
  }
  return result.matches ? kOk : kFindings;
}

}  // namespace

int sigv4_explain(const ExplainOptions& options) {
  if (options.is_batch) {
    return run_batch();
  }
  if (options.file.empty()) {
    report("give a file with the raw request, - for standard input, or --batch");
    return kUsage;
  }
  if (options.secret_key.empty()) {
    report("give the secret key with --secret-key or AWS_SECRET_ACCESS_KEY");
    return kUsage;
  }
  return explain_file(options);
}

}  // namespace signet::ctl
