#include "ctl/explain_request.h"

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/find.h"
#include "audit/sink.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "ctl/cli.h"
#include "ctl/output.h"
#include "facts/errors.h"
#include "policy_telling/batch.h"

namespace signet::ctl {
namespace {

using codec::Json;
using codec::JsonWriter;

// A member of members; null where one is missing.
const Json* at(const Json& json, std::initializer_list<std::string_view> names) {
  const Json* found = &json;
  for (const std::string_view name : names) {
    found = found != nullptr ? found->find(name) : nullptr;
  }
  return found;
}

std::string_view text_at(const Json& json, std::initializer_list<std::string_view> names) {
  const Json* found = at(json, names);
  return found != nullptr && found->is_string() ? std::string_view(found->text())
                                                : std::string_view();
}

std::string trail_of(const PolicyExplainOptions& options) {
  return options.audit_file.empty() ? options.data_folder + "/audit.jsonl" : options.audit_file;
}

// The record of a request, of whichever trail has it.
std::optional<Json> find_record(const std::string& trail, const std::string& request_id) {
  std::string part = "\"requestID\":";
  codec::append_json_string(part, request_id);
  const auto is_its = [&request_id](std::string_view line) {
    const auto json = Json::parse(line);
    return json && json->string_at("requestID") == request_id;
  };
  for (const std::string& path : {trail, audit::unauthenticated_path(trail)}) {
    if (const auto line = audit::find_line(path, part, is_its)) {
      return Json::parse(*line);
    }
  }
  return std::nullopt;
}

// The call that issued a session, by the access key of the session.
std::optional<Json> find_issue(const std::string& trail, std::string_view access_key) {
  std::string part = "\"accessKeyId\":";
  codec::append_json_string(part, access_key);
  const auto is_its = [access_key](std::string_view line) {
    const auto json = Json::parse(line);
    return json && text_at(*json, {"responseElements", "credentials", "accessKeyId"}) == access_key;
  };
  const auto line = audit::find_line(trail, part, is_its);
  return line ? Json::parse(*line) : std::nullopt;
}

// The calls behind a session's credentials.
struct Issues {
  std::optional<Json> first;        // that began the session
  std::vector<std::string> scopes;  // layers of GetScopedCredentials, the first laid first
};

// A session may be made shorter again and again.
constexpr int kMostCalls = 100;

Issues find_issues(const std::string& trail, std::string access_key) {
  Issues issues;
  for (int i = 0; i < kMostCalls; ++i) {
    std::optional<Json> issue = find_issue(trail, access_key);
    if (!issue || issue->string_at("eventName") != "GetScopedCredentials") {
      issues.first = std::move(issue);
      break;
    }
    if (const std::string_view layer = text_at(*issue, {"requestParameters", "policy"});
        !layer.empty()) {
      issues.scopes.insert(issues.scopes.begin(), std::string(layer));
    }
    access_key = text_at(*issue, {"userIdentity", "accessKeyId"});
  }
  return issues;
}

// The session policies that the calls passed.
void append_session(JsonWriter& writer, const Issues& issues) {
  const Json& issue = *issues.first;
  const std::string_view policy = text_at(issue, {"requestParameters", "policy"});
  const std::string_view task = text_at(issue, {"requestParameters", "taskPolicyArn", "arn"});
  const Json* arns = at(issue, {"requestParameters", "policyArns"});
  const bool has_arns = arns != nullptr && !arns->items().empty();
  writer.key("session");
  writer.begin_object();
  writer.member("policy", policy);
  writer.key("policy_arns");
  writer.begin_array();
  for (std::size_t i = 0; has_arns && i < arns->items().size(); ++i) {
    writer.string(arns->items()[i].string_at("arn"));
  }
  if (!task.empty()) {
    writer.string(task);
  }
  writer.end_array();
  writer.key("scopes");
  writer.begin_array();
  for (const std::string& layer : issues.scopes) {
    writer.string(layer);
  }
  writer.end_array();
  writer.key("has_policy");
  // A federated user has what its session policy grants, and nothing without one.
  writer.boolean(!policy.empty() || has_arns || !task.empty() ||
                 issue.string_at("eventName") == "GetFederationToken");
  writer.end_object();
}

// The context as the record kept it, or what else of it is in the record.
void append_context(JsonWriter& writer, const Json& record, const Json& refusal) {
  const Json* context = refusal.find("context");
  writer.key("is_whole_context");
  writer.boolean(context != nullptr);
  writer.key("context");
  if (context != nullptr) {
    std::string text;
    codec::append_json(text, *context);
    writer.literal(text);
    return;
  }
  writer.begin_object();
  writer.member("aws:SourceIp", record.string_at("sourceIPAddress"));
  writer.member("aws:UserAgent", record.string_at("userAgent"));
  writer.end_object();
}

std::string question_of(const Json& record, const Json& refusal, const Issues& issues) {
  std::string request;
  JsonWriter writer(request);
  writer.begin_object();
  writer.member("command", "policy question");
  writer.member("principal", text_at(record, {"userIdentity", "arn"}));
  writer.member(
      "issuer",
      text_at(record, {"userIdentity", "sessionContext", "sessionIssuer", "principalId"}));
  writer.member("action", refusal.string_at("action"));
  writer.member("resource", refusal.string_at("resource"));
  append_context(writer, record, refusal);
  if (issues.first) {
    append_session(writer, issues);
  }
  writer.end_object();
  return request;
}

// A statement of the record in one line.
std::string statement_line(const Json& statement) {
  const Json* number = statement.find("statement");
  const std::string_view sid = statement.string_at("sid");
  const std::string_view policy = statement.string_at("policy");
  std::string line = concat("statement ", number != nullptr ? number->text() : std::string());
  line += sid.empty() ? std::string() : concat(" \"", sid, "\"");
  line += policy.empty() ? std::string() : concat(" of ", policy);
  return line;
}

void print_statements(const Json& refusal) {
  if (const Json* denials = refusal.find("denials"); denials != nullptr) {
    for (const Json& statement : denials->items()) {
      std::printf("  denied by  %s\n", statement_line(statement).c_str());
    }
  }
  const Json* nearest = refusal.find("nearest");
  for (std::size_t i = 0; nearest != nullptr && i < nearest->items().size(); ++i) {
    const Json& statement = nearest->items()[i];
    std::printf("  nearest    %s\n", statement_line(statement).c_str());
    const Json* unmet = statement.find("unmet");
    for (std::size_t k = 0; unmet != nullptr && k < unmet->items().size(); ++k) {
      const Json& part = unmet->items()[k];
      std::printf("             no  %s: %s  <-  %s\n",
                  std::string(part.string_at("part")).c_str(),
                  std::string(part.string_at("wanted")).c_str(),
                  std::string(part.string_at("given")).c_str());
    }
  }
}

void print_record(const Json& record, const Json* refusal) {
  const auto line = [](const char* name, std::string_view text) {
    if (!text.empty()) {
      std::printf("  %-9s  %.*s\n", name, static_cast<int>(text.size()), text.data());
    }
  };
  const std::string_view code = record.string_at("errorCode");
  std::printf("request %s\n", std::string(record.string_at("requestID")).c_str());
  line("at", record.string_at("eventTime"));
  line("call", concat(record.string_at("eventSource"), " ", record.string_at("eventName")));
  const std::string_view arn = text_at(record, {"userIdentity", "arn"});
  line("by", arn.empty() ? text_at(record, {"userIdentity", "principalId"}) : arn);
  line("answer", code.empty() ? std::string_view("no error") : code);
  line("told", record.string_at("errorMessage"));
  if (refusal != nullptr) {
    line("reason", refusal->string_at("reason"));
    print_statements(*refusal);
  }
}

// How the folder's policies decide the request now.
struct Now {
  std::string verdict;
  std::string trace;
};

Result<Now> decide_now(const PolicyExplainOptions& options,
                       const Json& record,
                       const Json& refusal,
                       const Issues& issues) {
  const std::string question =
      TRY(question_of_folder(options.data_folder, question_of(record, refusal, issues)));
  policy::BatchEvaluator evaluator;
  std::string decision;
  Now now;
  if (!evaluator.evaluate(question, decision) ||
      !evaluator.explain(question, options.format == "json", now.trace)) {
    return std::unexpected(
        facts::service_failure(concat("the policies of now cannot be explained: ", decision)));
  }
  if (const auto json = Json::parse(decision)) {
    now.verdict = json->string_at("verdict");
  }
  return now;
}

void print_json(const Json& record, const Now* now) {
  std::string out = "{\"record\":";
  codec::append_json(out, record);
  out += ",\"now\":";
  out += now != nullptr ? now->trace : std::string("null");
  out += "}\n";
  std::fwrite(out.data(), 1, out.size(), stdout);
}

}  // namespace

int explain_request(const PolicyExplainOptions& options) {
  if (options.data_folder.empty() && options.audit_file.empty()) {
    report("--request-id needs a data folder, and HOME is not set: name one with --data");
    return kUsage;
  }
  const std::string trail = trail_of(options);
  const std::optional<Json> record = find_record(trail, options.request_id);
  if (!record) {
    return report(
        concat("no record of request ",
               options.request_id,
               " in ",
               trail,
               " and the files beside it: --data names the data folder, --audit the trail if it "
               "is elsewhere; a record of a read is there 200 ms after the answer"));
  }
  const bool is_json = options.format == "json";
  const Json* refusal = at(*record, {"additionalEventData", "refusal"});
  if (!is_json) {
    print_record(*record, refusal);
  }
  const bool is_decision = refusal != nullptr && !refusal->string_at("action").empty();
  if (!is_decision || options.data_folder.empty()) {
    if (is_json) {
      print_json(*record, nullptr);
    } else if (refusal == nullptr) {
      std::printf("\nNo policy refused it.\n");
    } else if (is_decision) {
      std::printf("\nHow the policies of now decide it shows --data FOLDER.\n");
    }
    return kOk;
  }
  const std::string_view access_key = text_at(*record, {"userIdentity", "accessKeyId"});
  const bool is_session = at(*record, {"userIdentity", "sessionContext"}) != nullptr;
  const Issues issues = is_session ? find_issues(trail, std::string(access_key)) : Issues();
  if (is_session && !issues.first) {
    report(
        "note: the call that issued this session is not in the trail, so its session policy, if it "
        "had "
        "one, is missing below");
  }
  const Result<Now> now = decide_now(options, *record, *refusal, issues);
  if (!now) {
    return report(now.error());
  }
  if (is_json) {
    print_json(*record, &*now);
    return kOk;
  }
  const bool is_same = now->verdict == refusal->string_at("verdict");
  std::printf("\nWith the policies of now%s:\n\n%s",
              is_same ? "" : ", which decide otherwise than those of then",
              now->trace.c_str());
  return kOk;
}

}  // namespace signet::ctl
