#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "crypto/certificate.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "iam/checks.h"
#include "iam/ids.h"
#include "iam/listing.h"
#include "iam/preparations.h"
#include "iam/tagging.h"

// Certificates for TLS with their private keys (aws-wire 4.16). The key is never given back.
namespace signet::iam {

namespace {

Status require_valid(const crypto::Certificate& certificate, Instant now) {
  if (now > certificate.not_after) {
    return certificate_expired();
  }
  if (now < certificate.not_before) {
    return certificate_not_yet_valid();
  }
  return {};
}

Status require_own_key(const crypto::Certificate& certificate, const Secret& private_key) {
  switch (crypto::match_private_key(certificate, private_key)) {
    case crypto::KeyMatch::Same:
      return {};
    case crypto::KeyMatch::Other:
      return private_key_mismatch();
    case crypto::KeyMatch::Unreadable:
      break;
  }
  return private_key_unreadable();
}

// The issuers of a certificate, one after the other. A chain that cannot be read is refused without
// a sentence (aws-wire 4.16).
Status require_chain(const crypto::Certificate& certificate, std::string_view pem, Instant now) {
  auto issuers = crypto::certificates_of_pem(pem, facts::kServerCertificateChainMax);
  if (!issuers) {
    return std::unexpected(facts::make_error(ErrorCode::MalformedCertificate));
  }
  issuers->insert(issuers->begin(), certificate);
  const std::optional<int> fault = crypto::find_chain_fault(*issuers, now);
  if (fault) {
    return certificate_chain_invalid(std::to_string(*fault));
  }
  return {};
}

ServerCertificateMetadata show(const identity::ServerCertificate& certificate) {
  return {.path = certificate.path,
          .server_certificate_name = certificate.name,
          .server_certificate_id = certificate.id,
          .arn = identity::arn_of(certificate),
          .upload_date = certificate.uploaded,
          .expiration = certificate.expires};
}

}  // namespace

// UploadServerCertificate

Result<UploadServerCertificatePreparation> prepare(const UploadServerCertificateRequest& request,
                                                   const api::CheckContext& context) {
  const Instant now = context.request.now;
  const auto read = crypto::certificates_of_pem(request.certificate_body, 1);
  if (!read) {
    return certificate_unreadable();
  }
  const crypto::Certificate& certificate = read->front();
  TRY_STATUS(require_valid(certificate, now));
  TRY_STATUS(require_own_key(certificate, request.private_key));
  // Kept without white space around them (aws-wire 4.16).
  UploadServerCertificatePreparation prepared{
      .body = std::string(trimmed(request.certificate_body, kWhiteSpace)),
      .chain = {},
      .expires = certificate.not_after};
  if (request.certificate_chain) {
    TRY_STATUS(require_chain(certificate, *request.certificate_chain, now));
    prepared.chain = trimmed(*request.certificate_chain, kWhiteSpace);
  }
  return prepared;
}

Result<UploadServerCertificateResponse> handle(const api::Authorized&,
                                               const UploadServerCertificateRequest& request,
                                               const UploadServerCertificatePreparation& prepared,
                                               api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const std::string& name = request.server_certificate_name;
  identity::ServerCertificate certificate;
  certificate.tags = TRY(first_tags<identity::ServerCertificate>(request.tags, snapshot, account));
  if (snapshot.find<identity::ServerCertificate>(account, name) != nullptr) {
    return server_certificate_exists(name);
  }
  TRY_STATUS(require_room(snapshot,
                          account,
                          Quota::ServerCertificatesPerAccount,
                          snapshot.table<identity::ServerCertificate>(account).size()));
  certificate.account = account;
  certificate.id = fresh_id<identity::ServerCertificate>(snapshot, account, context.deps.random);
  certificate.name = name;
  certificate.path = request.path.value_or("/");
  certificate.uploaded = context.request.now;
  certificate.expires = prepared.expires;
  certificate.body = prepared.body;
  certificate.chain = prepared.chain;
  certificate.private_key = std::make_shared<const Secret>(request.private_key.clone());
  UploadServerCertificateResponse response{.server_certificate_metadata = show(certificate)};
  if (!certificate.tags.empty()) {
    response.tags = to_wire(certificate.tags);
  }
  context.transaction->put(std::move(certificate));
  return response;
}

// GetServerCertificate, ListServerCertificates

Result<GetServerCertificateResponse> handle(const api::Authorized&,
                                            const GetServerCertificateRequest& request,
                                            api::HandlerContext& context) {
  const identity::ServerCertificate* certificate = TRY(require<identity::ServerCertificate>(
      context.snapshot, context.caller.account, request.server_certificate_name));
  ServerCertificate shown{.server_certificate_metadata = show(*certificate),
                          .certificate_body = certificate->body,
                          .certificate_chain = {},
                          .tags = to_wire(certificate->tags)};  // even when there are none
  if (!certificate->chain.empty()) {
    shown.certificate_chain = certificate->chain;
  }
  return GetServerCertificateResponse{.server_certificate = std::move(shown)};
}

Result<ListServerCertificatesResponse> handle(const api::Authorized&,
                                              const ListServerCertificatesRequest& request,
                                              api::HandlerContext& context) {
  const PageQuery query = TRY(page_query(request, context));
  Page<ServerCertificateMetadata> page = page_of_table<ServerCertificateMetadata>(
      context.snapshot.table<identity::ServerCertificate>(context.caller.account),
      query,
      request.path_prefix.value_or("/"),
      [](const identity::ServerCertificate& certificate) { return show(certificate); });
  ListServerCertificatesResponse response;
  set_position(response, page);
  response.server_certificate_metadata_list = std::move(page.items);
  return response;
}

// UpdateServerCertificate

Result<api::CheckList> checks(const UpdateServerCertificateRequest& request,
                              const api::CheckContext& context) {
  return moving_checks<identity::ServerCertificate>(action_of(request),
                                                    context,
                                                    request.server_certificate_name,
                                                    request.new_path,
                                                    request.new_server_certificate_name);
}

// AWS-DIFF: an update with neither name nor path loses the tags on AWS (aws-wire 4.16); here it
// changes nothing (ServerCertificates.KeepEverythingInAnUpdateWithoutNameAndPath).
Result<UpdateServerCertificateResponse> handle(const api::Authorized&,
                                               const UpdateServerCertificateRequest& request,
                                               api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  identity::ServerCertificate changed = *TRY(require<identity::ServerCertificate>(
      context.snapshot, account, request.server_certificate_name));
  if (request.new_server_certificate_name) {
    const std::string& name = *request.new_server_certificate_name;
    const auto* holder = context.snapshot.find<identity::ServerCertificate>(account, name);
    if (holder != nullptr && holder->id != changed.id) {
      return server_certificate_exists(name);
    }
    changed.name = name;
  }
  changed.path = request.new_path.value_or(changed.path);
  context.transaction->put(std::move(changed));
  return UpdateServerCertificateResponse{};
}

// DeleteServerCertificate. Nothing here serves one, so nothing keeps it from going.

Result<DeleteServerCertificateResponse> handle(const api::Authorized&,
                                               const DeleteServerCertificateRequest& request,
                                               api::HandlerContext& context) {
  const identity::ServerCertificate* certificate = TRY(require<identity::ServerCertificate>(
      context.snapshot, context.caller.account, request.server_certificate_name));
  context.transaction->erase<identity::ServerCertificate>(certificate->id);
  return DeleteServerCertificateResponse{};
}

// Tags

Result<TagServerCertificateResponse> handle(const api::Authorized&,
                                            const TagServerCertificateRequest& request,
                                            api::HandlerContext& context) {
  return tag<TagServerCertificateResponse, identity::ServerCertificate>(request, context);
}

Result<UntagServerCertificateResponse> handle(const api::Authorized&,
                                              const UntagServerCertificateRequest& request,
                                              api::HandlerContext& context) {
  return untag<UntagServerCertificateResponse, identity::ServerCertificate>(request, context);
}

Result<ListServerCertificateTagsResponse> handle(const api::Authorized&,
                                                 const ListServerCertificateTagsRequest& request,
                                                 api::HandlerContext& context) {
  return list_tags<ListServerCertificateTagsResponse, identity::ServerCertificate>(request,
                                                                                   context);
}

}  // namespace signet::iam
