#include <algorithm>
#include <array>
#include <vector>

#include "base/strings.h"
#include "policy_writing/check_document.h"

namespace signet::policy {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string number(std::uint32_t n) {
  return std::to_string(n);
}

// SARIF knows error, warning and note.
std::string_view sarif_level(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::SecurityWarning:
    case Severity::Warning:
      return "warning";
    case Severity::Suggestion:
      break;
  }
  return "note";
}

std::string counted(std::size_t n, std::string_view noun) {
  return concat(std::to_string(n), " ", noun, n == 1 ? "" : "s");
}

// "1 error, 2 warnings", or "no findings".
std::string totals(const std::array<std::size_t, 4>& counts) {
  static constexpr std::array<std::string_view, 4> kNouns{
      "error", "security warning", "warning", "suggestion"};
  std::string out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) {
      out += concat(out.empty() ? "" : ", ", counted(counts[i], kNouns[i]));
    }
  }
  return out.empty() ? "no findings" : out;
}

std::string sarif_rule(const facts::PolicyFinding& row) {
  const std::string aws = row.aws.empty() ? "" : concat("\"awsIssueCode\":", quoted(row.aws), ",");
  return concat("{\"id\":",
                quoted(row.name),
                ",\"properties\":{",
                aws,
                "\"findingType\":",
                quoted(name_of(row.type)),
                "}}");
}

template <class Render>
std::string list_of(std::span<const CheckedFile> files, Render render) {
  std::string out = "[";
  for (const CheckedFile& file : files) {
    for (const Finding& finding : file.findings) {
      out += concat(out.size() > 1 ? ",\n" : "\n", render(file, finding));
    }
  }
  return out + "\n]";
}

}  // namespace

std::string_view name_of(Severity severity) {
  static constexpr std::array<std::string_view, 4> kNames{
      "error", "security-warning", "warning", "suggestion"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::string render_findings(std::span<const CheckedFile> files, std::string_view kind) {
  std::string out;
  std::array<std::size_t, 4> counts{};
  std::size_t statements = 0;
  for (const CheckedFile& file : files) {
    statements += file.summary.statements;
    for (const Finding& finding : file.findings) {
      ++counts[static_cast<std::size_t>(finding.severity)];
      out += concat(file.name,
                    ":",
                    number(finding.begin.line),
                    ":",
                    number(finding.begin.column),
                    ": ",
                    name_of(finding.severity),
                    ": ",
                    finding.message,
                    " [",
                    finding.code(),
                    finding.aws_code().empty() ? "" : ", ",
                    finding.aws_code(),
                    "]\n");
    }
  }
  return out + concat("checked ",
                      counted(files.size(), "document"),
                      ", ",
                      counted(statements, "statement"),
                      " as ",
                      kind,
                      " policy: ",
                      totals(counts),
                      "\n");
}

std::string findings_json(std::span<const CheckedFile> files) {
  return list_of(files, [](const CheckedFile& file, const Finding& finding) {
    const auto position = [](const Position& at) {
      return concat("{\"line\":", number(at.line), ",\"column\":", number(at.column), "}");
    };
    return concat("{\"file\":",
                  quoted(file.name),
                  ",\"severity\":",
                  quoted(name_of(finding.severity)),
                  ",\"code\":",
                  quoted(finding.code()),
                  ",\"aws_code\":",
                  finding.aws_code().empty() ? "null" : quoted(finding.aws_code()),
                  ",\"message\":",
                  quoted(finding.message),
                  ",\"begin\":",
                  position(finding.begin),
                  ",\"end\":",
                  position(finding.end),
                  "}");
  });
}

std::string findings_sarif(std::span<const CheckedFile> files) {
  std::vector<facts::FindingId> ids;
  for (const CheckedFile& file : files) {
    for (const Finding& finding : file.findings) {
      ids.push_back(finding.id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::string rules;
  for (const facts::FindingId id : ids) {
    rules += concat(rules.empty() ? "" : ",", sarif_rule(facts::policy_finding(id)));
  }
  const std::string results = list_of(files, [](const CheckedFile& file, const Finding& finding) {
    return concat("{\"ruleId\":",
                  quoted(finding.code()),
                  ",\"level\":",
                  quoted(sarif_level(finding.severity)),
                  ",\"message\":{\"text\":",
                  quoted(finding.message),
                  "},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":",
                  quoted(file.name),
                  "},\"region\":{\"startLine\":",
                  number(finding.begin.line),
                  ",\"startColumn\":",
                  number(finding.begin.column),
                  ",\"endLine\":",
                  number(finding.end.line),
                  ",\"endColumn\":",
                  number(finding.end.column),
                  "}}}]}");
  });
  return concat(
      "{\"$schema\":\"https://json.schemastore.org/"
      "sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":{"
      "\"driver\":{\"name\":\"signet policy check\",\"rules\":[",
      rules,
      "]}},\"results\":",
      results,
      "}]}\n");
}

}  // namespace signet::policy
