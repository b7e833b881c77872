#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "identity/bootstrap.h"

namespace signet::server {

// Credentials that were made for an account, to be shown once.
struct Credentials {
  std::vector<identity::CreatedKey> keys;
  std::string user;  // whose console password it is
  Secret password;   // empty: none was made
};

// As an answer over the control socket carries them: a JSON object.
void append_credentials(codec::JsonWriter& json, const Credentials& credentials);
[[nodiscard]] Credentials read_credentials(const codec::Json& json);

}  // namespace signet::server
