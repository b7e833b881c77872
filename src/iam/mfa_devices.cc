#include <utility>

#include "authn/mfa_gate.h"
#include "base/secret_access.h"
#include "codec/base32.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/listing.h"
#include "iam/preparations.h"
#include "iam/tagging.h"
#include "iam/views.h"
#include "mfa/otpauth.h"
#include "mfa/qr_png.h"
#include "mfa/totp.h"

namespace signet::iam {

namespace {

constexpr std::string_view kKind = "mfa";

// A device that this owner uses; another's is as good as none.
Result<const identity::MfaDevice*> require_device_of(const api::HandlerContext& context,
                                                     const Owner& owner,
                                                     const std::string& serial) {
  const identity::MfaDevice* device =
      TRY(require<identity::MfaDevice>(context.snapshot, context.caller.account, serial));
  if (!device->is_assigned || device->owner_id() != owner.id) {
    return mfa_device_not_found(serial);
  }
  return device;
}

VirtualMFADevice show_virtual(const identity::MfaDevice& device,
                              const identity::Snapshot& snapshot) {
  VirtualMFADevice shown;
  shown.serial_number = device.serial();
  if (!device.is_assigned) {
    return shown;
  }
  shown.enable_date = device.enabled;
  if (!device.user_id.empty()) {
    if (const identity::User* user = snapshot.find<identity::User>(device.user_id)) {
      shown.user = show(*user, snapshot);
    }
  } else if (const identity::Account* account = snapshot.find<identity::Account>(device.account)) {
    shown.user = show_root(*account, snapshot);
  }
  return shown;
}

}  // namespace

// CreateVirtualMFADevice

// Drawing the picture takes longer than all the rest.
Result<CreateVirtualMFADevicePreparation> prepare(const CreateVirtualMFADeviceRequest& request,
                                                  const api::CheckContext& context) {
  const identity::Account* account =
      context.snapshot.find<identity::Account>(context.caller.account);
  const std::string& shown_account =
      account != nullptr && !account->alias.empty() ? account->alias : context.caller.account;
  Secret seed = mfa::make_seed(context.deps.random);
  Secret base32(codec::encode_base32(seed.reveal(secret_access())));
  const Secret uri(mfa::otpauth_uri(
      request.virtual_mfa_device_name, shown_account, base32.reveal(secret_access())));
  auto picture = mfa::qr_png(uri.reveal(secret_access()));
  if (!picture) {
    return std::unexpected(facts::service_failure("a device's address does not fit a QR code"));
  }
  return CreateVirtualMFADevicePreparation{
      .seed = std::make_shared<const Secret>(std::move(seed)),
      .base32 = std::make_shared<const Secret>(std::move(base32)),
      .qr_png = identity::make_shared_secret(*std::move(picture))};
}

Result<CreateVirtualMFADeviceResponse> handle(const api::Authorized&,
                                              const CreateVirtualMFADeviceRequest& request,
                                              const CreateVirtualMFADevicePreparation& prepared,
                                              api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  identity::MfaDevice device;
  device.tags = TRY(first_tags<identity::MfaDevice>(request.tags, snapshot, account));
  device.account = account;
  device.name = request.virtual_mfa_device_name;
  device.path = request.path.value_or("/");
  if (snapshot.find<identity::MfaDevice>(account, device.key()) != nullptr ||
      snapshot.find<identity::MfaDevice>(device.serial()) != nullptr) {
    return mfa_device_exists();
  }
  TRY_STATUS(require_room(snapshot,
                          account,
                          Quota::VirtualMFADevicesPerAccount,
                          snapshot.table<identity::MfaDevice>(account).size()));
  device.seed = prepared.seed;
  device.created = context.request.now;
  VirtualMFADevice shown;
  shown.serial_number = device.serial();
  // Shown here and never again (aws-wire 4.13).
  shown.base32_string_seed = prepared.base32->clone();
  shown.qr_code_png = prepared.qr_png->clone();
  if (!device.tags.empty()) {
    shown.tags = to_wire(device.tags);
  }
  context.transaction->put(std::move(device));
  return CreateVirtualMFADeviceResponse{.virtual_mfa_device = std::move(shown)};
}

// EnableMFADevice

Result<EnableMFADeviceResponse> handle(const api::Authorized&,
                                       const EnableMFADeviceRequest& request,
                                       api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  // A missing user is reported before a missing device (aws-wire 4.13).
  const identity::User* user = TRY(require<identity::User>(snapshot, account, request.user_name));
  const identity::MfaDevice* device = TRY(require<identity::MfaDevice>(
      context.snapshot, context.caller.account, request.serial_number));
  if (device->is_assigned) {
    return mfa_device_in_use();
  }
  TRY_STATUS(require_room(snapshot,
                          account,
                          Quota::MFADevicesPerUser,
                          snapshot.mfa_devices_of(account, user->id).size()));
  const mfa::Outcome outcome = context.deps.mfa.enable(
      *device, request.authentication_code1, request.authentication_code2, context.request.now);
  if (outcome != mfa::Outcome::Accepted) {
    return std::unexpected(facts::make_error(ErrorCode::InvalidAuthenticationCode));
  }
  identity::MfaDevice changed = *device;
  changed.is_assigned = true;
  changed.user_id = user->id;
  changed.enabled = context.request.now;
  context.deps.mfa.store_into(changed);
  context.transaction->put(std::move(changed));
  return EnableMFADeviceResponse{};
}

// ResyncMFADevice

Result<ResyncMFADeviceResponse> handle(const api::Authorized&,
                                       const ResyncMFADeviceRequest& request,
                                       api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const identity::MfaDevice* device = TRY(require_device_of(context, owner, request.serial_number));
  const mfa::Outcome outcome = context.deps.mfa.resync(
      *device, request.authentication_code1, request.authentication_code2, context.request.now);
  if (outcome != mfa::Outcome::Accepted) {
    return std::unexpected(facts::make_error(ErrorCode::InvalidAuthenticationCode));
  }
  identity::MfaDevice changed = *device;
  context.deps.mfa.store_into(changed);
  context.transaction->put(std::move(changed));
  return ResyncMFADeviceResponse{};
}

// DeactivateMFADevice

Result<DeactivateMFADeviceResponse> handle(const api::Authorized&,
                                           const DeactivateMFADeviceRequest& request,
                                           api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const identity::MfaDevice* device = TRY(require_device_of(context, owner, request.serial_number));
  if (device->is_passkey()) {
    // Nothing could enable it again: it is gone, as at AWS.
    context.transaction->erase<identity::MfaDevice>(request.serial_number);
    return DeactivateMFADeviceResponse{};
  }
  // The device may be enabled again with its seed, so what it has spent stays spent.
  identity::MfaDevice changed = *device;
  context.deps.mfa.store_into(changed);
  context.deps.mfa.forget(request.serial_number);
  changed.is_assigned = false;
  changed.user_id.clear();
  changed.enabled = {};
  context.transaction->put(std::move(changed));
  return DeactivateMFADeviceResponse{};
}

// DeleteVirtualMFADevice

namespace {

// The name that AWS gives root's device.
constexpr std::string_view kRootDevice = "root-account-mfa-device";

// AWS-DIFF: AWS knows also a device of another name that was root's before it was deactivated; here
// nothing says so, and a session of AssumeRoot may not delete it (assumed_root_test.cc).
bool is_of_root(const identity::MfaDevice& device) {
  return device.is_assigned ? device.user_id.empty() : device.name == kRootDevice;
}

}  // namespace

// The task policy of AssumeRoot limits the call to root's ARN, which its devices count as there
// (new-in-2026 4).
Result<api::CheckList> checks(const DeleteVirtualMFADeviceRequest& request,
                              const api::CheckContext& context) {
  api::Check check =
      entity_check<identity::MfaDevice>(action_of(request), context, request.serial_number);
  const identity::MfaDevice* device = Named<identity::MfaDevice>::find(
      context.snapshot, context.caller.account, request.serial_number);
  if (is_assumed_root(context.caller) && device != nullptr && is_of_root(*device)) {
    check.resource = model::root_arn(context.caller.account);
  }
  return one_check(std::move(check));
}

Result<DeleteVirtualMFADeviceResponse> handle(const api::Authorized&,
                                              const DeleteVirtualMFADeviceRequest& request,
                                              api::HandlerContext& context) {
  const identity::MfaDevice* device = TRY(require<identity::MfaDevice>(
      context.snapshot, context.caller.account, request.serial_number));
  if (device->is_assigned) {
    return mfa_device_is_assigned();
  }
  context.deps.mfa.forget(request.serial_number);
  context.transaction->erase<identity::MfaDevice>(request.serial_number);
  return DeleteVirtualMFADeviceResponse{};
}

// ListMFADevices

Result<ListMFADevicesResponse> handle(const api::Authorized&,
                                      const ListMFADevicesRequest& request,
                                      api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const PageQuery query = TRY(page_query(request, context, owner.id));
  PageBuilder<MFADevice> builder(query);
  for (const identity::MfaDevice* device :
       context.snapshot.mfa_devices_of(context.caller.account, owner.id)) {
    MFADevice shown{.user_name = owner.name(),
                    .serial_number = device->serial(),
                    .enable_date = device->enabled};
    if (!builder.add(identity::fold_name(device->name), std::move(shown))) {
      break;
    }
  }
  Page<MFADevice> page = builder.take();
  ListMFADevicesResponse response;
  set_position(response, page);
  response.mfa_devices = std::move(page.items);
  return response;
}

// ListVirtualMFADevices

Result<api::CheckList> checks(const ListVirtualMFADevicesRequest& request,
                              const api::CheckContext& context) {
  return api::CheckList{
      account_check(action_of(request), model::iam_arn(context.caller.account, kKind, "/", ""))};
}

Result<ListVirtualMFADevicesResponse> handle(const api::Authorized&,
                                             const ListVirtualMFADevicesRequest& request,
                                             api::HandlerContext& context) {
  const std::string status = request.assignment_status.value_or("Any");
  const PageQuery query = TRY(page_query(request, context, status));
  PageBuilder<VirtualMFADevice> builder(query);
  const auto& devices = context.snapshot.table<identity::MfaDevice>(context.caller.account);
  for (auto it = devices.lower_bound(query.after); it != devices.end(); ++it) {
    const identity::MfaDevice& device = *it->value;
    const bool is_wanted =
        !device.is_passkey() && (status == "Any" || (status == "Assigned") == device.is_assigned);
    if (is_wanted && !builder.add(it->key, show_virtual(device, context.snapshot))) {
      break;
    }
  }
  Page<VirtualMFADevice> page = builder.take();
  ListVirtualMFADevicesResponse response;
  set_position(response, page);
  response.virtual_mfa_devices = std::move(page.items);
  return response;
}

// GetMFADevice

Result<GetMFADeviceResponse> handle(const api::Authorized&,
                                    const GetMFADeviceRequest& request,
                                    api::HandlerContext& context) {
  const Owner owner = TRY(find_owner(request.user_name, context.caller, context.snapshot));
  const identity::MfaDevice* device = TRY(require_device_of(context, owner, request.serial_number));
  GetMFADeviceResponse response;
  if (owner.user != nullptr) {
    response.user_name = owner.user->name;
  }
  response.serial_number = device->serial();
  response.enable_date = device->enabled;
  return response;
}

// Tags

Result<TagMFADeviceResponse> handle(const api::Authorized&,
                                    const TagMFADeviceRequest& request,
                                    api::HandlerContext& context) {
  return tag<TagMFADeviceResponse, identity::MfaDevice>(request, context);
}

Result<UntagMFADeviceResponse> handle(const api::Authorized&,
                                      const UntagMFADeviceRequest& request,
                                      api::HandlerContext& context) {
  return untag<UntagMFADeviceResponse, identity::MfaDevice>(request, context);
}

Result<ListMFADeviceTagsResponse> handle(const api::Authorized&,
                                         const ListMFADeviceTagsRequest& request,
                                         api::HandlerContext& context) {
  return list_tags<ListMFADeviceTagsResponse, identity::MfaDevice>(request, context);
}

}  // namespace signet::iam
