#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "codec/json_writer.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "policy/validate.h"

namespace signet::ctl {
namespace {

policy::Profile profile_of(std::string_view name) {
  using policy::Profile;
  if (name == "boundary") {
    return Profile::Boundary;
  }
  if (name == "session") {
    return Profile::Session;
  }
  if (name == "trust") {
    return Profile::Trust;
  }
  if (name == "bucket") {
    return Profile::Bucket;
  }
  if (name == "scp") {
    return Profile::Scp;
  }
  return name == "rcp" ? Profile::Rcp : Profile::Identity;
}

void print_finding(const std::string& file, const std::string& message, bool is_json) {
  if (!is_json) {
    std::printf("%s: error: %s\n", file.c_str(), message.c_str());
    return;
  }
  std::string line = "{\"file\":";
  codec::append_json_string(line, file);
  line += ",\"severity\":\"error\",\"message\":";
  codec::append_json_string(line, message);
  line += "}";
  std::printf("%s\n", line.c_str());
}

}  // namespace

int policy_check(const std::vector<std::string>& files,
                 const std::string& profile,
                 const std::string& format) {
  int exit_code = kOk;
  for (const std::string& file : files) {
    const auto text = read_text(file);
    if (!text) {
      return report(text.error());
    }
    if (const auto valid = policy::validate(*text, {.profile = profile_of(profile)}); !valid) {
      print_finding(file, valid.error().message, format == "json");
      exit_code = kFindings;
    }
  }
  return exit_code;
}

}  // namespace signet::ctl
