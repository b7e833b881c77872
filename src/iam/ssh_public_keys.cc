#include "base/strings.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/md5.h"
#include "crypto/rsa_public_key.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/ids.h"
#include "iam/key_status.h"
#include "iam/listing.h"

// SSH public keys of users (aws-wire 4.16): RSA, of 2,048 bits and more.
namespace signet::iam {
namespace {

constexpr std::size_t kMinBits = 2048;

// An uploaded key in either encoding. Errors: UnrecognizedPublicKeyEncoding for what is neither,
// InvalidPublicKey for other algorithms and short keys.
Result<crypto::RsaPublicKey> read_key(std::string_view body) {
  std::string_view text = trimmed(body, kWhiteSpace);
  std::optional<crypto::RsaPublicKey> key;
  if (text.starts_with("-----BEGIN ")) {
    key = crypto::rsa_of_pem(text);
  } else if (text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-")) {
    // Kind, base64, and a comment that counts for nothing.
    const std::string_view kind = text.substr(0, text.find_first_of(kWhiteSpace));
    if (kind != "ssh-rsa") {
      return ssh_key_not_rsa();
    }
    text = trimmed(text.substr(kind.size()), kWhiteSpace);
    const auto blob = codec::decode_base64(text.substr(0, text.find_first_of(kWhiteSpace)));
    key = blob ? crypto::rsa_of_ssh(*blob) : std::nullopt;
  }
  if (!key) {
    return ssh_key_unrecognized();
  }
  if (key->bits() < kMinBits) {
    return ssh_key_too_short();
  }
  return *std::move(key);
}

// MD5 with colons, as `ssh-keygen -E md5 -l` prints it.
std::string fingerprint_of(std::string_view key) {
  std::string out;
  for (const std::uint8_t byte : crypto::md5(key)) {
    out += out.empty() ? "" : ":";
    codec::append_hex(out, std::span(&byte, 1));
  }
  return out;
}

Result<const identity::User*> user_named(const std::string& name,
                                         const api::HandlerContext& context) {
  return require<identity::User>(context.snapshot, context.caller.account, name);
}

Result<const identity::SshPublicKey*> key_of(const std::string& user_name,
                                             const std::string& id,
                                             const api::HandlerContext& context) {
  const identity::User* user = TRY(user_named(user_name, context));
  const auto* key = context.snapshot.find<identity::SshPublicKey>(id);
  if (key == nullptr || key->user_id != user->id) {
    return ssh_key_not_found(id);
  }
  return key;
}

SSHPublicKey show(const identity::SshPublicKey& key, std::string user_name, std::string body) {
  return {.user_name = std::move(user_name),
          .ssh_public_key_id = key.id,
          .fingerprint = fingerprint_of(key.key),
          .ssh_public_key_body = std::move(body),
          .status = std::string(text_of(key.status)),
          .upload_date = key.uploaded};
}

}  // namespace

Result<UploadSSHPublicKeyResponse> handle(const api::Authorized&,
                                          const UploadSSHPublicKeyRequest& request,
                                          api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const identity::User* user = TRY(user_named(request.user_name, context));
  const crypto::RsaPublicKey read = TRY(read_key(request.ssh_public_key_body));
  identity::SshPublicKey key;
  key.key = crypto::ssh_of(read);
  const auto present = snapshot.ssh_public_keys_of(account, user->id);
  if (std::ranges::any_of(present, [&](const auto* old) { return old->key == key.key; })) {
    return ssh_key_exists();
  }
  TRY_STATUS(require_room(snapshot, account, Quota::SSHPublicKeysPerUser, present.size()));
  key.id = fresh_id<identity::SshPublicKey>(snapshot, account, context.deps.random);
  key.account = account;
  key.user_id = user->id;
  key.body = request.ssh_public_key_body;
  key.uploaded = context.request.now;
  UploadSSHPublicKeyResponse response{.ssh_public_key = show(key, user->name, key.body)};
  context.transaction->put(std::move(key));
  return response;
}

Result<GetSSHPublicKeyResponse> handle(const api::Authorized&,
                                       const GetSSHPublicKeyRequest& request,
                                       api::HandlerContext& context) {
  const identity::SshPublicKey* key =
      TRY(key_of(request.user_name, request.ssh_public_key_id, context));
  std::string body = concat("ssh-rsa ", codec::encode_base64(key->key));
  if (request.encoding == "PEM") {
    body = crypto::pem_of(crypto::rsa_of_ssh(key->key).value());
  }
  return GetSSHPublicKeyResponse{
      .ssh_public_key =
          show(*key, context.snapshot.find<identity::User>(key->user_id)->name, std::move(body))};
}

Result<ListSSHPublicKeysResponse> handle(const api::Authorized&,
                                         const ListSSHPublicKeysRequest& request,
                                         api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const PageQuery query = TRY(page_query(request, context, owner.id));
  Page<const identity::SshPublicKey*> page =
      page_of(context.snapshot.ssh_public_keys_of(context.caller.account, owner.id),
              query,
              [](const identity::SshPublicKey* key) { return key->id; });
  ListSSHPublicKeysResponse response;
  set_position(response, page);
  std::vector<SSHPublicKeyMetadata>& keys = response.ssh_public_keys.emplace();
  for (const identity::SshPublicKey* key : page.items) {
    keys.push_back({.user_name = owner.name(),
                    .ssh_public_key_id = key->id,
                    .status = std::string(text_of(key->status)),
                    .upload_date = key->uploaded});
  }
  return response;
}

Result<UpdateSSHPublicKeyResponse> handle(const api::Authorized&,
                                          const UpdateSSHPublicKeyRequest& request,
                                          api::HandlerContext& context) {
  identity::SshPublicKey changed =
      *TRY(key_of(request.user_name, request.ssh_public_key_id, context));
  changed.status = TRY(settable_status(request.status));
  context.transaction->put(std::move(changed));
  return UpdateSSHPublicKeyResponse{};
}

Result<DeleteSSHPublicKeyResponse> handle(const api::Authorized&,
                                          const DeleteSSHPublicKeyRequest& request,
                                          api::HandlerContext& context) {
  const identity::SshPublicKey* key =
      TRY(key_of(request.user_name, request.ssh_public_key_id, context));
  context.transaction->erase<identity::SshPublicKey>(key->id);
  return DeleteSSHPublicKeyResponse{};
}

}  // namespace signet::iam
