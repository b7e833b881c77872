#include "identity/kinds/mfa_device.h"

#include "base/strings.h"
#include "model/arn.h"

namespace signet::identity {

std::string MfaDevice::key() const {
  const bool has_path = path.size() > 1 && !is_keyed_by_name;
  return fold_name(has_path ? concat(std::string_view(path).substr(1), name) : name);
}

std::string MfaDevice::serial() const {
  return model::iam_arn(account, is_passkey() ? kPasskeyArn : "mfa", path, name);
}

}  // namespace signet::identity
