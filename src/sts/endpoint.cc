#include "sts/endpoint.h"

#include "base/strings.h"

namespace signet::sts {

bool is_global_endpoint(const authz::RequestInfo& request) {
  return equals_ignore_case(request.host, "sts.amazonaws.com") ||
         request.region.ends_with("-global");
}

}  // namespace signet::sts
