#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ctl/tool_run.h"

namespace signet::ctl {

// Of AWS_ENDPOINT_URL: for every service, and for those served here.
inline constexpr std::string_view kEndpointSuffixes[] = {"", "_STS", "_IAM", "_S3", "_SIGNIN"};

// Lines of a POSIX shell, each behind `indent`, that point AWS tools at a server: the endpoint for
// every service, and by name for those served here, since some programs read the names only when
// they assume the role of a profile (AWS SDK for Go v2); the region under both names that SDKs
// read.
[[nodiscard]] std::string endpoint_exports(std::string_view endpoint, std::string_view indent);

// The same as variables of a process.
[[nodiscard]] Variables endpoint_variables(const std::string& endpoint);

// The keys of the default profile in a file that --save-credentials wrote; or what is wrong with
// it, for a person.
[[nodiscard]] Result<Variables> key_variables(const std::string& file);

// Why there are so many, and what to be careful about; for people.
[[nodiscard]] std::string_view endpoint_exports_note();

}  // namespace signet::ctl
