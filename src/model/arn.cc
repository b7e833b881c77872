#include "model/arn.h"

#include <algorithm>
#include <cstddef>

#include "base/strings.h"

namespace signet::model {

std::optional<ArnParts> split_arn(std::string_view text) {
  std::array<std::string_view, 5> parts;
  for (std::string_view& part : parts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      return std::nullopt;
    }
    part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn") {
    return std::nullopt;
  }
  return ArnParts{.partition = parts[1],
                  .service = parts[2],
                  .region = parts[3],
                  .account = parts[4],
                  .resource = text};
}

std::string iam_arn(std::string_view account,
                    std::string_view kind,
                    std::string_view path,
                    std::string_view name) {
  return concat("arn:aws:iam::", account, ":", kind, path, name);
}

std::string root_arn(std::string_view account) {
  return concat("arn:aws:iam::", account, ":root");
}

std::string assumed_role_arn(std::string_view account,
                             std::string_view role,
                             std::string_view session) {
  return concat("arn:aws:sts::", account, ":assumed-role/", role, "/", session);
}

std::string assumed_root_arn(std::string_view account) {
  return concat("arn:aws:sts::", account, ":assumed-root");
}

std::string federated_user_arn(std::string_view account, std::string_view name) {
  return concat("arn:aws:sts::", account, ":federated-user/", name);
}

bool is_account_id(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c); });
}

}  // namespace signet::model
