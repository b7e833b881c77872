#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "api/pages_for_test.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/form.h"
#include "crypto/password_hash.h"
#include "mfa/totp.h"
#include "signin/service.h"

namespace signet::signin {

using Params = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kPassword = "Correct-horse-1";
inline constexpr std::string_view kWrongSignIn = "Account, user name or password is not right.";
inline constexpr std::string_view kOldFormText = "This form was too old";

class SignInTest : public testing::Test {
 protected:
  SignInTest() {
    hash_ =
        crypto::hash_password(kPassword, world_.random, {.memory_kib = 64, .passes = 1}).value();
    set_password();
  }

  void set_password(bool is_reset_required = false) {
    world_.change_user([&](identity::User& user) {
      user.login = identity::LoginProfile{.password_hash = hash_,
                                          .previous_hashes = {},
                                          .created = world_.clock.now(),
                                          .changed = world_.clock.now(),
                                          .is_reset_required = is_reset_required};
    });
  }

  void change_account(const std::function<void(identity::Account&)>& change) {
    world_.write([&](identity::Transaction& transaction) {
      identity::Account account = *transaction.view().find<identity::Account>(identity::kAccount);
      change(account);
      transaction.put(std::move(account));
    });
  }

  // The query of `target` comes before `params`, as in a server.
  http::Response send(std::string_view method, std::string_view target, Params params = {}) {
    std::string cookies;
    for (const auto& [name, value] : jar_) {
      cookies += concat(cookies.empty() ? "" : "; ", name, "=", value);
    }
    std::vector<http::HeaderView> headers = headers_;
    headers.push_back({"cookie", cookies});
    const http::RequestHead head{.method = method,
                                 .target = target,
                                 .host = "localhost:9311",
                                 .headers = headers,
                                 .remote_address = address_,
                                 .tls = is_tls_};
    const auto query = codec::FormParams::parse(head.query());
    std::size_t at = 0;
    for (const codec::FormParam& one : query ? query->all() : std::span<const codec::FormParam>()) {
      params.emplace(params.begin() + static_cast<std::ptrdiff_t>(at++), one.name, one.value);
    }
    const api::WebRequest request{.method = method,
                                  .path = std::string(head.path()),
                                  .params = std::move(params),
                                  .head = &head,
                                  .body = body_};
    const authz::RequestInfo info = world_.request_now();
    api::PageCall call(
        {.directory = world_.directory(), .authorizer = world_.authorizer, .deps = world_.deps},
        *service_,
        request,
        info,
        std::exchange(meanwhile_, nullptr));
    http::Response response = call.answer();
    record_ = call.web_record();
    recorded_arn_ = record_.caller != nullptr ? record_.caller->arn : "";
    record_.caller = nullptr;
    keep_cookie(response);
    return response;
  }

  void keep_cookie(const http::Response& response) {
    constexpr std::string_view kField = "Set-Cookie: ";
    std::string_view rest = response.headers.wire();
    for (std::size_t at = rest.find(kField); at != std::string_view::npos; at = rest.find(kField)) {
      rest.remove_prefix(at + kField.size());
      const std::string_view pair = rest.substr(0, rest.find_first_of(";\r"));
      const std::size_t equals = pair.find('=');
      jar_[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
    }
  }

  // The sealed step of the form in a page; empty without one.
  static std::string step_of(const http::Response& response) {
    constexpr std::string_view kField = R"(name="step" value=")";
    const std::size_t at = response.body.find(kField);
    if (at == std::string::npos) {
      return {};
    }
    const std::size_t from = at + kField.size();
    return response.body.substr(from, response.body.find('"', from) - from);
  }

  http::Response form(Params params = {}) {
    return send("GET", "/_console/signin", std::move(params));
  }

  // The right password, with a form's step.
  http::Response post(std::string step) {
    return send("POST",
                "/_console/signin",
                {{"step", std::move(step)},
                 {"account", std::string(identity::kAccount)},
                 {"user", "alice"},
                 {"password", std::string(kPassword)}});
  }

  http::Response try_password(std::string_view password,
                              std::string_view account = identity::kAccount,
                              std::string_view user = "alice") {
    return send("POST",
                "/_console/signin",
                {{"step", step_of(form())},
                 {"account", std::string(account)},
                 {"user", std::string(user)},
                 {"password", std::string(password)}});
  }

  // With a password that root gets for it, in a browser of its own.
  void sign_in_as_root() {
    change_account([this](identity::Account& account) {
      account.root_login = identity::LoginProfile{.password_hash = hash_};
    });
    jar_.clear();
    ASSERT_EQ(send("POST",
                   "/_console/signin",
                   {{"step", step_of(form())},
                    {"root", "yes"},
                    {"account", std::string(identity::kAccount)},
                    {"password", std::string(kPassword)}})
                  .status,
              303);
  }

  http::Response answer_step(std::string_view page, const http::Response& before, Params params) {
    params.emplace_back("step", step_of(before));
    return send("POST", concat("/_console/signin/", page), std::move(params));
  }

  http::Response change(const http::Response& before, std::string_view password) {
    return answer_step(
        "password", before, {{"new", std::string(password)}, {"again", std::string(password)}});
  }

  http::Response front_page() { return send("GET", "/_console/"); }

  [[nodiscard]] bool is_signed_in() { return front_page().status == 200; }

  static bool contains(const http::Response& response, std::string_view text) {
    return response.body.find(text) != std::string::npos;
  }

  [[nodiscard]] std::string outcome_in_record() const {
    return record_.elements.empty() ? "" : record_.elements[0].second;
  }

  // Gives the user a device; its code of now.
  void give_device() {
    identity::MfaDevice device = identity::make_device("phone");
    device.is_assigned = true;
    device.user_id = authz::AuthzFixture::kUserId;
    seed_ = device.seed;
    world_.write([&](identity::Transaction& transaction) { transaction.put(std::move(device)); });
  }

  [[nodiscard]] std::string code() const {
    return mfa::totp_code(seed_->reveal(secret_access()), mfa::step_of(world_.clock.now()));
  }

  // What the form of switching roles sends.
  static Params role(std::string_view name = "team/reader",
                     std::string_view account = identity::kAccount) {
    return {{"account", std::string(account)}, {"roleName", std::string(name)}};
  }

  http::Response switch_to(Params params = role()) {
    return send("POST", "/_console/switchrole", std::move(params));
  }

  void allow(std::string_view action) {
    world_.change_user([&](identity::User& user) {
      user.inline_policies = {
          {.name = "own",
           .document = identity::make_document(
               concat(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":")",
                      action,
                      R"(","Resource":"*"}})"))}};
    });
  }

  api::ApiFixture world_;
  std::optional<SigninService> service_{std::in_place, world_.rings};
  std::map<std::string, std::string> jar_;
  std::vector<http::HeaderView> headers_;
  std::string address_ = "10.0.0.1";
  bool is_tls_ = false;
  std::string body_;  // where it is no form
  std::string hash_;
  identity::SharedSecret seed_;
  std::function<void()> meanwhile_;
  api::WebRecord record_;
  std::string recorded_arn_;
};

}  // namespace signet::signin
