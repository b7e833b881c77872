"""Errors that the API models declare, for every operation that can be brought to answer them: what the tests of a feature do not
provoke by the way. `./test --conformance` compares what a whole run saw with the models; what cannot be provoked stands in
tests/conformance/unprovoked_errors.tsv with the reason."""
import csv
import json
import os
import random
import string
import subprocess

import botocore
import botocore.exceptions
import pytest

from support import bootstrap, templates
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, OTHER_ADMIN
from support.operations import FACTS, Parameters, operations
from support.people import allow, create_user, enrol, policy, trust
from support.ratchet import DOCUMENT, KNOWN, TRUST
from support.server import BINARY, Server
from support.totp import Device

ARN = f"arn:aws:iam::{ACCOUNT}:"
TWICE = [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]
BATCH_ROLE = "AWSServiceRoleForBatch"
SERVICE_ROLE_POLICY = "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"

# Entities that nobody made, by the members that name them.
ABSENT = {
    "UserName": "absent", "GroupName": "absent", "RoleName": "absent", "PolicyName": "absent", "InstanceProfileName": "absent",
    "ServerCertificateName": "absent", "AccountAlias": "absent", "PolicyArn": ARN + "policy/absent",
    "PermissionsBoundary": ARN + "policy/absent", "RoleArn": ARN + "role/absent", "PolicySourceArn": ARN + "user/absent",
    "OpenIDConnectProviderArn": ARN + "oidc-provider/absent.example.com", "SAMLProviderArn": ARN + "saml-provider/absent",
    "SerialNumber": ARN + "mfa/absent", "AccessKeyId": "AKIAABSENT0000000000", "SSHPublicKeyId": "APKAABSENT0000000000",
    "CertificateId": "A" * 24, "ServiceSpecificCredentialId": "ACCAABSENT0000000000", "JobId": "0" * 36,
    "TemplateArn": "arn:aws:iam::aws:role-template/iam.amazonaws.com/Absent:1", "Arn": ARN + "user/absent",
}
# Names of what is about to be made.
MADE = {"CreateUser.UserName", "CreateGroup.GroupName", "CreateRole.RoleName"}


def declared(error):
    """The operations of IAM and STS whose models declare it."""
    for service in ("iam", "sts"):
        with open(FACTS / "operations" / f"{service}.tsv", encoding="utf-8") as lines:
            for row in csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"):
                if error in row["errors"].split(","):
                    yield row["name"]


def excused(error):
    with open(FACTS.parent / "tests" / "conformance" / "unprovoked_errors.tsv", encoding="utf-8") as lines:
        rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    return {name for row in rows if row["error"] == error for name in row["operations"].split(",")}


def known_with(changes, kept=()):
    """KNOWN, with other values for these members, whichever operation they are of."""
    known = {name: changes.get(name.rpartition(".")[2], value) if name not in kept else value for name, value in KNOWN.items()}
    return known | changes


@pytest.mark.parametrize("name", sorted(set(declared("NoSuchEntity")) - excused("NoSuchEntity") - {"ChangePassword"}))
def test_what_nobody_made_cannot_be_found(aws, name):
    operation = next(one for one in operations() if one.name == name)
    parameters = Parameters(known_with(ABSENT, MADE)).of(operation, "UserName", "PermissionsBoundary")
    with refused("NoSuchEntity", status=404):
        getattr(aws.unchecked(operation.service, ADMIN), botocore.xform_name(name))(**parameters)


def test_a_password_that_was_never_set_cannot_be_changed(aws, admin_iam):
    _, keys = create_user(admin_iam, "u", allow("iam:ChangePassword"))
    with refused("NoSuchEntity", status=404):
        aws.iam(keys).change_password(OldPassword="Correct-horse-1", NewPassword="Correct-horse-2")


@pytest.fixture
def subject(admin_iam):
    """Something of every kind, called s."""
    admin_iam.create_user(UserName="s")
    admin_iam.create_group(GroupName="s")
    admin_iam.create_role(RoleName="s", AssumeRolePolicyDocument=TRUST)
    admin_iam.create_policy(PolicyName="s", PolicyDocument=DOCUMENT)
    admin_iam.create_instance_profile(InstanceProfileName="s")
    admin_iam.create_virtual_mfa_device(VirtualMFADeviceName="s")
    admin_iam.create_open_id_connect_provider(Url="https://s.example.com")
    admin_iam.create_saml_provider(Name="s", SAMLMetadataDocument=KNOWN["SAMLMetadataDocument"])
    admin_iam.upload_server_certificate(ServerCertificateName="s", CertificateBody=KNOWN["UploadServerCertificate.CertificateBody"],
                                        PrivateKey=KNOWN["PrivateKey"])
    return admin_iam


TAGGABLE = [
    ("instance_profile", {"InstanceProfileName": "s"}),
    ("mfa_device", {"SerialNumber": ARN + "mfa/s"}),
    ("open_id_connect_provider", {"OpenIDConnectProviderArn": ARN + "oidc-provider/s.example.com"}),
    ("policy", {"PolicyArn": ARN + "policy/s"}),
    ("role", {"RoleName": "s"}),
    ("saml_provider", {"SAMLProviderArn": ARN + "saml-provider/s"}),
    ("server_certificate", {"ServerCertificateName": "s"}),
    ("user", {"UserName": "s"}),
]


@pytest.mark.parametrize("kind, named", TAGGABLE, ids=[kind for kind, _ in TAGGABLE])
def test_tags_of_every_kind_are_fifty_once_each_and_not_aws_own(subject, kind, named):
    tag, untag = getattr(subject, f"tag_{kind}"), getattr(subject, f"untag_{kind}")
    listed = getattr(subject, f"list_{kind}_tags")
    with refused("InvalidInput", "Duplicate tag keys found", status=400):
        tag(Tags=TWICE, **named)
    with refused("InvalidInput", status=400):
        tag(Tags=[{"Key": "aws:mine", "Value": "1"}], **named)
    assert listed(**named)["Tags"] == []
    tag(Tags=[{"Key": f"k{number:02}", "Value": "1"} for number in range(50)], **named)
    with refused("LimitExceeded", status=409):
        tag(Tags=[{"Key": "k50", "Value": "1"}], **named)
    tag(Tags=[{"Key": "k49", "Value": "2"}], **named)
    # Users and roles fold the case of keys, all others tell cases apart.
    if kind in ("user", "role"):
        tag(Tags=[{"Key": "K49", "Value": "3"}], **named)
        assert {found["Key"]: found["Value"] for found in listed(**named)["Tags"]}["K49"] == "3"
    else:
        with refused("LimitExceeded", status=409):
            tag(Tags=[{"Key": "K49", "Value": "3"}], **named)
    assert len(listed(**named)["Tags"]) == 50
    untag(TagKeys=[f"k{number:02}" for number in range(50)], **named)
    assert listed(**named)["Tags"] == []


@pytest.mark.parametrize("name, arguments", [
    ("create_user", {"UserName": "t"}),
    ("create_role", {"RoleName": "t", "AssumeRolePolicyDocument": TRUST}),
    ("create_policy", {"PolicyName": "t", "PolicyDocument": DOCUMENT}),
    ("create_instance_profile", {"InstanceProfileName": "t"}),
    ("create_virtual_mfa_device", {"VirtualMFADeviceName": "t"}),
    ("create_open_id_connect_provider", {"Url": "https://t.example.com"}),
    ("create_saml_provider", {"Name": "t", "SAMLMetadataDocument": KNOWN["SAMLMetadataDocument"]}),
    ("upload_server_certificate", {"ServerCertificateName": "t", "CertificateBody": KNOWN["UploadServerCertificate.CertificateBody"],
                                   "PrivateKey": KNOWN["PrivateKey"]}),
])
def test_nothing_is_made_with_a_tag_twice(admin_iam, name, arguments):
    with refused("InvalidInput", "Duplicate tag keys found", status=400):
        getattr(admin_iam, name)(Tags=TWICE, **arguments)
    getattr(admin_iam, name)(**arguments)


def test_names_are_given_once(aws, subject, clock):
    aws.iam(OTHER_ADMIN).create_account_alias(AccountAlias="taken-by-others")
    subject.create_group(GroupName="t")
    subject.create_user(UserName="t")
    serial, device = enrol(subject, "t", clock)
    codes = dict(zip(("AuthenticationCode1", "AuthenticationCode2"), device.enrolment_codes()))
    for name, arguments in [
            ("create_account_alias", {"AccountAlias": "taken-by-others"}),
            ("create_group", {"GroupName": "S"}),
            ("create_instance_profile", {"InstanceProfileName": "S"}),
            ("create_policy", {"PolicyName": "S", "PolicyDocument": DOCUMENT}),
            ("create_role", {"RoleName": "S", "AssumeRolePolicyDocument": TRUST}),
            ("create_virtual_mfa_device", {"VirtualMFADeviceName": "S"}),
            ("update_group", {"GroupName": "s", "NewGroupName": "t"}),
            ("update_user", {"UserName": "s", "NewUserName": "t"}),
            ("enable_mfa_device", {"UserName": "s", "SerialNumber": serial, **codes})]:
        with refused("EntityAlreadyExists", status=409):
            getattr(subject, name)(**arguments)


def test_what_is_in_use_is_not_deleted(subject, clock):
    subject.add_user_to_group(GroupName="s", UserName="s")
    subject.add_role_to_instance_profile(InstanceProfileName="s", RoleName="s")
    subject.attach_user_policy(UserName="s", PolicyArn=ARN + "policy/s")
    serial, _ = enrol(subject, "s", clock)
    for name, arguments in [("delete_group", {"GroupName": "s"}), ("delete_instance_profile", {"InstanceProfileName": "s"}),
                            ("delete_policy", {"PolicyArn": ARN + "policy/s"}), ("delete_virtual_mfa_device", {"SerialNumber": serial})]:
        with refused("DeleteConflict", status=409):
            getattr(subject, name)(**arguments)


def test_instance_profiles_through_their_life(subject):
    named = {"InstanceProfileName": "s"}
    subject.add_role_to_instance_profile(RoleName="s", **named)
    with refused("LimitExceeded", status=409):
        subject.add_role_to_instance_profile(RoleName="s", **named)
    assert [role["RoleName"] for role in subject.get_instance_profile(**named)["InstanceProfile"]["Roles"]] == ["s"]
    subject.remove_role_from_instance_profile(RoleName="s", **named)
    subject.delete_instance_profile(**named)
    with refused("NoSuchEntity", status=404):
        subject.get_instance_profile(**named)


def test_documents_and_settings_of_other_forms_are_refused(subject):
    provider = {"OpenIDConnectProviderArn": ARN + "oidc-provider/s.example.com"}
    subject.create_user(UserName="t")
    subject.create_login_profile(UserName="s", Password="Correct-horse-3")
    both = {"MaxSigninSessionDuration": 3600, "ResetMaxSigninSessionDuration": True}
    ssh_key = subject.upload_ssh_public_key(UserName="s", SSHPublicKeyBody=KNOWN["SSHPublicKeyBody"])["SSHPublicKey"]["SSHPublicKeyId"]
    for code, name, arguments in [
            ("MalformedPolicyDocument", "create_policy_version", {"PolicyArn": ARN + "policy/s", "PolicyDocument": "{}"}),
            ("MalformedPolicyDocument", "put_group_policy", {"GroupName": "s", "PolicyName": "p", "PolicyDocument": "{}"}),
            ("InvalidInput", "create_open_id_connect_provider", {"Url": "https://t.example.com", "ThumbprintList": ["z" * 40]}),
            ("InvalidInput", "update_open_id_connect_provider_thumbprint", {"ThumbprintList": ["z" * 40], **provider}),
            ("InvalidInput", "get_context_keys_for_custom_policy", {"PolicyInputList": ["{"]}),
            ("InvalidInput", "get_context_keys_for_principal_policy", {"PolicySourceArn": ARN + "nothing/s"}),
            ("InvalidInput", "put_role_permissions_boundary", {"RoleName": "s", "PermissionsBoundary": ARN + "user/somebody"}),
            ("InvalidInput", "put_user_permissions_boundary", {"UserName": "s", "PermissionsBoundary": ARN + "user/somebody"}),
            ("InvalidInput", "update_login_profile", {"UserName": "s", **both}),
            ("InvalidInput", "update_role", {"RoleName": "s", **both}),
            ("InvalidInput", "update_ssh_public_key", {"UserName": "s", "SSHPublicKeyId": ssh_key, "Status": "Expired"}),
            ("PasswordPolicyViolation", "create_login_profile", {"UserName": "t", "Password": "short"}),
            ("PasswordPolicyViolation", "update_login_profile", {"UserName": "s", "Password": "short"})]:
        with refused(code, status=400):
            getattr(subject, name)(**arguments)


def test_passwords_are_for_users_and_follow_the_policy(aws, admin_iam):
    _, keys = create_user(admin_iam, "u", allow("iam:ChangePassword"))
    admin_iam.create_login_profile(UserName="u", Password="Correct-horse-4")
    with refused("PasswordPolicyViolation", status=400):
        aws.iam(keys).change_password(OldPassword="Correct-horse-4", NewPassword="short")
    with refused("InvalidUserType", status=400):
        aws.iam(bootstrap.ROOT).change_password(OldPassword="Correct-horse-4", NewPassword="Correct-horse-5")


def test_service_linked_roles_are_not_taken_out_of_instance_profiles(subject):
    subject.create_service_linked_role(AWSServiceName="batch.amazonaws.com")
    with refused("UnmodifiableEntity", status=400):
        subject.remove_role_from_instance_profile(InstanceProfileName="s", RoleName=BATCH_ROLE)


def test_contexts_of_providers_that_are_not_here_are_refused(aws, admin_iam):
    admin_iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(ACCOUNT))
    with refused("InvalidContextAssertion", status=400):
        aws.sts(ADMIN).assume_role(RoleArn=ARN + "role/r", RoleSessionName="s1", ProvidedContexts=[
            {"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "an assertion"}])


def test_session_tags_that_do_not_fit_are_refused(aws):
    letters = random.Random(7)
    tags = [{"Key": f"{number}" + "".join(letters.choices(string.ascii_letters, k=100)),
             "Value": "".join(letters.choices(string.ascii_letters, k=250))} for number in range(50)]
    with refused("PackedPolicyTooLarge", status=400):
        aws.sts(ADMIN).get_federation_token(Name="bob", Tags=tags)


def test_layers_that_do_not_fit_are_refused(aws):
    session = bootstrap.Keys.of(aws.sts(ADMIN).get_session_token()["Credentials"])
    letters = random.Random(8)
    for _ in range(3):
        names = ["arn:aws:s3:::" + "".join(letters.choices(string.ascii_letters, k=440)) for _ in range(4)]
        layer = policy(allow("sts:*"), allow("s3:*", names))
        answer = error_or(aws.sts(session).get_scoped_credentials, Policy=layer)
        if isinstance(answer, str):
            break
        session = bootstrap.Keys.of(answer["Credentials"])
    assert answer == "PackedPolicyTooLarge"


def error_or(call, **arguments):
    """The answer of a call, or the code of its error."""
    try:
        return call(**arguments)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


def test_a_template_that_was_retired_makes_no_roles(admin_iam):
    with refused("RoleTemplateDisabled", status=400):
        admin_iam.acquire_role(TemplateArn=templates.RETIRED)


def test_mfa_devices_are_shown_limited_and_brought_back_into_step(admin_iam, clock):
    admin_iam.create_user(UserName="u")
    serial, device = enrol(admin_iam, "u", clock)
    shown = admin_iam.get_mfa_device(SerialNumber=serial, UserName="u")
    assert (shown["SerialNumber"], shown["UserName"]) == (serial, "u") and shown["EnableDate"]
    first = device.next_code()
    clock.shift(30)
    admin_iam.resync_mfa_device(UserName="u", SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=device.next_code())
    with refused("InvalidAuthenticationCode", status=403):
        admin_iam.resync_mfa_device(UserName="u", SerialNumber=serial, AuthenticationCode1=device.wrong_code(),
                                    AuthenticationCode2=device.wrong_code())
    for number in range(1, 8):
        enrol(admin_iam, "u", clock, f"spare-{number}")
    made = admin_iam.create_virtual_mfa_device(VirtualMFADeviceName="one-too-many")["VirtualMFADevice"]
    older, newer = Device(made["Base32StringSeed"], clock).enrolment_codes()
    with refused("LimitExceeded", status=409):
        admin_iam.enable_mfa_device(UserName="u", SerialNumber=made["SerialNumber"], AuthenticationCode1=older, AuthenticationCode2=newer)


def test_thumbprints_are_replaced(admin_iam):
    arn = admin_iam.create_open_id_connect_provider(Url="https://s.example.com", ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]
    admin_iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["B" * 40, "c" * 40])
    assert admin_iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ThumbprintList"] == ["b" * 40, "c" * 40]


# What an account with these quotas has no room for.
NO_ROOM = [
    ("UsersPerAccount=3", "create_user", {"UserName": "t"}),
    ("RolesPerAccount=1", "create_role", {"RoleName": "t", "AssumeRolePolicyDocument": TRUST}),
    ("RolesPerAccount=1", "acquire_role", {"TemplateArn": templates.EVERYTHING}),
    ("InstanceProfilesPerAccount=1", "create_instance_profile", {"InstanceProfileName": "t"}),
    ("OpenIDConnectProvidersPerAccount=1", "create_open_id_connect_provider", {"Url": "https://t.example.com"}),
    ("ClientIdsPerOpenIdConnectProvider=1", "add_client_id_to_open_id_connect_provider",
     {"OpenIDConnectProviderArn": ARN + "oidc-provider/s.example.com", "ClientID": "second"}),
    ("SAMLProvidersPerAccount=1", "create_saml_provider", {"Name": "t", "SAMLMetadataDocument": KNOWN["SAMLMetadataDocument"]}),
    ("VirtualMFADevicesPerAccount=1", "create_virtual_mfa_device", {"VirtualMFADeviceName": "t"}),
    ("GroupsPerUser=1", "add_user_to_group", {"UserName": "s", "GroupName": "t"}),
    ("PoliciesPerUser=1", "attach_user_policy", {"UserName": "s", "PolicyArn": ARN + "policy/t"}),
    ("PoliciesPerGroup=1", "attach_group_policy", {"GroupName": "s", "PolicyArn": ARN + "policy/t"}),
    ("PoliciesPerRole=1", "attach_role_policy", {"RoleName": "s", "PolicyArn": ARN + "policy/t"}),
    ("ACLSizePerRole=2048", "update_assume_role_policy",
     {"RoleName": "s", "PolicyDocument": TRUST.replace('"sts:AssumeRole"', json.dumps(["sts:AssumeRole"] * 150))}),
    ("ACLSizePerRole=2048", "put_role_policy", {"RoleName": "s", "PolicyName": "p", "PolicyDocument": policy(
        allow("s3:GetObject", [f"arn:aws:s3:::bucket/{number:0200}" for number in range(60)]))}),
    ("ACLSizePerRole=2048", "put_group_policy", {"GroupName": "s", "PolicyName": "p", "PolicyDocument": policy(
        allow("s3:GetObject", [f"arn:aws:s3:::bucket/{number:0200}" for number in range(30)]))}),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """(clients, what sets a quota) of an account with one of everything, where AWS's policy for a service-linked role is known."""
    folder = tmp_path_factory.mktemp("small")

    def signet(*arguments):
        done = subprocess.run([str(BINARY), *arguments, "--data", folder / "data"], check=False, capture_output=True, text=True,
                              timeout=60, env={"PATH": os.environ["PATH"]})
        assert done.returncode == 0, done.stderr

    (folder / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    flags = ["--listen", "127.0.0.1:0", "--data", folder / "data", "--bootstrap", folder / "bootstrap.json", *templates.FLAGS]
    assert Server(flags, folder).start().stop() == 0
    policies = folder / "policies"
    policies.mkdir()
    (policies / "batch.json").write_text(json.dumps({"name": "BatchServiceRolePolicy", "path": "/aws-service-role/",
                                                     "document": json.loads(DOCUMENT)}))
    signet("policy", "import", policies)
    server = Server(flags, folder).start()

    def quota(assignment, account=ACCOUNT):
        signet("account", "quota", "--id", account, assignment)

    clients = Aws(server.url, folder)
    iam = clients.iam(ADMIN)
    iam.create_user(UserName="s")
    iam.create_role(RoleName="s", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="s")
    iam.create_open_id_connect_provider(Url="https://s.example.com", ClientIDList=["first"])
    iam.create_saml_provider(Name="s", SAMLMetadataDocument=KNOWN["SAMLMetadataDocument"])
    iam.create_virtual_mfa_device(VirtualMFADeviceName="s")
    for name in ("s", "t"):
        iam.create_group(GroupName=name)
        iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT)
    iam.add_user_to_group(UserName="s", GroupName="s")
    for kind in ("user", "group", "role"):
        getattr(iam, f"attach_{kind}_policy")(**{f"{kind.capitalize()}Name": "s", "PolicyArn": ARN + "policy/s"})
    yield clients, quota
    assert server.stop() == 0


def test_a_partner_asks_for_so_much_at_a_time(small):
    clients, quota = small
    quota("DelegationRequestsPerAccount=1", bootstrap.OTHER_ACCOUNT)
    asked = {"Description": "reads a bucket", "NotificationChannel": f"arn:aws:sns:us-east-1:{bootstrap.OTHER_ACCOUNT}:topic",
             "SessionDuration": 3600, "Permissions": {"PolicyTemplateArn": templates.BUCKET, "Parameters": [
                 {"Name": "bucketName", "Values": ["logs"], "Type": "string"}]}}
    partner = clients.iam(OTHER_ADMIN)
    partner.create_delegation_request(RequestorWorkflowId="flow-1", **asked)
    with refused("LimitExceeded", status=409):
        partner.create_delegation_request(RequestorWorkflowId="flow-2", **asked)


def test_service_role_policies_are_for_service_linked_roles(small):
    iam = small[0].iam(ADMIN)
    for kind in ("user", "group", "role"):
        with refused("PolicyNotAttachable", status=400):
            getattr(iam, f"attach_{kind}_policy")(**{f"{kind.capitalize()}Name": "s", "PolicyArn": SERVICE_ROLE_POLICY})


@pytest.mark.parametrize("assignment, name, arguments", NO_ROOM, ids=[name for _, name, _ in NO_ROOM])
def test_a_full_account_takes_no_more(small, assignment, name, arguments):
    clients, quota = small
    quota(assignment)
    with refused("LimitExceeded", status=409):
        getattr(clients.iam(ADMIN), name)(**arguments)
    quota(assignment.partition("=")[0] + "=default")
