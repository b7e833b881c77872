#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "identity/fixture_for_test.h"
#include "identity/invariants.h"

namespace signet::identity {
namespace {

// Random histories: whatever succeeds leaves all indexes right, and loading the records gives the
// same state.
void random_write(Transaction& t, int action, int n, int m) {
  const std::string a = std::to_string(n);
  const std::string b = std::to_string(m);
  switch (action) {
    case 0: {
      User user = make_user("AIDA" + a, "User" + b);
      user.group_ids =
          m % 2 == 0 ? std::vector<std::string>{} : std::vector<std::string>{"AGPA" + b};
      user.boundary = m % 3 == 0 ? "arn:aws:iam::111122223333:policy/P" + b : "";
      t.put(std::move(user));
      break;
    }
    case 1: {
      Group group = make_group("AGPA" + a, "group" + b);
      group.attached_policies = {"arn:aws:iam::111122223333:policy/P" + b};
      t.put(std::move(group));
      break;
    }
    case 2:
      t.put(make_policy("ANPA" + a, "P" + a));
      break;
    case 3:
      t.put(make_role("AROA" + a, "role" + b));
      break;
    case 4:
      t.put(make_profile("AIPA" + a, "prof" + b, m % 2 == 0 ? "" : "AROA" + b));
      break;
    case 5:
      t.put(make_key("AKIA" + a, "AIDA" + b));
      break;
    case 6: {
      MfaDevice device = make_device("dev" + a);
      device.is_assigned = m % 2 == 0;
      device.user_id = device.is_assigned ? "AIDA" + b : "";
      t.put(std::move(device));
      break;
    }
    case 7:
      t.erase<User>("AIDA" + a);
      break;
    case 8:
      t.erase<Group>("AGPA" + a);
      break;
    case 9:
      t.erase<ManagedPolicy>("ANPA" + a);
      break;
    case 10:
      t.erase<Role>("AROA" + a);
      break;
    case 11:
      t.erase<AccessKey>("AKIA" + a);
      break;
    case 12:
      t.erase<MfaDevice>("arn:aws:iam::111122223333:mfa/dev" + a);
      break;
    case 13:
      t.erase<InstanceProfile>("AIPA" + a);
      break;
    case 14:
      t.put(make_provider("Issuer" + a + ".example.com/" + b));
      break;
    case 15:
      t.put(make_ssh_key("APKA" + a, "AIDA" + b));
      break;
    case 16:
      t.erase<SshPublicKey>("APKA" + a);
      break;
    case 17:
      t.put(make_saml_provider("Idp" + a));
      break;
    case 18:
      t.erase<SamlProvider>("arn:aws:iam::111122223333:saml-provider/Idp" + a);
      break;
    case 19:
      t.put(make_issuer("issuer" + a));
      break;
    case 20:
      t.erase<WebIdentityIssuer>(kAccount);
      break;
    case 21:
      t.put(make_issuer_key("RSA_" + a));
      break;
    case 22:
      t.erase<IssuerKey>(IssuerKeyByPlace::place(kAccount, "RSA_" + a));
      break;
    case 23: {
      DeletionTask task = make_deletion_task("task/" + a);
      task.created = Instant::from_seconds(m);
      t.put(std::move(task));
      break;
    }
    case 24:
      t.erase<DeletionTask>("task/" + a);
      break;
    case 25:
      t.put(make_last_access("AIDA" + a, "s3", Instant::from_seconds(m)));
      break;
    case 26: {
      AccessReport report = make_report("report" + a);
      report.created = Instant::from_seconds(m);
      t.put(std::move(report));
      break;
    }
    case 27:
      t.erase<AccessReport>("report" + a);
      break;
    case 28: {
      DelegationRequest request = make_delegation("request" + a, m % 2 == 0 ? "" : "owner" + b);
      request.expires = Instant{m};
      t.put(std::move(request));
      break;
    }
    case 29:
      t.erase<DelegationRequest>("request" + a);
      break;
    case 30:
      t.put(make_notification("note" + a));
      break;
    case 31:
      t.erase<Notification>("note" + a);
      break;
    case 32:
      t.put(make_server_certificate("ASCA" + a, "Cert" + b));
      break;
    case 33:
      t.erase<ServerCertificate>("ASCA" + a);
      break;
    case 34:
      t.put(make_signing_certificate("CERT" + a, m == 0 ? "" : "AIDA" + b));
      break;
    case 35:
      t.erase<SigningCertificate>({.account = kAccount, .id = "CERT" + a});
      break;
    case 36:
      t.put(make_service_credential("ACCA" + a, "AIDA" + b, "Name" + b));
      break;
    case 37:
      t.erase<ServiceCredential>("ACCA" + a);
      break;
    case 38:
      t.put(make_credential_report(m % 2 == 0 ? "" : "content"));
      break;
    case 39:
      t.erase<CredentialReport>(kAccount);
      break;
    case 40:
      t.put(make_trust_anchor("anchor" + a, m == 0 ? "" : "Alias" + b));
      break;
    case 41:
      t.erase<TrustAnchor>("anchor" + a);
      break;
    case 42:
      t.put(make_anywhere_profile("profile" + a, m == 0 ? "" : "Alias" + b));
      break;
    case 43:
      t.erase<AnywhereProfile>("profile" + a);
      break;
    case 44:
      t.put(make_revocation_list("crl" + a, "anchor" + b));
      break;
    case 45:
      t.erase<RevocationList>("crl" + a);
      break;
    case 46:
      t.put(make_anywhere_subject("subject" + a, "CN=" + b));
      break;
    case 47:
      t.erase<AnywhereSubject>("subject" + a);
      break;
    default:
      t.erase<OidcProvider>("arn:aws:iam::111122223333:oidc-provider/Issuer" + a + ".example.com/" +
                            b);
      break;
  }
}

TEST(DirectoryHistories, EveryHistoryKeepsTheInvariantsAndLoadsBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::tuple<unsigned, unsigned, unsigned>>& steps) {
    Fixture fixture;
    for (const auto& [action, n, m] : steps) {
      const auto write = [&](const Snapshot&, Transaction& t) -> Status {
        random_write(
            t, static_cast<int>(action % 49), static_cast<int>(n % 4), static_cast<int>(m % 4));
        return {};
      };
      static_cast<void>(fixture.directory().apply(write));
    }
    const std::vector<std::string> defects = verify_invariants(*fixture.directory().current());
    RC_ASSERT(defects == std::vector<std::string>());
    const auto before = fixture.directory().current();
    fixture.reopen();
    RC_ASSERT(verify_invariants(*fixture.directory().current()) == std::vector<std::string>());
    const auto after = fixture.directory().current();
    for_each_type(Kinds(), [&]<class T>() {
      if constexpr (InAccount<T>) {
        RC_ASSERT(before->table<T>(kAccount).size() == after->table<T>(kAccount).size());
      }
    });
    RC_ASSERT(before->parts<ManagedPolicy>(kAccount) == after->parts<ManagedPolicy>(kAccount));
    RC_ASSERT(before->index<DevicesOfOwner>(kAccount).size() ==
              after->index<DevicesOfOwner>(kAccount).size());
    RC_ASSERT(before->pending_credential_reports().size() ==
              after->pending_credential_reports().size());
  }));
}

}  // namespace
}  // namespace signet::identity
