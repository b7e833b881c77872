#include <algorithm>
#include <array>

#include "crypto/end_entity.h"
#include "rolesanywhere/checks.h"
#include "rolesanywhere/common.h"
#include "rolesanywhere/revocation.h"

namespace signet::rolesanywhere {
namespace {

using identity::NotificationEvent;
using identity::TrustAnchor;

constexpr std::string_view kBundle = "CERTIFICATE_BUNDLE";
constexpr std::string_view kService = "rolesanywhere.amazonaws.com";
constexpr std::uint32_t kDefaultThresholdDays = 45;

struct EventName {
  NotificationEvent event;
  std::string_view name;
};

constexpr std::array kEvents = {
    EventName{NotificationEvent::CaExpiry, "CA_CERTIFICATE_EXPIRY"},
    EventName{NotificationEvent::EndEntityExpiry, "END_ENTITY_CERTIFICATE_EXPIRY"}};

NotificationEvent event_of(std::string_view name) {
  return std::ranges::find(kEvents, name, &EventName::name)->event;  // the decoder knows them all
}

// The settings of both events, the account's own or the default.
std::vector<NotificationSettingDetail> details_of(const TrustAnchor& anchor) {
  std::vector<NotificationSettingDetail> details;
  for (const EventName& known : kEvents) {
    const auto own =
        std::ranges::find(anchor.notifications, known.event, &identity::NotificationSetting::event);
    const bool is_own = own != anchor.notifications.end();
    details.push_back({.enabled = is_own ? own->is_enabled : true,
                       .event = std::string(known.name),
                       .threshold = is_own ? own->threshold_days : kDefaultThresholdDays,
                       .channel = "ALL",
                       .configured_by = is_own ? anchor.account : std::string(kService)});
  }
  return details;
}

TrustAnchorDetail to_wire(const TrustAnchor& anchor) {
  TrustAnchorDetail detail{
      .trust_anchor_id = anchor.id,
      .trust_anchor_arn = arn_of(anchor),
      .name = anchor.name,
      .source = Source{.source_type = std::string(kBundle),
                       .source_data =
                           SourceData{.x509_certificate_data = anchor.bundle, .acm_pca_arn = {}}},
      .enabled = anchor.is_enabled,
      .crl_dp_revocation_enabled = false,
      .created_at = anchor.created,
      .updated_at = anchor.updated,
      .notification_settings = details_of(anchor),
      .alias_name = {},
      .alias_arn = {},
      .previous_alias_name = {}};
  tell_alias(anchor, detail);
  return detail;
}

// The certificates of a source: of authorities, each of them.
Result<std::string> accept_source(const Source& source) {
  if (!source.source_type) {
    return source_missing();
  }
  if (*source.source_type != kBundle) {
    return anchor_type_not_served(*source.source_type);
  }
  if (!source.source_data || !source.source_data->x509_certificate_data ||
      source.source_data->acm_pca_arn) {
    return source_missing();
  }
  const std::string& text = *source.source_data->x509_certificate_data;
  const auto certificates = crypto::certificates_of_pem(text, facts::kCertificatesPerTrustAnchor);
  if (!certificates) {
    return bundle_unreadable(facts::kCertificatesPerTrustAnchor);
  }
  if (!std::ranges::all_of(*certificates, crypto::is_authority)) {
    return bundle_not_of_authorities();
  }
  return text;
}

Status refuse_distribution_points(const std::optional<bool>& wanted) {
  return wanted.value_or(false) ? Status(distribution_points_not_served()) : Status();
}

// Puts settings in the place of those of their events.
Status put_notifications(const std::vector<NotificationSetting>& settings, TrustAnchor& anchor) {
  std::vector<NotificationEvent> seen;
  for (const NotificationSetting& setting : settings) {
    const NotificationEvent event = event_of(setting.event);
    if (std::ranges::find(seen, event) != seen.end()) {
      return notification_invalid(setting.event);
    }
    seen.push_back(event);
    std::erase_if(anchor.notifications, [event](const auto& own) { return own.event == event; });
    anchor.notifications.push_back({.event = event,
                                    .is_enabled = setting.enabled,
                                    .threshold_days = static_cast<std::uint32_t>(
                                        setting.threshold.value_or(kDefaultThresholdDays))});
  }
  return {};
}

}  // namespace

Result<CreateTrustAnchorResponse> handle(const api::Authorized&,
                                         const CreateTrustAnchorRequest& request,
                                         api::HandlerContext& context) {
  TRY_STATUS(refuse_distribution_points(request.crl_dp_revocation_enabled));
  TRY_STATUS(require_room<TrustAnchor>(context, facts::kTrustAnchorsPerAccount, "trust anchors"));
  TrustAnchor anchor = TRY(begin<TrustAnchor>(request, context));
  anchor.bundle = TRY(accept_source(request.source));
  if (request.notification_settings) {
    TRY_STATUS(put_notifications(*request.notification_settings, anchor));
  }
  TRY_STATUS(set_alias(anchor, request.alias_name, context));
  CreateTrustAnchorResponse response{.trust_anchor = to_wire(anchor)};
  context.transaction->put(std::move(anchor));
  return response;
}

Result<GetTrustAnchorResponse> handle(const api::Authorized&,
                                      const GetTrustAnchorRequest& request,
                                      api::HandlerContext& context) {
  return GetTrustAnchorResponse{
      .trust_anchor = to_wire(*TRY(
          require<TrustAnchor>(context.snapshot, place_of(context), request.trust_anchor_id)))};
}

Result<ListTrustAnchorsResponse> handle(const api::Authorized&,
                                        const ListTrustAnchorsRequest& request,
                                        api::HandlerContext& context) {
  const Place place = place_of(context);
  const PageQuery query =
      TRY(read_page(Named<TrustAnchor>::kType, place, request.next_token, request.page_size));
  auto page = page_of<TrustAnchor>(context.snapshot, place, query, to_wire);
  return ListTrustAnchorsResponse{.next_token = std::move(page.next),
                                  .trust_anchors = std::move(page.items)};
}

Result<UpdateTrustAnchorResponse> handle(const api::Authorized&,
                                         const UpdateTrustAnchorRequest& request,
                                         api::HandlerContext& context) {
  TRY_STATUS(refuse_distribution_points(request.crl_dp_revocation_enabled));
  TrustAnchor anchor = TRY(copy_of<TrustAnchor>(request.trust_anchor_id, context));
  anchor.name = request.name.value_or(anchor.name);
  if (request.source) {
    anchor.bundle = TRY(accept_source(*request.source));
  }
  const auto lost = TRY(set_alias(anchor, request.alias_name, context));
  UpdateTrustAnchorResponse response{.trust_anchor = to_wire(anchor)};
  response.trust_anchor.previous_alias_name = lost;
  context.transaction->put(std::move(anchor));
  return response;
}

Result<EnableTrustAnchorResponse> handle(const api::Authorized&,
                                         const EnableTrustAnchorRequest& request,
                                         api::HandlerContext& context) {
  return EnableTrustAnchorResponse{
      .trust_anchor = to_wire(TRY(switched<TrustAnchor>(request.trust_anchor_id, true, context)))};
}

Result<DisableTrustAnchorResponse> handle(const api::Authorized&,
                                          const DisableTrustAnchorRequest& request,
                                          api::HandlerContext& context) {
  return DisableTrustAnchorResponse{
      .trust_anchor = to_wire(TRY(switched<TrustAnchor>(request.trust_anchor_id, false, context)))};
}

// Lists of what the authority revoked mean nothing without it.
Result<DeleteTrustAnchorResponse> handle(const api::Authorized&,
                                         const DeleteTrustAnchorRequest& request,
                                         api::HandlerContext& context) {
  const TrustAnchor anchor =
      *TRY(require<TrustAnchor>(context.snapshot, place_of(context), request.trust_anchor_id));
  for (const identity::RevocationList* list : lists_of(context.snapshot, anchor)) {
    context.transaction->erase<identity::RevocationList>(std::string(list->id));
  }
  context.transaction->erase<TrustAnchor>(anchor.id);
  return DeleteTrustAnchorResponse{.trust_anchor = to_wire(anchor)};
}

// Notification settings. Nobody is told anything: AWS uses EventBridge and the health dashboard,
// which are not served here.

Result<PutNotificationSettingsResponse> handle(const api::Authorized&,
                                               const PutNotificationSettingsRequest& request,
                                               api::HandlerContext& context) {
  TrustAnchor anchor = TRY(copy_of<TrustAnchor>(request.trust_anchor_id, context));
  TRY_STATUS(put_notifications(request.notification_settings, anchor));
  PutNotificationSettingsResponse response{.trust_anchor = to_wire(anchor)};
  context.transaction->put(std::move(anchor));
  return response;
}

Result<ResetNotificationSettingsResponse> handle(const api::Authorized&,
                                                 const ResetNotificationSettingsRequest& request,
                                                 api::HandlerContext& context) {
  TrustAnchor anchor = TRY(copy_of<TrustAnchor>(request.trust_anchor_id, context));
  for (const NotificationSettingKey& key : request.notification_setting_keys) {
    std::erase_if(anchor.notifications,
                  [event = event_of(key.event)](const auto& own) { return own.event == event; });
  }
  ResetNotificationSettingsResponse response{.trust_anchor = to_wire(anchor)};
  context.transaction->put(std::move(anchor));
  return response;
}

}  // namespace signet::rolesanywhere
