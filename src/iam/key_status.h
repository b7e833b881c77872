#pragma once

#include <string_view>

#include "base/result.h"
#include "facts/iam_sentences.h"
#include "identity/kinds/access_key.h"

// The status of access keys, SSH keys and the like.
namespace signet::iam {

[[nodiscard]] inline std::string_view text_of(identity::KeyStatus status) {
  return status == identity::KeyStatus::Active ? "Active" : "Inactive";
}

// What a request may set. Error: InvalidInput for Expired, the third status that the models know.
[[nodiscard]] inline Result<identity::KeyStatus> settable_status(std::string_view text) {
  if (text != "Active" && text != "Inactive") {
    return status_not_settable(text);
  }
  return text == "Active" ? identity::KeyStatus::Active : identity::KeyStatus::Inactive;
}

}  // namespace signet::iam
