#include "server/bootstrap_file.h"

#include <fstream>
#include <iterator>
#include <optional>

#include "base/strings.h"
#include "codec/base32.h"
#include "codec/json.h"
#include "facts/errors.h"
#include "identity/passwords.h"
#include "model/arn.h"
#include "s3/declared_buckets.h"
#include "server/org_file.h"

namespace signet::server {
namespace {

using identity::BootstrapAccount;
using identity::BootstrapKey;
using identity::BootstrapMfaDevice;
using identity::BootstrapUser;

// Bytes of an MFA seed. Authenticator apps show 10 and more; AWS makes 40.
constexpr std::size_t kShortestSeed = 10;
constexpr std::size_t kLongestSeed = 64;

identity::BootstrapPlace place_of(const JsonPlace& json) {
  return [json] {
    return json.where();
  };
}

Result<std::optional<Secret>> secret_at(const JsonPlace& json, std::string_view name) {
  std::string text = TRY(json.text_at(name));
  if (text.empty()) {
    return std::optional<Secret>();
  }
  return std::optional<Secret>(Secret(std::move(text)));
}

Result<BootstrapKey> read_key(const JsonPlace& json) {
  BootstrapKey key;
  key.access_key_id = TRY(json.text_at("access_key_id"));
  key.secret_access_key = Secret(TRY(json.text_at("secret_access_key")));
  key.place = place_of(json);
  if (!key.secret_access_key.empty() && key.access_key_id.empty()) {
    return json.refuse("secret_access_key needs an access_key_id");
  }
  return key;
}

Status read_keys(const JsonPlace& owner, std::vector<BootstrapKey>& keys) {
  for (const JsonPlace& key : TRY(owner.list_at("access_keys"))) {
    TRY_STATUS(key.expect_members({"access_key_id", "secret_access_key"}));
    keys.push_back(TRY(read_key(key)));
  }
  return {};
}

Result<BootstrapMfaDevice> read_device(const JsonPlace& json) {
  TRY_STATUS(json.expect_members({"name", "path", "seed"}));
  BootstrapMfaDevice device;
  device.name = TRY(json.required_text_at("name"));
  if (std::string path = TRY(json.text_at("path")); !path.empty()) {
    device.path = std::move(path);
  }
  auto seed = codec::decode_base32(TRY(json.required_text_at("seed")));
  if (!seed || seed->size() < kShortestSeed || seed->size() > kLongestSeed) {
    return json.find("seed")->refuse(
        "expected 10 to 64 bytes in base32 (A-Z, 2-7), such as JBSWY3DPEHPK3PXP");
  }
  device.seed = Secret(*std::move(seed));
  device.place = place_of(json);
  return device;
}

Status read_devices(const JsonPlace& owner, std::vector<BootstrapMfaDevice>& devices) {
  for (const JsonPlace& device : TRY(owner.list_at("mfa_devices"))) {
    devices.push_back(TRY(read_device(device)));
  }
  return {};
}

Result<BootstrapUser> read_user(const JsonPlace& json,
                                const std::string& account,
                                std::vector<BootstrapCall>& calls) {
  std::vector<std::string_view> known = {
      "name", "path", "access_keys", "password", "password_reset_required", "mfa_devices"};
  std::ranges::copy(user_members_with_calls(), std::back_inserter(known));
  TRY_STATUS(json.expect_members(known));
  BootstrapUser user;
  user.place = place_of(json);
  user.name = TRY(json.required_text_at("name"));
  if (std::string path = TRY(json.text_at("path")); !path.empty()) {
    user.path = std::move(path);
  }
  TRY_STATUS(read_keys(json, user.access_keys));
  user.password = TRY(secret_at(json, "password"));
  user.must_change_password = TRY(json.flag_at("password_reset_required"));
  TRY_STATUS(read_devices(json, user.mfa_devices));
  TRY_STATUS(read_user_calls(json, user.name, account, calls));
  return user;
}

Status read_root(const JsonPlace& json, BootstrapAccount& account) {
  TRY_STATUS(json.expect_members(
      {"access_key_id", "secret_access_key", "password", "access_keys", "mfa_devices"}));
  BootstrapKey key = TRY(read_key(json));
  if (!key.access_key_id.empty()) {
    account.root_keys.push_back(std::move(key));
  }
  TRY_STATUS(read_keys(json, account.root_keys));
  account.root_password = TRY(secret_at(json, "password"));
  return read_devices(json, account.root_mfa_devices);
}

// For the readers that the files of `signet org` have too.
Result<codec::Json> plain(const JsonPlace& place) {
  std::string reason;
  auto json = codec::Json::parse(place.raw(), &reason);
  if (!json) {
    return place.refuse(reason);
  }
  return *std::move(json);
}

// The members that make an account one of an organization.
Status read_org(const JsonPlace& json, BootstrapAccount& account) {
  const auto organization = json.find("organization");
  const auto scps = json.find("scps");
  const auto rcps = json.find("rcps");
  if (!organization && !scps && !rcps) {
    return {};
  }
  identity::OrgPolicies& org = account.org.emplace();
  if (organization) {
    TRY_STATUS(organization->expect_members(
        {"id", "path", "management", "iam_access", "billing_only", "delegated_administrator"}));
    const codec::Json value = TRY(plain(*organization));
    TRY_STATUS(read_organization(value, organization->where(), org));
  }
  if (scps) {
    const codec::Json value = TRY(plain(*scps));
    org.scps = TRY(read_levels(value, OrgPolicyKind::Scp, scps->where()));
  }
  if (rcps) {
    const codec::Json value = TRY(plain(*rcps));
    org.rcps = TRY(read_levels(value, OrgPolicyKind::Rcp, rcps->where()));
  }
  return {};
}

Result<BootstrapBucket> read_bucket(const JsonPlace& json, const std::string& account) {
  TRY_STATUS(json.expect_members({"name", "region", "policy", "tags"}));
  BootstrapBucket bucket{.name = TRY(json.required_text_at("name")),
                         .account = account,
                         .region = TRY(json.text_at("region")),
                         .policy = {},
                         .tags = {},
                         .place = json};
  if (const auto policy = json.find("policy")) {
    bucket.policy = TRY(document_text(*policy));
  }
  if (const auto tags = json.find("tags")) {
    for (const auto& [key, value] : TRY(tags->named_values())) {
      bucket.tags.emplace_back(key, TRY(value.as_text()));
    }
  }
  return bucket;
}

Status read_account(const JsonPlace& json, BootstrapFile& out) {
  std::vector<std::string_view> known = {"id",
                                         "name",
                                         "alias",
                                         "email",
                                         "canonical_user_id",
                                         "root",
                                         "users",
                                         "buckets",
                                         "organization",
                                         "scps",
                                         "rcps"};
  std::ranges::copy(account_members_with_calls(), std::back_inserter(known));
  TRY_STATUS(json.expect_members(known));
  BootstrapAccount account;
  account.place = place_of(json);
  account.id = TRY(json.required_text_at("id"));
  if (!model::is_account_id(account.id)) {
    return json.find("id")->refuse("expected 12 digits in quotes");
  }
  account.name = TRY(json.text_at("name"));
  account.alias = TRY(json.text_at("alias"));
  account.email = TRY(json.text_at("email"));
  account.canonical_user_id = TRY(json.text_at("canonical_user_id"));
  if (const auto root = json.find("root")) {
    TRY_STATUS(read_root(*root, account));
  }
  TRY_STATUS(read_org(json, account));
  TRY_STATUS(read_account_calls(json, account.id, out.calls));
  for (const JsonPlace& user : TRY(json.list_at("users"))) {
    account.users.push_back(TRY(read_user(user, account.id, out.calls)));
  }
  for (const JsonPlace& bucket : TRY(json.list_at("buckets"))) {
    out.buckets.push_back(TRY(read_bucket(bucket, account.id)));
  }
  out.spec.accounts.push_back(std::move(account));
  return {};
}

// What S3 would say, at the bucket's place.
std::unexpected<Error> refuse_bucket(const BootstrapBucket& bucket, const Error& error) {
  const facts::ErrorRow& row = facts::error_row(error.code);
  if (row.is_receiver) {
    return std::unexpected(error);
  }
  return bucket.place.refuse(
      concat(row.wire_code, ": ", error.message.empty() ? row.message : error.message));
}

Status make_bucket(const BootstrapBucket& bucket,
                   const api::Deps& deps,
                   identity::Transaction& transaction) {
  identity::Bucket made = TRY(s3::declared_bucket(transaction.view(),
                                                  bucket.name,
                                                  bucket.account,
                                                  bucket.region,
                                                  deps.random,
                                                  deps.clock.now()));
  if (!bucket.tags.empty()) {
    TRY_STATUS(s3::set_tags(made, bucket.tags, deps.random));
  }
  if (!bucket.policy.empty()) {
    TRY_STATUS(s3::set_policy(made, bucket.policy, transaction.view()));
  }
  transaction.put(std::move(made));
  return {};
}

// By the rules of CreateLoginProfile, under the password policy that the file gives the account.
Status check_password(const std::optional<Secret>& password,
                      const std::string& account,
                      const identity::BootstrapPlace& place,
                      const identity::Snapshot& snapshot) {
  const identity::Account* owner = snapshot.find<identity::Account>(account);
  if (!password || owner == nullptr) {
    return {};
  }
  const Status good = identity::require_good_password(*owner, *password);
  return good
             ? good
             : fail(ErrorCode::InvalidInput, concat(place(), ": password: ", good.error().message));
}

Status check_passwords(const identity::BootstrapSpec& spec, const identity::Snapshot& snapshot) {
  for (const BootstrapAccount& account : spec.accounts) {
    for (const BootstrapUser& user : account.users) {
      TRY_STATUS(check_password(user.password, account.id, user.place, snapshot));
    }
  }
  return {};
}

Status write_rest(const BootstrapFile& file,
                  const api::Deps& deps,
                  identity::Transaction& transaction) {
  TRY_STATUS(make_calls(file.calls, deps, transaction));
  TRY_STATUS(check_passwords(file.spec, transaction.view()));
  for (const BootstrapBucket& bucket : file.buckets) {
    if (const Status made = make_bucket(bucket, deps, transaction); !made) {
      return refuse_bucket(bucket, made.error());
    }
  }
  return {};
}

}  // namespace

Result<BootstrapFile> parse_bootstrap(std::string_view json, std::string name) {
  BootstrapFile out;
  out.file =
      std::make_unique<const JsonFile>(TRY(JsonFile::parse(std::move(name), std::string(json))));
  const JsonPlace document(*out.file);
  TRY_STATUS(document.expect_members({"$schema", "accounts"}));
  for (const JsonPlace& account : TRY(document.list_at("accounts"))) {
    TRY_STATUS(read_account(account, out));
  }
  if (out.spec.accounts.empty()) {
    return document.refuse("\"accounts\" must list at least one account");
  }
  order_calls(out.calls);
  return out;
}

Result<BootstrapFile> read_bootstrap_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return fail(ErrorCode::InvalidInput, concat("bootstrap file ", path, " cannot be opened"));
  }
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return parse_bootstrap(text, path);
}

Result<std::vector<identity::CreatedKey>> carry_out(
    const BootstrapFile& file,
    identity::Directory& directory,
    const api::Deps& deps,
    const std::function<std::optional<std::string>(std::string_view)>& hash_password) {
  return identity::bootstrap(
      directory,
      file.spec,
      {.clock = deps.clock,
       .random = deps.random,
       .hash_password = hash_password,
       .write_more =
           [&](identity::Transaction& transaction) { return write_rest(file, deps, transaction); },
       .is_first_only = true});
}

}  // namespace signet::server
