"""IAM Roles Anywhere by boto3: trust anchors, profiles, revocation lists, subjects, tags and what is said when they cannot be had."""
import datetime

import pytest

from support.aws import refused
from support.bootstrap import ACCOUNT, ADMIN, NOBODY
from support.people import allow, create_user, deny, trust
from support.pki import Pki

SERVICE = "rolesanywhere.amazonaws.com"
NOWHERE = "ccccdddd-1111-2222-3333-eeeeffff0000"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def authority(pki):
    return pki.authority()


@pytest.fixture
def admin(aws):
    return aws.client("rolesanywhere", ADMIN)


def source(*certificates):
    return {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": "".join(one.pem for one in certificates)}}


@pytest.fixture
def anchor(admin, authority):
    return admin.create_trust_anchor(name="anchor", source=source(authority), enabled=True)["trustAnchor"]


@pytest.fixture
def profile(admin):
    return admin.create_profile(name="profile", roleArns=[])["profile"]


@pytest.fixture
def crl(admin, anchor, pki, authority):
    return admin.import_crl(name="list", crlData=pki.revocation_list(authority).encode(), trustAnchorArn=anchor["trustAnchorArn"],
                            enabled=True)["crl"]


def is_recent(time):
    return abs(datetime.datetime.now(datetime.timezone.utc) - time) < datetime.timedelta(minutes=5)


def test_trust_anchor_from_begin_to_end(admin, authority, pki):
    made = admin.create_trust_anchor(name="my anchor", source=source(authority), tags=[{"key": "k", "value": "v"}])
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    anchor = made["trustAnchor"]
    identity = anchor["trustAnchorId"]
    assert anchor["trustAnchorArn"] == f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:trust-anchor/{identity}"
    assert (anchor["name"], anchor["enabled"], anchor["source"]) == ("my anchor", False, source(authority))
    assert is_recent(anchor["createdAt"]) and anchor["createdAt"] == anchor["updatedAt"]
    assert {(one["event"], one["enabled"], one["threshold"], one["channel"], one["configuredBy"])
            for one in anchor["notificationSettings"]} == {("CA_CERTIFICATE_EXPIRY", True, 45, "ALL", SERVICE),
                                                           ("END_ENTITY_CERTIFICATE_EXPIRY", True, 45, "ALL", SERVICE)}
    assert admin.get_trust_anchor(trustAnchorId=identity)["trustAnchor"] == anchor
    assert admin.enable_trust_anchor(trustAnchorId=identity)["trustAnchor"]["enabled"]
    other = pki.authority("Other")
    changed = admin.update_trust_anchor(trustAnchorId=identity, name="new", source=source(authority, other))["trustAnchor"]
    assert (changed["name"], changed["enabled"], changed["source"]) == ("new", True, source(authority, other))
    assert not admin.disable_trust_anchor(trustAnchorId=identity)["trustAnchor"]["enabled"]
    assert [one["trustAnchorId"] for one in admin.list_trust_anchors()["trustAnchors"]] == [identity]
    assert admin.delete_trust_anchor(trustAnchorId=identity)["trustAnchor"]["trustAnchorId"] == identity
    with refused("ResourceNotFoundException", "Trust anchor not found", status=404):
        admin.get_trust_anchor(trustAnchorId=identity)
    assert admin.list_trust_anchors()["trustAnchors"] == []


@pytest.mark.parametrize("given, text", [
    ({"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": "arn:aws:acm-pca:us-east-1:1:certificate-authority/x"}},
     "AWS_ACM_PCA are not served here"),
    ({"sourceType": "SELF_SIGNED_REPOSITORY"}, "SELF_SIGNED_REPOSITORY are not served here"),
    ({"sourceType": "CERTIFICATE_BUNDLE"}, "source must have"),
    ({"sourceData": {"x509CertificateData": "x"}}, "source must have"),
    ({"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": "no PEM"}}, "in PEM format"),
    ({"sourceType": "NONE"}, "Member must satisfy enum value set"),
], ids=["pca", "self-signed", "no data", "no type", "no pem", "unknown type"])
def test_sources_that_are_no_bundle_are_refused(admin, given, text):
    with refused("ValidationException", text, status=400):
        admin.create_trust_anchor(name="a", source=given)
    assert admin.list_trust_anchors()["trustAnchors"] == []


def test_bundles_of_others_than_authorities_are_refused(admin, authority, pki):
    leaf = pki.end_entity(authority)
    no_usage = pki.authority("No usage", extensions="basicConstraints=critical,CA:TRUE\n")
    for bundle in ((leaf,), (authority, leaf), (no_usage,)):
        with refused("ValidationException", "Incorrect basic constraints for CA certificate"):
            admin.create_trust_anchor(name="a", source=source(*bundle))
    with refused("ValidationException", "one to 2 certificates"):
        admin.create_trust_anchor(name="a", source=source(authority, authority, authority))


def test_what_is_not_served_is_said(admin, authority, anchor, profile):
    with refused("ValidationException", "CRL distribution points are not asked here"):
        admin.create_trust_anchor(name="a", source=source(authority), crlDpRevocationEnabled=True)
    with refused("ValidationException", "CRL distribution points are not asked here"):
        admin.update_trust_anchor(trustAnchorId=anchor["trustAnchorId"], crlDpRevocationEnabled=True)
    with refused("ValidationException", "Trusted identity propagation is not served here"):
        admin.update_profile(profileId=profile["profileId"], tipConfiguration={"status": "ENABLED"})
    assert admin.update_profile(profileId=profile["profileId"], tipConfiguration={"status": "DISABLED"})["profile"]


def test_profile_from_begin_to_end(admin, aws):
    role = aws.iam(ADMIN).create_role(RoleName="r", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))["Role"]["Arn"]
    made = admin.create_profile(name="profile", roleArns=[role], enabled=True, durationSeconds=900, acceptRoleSessionName=True,
                                managedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"], requireInstanceProperties=True)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    profile = made["profile"]
    identity = profile["profileId"]
    assert profile["profileArn"] == f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:profile/{identity}"
    assert (profile["roleArns"], profile["durationSeconds"], profile["enabled"]) == ([role], 900, True)
    assert profile["acceptRoleSessionName"] and profile["requireInstanceProperties"] and "sessionPolicy" not in profile
    assert profile["attributeMappings"] == [
        {"certificateField": "x509Issuer", "mappingRules": [{"specifier": "*"}]},
        {"certificateField": "x509SAN", "mappingRules": [{"specifier": "DNS"}, {"specifier": "URI"}, {"specifier": "Name/*"}]},
        {"certificateField": "x509Subject", "mappingRules": [{"specifier": "*"}]}]
    assert admin.get_profile(profileId=profile["profileArn"])["profile"] == profile
    changed = admin.update_profile(profileId=identity, name="new", durationSeconds=3600)["profile"]
    assert (changed["name"], changed["durationSeconds"], changed["roleArns"]) == ("new", 3600, [role]), "absent: as it was"
    assert admin.update_profile(profileId=identity, roleArns=[])["profile"]["roleArns"] == []
    assert not admin.disable_profile(profileId=identity)["profile"]["enabled"]
    assert admin.enable_profile(profileId=identity)["profile"]["enabled"]
    assert [one["profileId"] for one in admin.list_profiles()["profiles"]] == [identity]
    admin.delete_profile(profileId=identity)
    with refused("ResourceNotFoundException", "Profile not found", status=404):
        admin.delete_profile(profileId=identity)


def test_profile_defaults_and_bad_limits(admin, aws):
    profile = admin.create_profile(name="p", roleArns=[])["profile"]
    assert (profile["durationSeconds"], profile["enabled"], profile["acceptRoleSessionName"]) == (3600, False, False)
    with refused("ValidationException", "Value '899' at 'durationSeconds' failed to satisfy constraint: "
                 "Member must have value greater than or equal to 900"):
        aws.unchecked("rolesanywhere", ADMIN).create_profile(name="p", roleArns=[], durationSeconds=899)
    with refused("ValidationException", "Value 'a*' at 'name' failed to satisfy constraint"):
        admin.create_profile(name="a*", roleArns=[])
    with refused("ValidationException"):
        admin.create_profile(name="p", roleArns=[], sessionPolicy="{}")
    with refused("ValidationException", "is not of this account"):
        admin.create_profile(name="p", roleArns=["arn:aws:iam:::role/r"])
    with refused("AccessDeniedException", "iam:PassRole on resource: arn:aws:iam::999999999999:role/r"):
        admin.create_profile(name="p", roleArns=["arn:aws:iam::999999999999:role/r"])
    assert len(admin.list_profiles()["profiles"]) == 1


def test_roles_of_a_profile_must_be_passed(admin, aws):
    role = aws.iam(ADMIN).create_role(RoleName="r", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))["Role"]["Arn"]
    _, keys = create_user(aws.iam(ADMIN), "maker", allow("rolesanywhere:*"))
    _, passing = create_user(aws.iam(ADMIN), "passer", allow("rolesanywhere:*"), allow("iam:PassRole", role) | {
        "Condition": {"StringEquals": {"iam:PassedToService": SERVICE}}})
    _, elsewhere = create_user(aws.iam(ADMIN), "elsewhere", allow("rolesanywhere:*"), allow("iam:PassRole", role) | {
        "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}})
    for caller in (keys, elsewhere):
        client = aws.client("rolesanywhere", caller)
        with refused("AccessDeniedException", "is not authorized to perform: iam:PassRole on resource: " + role, status=403):
            client.create_profile(name="p", roleArns=[role])
        made = client.create_profile(name="p", roleArns=[])["profile"]
        with refused("AccessDeniedException", "iam:PassRole"):
            client.update_profile(profileId=made["profileId"], roleArns=[role])
    assert aws.client("rolesanywhere", passing).create_profile(name="p", roleArns=[role])["profile"]["roleArns"] == [role]


def test_attribute_mappings(admin, profile):
    identity = profile["profileId"]

    def rules(answer, field):
        return [[rule["specifier"] for rule in one["mappingRules"]]
                for one in answer["profile"]["attributeMappings"] if one["certificateField"] == field]

    put = admin.put_attribute_mapping(profileId=identity, certificateField="x509Subject",
                                      mappingRules=[{"specifier": "CN"}, {"specifier": "OU"}, {"specifier": "CN"}])
    assert rules(put, "x509Subject") == [["CN", "OU"]], "the rules of a field are replaced"
    assert rules(admin.delete_attribute_mapping(profileId=identity, certificateField="x509Subject", specifiers=["CN"]),
                 "x509Subject") == [["OU"]]
    with refused("ValidationException", "no mapping of the field x509Subject with the specifier CN"):
        admin.delete_attribute_mapping(profileId=identity, certificateField="x509Subject", specifiers=["CN"])
    assert rules(admin.delete_attribute_mapping(profileId=identity, certificateField="x509Subject"), "x509Subject") == []
    with refused("ValidationException", "no mapping of the field"):
        admin.delete_attribute_mapping(profileId=identity, certificateField="x509Subject")
    for field, specifier in (("x509Subject", "DNS"), ("x509SAN", "CN"), ("x509Issuer", "")):
        with refused("ValidationException", "is not one of the field"):
            admin.put_attribute_mapping(profileId=identity, certificateField=field, mappingRules=[{"specifier": specifier}])
    with refused("ResourceNotFoundException", "Profile not found"):
        admin.put_attribute_mapping(profileId=NOWHERE, certificateField="x509SAN", mappingRules=[{"specifier": "DNS"}])


def test_notification_settings(admin, anchor):
    identity = anchor["trustAnchorId"]

    def setting(answer, event):
        return next(one for one in answer["trustAnchor"]["notificationSettings"] if one["event"] == event)

    put = admin.put_notification_settings(trustAnchorId=identity, notificationSettings=[
        {"event": "CA_CERTIFICATE_EXPIRY", "enabled": False, "threshold": 10, "channel": "ALL"}])
    own = setting(put, "CA_CERTIFICATE_EXPIRY")
    assert (own["enabled"], own["threshold"], own["configuredBy"]) == (False, 10, ACCOUNT)
    assert setting(put, "END_ENTITY_CERTIFICATE_EXPIRY")["configuredBy"] == SERVICE
    reset = admin.reset_notification_settings(trustAnchorId=identity, notificationSettingKeys=[{"event": "CA_CERTIFICATE_EXPIRY"}])
    assert setting(reset, "CA_CERTIFICATE_EXPIRY")["threshold"] == 45
    with refused("ValidationException", "more than one notification setting"):
        admin.put_notification_settings(trustAnchorId=identity, notificationSettings=[
            {"event": "CA_CERTIFICATE_EXPIRY", "enabled": True}, {"event": "CA_CERTIFICATE_EXPIRY", "enabled": False}])
    with refused("ValidationException", "'notificationSettings.1.member.threshold'"):
        admin.put_notification_settings(trustAnchorId=identity, notificationSettings=[
            {"event": "CA_CERTIFICATE_EXPIRY", "enabled": True, "threshold": 361}])
    with refused("ResourceNotFoundException", "Trust anchor not found"):
        admin.reset_notification_settings(trustAnchorId=NOWHERE, notificationSettingKeys=[])


def test_revocation_list_from_begin_to_end(admin, anchor, pki, authority):
    pem = pki.revocation_list(authority).encode()
    made = admin.import_crl(name="list", crlData=pem, trustAnchorArn=anchor["trustAnchorArn"], enabled=True)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    crl = made["crl"]
    identity = crl["crlId"]
    assert (crl["crlData"], crl["enabled"], crl["trustAnchorArn"]) == (pem, True, anchor["trustAnchorArn"])
    assert admin.get_crl(crlId=identity)["crl"] == crl
    newer = pki.revocation_list(authority, pki.end_entity(authority)).encode()
    assert admin.update_crl(crlId=identity, crlData=newer)["crl"]["crlData"] == newer
    assert not admin.disable_crl(crlId=identity)["crl"]["enabled"]
    assert admin.enable_crl(crlId=identity)["crl"]["enabled"]
    assert [one["crlId"] for one in admin.list_crls()["crls"]] == [identity]
    with refused("ValidationException", "one X.509 CRL in PEM format"):
        admin.update_crl(crlId=identity, crlData=b"none")
    with refused("ValidationException", "one X.509 CRL in PEM format"):
        admin.import_crl(name="list", crlData=authority.pem.encode(), trustAnchorArn=anchor["trustAnchorArn"])
    with refused("ResourceNotFoundException", "Trust anchor not found"):
        admin.import_crl(name="list", crlData=pem, trustAnchorArn=anchor["trustAnchorArn"].replace(anchor["trustAnchorId"], NOWHERE))
    admin.import_crl(name="second", crlData=pem, trustAnchorArn=anchor["trustAnchorArn"])
    with refused("ValidationException", "at most 2 revocation lists"):
        admin.import_crl(name="third", crlData=pem, trustAnchorArn=anchor["trustAnchorArn"])
    admin.delete_crl(crlId=identity)
    with refused("ResourceNotFoundException", "Crl not found", status=404):
        admin.get_crl(crlId=identity)
    admin.delete_trust_anchor(trustAnchorId=anchor["trustAnchorId"])
    assert admin.list_crls()["crls"] == [], "the lists of an anchor go with it"


def test_aliases(admin, authority, anchor):
    named = admin.update_trust_anchor(trustAnchorId=anchor["trustAnchorId"], aliasName="Plant/one")["trustAnchor"]
    assert named["aliasArn"] == f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:alias/trust-anchor/Plant/one"
    assert (named["aliasName"], "previousAliasName" in named) == ("Plant/one", False)
    found = admin.get_trust_anchor(trustAnchorId=named["aliasArn"])["trustAnchor"]
    assert found["trustAnchorId"] == anchor["trustAnchorId"]
    with refused("ValidationException", "belongs to another trust-anchor"):
        admin.create_trust_anchor(name="b", source=source(authority), aliasName="Plant/one")
    with refused("ValidationException", "aws/ are reserved"):
        admin.create_trust_anchor(name="b", source=source(authority), aliasName="AWS/x")
    for wrong in ("/a", "a//b", "a/", "1a"):
        with refused("ValidationException", "'aliasName' failed to satisfy constraint"):
            admin.create_trust_anchor(name="b", source=source(authority), aliasName=wrong)
    renamed = admin.update_trust_anchor(trustAnchorId=named["aliasArn"], aliasName="Two")["trustAnchor"]
    assert (renamed["aliasName"], renamed["previousAliasName"]) == ("Two", "Plant/one")
    with refused("ResourceNotFoundException"):
        admin.get_trust_anchor(trustAnchorId=named["aliasArn"])
    without = admin.update_trust_anchor(trustAnchorId=anchor["trustAnchorId"], aliasName="")["trustAnchor"]
    assert "aliasName" not in without and without["previousAliasName"] == "Two"


def test_lists_come_in_pages(admin):
    made = {admin.create_profile(name=f"p{number}", roleArns=[])["profile"]["profileId"] for number in range(5)}
    seen, token = [], {}
    while True:
        page = admin.list_profiles(pageSize=2, **token)
        assert len(page["profiles"]) <= 2
        seen += [one["profileId"] for one in page["profiles"]]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert set(seen) == made and len(seen) == 5
    with refused("ValidationException", "Invalid nextToken"):
        admin.list_trust_anchors(**token)
    for size in (0, 1001):
        with refused("ValidationException", "pageSize"):
            admin.list_profiles(pageSize=size)


def test_tags_of_all_kinds(admin, anchor, profile, crl):
    for arn in (anchor["trustAnchorArn"], profile["profileArn"], crl["crlArn"]):
        assert admin.list_tags_for_resource(resourceArn=arn)["tags"] == []
        admin.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
        admin.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "3"}])
        assert admin.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "3"}, {"key": "b", "value": "2"}]
        admin.untag_resource(resourceArn=arn, tagKeys=["a", "none"])
        assert admin.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]
    with refused("TooManyTagsException", status=400):
        admin.tag_resource(resourceArn=profile["profileArn"], tags=[{"key": f"k{number}", "value": ""} for number in range(50)])
    with refused("ValidationException", "aws: are reserved"):
        admin.tag_resource(resourceArn=profile["profileArn"], tags=[{"key": "aws:x", "value": ""}])
    for call in (lambda arn: admin.tag_resource(resourceArn=arn, tags=[]), lambda arn: admin.untag_resource(resourceArn=arn, tagKeys=[]),
                 lambda arn: admin.list_tags_for_resource(resourceArn=arn)):
        with refused("ResourceNotFoundException", status=404):
            call(profile["profileArn"].replace(profile["profileId"], NOWHERE))


def test_policies_see_tags_and_arns(admin, aws, authority, anchor):
    admin.tag_resource(resourceArn=anchor["trustAnchorArn"], tags=[{"key": "team", "value": "red"}])
    _, keys = create_user(aws.iam(ADMIN), "red", allow("rolesanywhere:GetTrustAnchor", "arn:aws:rolesanywhere:*:*:trust-anchor/*") | {
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}, allow("rolesanywhere:CreateTrustAnchor") | {
        "Condition": {"StringEquals": {"aws:RequestTag/team": "red"}}})
    red = aws.client("rolesanywhere", keys)
    assert red.get_trust_anchor(trustAnchorId=anchor["trustAnchorId"])
    assert red.create_trust_anchor(name="b", source=source(authority), tags=[{"key": "team", "value": "red"}])
    with refused("AccessDeniedException", "rolesanywhere:CreateTrustAnchor"):
        red.create_trust_anchor(name="b", source=source(authority), tags=[{"key": "team", "value": "blue"}])
    admin.tag_resource(resourceArn=anchor["trustAnchorArn"], tags=[{"key": "team", "value": "blue"}])
    with refused("AccessDeniedException", "rolesanywhere:GetTrustAnchor on resource: " + anchor["trustAnchorArn"]):
        red.get_trust_anchor(trustAnchorId=anchor["trustAnchorId"])


def test_resources_are_of_one_region_and_account(aws, admin, anchor):
    frankfurt = aws.session(ADMIN).client("rolesanywhere", endpoint_url=aws.url, region_name="eu-central-1")
    assert frankfurt.list_trust_anchors()["trustAnchors"] == []
    for identifier in (anchor["trustAnchorId"], anchor["trustAnchorArn"]):
        with refused("ResourceNotFoundException"):
            frankfurt.get_trust_anchor(trustAnchorId=identifier)
    made = frankfurt.create_profile(name="p", roleArns=[])["profile"]
    assert made["profileArn"].startswith(f"arn:aws:rolesanywhere:eu-central-1:{ACCOUNT}:profile/")
    assert admin.list_profiles()["profiles"] == []


def test_callers_that_are_not_known_or_not_allowed(aws, anchor):
    with refused("AccessDeniedException", "not authorized to perform: rolesanywhere:ListTrustAnchors on resource: *", status=403):
        aws.client("rolesanywhere", NOBODY).list_trust_anchors()
    with refused("UnrecognizedClientException", "The security token included in the request is invalid", status=403):
        aws.client("rolesanywhere", type(ADMIN)("AKIANOSUCHKEY0000000", "secret")).list_trust_anchors()
    with refused("InvalidSignatureException", "The request signature we calculated does not match", status=403):
        aws.client("rolesanywhere", type(ADMIN)(ADMIN.access_key, "wrong")).list_trust_anchors()
    _, keys = create_user(aws.iam(ADMIN), "denied", allow("rolesanywhere:*"), deny("rolesanywhere:GetTrustAnchor"))
    with refused("AccessDeniedException", "with an explicit deny in an identity-based policy"):
        aws.client("rolesanywhere", keys).get_trust_anchor(trustAnchorId=anchor["trustAnchorId"])


def test_subjects_that_are_not_there(admin):
    assert admin.list_subjects()["subjects"] == []
    with refused("ResourceNotFoundException", "Subject not found", status=404):
        admin.get_subject(subjectId=NOWHERE)
