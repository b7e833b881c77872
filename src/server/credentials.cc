#include "server/credentials.h"

#include "base/secret_access.h"

namespace signet::server {

void append_credentials(codec::JsonWriter& json, const Credentials& credentials) {
  json.begin_object();
  json.key("keys");
  json.begin_array();
  for (const identity::CreatedKey& key : credentials.keys) {
    json.begin_object();
    json.member("account", key.account);
    json.member("user", key.user);
    json.member("accessKeyId", key.access_key_id);
    json.member("secretAccessKey", key.secret_access_key.reveal(secret_access()));
    json.end_object();
  }
  json.end_array();
  json.member("user", credentials.user);
  json.member("password", credentials.password.reveal(secret_access()));
  json.end_object();
}

Credentials read_credentials(const codec::Json& json) {
  Credentials credentials{.keys = {},
                          .user = std::string(json.string_at("user")),
                          .password = Secret(std::string(json.string_at("password")))};
  if (const codec::Json* keys = json.find("keys"); keys != nullptr) {
    for (const codec::Json& key : keys->items()) {
      credentials.keys.push_back(
          {.account = std::string(key.string_at("account")),
           .user = std::string(key.string_at("user")),
           .access_key_id = std::string(key.string_at("accessKeyId")),
           .secret_access_key = Secret(std::string(key.string_at("secretAccessKey")))});
    }
  }
  return credentials;
}

}  // namespace signet::server
