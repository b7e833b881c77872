#include <algorithm>
#include <array>
#include <vector>

#include "base/strings.h"
#include "policy/check.h"

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

std::string render_findings(std::span<const CheckedFile> files) {
  std::string out;
  for (const CheckedFile& file : files) {
    for (const Finding& finding : file.findings) {
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
                    finding.code,
                    "]\n");
    }
  }
  return out;
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
                  quoted(finding.code),
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
  std::vector<std::string> codes;
  for (const CheckedFile& file : files) {
    for (const Finding& finding : file.findings) {
      codes.push_back(finding.code);
    }
  }
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  std::string rules;
  for (const std::string& code : codes) {
    rules += concat(rules.empty() ? "" : ",", "{\"id\":", quoted(code), "}");
  }
  const std::string results = list_of(files, [](const CheckedFile& file, const Finding& finding) {
    return concat("{\"ruleId\":",
                  quoted(finding.code),
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

int exit_status(std::span<const CheckedFile> files) {
  int status = 0;
  for (const CheckedFile& file : files) {
    for (const Finding& finding : file.findings) {
      const int own = finding.severity == Severity::Error             ? 3
                      : finding.severity == Severity::SecurityWarning ? 2
                                                                      : 1;
      status = finding.severity == Severity::Suggestion ? status : std::max(status, own);
    }
  }
  return status;
}

}  // namespace signet::policy
