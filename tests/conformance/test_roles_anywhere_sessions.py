"""CreateSession: who gets credentials for a certificate, what they may do, and everybody who gets none. The last tests let AWS's own
credential helper ask."""
import base64
import datetime
import json
import re
import subprocess
import time

import pytest

from support import golang
from support.aws import refused
from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.people import allow, policy
from support.pki import AUTHORITY, END_ENTITY, Pki, SessionRequest, serial
from support.server import ROOT

SERVICE = "rolesanywhere.amazonaws.com"
ACTIONS = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
NOWHERE = "ccccdddd-1111-2222-3333-eeeeffff0000"


def trust(actions=ACTIONS, **condition):
    statement = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": actions}
    return policy(statement | ({"Condition": condition} if condition else {}))


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def authority(pki):
    return pki.authority()


@pytest.fixture(scope="module")
def machine(pki, authority):
    return pki.end_entity(authority)


class World:
    """An account with a trust anchor, a role and a profile for it."""

    def __init__(self, server, aws, authority):
        self.server, self.aws = server, aws
        self.iam, self.admin = aws.iam(ADMIN), aws.client("rolesanywhere", ADMIN)
        self.role = self.iam.create_role(RoleName="machine", AssumeRolePolicyDocument=trust())["Role"]["Arn"]
        self.anchor = self.admin.create_trust_anchor(name="a", enabled=True, source={
            "sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": authority.pem}})["trustAnchor"]
        self.profile = self.admin.create_profile(name="p", roleArns=[self.role], enabled=True)["profile"]

    def request(self, certificate, **more):
        return SessionRequest(self.server, certificate, self.anchor["trustAnchorArn"], self.profile["profileArn"], self.role, **more)

    def trusts(self, **condition):
        self.iam.update_assume_role_policy(RoleName="machine", PolicyDocument=trust(**condition))

    def session(self, certificate, **more):
        answer = self.request(certificate, **more).send()
        assert answer.status == 201, answer
        return answer.body["credentialSet"][0]

    def refuses(self, request, code, text, status=403):
        before = self.admin.list_subjects()["subjects"]
        answer = request.send()
        assert (answer.status, answer.code) == (status, code), answer
        assert text in answer.message, answer
        assert self.admin.list_subjects()["subjects"] == before

    def denies(self, request, text):
        self.refuses(request, "AccessDeniedException", text)


@pytest.fixture
def world(server, aws, authority):
    return World(server, aws, authority)


def keys_of(credential):
    credentials = credential["credentials"]
    return Keys(credentials["accessKeyId"], credentials["secretAccessKey"], credentials["sessionToken"])


def hexadecimal(certificate):
    text = f"{serial(certificate):x}"
    return text if len(text) % 2 == 0 else "0" + text


@pytest.mark.parametrize("kind", ["ec", "p384", "rsa"])
def test_a_certificate_gets_the_roles_credentials(world, pki, authority, kind):
    certificate = pki.end_entity(authority, kind=kind)
    answer = world.request(certificate, durationSeconds=900).send()
    assert (answer.status, len(answer.body["credentialSet"])) == (201, 1)
    credential = answer.body["credentialSet"][0]
    session = hexadecimal(certificate)
    assert credential["assumedRoleUser"]["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/machine/{session}"
    assert credential["assumedRoleUser"]["assumedRoleId"].endswith(f":{session}")
    assert (credential["roleArn"], credential["sourceIdentity"]) == (world.role, "CN=machine-1")
    assert 0 < credential["packedPolicySize"] <= 100
    left = datetime.datetime.fromisoformat(credential["credentials"]["expiration"]) - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(minutes=14) < left <= datetime.timedelta(minutes=15)
    identity = world.aws.sts(keys_of(credential)).get_caller_identity()
    assert identity["Arn"] == credential["assumedRoleUser"]["arn"]

    subject = world.admin.get_subject(subjectId=answer.body["subjectArn"].rpartition("/")[2])["subject"]
    assert subject["subjectArn"] == answer.body["subjectArn"]
    assert subject["x509Subject"] == "CN=machine-1,OU=Plant,O=Example,C=DE"
    seen, = subject["credentials"]
    assert (seen["serialNumber"], seen["issuer"]) == (str(serial(certificate)), "CN=Authority,O=Example,C=DE")
    assert seen["x509CertificateData"] == certificate.pem and not seen["failed"]


def test_subjects_are_seen_again(world, pki, authority, machine):
    other = pki.end_entity(authority)
    first = world.request(machine).send().body["subjectArn"]
    world.request(other, instanceProperties={"host": "h"}).send()
    assert world.request(machine).send().body["subjectArn"] == first
    subject = world.admin.get_subject(subjectId=first.rpartition("/")[2])["subject"]
    assert [one["serialNumber"] for one in subject["credentials"]] == [str(serial(machine)), str(serial(other))]
    assert len(world.admin.list_subjects()["subjects"]) == 1
    world.session(pki.end_entity(authority, subject="/CN=another"), instanceProperties={"host": "h"})
    another = next(one for one in world.admin.list_subjects()["subjects"] if one["x509Subject"] == "CN=another")
    assert world.admin.get_subject(subjectId=another["subjectId"])["subject"]["instanceProperties"][0]["properties"] == {"host": "h"}
    assert world.admin.list_tags_for_resource(resourceArn=another["subjectArn"])["tags"] == []


def test_names_in_the_body_are_as_good(world, machine):
    request = world.request(machine)
    request.body |= request.query
    request.query = {}
    assert request.send().status == 201


def test_sessions_carry_the_certificates_names(world, pki, authority):
    certificate = pki.end_entity(authority, extensions=END_ENTITY + "subjectAltName=DNS:one.example,DNS:two.example,"
                                 "URI:spiffe://example/machine\n")
    world.iam.put_role_policy(RoleName="machine", PolicyName="own", PolicyDocument=policy(
        allow("iam:GetRole", "*", StringEquals={
            "aws:PrincipalTag/x509Subject/CN": "machine-1", "aws:PrincipalTag/x509Subject/OU": "Plant",
            "aws:PrincipalTag/x509Issuer/CN": "Authority", "aws:PrincipalTag/x509SAN/DNS": "one.example",
            "aws:PrincipalTag/x509SAN/URI": "spiffe://example/machine", "aws:SourceIdentity": "CN=machine-1"})))
    client = world.aws.iam(keys_of(world.session(certificate)))
    assert client.get_role(RoleName="machine")
    world.admin.delete_attribute_mapping(profileId=world.profile["profileId"], certificateField="x509SAN", specifiers=["URI"])
    with refused("AccessDenied"):
        world.aws.iam(keys_of(world.session(certificate))).get_role(RoleName="machine")


def test_the_trust_policy_sees_certificate_and_anchor(world, machine):
    world.trusts(StringEquals={"aws:PrincipalTag/x509Subject/CN": "machine-1", "aws:PrincipalTag/x509Issuer/CN": "Authority",
                               "aws:SourceAccount": ACCOUNT, "sts:SourceIdentity": "CN=machine-1",
                               "sts:RoleSessionName": hexadecimal(machine), "aws:RequestTag/x509Subject/O": "Example"},
                 ArnEquals={"aws:SourceArn": world.anchor["trustAnchorArn"]}, Bool={"aws:PrincipalIsAWSService": "true"})
    assert world.session(machine)


@pytest.mark.parametrize("condition", [
    {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "machine-2"}},
    {"StringEquals": {"aws:PrincipalTag/x509Subject/STREET": ""}},
    {"ArnEquals": {"aws:SourceArn": f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:trust-anchor/{NOWHERE}"}},
    {"StringEquals": {"aws:SourceAccount": "999999999999"}},
    {"StringEquals": {"sts:SourceIdentity": "CN=machine-2"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}},
], ids=lambda condition: next(iter(next(iter(condition.values())))))
def test_the_trust_policy_refuses(world, machine, condition):
    world.trusts(**condition)
    world.denies(world.request(machine), f"Unable to assume role for {world.role}")


@pytest.mark.parametrize("actions", [[one for one in ACTIONS if one != missing] for missing in ACTIONS], ids=str)
def test_the_trust_policy_must_allow_all_three_actions(world, machine, actions):
    world.trusts(actions=actions)
    world.denies(world.request(machine), "Unable to assume role")


def test_roles_that_trust_others_are_refused(world, machine):
    for principal in ({"Service": "ec2.amazonaws.com"}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": "*"}):
        world.iam.update_assume_role_policy(RoleName="machine", PolicyDocument=policy(
            {"Effect": "Allow", "Principal": principal, "Action": ACTIONS}))
        if principal != {"AWS": "*"}:
            world.denies(world.request(machine), "Unable to assume role")


def test_an_intermediate_authority(world, pki, authority):
    between = pki.authority("Between", authority)
    certificate = pki.end_entity(between)
    assert world.session(certificate, chain=(between,))
    world.denies(world.request(certificate), "Untrusted signing certificate")
    no_authority = pki.end_entity(authority, subject="/CN=none")
    below = pki.end_entity(no_authority)
    world.denies(world.request(below, chain=(no_authority,)), "Untrusted signing certificate")
    short = pki.authority("Short", authority, extensions=AUTHORITY.replace("CA:TRUE", "CA:TRUE,pathlen:0"))
    deep = pki.authority("Deep", short)
    world.denies(world.request(pki.end_entity(deep), chain=(deep, short)), "Untrusted signing certificate")
    assert world.session(pki.end_entity(short), chain=(short,))


def test_an_anchor_that_another_authority_issued(world, pki, authority):
    between = pki.authority("Anchor", authority)
    anchor = world.admin.create_trust_anchor(name="between", enabled=True, source={
        "sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": between.pem}})["trustAnchor"]
    certificate = pki.end_entity(between)
    request = world.request(certificate)
    request.query["trustAnchorArn"] = anchor["trustAnchorArn"]
    assert request.send().status == 201
    other = world.request(pki.end_entity(authority))
    other.query["trustAnchorArn"] = anchor["trustAnchorArn"]
    world.denies(other, "Untrusted signing certificate")


def test_certificates_of_others_are_refused(world, pki):
    impostor = pki.authority()  # of the same name
    world.denies(world.request(pki.end_entity(impostor)), "Untrusted signing certificate")
    world.denies(world.request(pki.end_entity(impostor), chain=(impostor,)), "Untrusted signing certificate")
    world.denies(world.request(pki.issue("/CN=self", None, END_ENTITY)), "Untrusted signing certificate")


@pytest.mark.parametrize("extensions, text", [
    (AUTHORITY + "", "Insufficient certificate"),
    ("basicConstraints=critical,CA:FALSE\n", "Insufficient certificate"),
    ("keyUsage=critical,digitalSignature\n", "Insufficient certificate"),
    ("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment\n", "Insufficient certificate"),
    (END_ENTITY + "1.2.3.4=critical,ASN1:NULL\n", "Untrusted signing certificate"),
], ids=["authority", "no usage", "no constraints", "other usage", "unknown critical extension"])
def test_certificates_that_are_not_for_signing_in_are_refused(world, pki, authority, extensions, text):
    world.denies(world.request(pki.end_entity(authority, extensions=extensions)), text)


@pytest.mark.parametrize("more", [{"digest": "sha1"}, {"kind": "small"}], ids=str)
def test_weak_certificates_are_refused(world, pki, authority, more):
    request = world.request(pki.end_entity(authority, **more))
    world.denies(request, "Invalid signature" if "kind" in more else "Untrusted signing certificate")


def test_expired_certificates_are_refused(world, server, pki, authority, machine):
    world.denies(world.request(pki.end_entity(authority, days=-1)), "Certificate is not valid at this time.")
    old = pki.authority("Old", authority, days=-1)
    world.denies(world.request(pki.end_entity(old), chain=(old,)), "Certificate is not valid at this time.")
    server.post("/_signet/clock", {"shift_seconds": 31 * 24 * 3600})
    request = world.request(machine)
    request.now += datetime.timedelta(days=31)
    answer = request.send()
    assert (answer.code, answer.message) == ("AccessDeniedException", "Certificate is not valid at this time.")


def test_revoked_certificates_are_refused(world, pki, authority, machine):
    bad = pki.end_entity(authority, subject="/CN=bad")
    assert world.session(bad)
    crl = world.admin.import_crl(name="l", crlData=pki.revocation_list(authority, bad).encode(), enabled=True,
                                 trustAnchorArn=world.anchor["trustAnchorArn"])["crl"]
    world.denies(world.request(bad), "Certificate is revoked.")
    assert world.session(machine)
    world.admin.disable_crl(crlId=crl["crlId"])
    assert world.session(bad)
    world.admin.enable_crl(crlId=crl["crlId"])
    world.denies(world.request(bad), "Certificate is revoked.")
    world.admin.update_crl(crlId=crl["crlId"], crlData=pki.revocation_list(authority).encode())
    assert world.session(bad)


def test_revoked_authorities_and_forged_lists(world, pki, authority, machine):
    between = pki.authority("Between", authority)
    certificate = pki.end_entity(between)
    assert world.session(certificate, chain=(between,))
    arn = world.anchor["trustAnchorArn"]
    crl = world.admin.import_crl(name="l", crlData=pki.revocation_list(authority, between).encode(), enabled=True,
                                 trustAnchorArn=arn)["crl"]
    world.denies(world.request(certificate, chain=(between,)), "Certificate is revoked.")
    world.admin.update_crl(crlId=crl["crlId"], crlData=pki.revocation_list(pki.authority()).encode())
    world.denies(world.request(machine), "Untrusted signing certificate")


def test_tampered_signatures_are_refused(world, machine, pki, authority):
    def changed(change):
        request = world.request(machine)
        change(request)
        return request

    stranger = pki.end_entity(authority)

    def other_certificate(request):
        request.headers["X-Amz-X509"] = world.request(stranger).headers["X-Amz-X509"]
        request.serial = serial(stranger)

    for change in (lambda r: setattr(r, "serial", r.serial + 1), lambda r: setattr(r, "algorithm", "AWS4-X509-RSA-SHA256"), lambda r: setattr(r, "algorithm", "AWS4-X509-SHA256"),
                   lambda r: setattr(r, "unsigned", ("host",)), lambda r: setattr(r, "unsigned", ("x-amz-x509",)),
                   lambda r: setattr(r, "unsigned", ("x-amz-date",)), other_certificate,
                   lambda r: r.after.update({"Content-Type": "text/json"}),
                   lambda r: r.after.update({"X-Amz-Date": "20260101T000000Z"})):
        world.denies(changed(change), "Invalid signature")
    chained = world.request(machine, chain=(authority,))
    chained.unsigned = ("x-amz-x509-chain",)
    world.denies(chained, "Invalid signature")


@pytest.mark.parametrize("minutes", [-20, 20])
def test_requests_are_for_now(world, machine, minutes):
    request = world.request(machine)
    request.now += datetime.timedelta(minutes=minutes)
    world.denies(request, "Invalid signature")
    request.now -= datetime.timedelta(minutes=minutes / 2)
    assert request.send().status == 201


@pytest.mark.parametrize("header", ["", "*", "AAAA", base64.b64encode(b"0\x03\x02\x01\x00").decode()])
def test_certificates_that_cannot_be_read_are_refused(world, machine, header):
    request = world.request(machine)
    request.headers["X-Amz-X509"] = header
    answer = request.send()
    if header:
        assert (answer.status, answer.code) == (403, "AccessDeniedException") and "cannot be read" in answer.message
    else:
        assert (answer.status, answer.code) == (400, "ValidationException")
    chained = world.request(machine)
    chained.headers["X-Amz-X509-Chain"] = header or ",".join(["AAAA"] * 6)
    assert chained.send().code == "AccessDeniedException"


def test_whoever_brings_no_certificate_is_refused(world, machine, aws):
    request = world.request(machine)
    del request.headers["X-Amz-X509"]
    world.refuses(request, "ValidationException", "Value null at 'cert'", status=400)


def test_what_is_disabled_or_not_there_is_refused(world, machine):
    anchor, profile = world.anchor["trustAnchorId"], world.profile["profileId"]
    world.admin.disable_trust_anchor(trustAnchorId=anchor)
    world.denies(world.request(machine), "The trust anchor is disabled.")
    world.admin.enable_trust_anchor(trustAnchorId=anchor)
    world.admin.disable_profile(profileId=profile)
    world.denies(world.request(machine), "The profile is disabled.")
    world.admin.enable_profile(profileId=profile)
    assert world.session(machine)
    world.admin.update_profile(profileId=profile, roleArns=[])
    world.denies(world.request(machine), f"Role is not in profile: {world.role}")
    world.admin.update_profile(profileId=profile, roleArns=[world.role])
    world.iam.delete_role(RoleName="machine")
    world.denies(world.request(machine), "Unable to assume role")
    for name, noun in (("trustAnchorArn", "Trust anchor"), ("profileArn", "Profile")):
        request = world.request(machine)
        request.query[name] = request.query[name].rpartition("/")[0] + "/" + NOWHERE
        world.refuses(request, "ResourceNotFoundException", f"{noun} not found", status=404)


def test_regions_and_accounts_must_be_one(world, machine):
    world.denies(world.request(machine, region="eu-central-1"), "of one account")
    elsewhere = world.request(machine, region="eu-central-1")
    elsewhere.query = {name: arn.replace("us-east-1", "eu-central-1") for name, arn in elsewhere.query.items()}
    world.refuses(elsewhere, "ResourceNotFoundException", "Trust anchor not found", status=404)
    foreign = world.request(machine)
    foreign.query["profileArn"] = foreign.query["profileArn"].replace(ACCOUNT, "999999999999")
    world.refuses(foreign, "ResourceNotFoundException", "Profile not found", status=404)


def test_session_names(world, machine):
    world.denies(world.request(machine, roleSessionName="mine"), "Not authorized to set roleSessionName.")
    world.admin.update_profile(profileId=world.profile["profileId"], acceptRoleSessionName=True)
    assert world.session(machine, roleSessionName="mine")["assumedRoleUser"]["arn"].endswith("/machine/mine")
    world.refuses(world.request(machine, roleSessionName="a b"), "ValidationException", "'roleSessionName'", status=400)


def test_durations(world, machine):
    def seconds(**body):
        text = world.session(machine, **body)["credentials"]["expiration"]
        return (datetime.datetime.fromisoformat(text) - datetime.datetime.now(datetime.timezone.utc)).total_seconds()

    assert seconds() == pytest.approx(3600, abs=60)
    assert seconds(durationSeconds=43200) == pytest.approx(3600, abs=60), "the profile's"
    world.admin.update_profile(profileId=world.profile["profileId"], durationSeconds=7200)
    assert seconds(durationSeconds=7200) == pytest.approx(3600, abs=60), "the role's"
    world.iam.update_role(RoleName="machine", MaxSessionDuration=43200)
    assert seconds() == pytest.approx(7200, abs=60)
    world.refuses(world.request(machine, durationSeconds=899), "ValidationException", "'durationSeconds'", status=400)


def test_session_policies_of_the_profile(world, machine):
    world.iam.put_role_policy(RoleName="machine", PolicyName="all", PolicyDocument=policy(allow("iam:*")))
    assert world.aws.iam(keys_of(world.session(machine))).list_users()
    world.admin.update_profile(profileId=world.profile["profileId"], sessionPolicy=policy(allow("iam:GetRole")))
    client = world.aws.iam(keys_of(world.session(machine)))
    assert client.get_role(RoleName="machine")
    with refused("AccessDenied", "because no session policy allows"):
        client.list_users()
    world.admin.update_profile(profileId=world.profile["profileId"], managedPolicyArns=["arn:aws:iam::aws:policy/None"])
    assert world.request(machine).send().status == 400


def test_required_instance_properties(world, machine):
    strict = world.admin.create_profile(name="s", roleArns=[world.role], enabled=True, requireInstanceProperties=True)["profile"]
    world.profile = strict
    world.denies(world.request(machine), "requires instance properties")
    assert world.session(machine, instanceProperties={"a": "b"})


def test_names_that_no_session_can_have_are_refused(world, pki, authority):
    world.denies(world.request(pki.end_entity(authority, subject="/O=A & B/CN=x")), "A & B")
    world.denies(world.request(pki.end_entity(authority, subject="/CN=two words")), "CN=two words")
    world.admin.put_attribute_mapping(profileId=world.profile["profileId"], certificateField="x509Subject",
                                      mappingRules=[{"specifier": "CN"}])
    assert world.session(pki.end_entity(authority, subject="/O=A & B/CN=x"))
    assert "sourceIdentity" not in world.session(pki.end_entity(authority, subject="/O=Nameless"))


@pytest.fixture(scope="module")
def helper():
    """AWS's own credential helper; it takes cgo, for PKCS #11."""
    return golang.install("github.com/aws/rolesanywhere-credential-helper@v1.4.0", "rolesanywhere-credential-helper")


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_the_credential_helper_gets_credentials(world, helper, pki, authority, kind):
    between = pki.authority("Between", authority, kind=kind)
    certificate = pki.end_entity(between, kind=kind)
    done = subprocess.run([
        helper, "credential-process", "--certificate", f"{certificate.name}.pem", "--private-key", f"{certificate.name}.key",
        "--intermediates", f"{between.name}.pem", "--trust-anchor-arn", world.anchor["trustAnchorArn"],
        "--profile-arn", world.profile["profileArn"], "--role-arn", world.role, "--endpoint", world.server.url],
        cwd=pki.folder, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["Version"] == 1
    keys = Keys(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    assert world.aws.sts(keys).get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/machine/{hexadecimal(certificate)}"
    left = datetime.datetime.fromisoformat(made["Expiration"]).timestamp() - time.time()
    assert 0 < left <= 3600


def test_boto3_gets_them_through_the_credential_helper(world, helper, machine, tmp_path):
    """As a profile's credential_process: what users have."""
    command = " ".join([str(helper), "credential-process", "--certificate", str(machine.folder / f"{machine.name}.pem"),
                        "--private-key", str(machine.folder / f"{machine.name}.key"), "--trust-anchor-arn",
                        world.anchor["trustAnchorArn"], "--profile-arn", world.profile["profileArn"], "--role-arn", world.role,
                        "--endpoint", world.server.url])
    (tmp_path / "config").write_text(f"[profile machine]\nregion = us-east-1\ncredential_process = {command}\n")
    environment = world.aws.environment(None, AWS_CONFIG_FILE=str(tmp_path / "config"), AWS_PROFILE="machine")
    done = subprocess.run(["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"], env=environment, check=False,
                          capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == f"arn:aws:sts::{ACCOUNT}:assumed-role/machine/{hexadecimal(machine)}", done.stderr


def test_the_guides_commands_run(server, aws, helper, tmp_path):
    page = (ROOT / "docs/guide/roles-anywhere.md").read_text(encoding="utf-8")
    scripts = re.findall(r"<!-- run by tests/conformance/test_roles_anywhere_sessions.py -->\n```sh\n(.*?)```", page, re.DOTALL)
    assert len(scripts) == 2
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(scripts)], cwd=tmp_path, env=aws.environment(ADMIN), check=False,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    anchor, profile, role = done.stdout.split()
    made = subprocess.run([
        helper, "credential-process", "--certificate", "machine.pem", "--private-key", "machine.key", "--trust-anchor-arn", anchor,
        "--profile-arn", profile, "--role-arn", role, "--endpoint", server.url], cwd=tmp_path, check=False, capture_output=True,
        text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["AccessKeyId"].startswith("ASIA")


def test_the_credential_helper_tells_the_refusal(world, helper, pki):
    stranger = pki.end_entity(pki.authority("Elsewhere"))
    done = subprocess.run([
        helper, "credential-process", "--certificate", f"{stranger.name}.pem", "--private-key", f"{stranger.name}.key",
        "--trust-anchor-arn", world.anchor["trustAnchorArn"], "--profile-arn", world.profile["profileArn"],
        "--role-arn", world.role, "--endpoint", world.server.url], cwd=pki.folder, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "AccessDeniedException" in done.stderr and "Untrusted signing certificate" in done.stderr
