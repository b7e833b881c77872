#include "rolesanywhere/checks.h"
#include "rolesanywhere/common.h"

namespace signet::rolesanywhere {
namespace {

using identity::AnywhereSubject;

SubjectSummary summary_of(const AnywhereSubject& subject) {
  return {.subject_arn = arn_of(subject),
          .subject_id = subject.id,
          .enabled = true,  // nothing disables one
          .x509_subject = subject.name,
          .last_seen_at = subject.seen,
          .created_at = subject.created,
          .updated_at = subject.updated};
}

SubjectDetail to_wire(const AnywhereSubject& subject) {
  SubjectDetail detail{.subject_arn = arn_of(subject),
                       .subject_id = subject.id,
                       .enabled = true,
                       .x509_subject = subject.name,
                       .last_seen_at = subject.seen,
                       .created_at = subject.created,
                       .updated_at = subject.updated,
                       .credentials = std::vector<CredentialSummary>(),
                       .instance_properties = std::vector<InstanceProperty>()};
  for (const identity::SeenCertificate& seen : subject.certificates) {
    detail.credentials->push_back({.seen_at = seen.seen,
                                   .serial_number = seen.serial,
                                   .issuer = seen.issuer,
                                   .enabled = true,
                                   .x509_certificate_data = seen.pem,
                                   .failed = false});
  }
  if (!subject.instance_properties.empty()) {
    InstanceProperty property{.seen_at = subject.seen, .properties = {}, .failed = false};
    property.properties.emplace();
    for (const model::Tag& one : subject.instance_properties) {
      property.properties->emplace_back(one.key, one.value);
    }
    detail.instance_properties->push_back(std::move(property));
  }
  return detail;
}

}  // namespace

Result<GetSubjectResponse> handle(const api::Authorized&,
                                  const GetSubjectRequest& request,
                                  api::HandlerContext& context) {
  return GetSubjectResponse{.subject = to_wire(*TRY(require<AnywhereSubject>(
                                context.snapshot, place_of(context), request.subject_id)))};
}

Result<ListSubjectsResponse> handle(const api::Authorized&,
                                    const ListSubjectsRequest& request,
                                    api::HandlerContext& context) {
  const Place place = place_of(context);
  const PageQuery query =
      TRY(read_page(Named<AnywhereSubject>::kType, place, request.next_token, request.page_size));
  auto page = page_of<AnywhereSubject>(context.snapshot, place, query, summary_of);
  return ListSubjectsResponse{.subjects = std::move(page.items),
                              .next_token = std::move(page.next)};
}

}  // namespace signet::rolesanywhere
