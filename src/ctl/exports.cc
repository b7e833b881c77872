#include "ctl/exports.h"

#include "base/strings.h"

namespace signet::ctl {

std::string endpoint_exports(std::string_view endpoint, std::string_view indent) {
  std::string lines;
  for (const std::string_view suffix : kEndpointSuffixes) {
    lines += concat(indent, "export AWS_ENDPOINT_URL", suffix, "=", shell_quoted(endpoint), "\n");
  }
  return lines + concat(indent, "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n");
}

std::string_view endpoint_exports_note() {
  return "Older clients do not read AWS_ENDPOINT_URL and go to Amazon: AWS CLI before 2.13 or "
         "1.29, "
         "boto3 before 1.28 (docs/guide/clients.md). The names with a service are for programs "
         "that "
         "assume a role without reading the first.";
}

}  // namespace signet::ctl
