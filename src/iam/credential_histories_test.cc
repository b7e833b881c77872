#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <typeinfo>
#include <utility>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "crypto/certificates_for_test.h"
#include "crypto/rsa_keys_for_test.h"
#include "iam/fixture_for_test.h"
#include "iam/histories_for_test.h"
#include "saml/documents_for_test.h"

// Random histories of what accounts and users have besides policies (histories_test.cc): identity
// providers, certificates, keys, credentials of services, roles from a template.
namespace signet::iam {
namespace {

using Names = std::set<std::string>;

constexpr const char* kTemplate =
    "arn:aws:iam::aws:role-template/iam.amazonaws.com/HistoryTemplate:1";
constexpr std::array kServices = {"codecommit.amazonaws.com", "bedrock.amazonaws.com"};
constexpr std::array kBodies = {crypto::kLeaf, crypto::kRoot};

struct Holder {
  std::string id;
  bool has_ssh_key = false;
  std::set<std::size_t> certificates;  // of kBodies
  std::map<std::string, int> credentials;

  [[nodiscard]] bool holds_anything() const {
    return has_ssh_key || !certificates.empty() ||
           std::ranges::any_of(credentials, [](const auto& one) { return one.second > 0; });
  }
};

struct Model {
  std::map<std::string, Holder> users;
  Names oidc;
  Names saml;
  std::map<std::string, std::string> certificates;  // of servers: name to id
  std::map<std::string, bool> roles;                // from the template: whether changed since
  Names ids;                                        // of all that ever was
};

identity::RoleTemplate role_template() {
  identity::RoleTemplate from;
  from.arn = kTemplate;
  from.name = "HistoryTemplate";
  from.version_id = "AVTAHISTORY000000000";
  from.service = "iam.amazonaws.com";
  from.name_pattern = "@{RoleName}";
  from.trust_policy = std::string(kTrustEc2);
  from.parameters = {{.name = "RoleName", .is_required = true}};
  return from;
}

class History {
 public:
  explicit History(std::uint32_t seed) : random_(seed) { world_.templates().add(role_template()); }

  void step() {
    constexpr std::array kSteps = {&History::change_user,
                                   &History::change_ssh_key,
                                   &History::change_signing_certificate,
                                   &History::change_service_credential,
                                   &History::change_oidc_provider,
                                   &History::change_saml_provider,
                                   &History::change_server_certificate,
                                   &History::change_acquired_role};
    (this->*kSteps[pick(kSteps.size())])();
  }

  void expect_equal() {
    const auto now = counts();
    const auto grown = [&](const char* key) {
      return now.at(key) - initial_.at(key);
    };
    EXPECT_EQ(grown("Users"), std::ssize(model_.users));
    EXPECT_EQ(grown("Roles"), std::ssize(model_.roles));
    EXPECT_EQ(grown("Providers"), std::ssize(model_.oidc) + std::ssize(model_.saml));
    EXPECT_EQ(grown("ServerCertificates"), std::ssize(model_.certificates));
    for (const auto& [name, user] : model_.users) {
      expect_user(name, user);
    }
    std::map<std::string, std::string> listed;
    const auto answer = world_.call(ListServerCertificatesRequest{});
    for (const ServerCertificateMetadata& one : answer->server_certificate_metadata_list) {
      listed[one.server_certificate_name] = one.server_certificate_id;
    }
    EXPECT_EQ(listed, model_.certificates);
  }

 private:
  std::size_t pick(std::size_t bound) { return random_() % bound; }

  std::string name() { return concat("n", std::to_string(pick(3))); }

  Holder* find(const std::string& name) {
    const auto found = model_.users.find(name);
    return found == model_.users.end() ? nullptr : &found->second;
  }

  template <class Request>
  std::string code(const Request& request) {
    const std::string said = outcome(world_.call(request));
    return said == "ok" ? std::string() : said.substr(0, said.find(':'));
  }

  template <class Request>
  void expect(const Request& request, const std::string& wanted) {
    EXPECT_EQ(code(request), wanted) << typeid(Request).name();
  }

  // Nobody had it before, whatever the name.
  std::string fresh(const std::string& id) {
    EXPECT_TRUE(model_.ids.insert(id).second) << id;
    return id;
  }

  void change_user() {
    const std::string name = this->name();
    const Holder* present = find(name);
    if (present == nullptr) {
      model_.users[name].id =
          fresh(world_.call(CreateUserRequest{.user_name = name})->user->user_id);
      return;
    }
    const bool is_held = present->holds_anything();
    expect(DeleteUserRequest{.user_name = name}, is_held ? "DeleteConflict" : "");
    if (!is_held) {
      model_.users.erase(name);
    }
  }

  void change_ssh_key() {
    const std::string name = this->name();
    Holder* user = find(name);
    if (pick(2) == 0) {
      const UploadSSHPublicKeyRequest request{
          .user_name = name, .ssh_public_key_body = concat("ssh-rsa ", crypto::kSshKey)};
      if (user == nullptr || user->has_ssh_key) {
        expect(request, user == nullptr ? "NoSuchEntity" : "DuplicateSSHPublicKey");
        return;
      }
      fresh(world_.call(request)->ssh_public_key->ssh_public_key_id);
      user->has_ssh_key = true;
    } else if (user != nullptr && user->has_ssh_key) {
      const auto keys = world_.call(ListSSHPublicKeysRequest{.user_name = name});
      ASSERT_EQ(keys->ssh_public_keys->size(), 1U);
      expect(DeleteSSHPublicKeyRequest{.user_name = name,
                                       .ssh_public_key_id =
                                           keys->ssh_public_keys->front().ssh_public_key_id},
             "");
      user->has_ssh_key = false;
    }
  }

  // One is of one user of the account at a time.
  void change_signing_certificate() {
    const std::string name = this->name();
    const std::size_t body = pick(kBodies.size());
    Holder* user = find(name);
    if (pick(2) == 0) {
      const bool is_taken = std::ranges::any_of(model_.users, [&](const auto& one) {
        return one.first != name && one.second.certificates.contains(body);
      });
      expect(UploadSigningCertificateRequest{.user_name = name,
                                             .certificate_body = std::string(kBodies[body])},
             user == nullptr ? "NoSuchEntity" : (is_taken ? "DuplicateCertificate" : ""));
      if (user != nullptr && !is_taken) {
        user->certificates.insert(body);
      }
    } else if (user != nullptr && !user->certificates.empty()) {
      const auto listed = world_.call(ListSigningCertificatesRequest{.user_name = name});
      ASSERT_EQ(listed->certificates.size(), user->certificates.size());
      const SigningCertificate& first = listed->certificates.front();
      expect(DeleteSigningCertificateRequest{.user_name = name,
                                             .certificate_id = first.certificate_id},
             "");
      std::erase_if(user->certificates,
                    [&](std::size_t one) { return kBodies[one] == first.certificate_body; });
    }
  }

  void change_service_credential() {
    const std::string name = this->name();
    const std::string service = kServices[pick(kServices.size())];
    Holder* user = find(name);
    if (pick(3) != 0) {
      const CreateServiceSpecificCredentialRequest request{.user_name = name,
                                                           .service_name = service};
      if (user == nullptr || user->credentials[service] == 2) {
        expect(request, user == nullptr ? "NoSuchEntity" : "LimitExceeded");
        return;
      }
      fresh(world_.call(request)->service_specific_credential->service_specific_credential_id);
      ++user->credentials[service];
    } else if (user != nullptr && user->credentials[service] > 0) {
      const auto listed = world_.call(
          ListServiceSpecificCredentialsRequest{.user_name = name, .service_name = service});
      ASSERT_FALSE(listed->service_specific_credentials->empty());
      expect(
          DeleteServiceSpecificCredentialRequest{
              .user_name = name,
              .service_specific_credential_id =
                  listed->service_specific_credentials->front().service_specific_credential_id},
          "");
      --user->credentials[service];
    }
  }

  void change_oidc_provider() {
    const std::string host = concat(name(), ".example.com");
    const bool is_there = model_.oidc.contains(host);
    if (pick(2) == 0) {
      expect(CreateOpenIDConnectProviderRequest{.url = concat("https://", host)},
             is_there ? "EntityAlreadyExists" : "");
      model_.oidc.insert(host);
    } else {
      expect(
          DeleteOpenIDConnectProviderRequest{
              .open_id_connect_provider_arn =
                  concat("arn:aws:iam::", IamFixture::kAccount, ":oidc-provider/", host)},
          is_there ? "" : "NoSuchEntity");
      model_.oidc.erase(host);
    }
  }

  void change_saml_provider() {
    const std::string name = this->name();
    const bool is_there = model_.saml.contains(name);
    if (pick(2) == 0) {
      expect(CreateSAMLProviderRequest{.saml_metadata_document = saml::metadata(), .name = name},
             is_there ? "EntityAlreadyExists" : "");
      model_.saml.insert(name);
    } else {
      expect(
          DeleteSAMLProviderRequest{
              .saml_provider_arn =
                  concat("arn:aws:iam::", IamFixture::kAccount, ":saml-provider/", name)},
          is_there ? "" : "NoSuchEntity");
      model_.saml.erase(name);
    }
  }

  void change_server_certificate() {
    const std::string name = this->name();
    const std::string other = this->name();
    const bool is_there = model_.certificates.contains(name);
    switch (pick(3)) {
      case 0:
        upload_server_certificate(name, is_there);
        return;
      case 1:
        expect(DeleteServerCertificateRequest{.server_certificate_name = name},
               is_there ? "" : "NoSuchEntity");
        model_.certificates.erase(name);
        return;
      default: {
        const bool is_taken = name != other && model_.certificates.contains(other);
        expect(UpdateServerCertificateRequest{.server_certificate_name = name,
                                              .new_server_certificate_name = other},
               !is_there ? "NoSuchEntity" : (is_taken ? "EntityAlreadyExists" : ""));
        if (is_there && !is_taken && name != other) {
          auto moved = model_.certificates.extract(name);
          moved.key() = other;
          model_.certificates.insert(std::move(moved));
        }
      }
    }
  }

  void upload_server_certificate(const std::string& name, bool is_there) {
    UploadServerCertificateRequest request;
    request.server_certificate_name = name;
    request.certificate_body = crypto::kLeaf;
    request.private_key = Secret(std::string(crypto::kLeafKey));
    const auto answer = world_.call(request);
    ASSERT_EQ(answer.has_value(), !is_there) << outcome(answer);
    if (answer) {
      model_.certificates[name] = fresh(answer->server_certificate_metadata->server_certificate_id);
    }
  }

  // Acquiring is get or create, as long as nobody changed the role.
  void change_acquired_role() {
    const std::string name = this->name();
    const auto present = model_.roles.find(name);
    const bool is_there = present != model_.roles.end();
    switch (pick(3)) {
      case 0: {
        AcquireRoleRequest request{.template_arn = kTemplate};
        request.replacement_values.emplace_back("RoleName",
                                                ReplacementValueEntry{.values = {name}});
        const auto answer = world_.call(request);
        ASSERT_EQ(answer.has_value(), !is_there || !present->second) << outcome(answer);
        if (answer && !is_there) {
          fresh(answer->role.role_id);
          model_.roles[name] = false;
        }
        return;
      }
      case 1:
        expect(TagRoleRequest{.role_name = name, .tags = {{"k", "v"}}},
               is_there ? "" : "NoSuchEntity");
        if (is_there) {
          present->second = true;
        }
        return;
      default:
        expect(DeleteRoleRequest{.role_name = name}, is_there ? "" : "NoSuchEntity");
        model_.roles.erase(name);
    }
  }

  void expect_user(const std::string& name, const Holder& user) {
    EXPECT_EQ(world_.call(ListSSHPublicKeysRequest{.user_name = name})->ssh_public_keys->size(),
              user.has_ssh_key ? 1U : 0U);
    EXPECT_EQ(world_.call(ListSigningCertificatesRequest{.user_name = name})->certificates.size(),
              user.certificates.size());
    for (const char* service : kServices) {
      const auto counted = user.credentials.find(service);
      EXPECT_EQ(std::ssize(*world_
                                .call(ListServiceSpecificCredentialsRequest{
                                    .user_name = name, .service_name = service})
                                ->service_specific_credentials),
                counted == user.credentials.end() ? 0 : counted->second);
    }
  }

  std::map<std::string, std::int64_t, std::less<>> counts() {
    const auto answer = world_.call(GetAccountSummaryRequest{});
    return {answer->summary_map->begin(), answer->summary_map->end()};
  }

  std::mt19937 random_;
  IamFixture world_;
  Model model_;
  std::map<std::string, std::int64_t, std::less<>> initial_ = counts();
};

TEST(CredentialHistories, EndAsASimpleModelSays) {
  run_histories<History>(8, 300);
}

}  // namespace
}  // namespace signet::iam
