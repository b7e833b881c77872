#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/base32.h"
#include "crypto/certificate.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/key_status.h"
#include "iam/listing.h"

// Certificates with which users and root sign requests (aws-wire 4.16).
namespace signet::iam {

namespace {

// One that is valid now; AWS says of an expired one what it says of garbage.
Result<crypto::Certificate> read_certificate(const std::string& body, Instant now) {
  auto read = crypto::certificates_of_pem(body, 1);
  if (!read || !read->front().is_valid_at(now)) {
    return signing_certificate_malformed(body);
  }
  return std::move(read->front());
}

Result<const identity::SigningCertificate*> certificate_of(const Owner& owner,
                                                           const std::string& id,
                                                           const api::HandlerContext& context) {
  const auto* certificate =
      context.snapshot.find<identity::SigningCertificate>({context.caller.account, id});
  if (certificate == nullptr || certificate->owner_id() != owner.id) {
    return signing_certificate_not_found(id);
  }
  return certificate;
}

SigningCertificate show(const identity::SigningCertificate& certificate, const Owner& owner) {
  return {.user_name = owner.name(),
          .certificate_id = certificate.id,
          .certificate_body = certificate.body,
          .status = std::string(text_of(certificate.status)),
          .upload_date = certificate.uploaded};
}

// For a certificate that the account has: its owner may upload it again, which changes nothing and
// is answered as if it were active; nobody else may have it.
Result<UploadSigningCertificateResponse> answer_again(const identity::SigningCertificate& present,
                                                      const Owner& owner) {
  if (present.owner_id() != owner.id) {
    return std::unexpected(facts::make_error(ErrorCode::DuplicateCertificate));
  }
  UploadSigningCertificateResponse response{.certificate = show(present, owner)};
  response.certificate.status = text_of(identity::KeyStatus::Active);
  return response;
}

}  // namespace

Result<UploadSigningCertificateResponse> handle(const api::Authorized&,
                                                const UploadSigningCertificateRequest& request,
                                                api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const Owner owner = TRY(find_owner(request.user_name, context.caller, snapshot));
  const crypto::Certificate read =
      TRY(read_certificate(request.certificate_body, context.request.now));
  identity::SigningCertificate certificate;
  certificate.id = codec::encode_base32(crypto::as_view(read.sha1));
  const auto* present = snapshot.find<identity::SigningCertificate>({account, certificate.id});
  if (present != nullptr) {
    return answer_again(*present, owner);
  }
  TRY_STATUS(require_room(snapshot,
                          account,
                          Quota::CertificatesPerUser,
                          snapshot.signing_certificates_of(account, owner.id).size()));
  certificate.account = account;
  certificate.user_id = owner.user != nullptr ? owner.id : std::string();
  certificate.body = request.certificate_body;
  certificate.uploaded = context.request.now;
  UploadSigningCertificateResponse response{.certificate = show(certificate, owner)};
  context.transaction->put(std::move(certificate));
  return response;
}

Result<ListSigningCertificatesResponse> handle(const api::Authorized&,
                                               const ListSigningCertificatesRequest& request,
                                               api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const PageQuery query = TRY(page_query(request, context, owner.id));
  Page<const identity::SigningCertificate*> page =
      page_of(context.snapshot.signing_certificates_of(context.caller.account, owner.id),
              query,
              [](const identity::SigningCertificate* certificate) { return certificate->id; });
  ListSigningCertificatesResponse response;
  set_position(response, page);
  for (const identity::SigningCertificate* certificate : page.items) {
    response.certificates.push_back(show(*certificate, owner));
  }
  return response;
}

Result<UpdateSigningCertificateResponse> handle(const api::Authorized&,
                                                const UpdateSigningCertificateRequest& request,
                                                api::HandlerContext& context) {
  const identity::KeyStatus status = TRY(settable_status(request.status));
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  identity::SigningCertificate changed =
      *TRY(certificate_of(owner, request.certificate_id, context));
  changed.status = status;
  context.transaction->put(std::move(changed));
  return UpdateSigningCertificateResponse{};
}

Result<DeleteSigningCertificateResponse> handle(const api::Authorized&,
                                                const DeleteSigningCertificateRequest& request,
                                                api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const identity::SigningCertificate* certificate =
      TRY(certificate_of(owner, request.certificate_id, context));
  context.transaction->erase<identity::SigningCertificate>({certificate->account, certificate->id});
  return DeleteSigningCertificateResponse{};
}

}  // namespace signet::iam
