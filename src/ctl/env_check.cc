#include "ctl/env_check.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "ctl/cli.h"
#include "ctl/status.h"

namespace signet::ctl {
namespace {

constexpr int kVersionSeconds = 20;
constexpr int kTrySeconds = 60;

// One client: how to ask its version and how to try it.
struct Tool {
  std::string_view name;
  std::vector<std::string> version;  // prints it, perhaps behind "aws-cli/"
  std::vector<std::string> identity;
  std::string_view least;   // that reads AWS_ENDPOINT_URL (docs/guide/clients.md)
  std::string_view advice;  // for an older one
};

constexpr std::string_view kCliAdvice =
    "pip install awscli, or give --endpoint-url with every command";

std::vector<Tool> tools() {
  const std::string sdk = "@aws-sdk/client-sts";
  return {
      {.name = "aws",
       .version = {"aws", "--version"},
       .identity = {"aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"},
       .least = "1.29.0",
       .advice = kCliAdvice},
      {.name = "boto3 of python3",
       .version = {"python3", "-c", "import boto3; print(boto3.__version__)"},
       .identity = {"python3",
                    "-c",
                    "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"},
       .least = "1.28.0",
       .advice = "pip install --upgrade boto3, or client(\"sts\", endpoint_url=...)"},
      {.name = "@aws-sdk of node",
       .version = {"node", "-p", "require('" + sdk + "/package.json').version"},
       .identity = {"node",
                    "-e",
                    "const s = require('" + sdk +
                        "'); new s.STSClient({}).send(new s.GetCallerIdentityCommand({}))"
                        ".then(a => console.log(a.Arn))"},
       .least = "3.428.0",
       .advice = "npm install @aws-sdk/client-sts@latest, or new STSClient({ endpoint })"},
  };
}

// The first word of an output that looks like a version.
std::string version_in(std::string_view output) {
  const std::size_t slash = output.find("aws-cli/");
  if (slash != std::string_view::npos) {
    output.remove_prefix(slash + 8);
  }
  const std::size_t begin = output.find_first_of("0123456789");
  if (begin == std::string_view::npos) {
    return {};
  }
  output.remove_prefix(begin);
  return std::string(output.substr(0, output.find_first_not_of("0123456789.")));
}

// Version 2 of the AWS CLI counts on its own.
std::string_view least_of(const Tool& tool, std::string_view version) {
  return tool.name == "aws" && version.starts_with("2.") ? "2.13.0" : tool.least;
}

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
  return text.substr(text.rfind('\n') + 1);
}

void say(std::string_view name, std::string_view version, std::string_view verdict) {
  // Not to standard output, which shells eval.
  std::fprintf(stderr,
               "%-17s %-10s %s\n",
               std::string(name).c_str(),
               std::string(version).c_str(),
               std::string(verdict).c_str());
}

// False: it is too old, or it was tried and failed.
bool check(const Tool& tool, const Variables& variables, bool can_try) {
  const std::optional<ToolRun> asked = run_tool(tool.version, variables, kVersionSeconds);
  const std::string version = asked && asked->is_done ? version_in(asked->output) : std::string();
  if (version.empty()) {
    say(tool.name, "-", "not found");
    return true;
  }
  const std::string_view least = least_of(tool, version);
  if (!is_at_least(version, least)) {
    say(tool.name,
        version,
        concat("too old: goes to Amazon whatever the variables say. Needs ",
               least,
               ": ",
               tool.advice));
    return false;
  }
  if (!can_try) {
    say(tool.name, version, "new enough (not tried: no credentials; see --credentials)");
    return true;
  }
  const std::optional<ToolRun> tried = run_tool(tool.identity, variables, kTrySeconds);
  const std::string answer = tried ? last_line(tried->output) : std::string("cannot be started");
  const bool is_fine = tried && tried->is_done && answer.starts_with("arn:");
  say(tool.name, version, is_fine ? concat("works: ", answer) : concat("fails: ", answer));
  return is_fine;
}

}  // namespace

bool is_at_least(std::string_view version, std::string_view least) {
  while (!version.empty() || !least.empty()) {
    const auto part = [](std::string_view& text) {
      const std::string_view number = text.substr(0, text.find('.'));
      text.remove_prefix(std::min(number.size() + 1, text.size()));
      return parse_decimal(number).value_or(0);
    };
    const std::int64_t a = part(version);
    const std::int64_t b = part(least);
    if (a != b) {
      return a > b;
    }
  }
  return true;
}

int env_check(const std::string& endpoint, const Variables& variables) {
  const bool is_well = health_of({.endpoint = endpoint}).has_value();
  say("server",
      "",
      is_well ? concat("answers at ", endpoint) : concat("does not answer at ", endpoint));
  const bool has_credentials =
      std::ranges::any_of(
          variables,
          [](const auto& variable) { return variable.first == "AWS_SECRET_ACCESS_KEY"; }) ||
      has_variable("AWS_SECRET_ACCESS_KEY");
  bool is_fine = is_well;
  for (const Tool& tool : tools()) {
    is_fine = check(tool, variables, is_well && has_credentials) && is_fine;
  }
  return is_fine ? kOk : kFindings;
}

}  // namespace signet::ctl
