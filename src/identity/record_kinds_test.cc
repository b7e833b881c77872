#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "identity/record_fixture_for_test.h"

// The kinds under src/identity/kinds: every field is kept, and secrets are not in the bytes.
namespace signet::identity {
namespace {

TEST_F(RecordTest, OidcProviderKeepsEveryField) {
  OidcProvider in = make_provider("Issuer.example.com/a/b");
  in.created = Instant{5};
  in.client_ids = {"b", "a"};
  in.thumbprints = {std::string(40, 'f')};
  in.tags = {{"k", "v"}};
  in.context = {.subject_source = "sub",
                .subject_type = "user",
                .subject_type_source = "kind",
                .keys = {{.source = "tid", .target = "tenant"}}};

  const OidcProvider out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/oidc/Issuer.example.com/a/b");
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.name, in.name);
  EXPECT_EQ(out.created, in.created);
  EXPECT_EQ(out.client_ids, in.client_ids);
  EXPECT_EQ(out.thumbprints, in.thumbprints);
  EXPECT_EQ(out.tags, in.tags);
  EXPECT_EQ(out.context, in.context);
}

TEST_F(RecordTest, SamlProviderKeepsEveryField) {
  SamlProvider in = make_saml_provider("Idp.example_com-1");
  in.created = Instant{5};
  in.valid_until = Instant{6};
  in.metadata = "<EntityDescriptor/>";
  in.issuers = {{.entity_id = "a", .certificates = {std::string("\0\xff", 2), "b"}},
                {.entity_id = "b", .certificates = {}}};
  in.encryption = AssertionEncryption::Required;
  in.private_keys = {{.id = "ONE", .added = Instant{7}, .pem = make_shared_secret("pem one")},
                     {.id = "TWO", .added = Instant{8}, .pem = make_shared_secret("pem two")}};
  in.tags = {{"k", "v"}};

  const SamlProvider out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/saml/Idp.example_com-1");
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.name, in.name);
  EXPECT_EQ(out.uuid, in.uuid);
  EXPECT_EQ(out.created, in.created);
  EXPECT_EQ(out.valid_until, in.valid_until);
  EXPECT_EQ(out.metadata, in.metadata);
  ASSERT_EQ(out.issuers.size(), 2u);
  EXPECT_EQ(out.issuers[0].entity_id, "a");
  EXPECT_EQ(out.issuers[0].certificates, in.issuers[0].certificates);
  EXPECT_EQ(out.encryption, in.encryption);
  ASSERT_EQ(out.private_keys.size(), 2u);
  EXPECT_EQ(out.private_keys[1].id, "TWO");
  EXPECT_EQ(out.private_keys[1].added, Instant{8});
  EXPECT_EQ(out.private_keys[1].pem->reveal(secret_access()), "pem two");
  EXPECT_EQ(out.tags, in.tags);
}

TEST_F(RecordTest, SshPublicKeyKeepsEveryField) {
  SshPublicKey in = make_ssh_key("APKA1", "AIDA1");
  in.body = "ssh-rsa AAAA comment";
  in.key = std::string("\0\xff bytes", 8);
  in.status = KeyStatus::Inactive;
  in.uploaded = Instant{7};

  const SshPublicKey out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/ssh/APKA1");
  EXPECT_EQ(out.id, in.id);
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.user_id, in.user_id);
  EXPECT_EQ(out.body, in.body);
  EXPECT_EQ(out.key, in.key);
  EXPECT_EQ(out.status, in.status);
  EXPECT_EQ(out.uploaded, in.uploaded);
}

TEST_F(RecordTest, WebIdentityIssuerAndItsKeyKeepEveryField) {
  WebIdentityIssuer issuer = make_issuer("0b7d5a5e");
  issuer.is_enabled = true;
  issuer.created = Instant{5};
  IssuerKey key = make_issuer_key("EC384_1");
  key.algorithm = IssuerAlgorithm::Es384;
  key.created = Instant{6};
  key.signs_from = Instant{7};

  const WebIdentityIssuer out = round_trip(issuer);
  const IssuerKey out_key = round_trip(key);

  EXPECT_EQ(record_key(issuer), "a/111122223333/issuer/self");
  EXPECT_EQ(out.account, issuer.account);
  EXPECT_EQ(out.id, issuer.id);
  EXPECT_TRUE(out.is_enabled);
  EXPECT_EQ(out.created, issuer.created);
  EXPECT_EQ(record_key(key), "a/111122223333/issuerkey/EC384_1");
  EXPECT_EQ(out_key.account, key.account);
  EXPECT_EQ(out_key.kid, key.kid);
  EXPECT_EQ(out_key.algorithm, key.algorithm);
  EXPECT_TRUE(out_key.private_key->equals("private-EC384_1"));
  EXPECT_EQ(out_key.created, key.created);
  EXPECT_EQ(out_key.signs_from, key.signs_from);
}

TEST_F(RecordTest, DeletionTaskKeepsEveryField) {
  DeletionTask in = make_deletion_task("task/aws-service-role/a.amazonaws.com/R/1");
  in.created = Instant{9};
  in.status = DeletionStatus::Failed;
  in.reason = "in use";
  in.usage = {{.region = "us-east-1", .resources = {"arn:1", "arn:2"}}, {}};

  const DeletionTask out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/deletion/task/aws-service-role/a.amazonaws.com/R/1");
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.id, in.id);
  EXPECT_EQ(out.created, in.created);
  EXPECT_EQ(out.status, in.status);
  EXPECT_EQ(out.reason, in.reason);
  ASSERT_EQ(out.usage.size(), 2u);
  EXPECT_EQ(out.usage[0].region, "us-east-1");
  EXPECT_EQ(out.usage[0].resources, in.usage[0].resources);
  EXPECT_TRUE(out.usage[1].resources.empty());
}

TEST_F(RecordTest, LastAccessKeepsEveryField) {
  LastAccess in = make_last_access("AIDA1", "s3", Instant{5});
  in.services[0].actions = {{.action = "GetObject", .at = Instant{4}, .region = "eu-west-1"}};

  const LastAccess out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/access/AIDA1");
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.id, in.id);
  ASSERT_EQ(out.services.size(), 1u);
  EXPECT_EQ(out.services[0].service, "s3");
  EXPECT_EQ(out.services[0].at, Instant{5});
  EXPECT_EQ(out.services[0].region, "us-east-1");
  ASSERT_EQ(out.services[0].actions.size(), 1u);
  EXPECT_EQ(out.services[0].actions[0].action, "GetObject");
  EXPECT_EQ(out.services[0].actions[0].at, Instant{4});
  EXPECT_EQ(out.services[0].actions[0].region, "eu-west-1");
}

TEST_F(RecordTest, AccessReportKeepsEveryField) {
  AccessReport in = make_report("00000000-0000-4000-8000-000000000001");
  in.kind = AccessReportKind::Organization;
  in.created = Instant{6};
  in.requester = "AIDA1";
  in.subject = "o-example/r-1/";
  in.policy_id = "p-12345678";
  in.has_actions = true;

  const AccessReport out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/report/00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.id, in.id);
  EXPECT_EQ(out.kind, in.kind);
  EXPECT_EQ(out.created, in.created);
  EXPECT_EQ(out.requester, in.requester);
  EXPECT_EQ(out.subject, in.subject);
  EXPECT_EQ(out.policy_id, in.policy_id);
  EXPECT_TRUE(out.has_actions);
}

TEST_F(RecordTest, RoleKeepsTheTemplateThatItIsFrom) {
  Role in = make_role("AROA1", "r");
  EXPECT_TRUE(round_trip(in).origin.empty());
  in.origin.push_back(
      {.template_arn = "arn:template",
       .minor_version = 2,
       .parameters = {{.name = "a", .values = {"1", ""}}, {.name = "b", .values = {}}}});

  const Role out = round_trip(in);

  ASSERT_EQ(out.origin.size(), 1U);
  EXPECT_EQ(out.origin.front().template_arn, "arn:template");
  EXPECT_EQ(out.origin.front().minor_version, 2U);
  EXPECT_EQ(out.origin.front().parameters, in.origin.front().parameters);
}

TEST_F(RecordTest, DelegationRequestKeepsEveryField) {
  DelegationRequest in = make_delegation("id-1", "arn:owner");
  in.requestor_name = "Partner";
  in.owner_id = "AIDA1";
  in.state = DelegationState::Finalized;
  in.created = Instant{1};
  in.updated = Instant{2};
  in.expires = Instant{3};
  in.description = "d";
  in.message = "m";
  in.template_arn = "arn:template";
  in.parameters = {{.name = "p", .values = {"v", "w"}, .is_list = true}};
  in.role_boundaries = {"arn:boundary"};
  in.session_seconds = 300;
  in.redirect_url = "https://example.com";
  in.channel = "arn:topic";
  in.is_sent_by_owner_only = true;
  in.notes = "n";
  in.rejection_reason = "r";
  in.approver = DelegationApprover{.arn = "arn:approver",
                                   .principal_id = "AROA1",
                                   .session_name = "s",
                                   .tags = {{"k", "v"}},
                                   .transitive_keys = {"k"},
                                   .source_identity = "alice",
                                   .federated_provider = "idp",
                                   .claims = {{"c", "d"}},
                                   .policy = "{}",
                                   .policy_arns = {"arn:policy"},
                                   .has_session_policy = true,
                                   .scope_policies = {"{}", "[]"},
                                   .accepted = Instant{4}};
  in.token_hash = std::string("\0\xff", 2);
  in.released = Instant{5};

  const DelegationRequest out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/delegation/id-1");
  EXPECT_EQ(std::tie(out.account, out.id, out.workflow, out.requestor_name),
            std::tie(in.account, in.id, in.workflow, in.requestor_name));
  EXPECT_EQ(std::tie(out.owner_account, out.owner_arn, out.owner_id, out.state),
            std::tie(in.owner_account, in.owner_arn, in.owner_id, in.state));
  EXPECT_EQ(std::tie(out.created, out.updated, out.expires, out.released),
            std::tie(in.created, in.updated, in.expires, in.released));
  EXPECT_EQ(std::tie(out.description, out.message, out.template_arn, out.redirect_url, out.channel),
            std::tie(in.description, in.message, in.template_arn, in.redirect_url, in.channel));
  EXPECT_EQ(out.parameters.front().values, in.parameters.front().values);
  EXPECT_TRUE(out.parameters.front().is_list);
  EXPECT_EQ(out.policy->text(), in.policy->text());
  EXPECT_EQ(std::tie(out.role_boundaries, out.session_seconds, out.is_sent_by_owner_only),
            std::tie(in.role_boundaries, in.session_seconds, in.is_sent_by_owner_only));
  EXPECT_EQ(std::tie(out.notes, out.rejection_reason, out.token_hash),
            std::tie(in.notes, in.rejection_reason, in.token_hash));
  const DelegationApprover& a = *in.approver;
  const DelegationApprover& b = *out.approver;
  EXPECT_EQ(std::tie(a.arn, a.principal_id, a.session_name, a.tags, a.transitive_keys),
            std::tie(b.arn, b.principal_id, b.session_name, b.tags, b.transitive_keys));
  EXPECT_EQ(std::tie(a.source_identity, a.federated_provider, a.claims, a.policy, a.policy_arns),
            std::tie(b.source_identity, b.federated_provider, b.claims, b.policy, b.policy_arns));
  EXPECT_EQ(std::tie(a.has_session_policy, a.scope_policies, a.accepted),
            std::tie(b.has_session_policy, b.scope_policies, b.accepted));
}

TEST_F(RecordTest, NotificationKeepsEveryFieldAndHidesItsMessage) {
  Notification in = make_notification("note-1");
  in.channel = "arn:topic";
  in.created = Instant{9};

  const Notification out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/notification/note-1");
  EXPECT_EQ(std::tie(out.account, out.id, out.channel, out.created),
            std::tie(in.account, in.id, in.channel, in.created));
  EXPECT_EQ(out.message->reveal(secret_access()), "message");
}

TEST_F(RecordTest, TrustAnchorKeepsEveryField) {
  TrustAnchor in = make_trust_anchor("ta-1", "Alias");
  in.is_enabled = true;
  in.created = Instant{5};
  in.updated = Instant{6};
  in.notifications = {
      {.event = NotificationEvent::EndEntityExpiry, .is_enabled = true, .threshold_days = 30}};
  in.tags = {{"k", "v"}};

  const TrustAnchor out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/trust-anchor/ta-1");
  EXPECT_EQ(std::tie(out.account, out.id, out.region, out.name, out.is_enabled, out.created),
            std::tie(in.account, in.id, in.region, in.name, in.is_enabled, in.created));
  EXPECT_EQ(std::tie(out.updated, out.bundle, out.alias, out.tags),
            std::tie(in.updated, in.bundle, in.alias, in.tags));
  ASSERT_EQ(out.notifications.size(), 1U);
  EXPECT_EQ(out.notifications[0].event, NotificationEvent::EndEntityExpiry);
  EXPECT_TRUE(out.notifications[0].is_enabled);
  EXPECT_EQ(out.notifications[0].threshold_days, 30U);
}

TEST_F(RecordTest, AnywhereProfileKeepsEveryField) {
  AnywhereProfile in = make_anywhere_profile("p-1", "Alias");
  in.is_enabled = true;
  in.created = Instant{5};
  in.updated = Instant{6};
  in.creator = "arn:aws:iam::111122223333:root";
  in.role_arns = {"b", "a"};
  in.session_policy = "{}";
  in.managed_policy_arns = {"m"};
  in.accepts_session_name = true;
  in.requires_instance_properties = true;
  in.mappings = {{.field = CertificateField::AlternativeName, .specifiers = {"URI", "DNS"}}};
  in.tags = {{"k", "v"}};

  const AnywhereProfile out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/anywhere-profile/p-1");
  EXPECT_EQ(std::tie(out.account, out.id, out.region, out.name, out.is_enabled, out.created),
            std::tie(in.account, in.id, in.region, in.name, in.is_enabled, in.created));
  EXPECT_EQ(std::tie(out.updated, out.creator, out.role_arns, out.session_policy, out.alias),
            std::tie(in.updated, in.creator, in.role_arns, in.session_policy, in.alias));
  EXPECT_EQ(std::tie(out.managed_policy_arns, out.session_seconds, out.accepts_session_name),
            std::tie(in.managed_policy_arns, in.session_seconds, in.accepts_session_name));
  EXPECT_TRUE(out.requires_instance_properties);
  EXPECT_EQ(out.tags, in.tags);
  ASSERT_EQ(out.mappings.size(), 1U);
  EXPECT_EQ(out.mappings[0].field, CertificateField::AlternativeName);
  EXPECT_EQ(out.mappings[0].specifiers, in.mappings[0].specifiers);
}

TEST_F(RecordTest, RevocationListKeepsEveryField) {
  RevocationList in = make_revocation_list("crl-1", "ta-1");
  in.is_enabled = true;
  in.created = Instant{5};
  in.updated = Instant{6};
  in.alias = "Alias";
  in.tags = {{"k", "v"}};

  const RevocationList out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/crl/crl-1");
  EXPECT_EQ(std::tie(out.account, out.id, out.region, out.name, out.is_enabled, out.created),
            std::tie(in.account, in.id, in.region, in.name, in.is_enabled, in.created));
  EXPECT_EQ(std::tie(out.updated, out.anchor_id, out.data, out.alias, out.tags),
            std::tie(in.updated, in.anchor_id, in.data, in.alias, in.tags));
}

TEST_F(RecordTest, AnywhereSubjectKeepsEveryField) {
  AnywhereSubject in = make_anywhere_subject("s-1", "CN=a");
  in.created = Instant{5};
  in.updated = Instant{6};
  in.seen = Instant{7};
  in.certificates = {{.serial = "7", .issuer = "CN=ca", .pem = "pem", .seen = Instant{7}}};
  in.instance_properties = {{"p", "q"}};
  in.tags = {{"k", "v"}};

  const AnywhereSubject out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/anywhere-subject/s-1");
  EXPECT_EQ(std::tie(out.account, out.id, out.region, out.name, out.created, out.updated),
            std::tie(in.account, in.id, in.region, in.name, in.created, in.updated));
  EXPECT_EQ(std::tie(out.seen, out.instance_properties, out.tags),
            std::tie(in.seen, in.instance_properties, in.tags));
  ASSERT_EQ(out.certificates.size(), 1U);
  const SeenCertificate& a = in.certificates[0];
  const SeenCertificate& b = out.certificates[0];
  EXPECT_EQ(std::tie(a.serial, a.issuer, a.pem, a.seen),
            std::tie(b.serial, b.issuer, b.pem, b.seen));
}

TEST_F(RecordTest, ServerCertificateKeepsEveryField) {
  ServerCertificate in = make_server_certificate("ASCA1", "Name");
  in.path = "/cloudfront/";
  in.uploaded = Instant{7};
  in.expires = Instant{8};
  in.chain = "chain";
  in.tags = {{"k", "v"}};

  const ServerCertificate out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/server-cert/ASCA1");
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.id, in.id);
  EXPECT_EQ(out.name, in.name);
  EXPECT_EQ(out.path, in.path);
  EXPECT_EQ(out.uploaded, in.uploaded);
  EXPECT_EQ(out.expires, in.expires);
  EXPECT_EQ(out.body, in.body);
  EXPECT_EQ(out.chain, in.chain);
  EXPECT_EQ(out.private_key->reveal(secret_access()), "private key of ASCA1");
  EXPECT_EQ(out.tags, in.tags);
  EXPECT_EQ(encode(in).find("private key"), std::string::npos) << "it is sealed";
}

TEST_F(RecordTest, SigningCertificateKeepsEveryField) {
  SigningCertificate in = make_signing_certificate("CERT1", "AIDA1");
  in.status = KeyStatus::Inactive;
  in.uploaded = Instant{7};

  const SigningCertificate out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/signing-cert/CERT1");
  EXPECT_EQ(out.id, in.id);
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.user_id, in.user_id);
  EXPECT_EQ(out.body, in.body);
  EXPECT_EQ(out.status, in.status);
  EXPECT_EQ(out.uploaded, in.uploaded);
}

TEST_F(RecordTest, ServiceCredentialKeepsEveryField) {
  ServiceCredential in = make_service_credential("ACCA1", "AIDA1", "bob-at-111122223333");
  in.secret_digest = std::string("\0\xff digest", 9);
  in.status = KeyStatus::Inactive;
  in.created = Instant{7};
  in.expires = Instant{8};

  const ServiceCredential out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/service-cred/ACCA1");
  EXPECT_EQ(out.id, in.id);
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.user_id, in.user_id);
  EXPECT_EQ(out.service, in.service);
  EXPECT_EQ(out.name, in.name);
  EXPECT_EQ(out.secret_digest, in.secret_digest);
  EXPECT_EQ(out.status, in.status);
  EXPECT_EQ(out.created, in.created);
  EXPECT_EQ(out.expires, in.expires);
}

TEST_F(RecordTest, CredentialReportKeepsEveryField) {
  CredentialReport in = make_credential_report("user,arn\n");
  in.requested = Instant{7};
  in.generated = Instant{8};

  const CredentialReport out = round_trip(in);

  EXPECT_EQ(record_key(in), "a/111122223333/report/credentials");
  EXPECT_EQ(out.account, in.account);
  EXPECT_EQ(out.requested, in.requested);
  EXPECT_EQ(out.generated, in.generated);
  EXPECT_EQ(out.content, in.content);
}

}  // namespace
}  // namespace signet::identity
