"""Every list that IAM pages, one entry at a time: the pages together are the whole list, in its order, and no marker leads in circles.
Driven by the shapes, so that an operation that gets a MaxItems is covered or fails here."""
import json

import botocore
import pytest

from support import bootstrap, totp
from support.aws import Aws
from support.bootstrap import ACCOUNT
from support.openssl import ANOTHER, STANDING, STANDING_KEY
from support.people import allow, policy, trust
from support.ratchet import OTHER_SSH_KEY, SSH_KEY
from support.saml import METADATA
from support.server import ROOT, Clock

ARN = f"arn:aws:iam::{ACCOUNT}:"
DOCUMENT = policy(allow("s3:GetObject"))
TAGS = [{"Key": key, "Value": "1"} for key in ("a", "b", "c")]
# Their entries come from a report or from others' requests; each has a test of its own with MaxItems=1.
ELSEWHERE = {
    "GetOrganizationsAccessReport": "test_access_reports.py",
    "GetServiceLastAccessedDetails": "test_access_reports.py",
    "GetServiceLastAccessedDetailsWithEntities": "test_access_reports.py",
    "ListDelegationRequests": "test_delegation.py",
}
ARGUMENTS = {
    "GetGroup": {"GroupName": "g"},
    "ListAccessKeys": {"UserName": "u"},
    "ListAttachedGroupPolicies": {"GroupName": "g"},
    "ListAttachedRolePolicies": {"RoleName": "r"},
    "ListAttachedUserPolicies": {"UserName": "u"},
    "ListEntitiesForPolicy": {"PolicyArn": ARN + "policy/p"},
    "ListGroupPolicies": {"GroupName": "g"},
    "ListGroupsForUser": {"UserName": "u"},
    "ListInstanceProfileTags": {"InstanceProfileName": "i"},
    "ListInstanceProfilesForRole": {"RoleName": "r"},
    "ListMFADeviceTags": {"SerialNumber": ARN + "mfa/m"},
    "ListMFADevices": {"UserName": "u"},
    "ListOpenIDConnectProviderTags": {"OpenIDConnectProviderArn": ARN + "oidc-provider/idp.example.com"},
    "ListPolicies": {"Scope": "Local"},
    "ListPolicyTags": {"PolicyArn": ARN + "policy/p"},
    "ListPolicyVersions": {"PolicyArn": ARN + "policy/p"},
    "ListRolePolicies": {"RoleName": "r"},
    "ListRoleTags": {"RoleName": "r"},
    "ListSAMLProviderTags": {"SAMLProviderArn": ARN + "saml-provider/s"},
    "ListServerCertificateTags": {"ServerCertificateName": "s"},
    "ListServiceSpecificCredentials": {"UserName": "u"},
    "ListSigningCertificates": {"UserName": "u"},
    "ListSSHPublicKeys": {"UserName": "u"},
    "ListUserPolicies": {"UserName": "u"},
    "ListUserTags": {"UserName": "u"},
    "SimulateCustomPolicy": {"PolicyInputList": [DOCUMENT], "ActionNames": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]},
    "SimulatePrincipalPolicy": {"PolicySourceArn": ARN + "user/u", "ActionNames": ["s3:GetObject", "s3:PutObject"]},
}
# An account has one alias, a user one device here, a role one instance profile less than the account.
FEW = {"ListAccountAliases": 1, "ListMFADevices": 1}


def paged():
    """Operations with MaxItems, and the members of their answers that are lists."""
    shapes = json.loads((ROOT / "facts" / "shapes" / "iam.json").read_text(encoding="utf-8"))["shapes"]
    for line in (ROOT / "facts" / "operations" / "iam.tsv").read_text(encoding="utf-8").splitlines():
        name, given, answered = [*line.split("\t"), "", "", ""][:3]
        if "MaxItems" in shapes.get(given, {}).get("members", {}):
            members = shapes[answered]["members"]
            yield name, [member for member, shape in members.items() if shapes[shape["shape"]]["type"] == "list"]


PAGED = dict(paged())


@pytest.fixture(scope="module")
def world(dev_server, tmp_path_factory):
    """An account with some of everything that is listed."""
    dev_server.post("/_signet/clock", {"reset": True})
    dev_server.post("/_signet/reset")
    iam = Aws(dev_server.url, tmp_path_factory.mktemp("home")).iam(bootstrap.ADMIN)
    for name in ("u", "v", "w"):
        iam.create_user(UserName=name, Tags=TAGS)
        iam.create_group(GroupName={"u": "g", "v": "h", "w": "i"}[name])
        iam.create_policy(PolicyName={"u": "p", "v": "q", "w": "o"}[name], PolicyDocument=DOCUMENT, Tags=TAGS)
        iam.create_role(RoleName={"u": "r", "v": "s", "w": "t"}[name], AssumeRolePolicyDocument=trust(ACCOUNT), Tags=TAGS)
        iam.create_instance_profile(InstanceProfileName={"u": "i", "v": "j", "w": "k"}[name], Tags=TAGS)
        iam.add_role_to_instance_profile(InstanceProfileName={"u": "i", "v": "j", "w": "k"}[name], RoleName="r")
        iam.create_policy_version(PolicyArn=ARN + "policy/p", PolicyDocument=DOCUMENT)
        for holder, key in (("user", "u"), ("group", "g"), ("role", "r")):
            named = {f"{holder.capitalize()}Name": key, "PolicyName": f"inline-{name}", "PolicyDocument": DOCUMENT}
            getattr(iam, f"put_{holder}_policy")(**named)
    for group in ("g", "h", "i"):
        iam.add_user_to_group(GroupName=group, UserName="u")
    for user in ("v", "w"):
        iam.add_user_to_group(GroupName="g", UserName=user)
    for name in ("p", "q", "o"):
        iam.attach_user_policy(UserName="u", PolicyArn=f"{ARN}policy/{name}")
        iam.attach_group_policy(GroupName="g", PolicyArn=f"{ARN}policy/{name}")
        iam.attach_role_policy(RoleName="r", PolicyArn=f"{ARN}policy/{name}")
    make_credentials(iam, Clock(dev_server))
    return iam


def make_credentials(iam, clock):
    for _ in range(2):
        iam.create_access_key(UserName="u")
    for key in (SSH_KEY, OTHER_SSH_KEY):
        iam.upload_ssh_public_key(UserName="u", SSHPublicKeyBody=key)
    for body in (STANDING, ANOTHER):
        iam.upload_signing_certificate(UserName="u", CertificateBody=body)
    for name in ("s", "t"):
        iam.upload_server_certificate(ServerCertificateName=name, CertificateBody=STANDING, PrivateKey=STANDING_KEY, Tags=TAGS)
    for service in ("codecommit.amazonaws.com", "bedrock.amazonaws.com"):
        iam.create_service_specific_credential(UserName="u", ServiceName=service)
    iam.create_virtual_mfa_device(VirtualMFADeviceName="n")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="m", Tags=TAGS)["VirtualMFADevice"]
    older, newer = totp.Device(made["Base32StringSeed"], clock).enrolment_codes()
    iam.enable_mfa_device(UserName="u", SerialNumber=made["SerialNumber"], AuthenticationCode1=older, AuthenticationCode2=newer)
    iam.create_open_id_connect_provider(Url="https://idp.example.com", Tags=TAGS)
    iam.create_saml_provider(Name="s", SAMLMetadataDocument=METADATA, Tags=TAGS)


def entries_of(answer, members):
    return [(member, entry) for member in members for entry in answer.get(member, [])]


@pytest.mark.parametrize("name", sorted(PAGED))
def test_pages_of_one_are_the_whole_list(world, name):
    if name in ELSEWHERE:
        text = (ROOT / "tests" / "conformance" / ELSEWHERE[name]).read_text(encoding="utf-8")
        assert f"{botocore.xform_name(name)}(" in text and "MaxItems=1" in text
        return
    members, call = PAGED[name], getattr(world, botocore.xform_name(name))
    whole = call(**ARGUMENTS.get(name, {}))
    assert not whole.get("IsTruncated")  # ListServiceSpecificCredentials leaves it out
    wanted = entries_of(whole, members)
    assert len(wanted) >= FEW.get(name, 2), whole

    found, marker = [], {}
    while True:
        page = call(MaxItems=1, **ARGUMENTS.get(name, {}), **marker)
        entries = entries_of(page, members)
        assert len(entries) <= 1
        found += entries
        assert page["IsTruncated"] == ("Marker" in page)
        if not page["IsTruncated"]:
            break
        assert len(entries) == 1 and marker != {"Marker": page["Marker"]}
        marker = {"Marker": page["Marker"]}

    order = (lambda pair: json.dumps(pair, default=str)) if len(members) > 1 else (lambda pair: 0)
    assert sorted(found, key=order) == sorted(wanted, key=order)
