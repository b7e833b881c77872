#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/explain_request.h"
#include "ctl/output.h"
#include "facts/catalogue.h"
#include "facts/errors.h"
#include "policy_telling/batch.h"

// Questions to the policy engine without a server: `signet policy explain` and
// `signet policy eval --batch`.
namespace signet::ctl {
namespace {

// A policy file as {"name": FILE, "document": TEXT}; the text goes through unread, so that
// positions in the trace are positions in the file.
Status append_policy(codec::JsonWriter& writer, const std::string& file) {
  const std::string text = TRY(read_text(file));
  writer.begin_object();
  writer.member("name", file);
  writer.member("document", text);
  writer.end_object();
  return {};
}

// A level of service or resource control policies: one policy here.
Status append_level(codec::JsonWriter& writer, const std::string& file) {
  writer.begin_array();
  TRY_STATUS(append_policy(writer, file));
  writer.end_array();
  return {};
}

// The files as a list, each written by `append`; nothing when there are none.
Status append_list(codec::JsonWriter& writer,
                   std::string_view name,
                   const std::vector<std::string>& files,
                   Status (*append)(codec::JsonWriter&, const std::string&)) {
  if (files.empty()) {
    return {};
  }
  writer.key(name);
  writer.begin_array();
  for (const std::string& file : files) {
    TRY_STATUS(append(writer, file));
  }
  writer.end_array();
  return {};
}

Result<std::string> question_of(const PolicyExplainOptions& options) {
  std::string out;
  codec::JsonWriter writer(out);
  writer.begin_object();
  if (!options.principal.empty()) {
    writer.member("principal", options.principal);
  }
  writer.member("action", options.action);
  writer.member("resource", options.resource);
  if (!options.resource_account.empty()) {
    writer.member("resource_account", options.resource_account);
  }
  writer.key("context");
  writer.literal(TRY(context_json("--context", options.context)));
  TRY_STATUS(append_list(writer, "identity_policies", options.policies, append_policy));
  TRY_STATUS(append_list(writer, "boundary", options.boundaries, append_policy));
  TRY_STATUS(append_list(writer, "session_policy", options.session_policies, append_policy));
  if (!options.resource_policy.empty()) {
    writer.key("resource_policy");
    TRY_STATUS(append_policy(writer, options.resource_policy));
  }
  TRY_STATUS(append_list(writer, "scps", options.scps, append_level));
  TRY_STATUS(append_list(writer, "rcps", options.rcps, append_level));
  writer.end_object();
  return out;
}

// The question to a data folder, as policy_question.h reads it.
Result<std::string> folder_question_of(const PolicyExplainOptions& options) {
  std::string request;
  codec::JsonWriter writer(request);
  writer.begin_object();
  writer.member("command", "policy question");
  writer.member("principal", options.principal);
  writer.member("action", options.action);
  writer.member("resource", options.resource);
  writer.key("context");
  writer.literal(TRY(context_json("--context", options.context)));
  writer.end_object();
  return question_of_folder(options.data_folder, request);
}

Result<std::string> question_for(const PolicyExplainOptions& options) {
  if (!options.file.empty()) {
    return read_text(options.file);
  }
  return options.data_folder.empty() ? question_of(options) : folder_question_of(options);
}

// "sts:AssumeRole, for instance": what an action without a service may have meant.
std::string meant_by(std::string_view name) {
  std::string found;
  for (const std::string_view prefix : {"sts", "iam", "s3"}) {
    if (const auto action = facts::find_service(prefix)->action(name)) {
      found += concat(found.empty() ? "" : " or ", prefix, ":", action->name);
    }
  }
  return found.empty() ? std::string("s3:GetObject, for instance") : found;
}

// What makes a question one that no request would ask; empty: nothing.
std::string problem_of(const PolicyExplainOptions& options) {
  if (options.action.empty()) {
    return "give --action, --request-id, or a file with the question (see --help)";
  }
  if (options.action.find(':') == std::string::npos) {
    return concat(
        "--action ", options.action, ": write service:Name (", meant_by(options.action), ")");
  }
  const bool is_name =
      !options.principal.empty() && options.principal.find_first_of(":.") == std::string::npos;
  if (is_name && options.data_folder.empty()) {
    return concat("--principal ",
                  options.principal,
                  ": write an ARN (arn:aws:iam::111122223333:user/",
                  options.principal,
                  ") or a service (ec2.amazonaws.com); a name will do with --data FOLDER");
  }
  return {};
}

// What may be asked, but is hardly meant: on standard error.
void note_doubts(const PolicyExplainOptions& options) {
  const std::string_view action = options.action;
  const std::size_t colon = action.find(':');
  const facts::CatalogueService* service = facts::find_service(action.substr(0, colon));
  if (service != nullptr && !service->action(action.substr(colon + 1))) {
    Nearest nearest(action.substr(colon + 1));
    std::string_view rest = service->actions;
    for (auto known = facts::next_action(rest); known; known = facts::next_action(rest)) {
      nearest.offer(known->name);
    }
    report(concat("note: AWS has no action ", action, nearest.question()));
  }
  const bool has_policy = !options.policies.empty() || !options.boundaries.empty() ||
                          !options.session_policies.empty() || !options.resource_policy.empty() ||
                          !options.scps.empty() || !options.rcps.empty();
  if (!has_policy && options.data_folder.empty()) {
    report(
        "note: no policy was given, so nothing can allow: --policy, --resource-policy and so on "
        "name "
        "files, --data FOLDER takes those of a server");
  }
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!text.empty() && text.back() != '\n') {
    std::fputc('\n', stdout);
  }
}

// Reads whole lines from standard input into a buffer that is used again; nothing at the end.
class LineReader {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): getline's memory
  ~LineReader() { std::free(line_); }

  LineReader() = default;
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  LineReader(LineReader&&) = delete;
  LineReader& operator=(LineReader&&) = delete;

  bool next(std::string_view& out) {
    const ssize_t size = ::getline(&line_, &capacity_, stdin);
    if (size < 0) {
      return false;
    }
    out = std::string_view(line_, static_cast<std::size_t>(size));
    while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) {
      out.remove_suffix(1);
    }
    return true;
  }

 private:
  char* line_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace

int policy_explain(const PolicyExplainOptions& options) {
  if (!options.request_id.empty()) {
    return explain_request(options);
  }
  if (options.file.empty()) {
    if (const std::string problem = problem_of(options); !problem.empty()) {
      report(problem);
      return kUsage;
    }
    note_doubts(options);
  }
  const Result<std::string> question = question_for(options);
  if (!question) {
    return report(question.error());
  }
  policy::BatchEvaluator evaluator;
  std::string out;
  const bool is_json = options.format == "json";
  if (!evaluator.explain(*question, is_json, out)) {
    if (is_json) {
      print(out);
      return kFailure;
    }
    const auto answer = codec::Json::parse(out);
    return report(answer ? std::string(answer->string_at("error")) : out);
  }
  print(out);
  return kOk;
}

int policy_eval_batch() {
  constexpr std::size_t kFlushAt = 1 << 16;
  policy::BatchEvaluator evaluator;
  LineReader reader;
  std::string out;
  std::string_view line;
  bool is_whole = true;
  while (reader.next(line)) {
    if (line.empty()) {
      continue;
    }
    is_whole = evaluator.evaluate(line, out) && is_whole;
    out += '\n';
    if (out.size() >= kFlushAt) {
      std::fwrite(out.data(), 1, out.size(), stdout);
      out.clear();
    }
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  return is_whole ? int{kOk} : int{kFindings};
}

}  // namespace signet::ctl
