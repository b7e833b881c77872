#include "signin/passkeys.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "api/route.h"
#include "base/strings.h"
#include "codec/base32.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "signin/console_session.h"
#include "signin/json_answers.h"
#include "signin/origin.h"
#include "signin/own_device_call.h"
#include "token/signin_step.h"

namespace signet::signin {
namespace {

using token::SigninStage;
using token::SigninStep;

constexpr std::int64_t kChallengeSeconds = 300;
constexpr std::size_t kMaxName = 64;
constexpr std::string_view kNameSigns = "+=,.@_-";

// Asks when the button is pressed, and sends the answer with the form. Texts alone, nothing parsed.
constexpr std::string_view kScript = R"js("use strict";
(() => {
  const form = document.getElementById("passkey");
  if (!form || !window.PublicKeyCredential) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = document.getElementById("passkey-problem");
    problem.hidden = true;
    try {
      const { rawId, response } = await navigator.credentials.get({
        publicKey: {
          challenge: new TextEncoder().encode(form.elements.step.value),
          rpId: location.hostname,
          allowCredentials: form.dataset.credentials.split(" ").map((id) => ({ type: "public-key", id: bytes(id) })),
          userVerification: "discouraged",
          timeout: 120000,
        },
      });
      form.elements.credential.value = text(rawId);
      form.elements.clientData.value = text(response.clientDataJSON);
      form.elements.authenticatorData.value = text(response.authenticatorData);
      form.elements.signature.value = text(response.signature);
      form.submit();
    } catch {
      problem.hidden = false;
    }
  });
})();
)js";

class PasskeyScript final : public ConsolePage {
 public:
  using ConsolePage::ConsolePage;

  // The same bytes for everybody.
  bool leaves_record() const override { return false; }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& /*context*/) override {
    http::Response response{.body = std::string(kScript)};
    response.headers.add("Content-Type", "text/javascript; charset=utf-8");
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
    response.headers.add("Content-Security-Policy", "sandbox; default-src 'none'");
    answer_with(std::move(response));
    return {};
  }
};

// What tells a passkey from others of the name.
std::string random_name(Random& random) {
  std::array<std::uint8_t, 15> bytes{};
  random.fill(bytes);
  return codec::encode_base32(codec::as_text(bytes));
}

class PasskeyChallenge final : public OwnDeviceCall {
 public:
  using OwnDeviceCall::OwnDeviceCall;

  api::RunMode run_mode() const override { return api::RunMode::Read; }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const model::Caller& caller = context.caller;
    const auto challenge =
        token::seal_signin_step(rings().current(),
                                {.stage = SigninStage::Passkey,
                                 .expires = context.request.now.plus_seconds(kChallengeSeconds),
                                 .browser = session().id_hash,
                                 .account = caller.account,
                                 .principal_id = caller.principal_id,
                                 .password_changed = {},
                                 .mfa_time = {},
                                 .destination = {}},
                                context.request.now,
                                context.deps.random);
    if (!challenge) {
      return problem(503, "No key can seal now. Try again.");
    }
    const PageCeremony ceremony(*request().head, *challenge);
    std::string body;
    codec::JsonWriter writer(body);
    writer.begin_object();
    writer.member("challenge", *challenge);
    writer.member("rpId", ceremony.rp_id);
    writer.member("userId", caller.principal_id);
    writer.member(
        "userName",
        caller.kind == model::CallerKind::Root ? concat("root of ", caller.account) : caller.name);
    writer.key("known");
    writer.begin_array();
    for (const std::string& id :
         passkeys_of(context.snapshot, caller.account, caller.principal_id)) {
      writer.string(id);
    }
    writer.end_array();
    writer.end_object();
    answer_with(json_answer(200, std::move(body)));
    return {};
  }

  // Nothing is enabled by it yet.
  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    OwnDeviceCall::describe(record, caller, outcome);
    record.event = "CreatePasskeyChallenge";
  }

 protected:
  std::string_view success() const override { return ""; }
};

class RegisterPasskey final : public OwnDeviceCall {
 public:
  using OwnDeviceCall::OwnDeviceCall;

  api::RunMode run_mode() const override { return api::RunMode::Write; }

  Status decode() override {
    const auto json = codec::Json::parse(request().body);
    const auto bytes_at = [&json](std::string_view name) {
      return json && json->is_object() ? codec::decode_base64url(json->string_at(name))
                                       : std::nullopt;
    };
    name_ = json && json->is_object() ? json->string_at("name") : std::string_view();
    const auto client_data = bytes_at("clientData");
    const auto attestation = bytes_at("attestation");
    const bool is_name =
        !name_.empty() && name_.size() <= kMaxName && std::ranges::all_of(name_, [](char c) {
          return is_alpha(c) || is_digit(c) || kNameSigns.find(c) != std::string_view::npos;
        });
    if (!client_data || !attestation) {
      return problem(400, "The request is not valid.");
    }
    if (!is_name) {
      return problem(400, "A name has 1 to 64 letters, digits and signs of + = , . @ _ -");
    }
    challenge_ = json->string_at("challenge");
    client_data_ = *client_data;
    attestation_ = *attestation;
    return {};
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const model::Caller& caller = context.caller;
    const auto step = token::open_signin_step(rings().current(), challenge_, context.request.now);
    if (!step || step->stage != SigninStage::Passkey || step->browser != session().id_hash ||
        step->account != caller.account || step->principal_id != caller.principal_id) {
      return problem(400, "This took too long, or was begun by somebody else. Try again.");
    }
    const PageCeremony ceremony(*request().head, challenge_);
    auto passkey = mfa::read_registration(ceremony.view(), client_data_, attestation_);
    if (!passkey) {
      return problem(400, concat("The passkey was not accepted: ", passkey.error(), "."));
    }
    const auto devices = context.snapshot.mfa_devices_of(caller.account, caller.principal_id);
    TRY_STATUS(require_room(context));
    if (std::ranges::any_of(devices, [&passkey](const identity::MfaDevice* device) {
          return device->passkey.credential_id == passkey->credential_id;
        })) {
      return problem(409, "This passkey is registered already.");
    }
    identity::MfaDevice device;
    device.account = caller.account;
    const bool is_root = caller.kind == model::CallerKind::Root;
    // AWS-DIFF: how AWS's ARN of a passkey of root goes on behind u2f/ is not documented
    // (console/tests/passkeys.test.mjs).
    device.path = is_root ? "/root-account/" : concat("/user/", caller.name, "/");
    device.name = concat(name_, "-", random_name(context.deps.random));
    device.created = context.request.now;
    device.is_assigned = true;
    device.user_id = is_root ? std::string() : caller.principal_id;
    device.enabled = context.request.now;
    device.passkey = *std::move(passkey);
    std::string serial = device.serial();
    context.transaction->put(std::move(device));
    answer_with_device(std::move(serial));
    return {};
  }

 private:
  std::string name_;
  std::string challenge_;
  std::string client_data_;
  std::string attestation_;
};

}  // namespace

PageCeremony::PageCeremony(const http::RequestHead& head, std::string_view text)
    : challenge(text), origin(origin_of(head)), rp_id(to_lower(api::host_name(head.host))) {}

std::vector<std::string> passkeys_of(const identity::Snapshot& snapshot,
                                     std::string_view account,
                                     std::string_view principal_id) {
  std::vector<std::string> ids;
  for (const identity::MfaDevice* device : snapshot.mfa_devices_of(account, principal_id)) {
    if (device->is_passkey()) {
      ids.push_back(codec::encode_base64url(device->passkey.credential_id));
    }
  }
  return ids;
}

std::unique_ptr<api::WebInvocation> make_passkey_script(const SigninParts& parts) {
  return std::make_unique<PasskeyScript>(parts);
}

std::unique_ptr<api::WebInvocation> make_passkey_challenge(const SigninParts& parts) {
  return std::make_unique<PasskeyChallenge>(parts);
}

std::unique_ptr<api::WebInvocation> make_register_passkey(const SigninParts& parts) {
  return std::make_unique<RegisterPasskey>(parts);
}

}  // namespace signet::signin
