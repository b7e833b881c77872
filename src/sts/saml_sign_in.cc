#include "sts/saml_sign_in.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "facts/sts_sentences.h"
#include "sts/credentials.h"
#include "sts/handlers.h"
#include "sts/saml_redemption.h"

namespace signet::sts {
namespace {

using identity::SamlProvider;

constexpr std::int64_t kDefaultSeconds = 3'600;  // without SessionDuration (aws-wire 3.2)

// Who may vouch for an assertion that came to this address: the provider that it names, or any.
std::vector<const SamlProvider*> candidates(std::string_view uuid,
                                            const api::CheckContext& context) {
  std::vector<const SamlProvider*> found;
  for (const identity::Account* account : context.snapshot.accounts()) {
    for (const auto& entry : context.snapshot.table<SamlProvider>(account->id)) {
      const SamlProvider* provider = entry.value.get();
      if ((uuid.empty() || provider->uuid == uuid) && context.request.now < provider->valid_until) {
        found.push_back(provider);
      }
    }
  }
  return found;
}

class SamlSignIn final : public api::SamlSignIn {
 public:
  explicit SamlSignIn(const api::SamlPost& post) : post_(post) {}

  Status examine(const api::CheckContext& context) override {
    std::vector<api::SamlRole> roles = TRY(offered(context));
    if (!post_.role.empty()) {
      std::erase_if(roles, [this](const api::SamlRole& role) { return role.arn != post_.role; });
      roles.resize(std::min<std::size_t>(roles.size(), 1));
    }
    if (roles.empty()) {
      return saml_role_missing();
    }
    if (roles.size() > 1) {
      choices_ = std::move(roles);
      return {};
    }
    request_.role_arn = roles.front().arn;
    request_.principal_arn = roles.front().provider;
    request_.saml_assertion = Secret(std::string(post_.response));
    evidence_ = TRY(sts::examine(request_, context));
    return {};
  }

  const std::vector<api::SamlRole>& choices() const override { return choices_; }

  Result<api::CheckList> checks(const api::CheckContext& context) const override {
    return sts::checks(request_, *evidence_, context);
  }

  Result<std::string> redeem(api::HandlerContext& context) override {
    const auto* role = context.snapshot.find_by_arn<identity::Role>(request_.role_arn);
    const std::int64_t wanted = evidence_->grant.session_seconds.value_or(kDefaultSeconds);
    request_.duration_seconds =
        role != nullptr ? std::min<std::int64_t>(wanted, role->max_session_seconds) : wanted;
    Redemption redemption = TRY(sts::redeem(request_, *evidence_, context));
    Credentials made = TRY(
        make_credentials(std::move(redemption.session), redemption.seconds, std::nullopt, context));
    context.transaction->put(std::move(redemption.spent));
    return std::move(made.session_token);
  }

 private:
  // What the assertion offers of those that the provider beside each vouches for: it says itself
  // which, so it is held against all that know its issuer, and each pair against its own.
  Result<std::vector<api::SamlRole>> offered(const api::CheckContext& context) const {
    const std::vector<const SamlProvider*> known = candidates(post_.provider_uuid, context);
    const saml::Assertion assertion =
        TRY(read_assertion(post_.response, known, !post_.provider_uuid.empty(), context.request));
    std::vector<api::SamlRole> roles;
    for (api::SamlRole& role : roles_of(assertion)) {
      const bool is_vouched_for = std::ranges::any_of(known, [&](const SamlProvider* provider) {
        return identity::arn_of(*provider) == role.provider &&
               trusts(*provider, assertion.issuer, assertion.certificate);
      });
      if (is_vouched_for && std::ranges::find(roles, role) == roles.end()) {
        roles.push_back(std::move(role));
      }
    }
    return roles;
  }

  api::SamlPost post_;
  std::vector<api::SamlRole> choices_;
  AssumeRoleWithSAMLRequest request_;
  std::optional<SamlEvidence> evidence_;
};

}  // namespace

std::unique_ptr<api::SamlSignIn> make_saml_sign_in(const api::SamlPost& post) {
  return std::make_unique<SamlSignIn>(post);
}

}  // namespace signet::sts
