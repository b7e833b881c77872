"""Root users of member accounts: the features of an organization, AssumeRoot and its task policies."""
import json
import os
import subprocess

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, ADMINISTRATOR, OTHER_ACCOUNT, OTHER_ADMIN, Keys
from support.people import allow, create_user, error_code, policy
from support.server import BINARY, Server

THIRD_ACCOUNT = "333344445555"
THIRD_ADMIN = Keys("ADMINKEY000000000003", "admin/secret+of=the third account")
OTHER_ROOT = Keys("ROOTKEY0000000000002", "root/secret+of=the second account")
TASK = "arn:aws:iam::aws:policy/root-task/"
AUDIT, CREATE, DELETE = (TASK + name for name in ("IAMAuditRootUserCredentials", "IAMCreateRootUserPassword",
                                                   "IAMDeleteRootUserCredentials"))
UNLOCK, QUEUE = TASK + "S3UnlockBucketPolicy", TASK + "SQSUnlockQueuePolicy"
ENABLE = ("enable_organizations_root_credentials_management", "enable_organizations_root_sessions")
DISABLE = ("disable_organizations_root_credentials_management", "disable_organizations_root_sessions")


def document():
    """ACCOUNT manages an organization, the other two are in it."""
    accounts = bootstrap.document()["accounts"]
    key = {"access_key_id": THIRD_ADMIN.access_key, "secret_access_key": THIRD_ADMIN.secret_key}
    accounts.append({"id": THIRD_ACCOUNT, "users": [{"name": "admin", "policies": [ADMINISTRATOR], "access_keys": [key]}]})
    accounts[1]["root"] = {"access_key_id": OTHER_ROOT.access_key, "secret_access_key": OTHER_ROOT.secret_key,
                           "mfa_devices": [{"name": "root-account-mfa-device", "seed": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}]}
    for account in accounts:
        account["organization"] = {"id": "o-example", "path": "o-example/r-1/"}
    accounts[0]["organization"] |= {"management": True, "iam_access": True, "delegated_administrator": THIRD_ACCOUNT}
    return {"accounts": accounts}


@pytest.fixture(scope="module")
def org_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("organization")
    (folder / "bootstrap.json").write_text(json.dumps(document()))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json"], folder).start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def aws(org_server, tmp_path):
    org_server.post("/_signet/reset")
    return Aws(org_server.url, tmp_path)


@pytest.fixture
def enabled(aws):
    for name in ENABLE:
        getattr(aws.iam(ADMIN), name)()
    return aws


def assume_root(aws, keys=ADMIN, target=OTHER_ACCOUNT, task=AUDIT, **more):
    return aws.sts(keys).assume_root(TargetPrincipal=target, TaskPolicyArn={"arn": task}, **more)


def root_of(aws, task, target=OTHER_ACCOUNT):
    return Keys.of(assume_root(aws, target=target, task=task)["Credentials"])


def test_features_are_turned_on_listed_and_turned_off(aws):
    iam = aws.iam(ADMIN)
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootSessions"]
    answer = iam.enable_organizations_root_credentials_management()
    assert (answer["OrganizationId"], answer["EnabledFeatures"]) == ("o-example", ["RootCredentialsManagement", "RootSessions"])
    assert aws.iam(THIRD_ADMIN).list_organizations_features()["EnabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement"]
    assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == []


def test_features_are_the_management_accounts_affair(aws):
    for name in (*ENABLE, *DISABLE, "list_organizations_features"):
        with refused("AccountNotManagementOrDelegatedAdministratorException", OTHER_ACCOUNT, status=400):
            getattr(aws.iam(OTHER_ADMIN), name)()
    for name in ENABLE:
        with refused("CallerIsNotManagementAccountException", THIRD_ACCOUNT, status=400):
            getattr(aws.iam(THIRD_ADMIN), name)()
    with refused("AccessDenied", "iam:ListOrganizationsFeatures", status=403):
        aws.iam(bootstrap.NOBODY).list_organizations_features()


def test_accounts_without_an_organization_have_no_features(server, tmp_path):
    iam = Aws(server.url, tmp_path).iam(ADMIN)
    for name in (*ENABLE, *DISABLE, "list_organizations_features"):
        with refused("OrganizationNotFoundException", status=400):
            getattr(iam, name)()


def test_trusted_access_and_mode_are_set_by_command(tmp_path):
    (tmp_path / "bootstrap.json").write_text(json.dumps(document()))
    server = Server(["--listen", "127.0.0.1:0", "--data", tmp_path / "data", "--bootstrap", tmp_path / "bootstrap.json"], tmp_path).start()
    iam = Aws(server.url, tmp_path).iam(ADMIN)

    def org_set(*arguments, code=0):
        done = subprocess.run([str(BINARY), "org", "set", "--account", ACCOUNT, *arguments, "--data", tmp_path / "data"],
                              capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"]}, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    try:
        assert "IAM has no trusted access" in org_set("--no-iam-access")
        with refused("ServiceAccessNotEnabledException",
                     f"Trusted Access for IAM not enabled by organization of input account {ACCOUNT}.", status=400):
            iam.list_organizations_features()
        for name in (*ENABLE, *DISABLE):
            with refused("ServiceAccessNotEnabledException", status=400):
                getattr(iam, name)()
        org_set("--iam-access", "--billing-only")
        for name in (*ENABLE, *DISABLE, "list_organizations_features"):
            with refused("OrganizationNotInAllFeaturesModeException", status=400):
                getattr(iam, name)()
        org_set("--all-features", "--delegated-administrator", "none")
        iam.enable_organizations_root_sessions()
        with refused("AccountNotManagementOrDelegatedAdministratorException"):
            Aws(server.url, tmp_path).iam(THIRD_ADMIN).list_organizations_features()
        assert "another account" in org_set("--delegated-administrator", ACCOUNT, code=3)
    finally:
        server.stop()


def test_the_task_policies_are_there(aws):
    for arn in (AUDIT, CREATE, DELETE, UNLOCK, QUEUE):
        shown = aws.iam(ADMIN).get_policy(PolicyArn=arn)["Policy"]
        assert (shown["Path"], shown["IsAttachable"]) == ("/root-task/", True)
        document = aws.iam(ADMIN).get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        assert {statement["Effect"] for statement in document["Statement"]} == {"Deny"}


def test_assume_root_needs_feature_permission_and_member(aws):
    denied = f"not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{OTHER_ACCOUNT}:root"
    for task in (AUDIT, UNLOCK):
        with refused("AccessDenied", denied, status=403) as error:
            assume_root(aws, task=task)
        assert error.message.endswith(":root"), "no reason is given"
    aws.iam(ADMIN).enable_organizations_root_sessions()
    assert error_code(assume_root, aws=aws, task=AUDIT) == "AccessDenied"
    assume_root(aws, task=UNLOCK)
    assume_root(aws, task=QUEUE)
    for target in (ACCOUNT, "999999999999"):
        assert error_code(assume_root, aws=aws, task=UNLOCK, target=target) == "AccessDenied"
    assert error_code(assume_root, aws=aws, task=UNLOCK, keys=bootstrap.NOBODY) == "AccessDenied"
    assert error_code(assume_root, aws=aws, task=UNLOCK, keys=bootstrap.ROOT) == "AccessDenied"
    assert error_code(assume_root, aws=aws, task=UNLOCK, keys=OTHER_ADMIN) == "AccessDenied"
    assume_root(aws, task=UNLOCK, keys=THIRD_ADMIN)


def test_the_task_is_a_condition_key(enabled):
    _, keys = create_user(enabled.iam(ADMIN), "u", allow("sts:AssumeRoot", f"arn:aws:iam::{OTHER_ACCOUNT}:root",
                                                         ArnEquals={"sts:TaskPolicyArn": AUDIT}))
    assume_root(enabled, keys=keys)
    assert error_code(assume_root, aws=enabled, keys=keys, task=UNLOCK) == "AccessDenied"
    assert error_code(assume_root, aws=enabled, keys=keys, target=THIRD_ACCOUNT) == "AccessDenied"


def test_what_is_no_request(enabled):
    for target in (f"arn:aws:iam::{OTHER_ACCOUNT}:user/admin", "44445555666677"):
        with refused("ValidationError", "Request must contain a valid target principal", status=400):
            assume_root(enabled, target=target)
    with refused("ValidationError", "Request must contain valid AWS managed task policy ARN", status=400):
        assume_root(enabled, task=ADMINISTRATOR)
    with refused("ValidationError", "durationSeconds", status=400):
        enabled.unchecked("sts", ADMIN).assume_root(TargetPrincipal=OTHER_ACCOUNT, TaskPolicyArn={"arn": AUDIT}, DurationSeconds=901)
    sts = enabled.sts(ADMIN)
    sts.meta.events.register("before-sign.sts.*", lambda request, **_: request.headers.__setitem__("Host", "sts.amazonaws.com"))
    with refused("InvalidAction", "Unknown Operation", status=400):
        sts.assume_root(TargetPrincipal=OTHER_ACCOUNT, TaskPolicyArn={"arn": AUDIT})


def test_an_audit_sees_roots_credentials_and_nothing_else(enabled):
    answer = assume_root(enabled, target=f"arn:aws:iam::{OTHER_ACCOUNT}:root", DurationSeconds=600)
    keys = Keys.of(answer["Credentials"])
    who = enabled.sts(keys).get_caller_identity()
    assert (who["Arn"], who["Account"]) == (f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-root", OTHER_ACCOUNT)
    iam = enabled.iam(keys)
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    assert [key["AccessKeyId"] for key in iam.list_access_keys()["AccessKeyMetadata"]] == [OTHER_ROOT.access_key]
    assert len(iam.list_mfa_devices()["MFADevices"]) == 1
    iam.get_access_key_last_used(AccessKeyId=OTHER_ROOT.access_key)
    iam.get_account_summary()
    with refused("NoSuchEntity"):
        iam.get_login_profile()
    with refused("AccessDenied", f"with an explicit deny in a session policy: {AUDIT}"):
        iam.list_users()
    for call, arguments in [(iam.list_access_keys, {"UserName": "admin"}), (iam.get_user, {"UserName": "admin"}),
                            (iam.delete_access_key, {"AccessKeyId": OTHER_ROOT.access_key}),
                            (iam.create_access_key, {}), (enabled.s3(keys).list_buckets, {})]:
        assert error_code(call, **arguments) == "AccessDenied", call
    for operation in ("get_scoped_credentials", "get_session_token"):
        assert error_code(getattr(enabled.sts(keys), operation), **({"DurationSeconds": 900})) is not None


def test_roots_credentials_are_deleted(enabled):
    iam = enabled.iam(root_of(enabled, DELETE))
    serial = iam.list_mfa_devices()["MFADevices"][0]["SerialNumber"]
    iam.deactivate_mfa_device(SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.delete_access_key(AccessKeyId=OTHER_ROOT.access_key)
    assert iam.list_access_keys()["AccessKeyMetadata"] == []
    assert error_code(enabled.sts(OTHER_ROOT).get_caller_identity) == "InvalidClientTokenId"
    assert error_code(iam.delete_access_key, UserName="admin", AccessKeyId=OTHER_ADMIN.access_key) == "AccessDenied"
    made = enabled.iam(OTHER_ADMIN).create_virtual_mfa_device(VirtualMFADeviceName="of-a-user")["VirtualMFADevice"]
    assert error_code(iam.delete_virtual_mfa_device, SerialNumber=made["SerialNumber"]) == "AccessDenied"


def test_roots_password_is_made_without_one_and_deleted(enabled):
    create = enabled.iam(root_of(enabled, CREATE))
    assert enabled.iam(OTHER_ADMIN).get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 0
    assert create.create_login_profile()["LoginProfile"]["PasswordResetRequired"] is True
    create.get_login_profile()
    assert enabled.iam(OTHER_ADMIN).get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    assert error_code(create.create_login_profile) == "EntityAlreadyExists"
    assert error_code(create.create_login_profile, UserName="admin", Password="Correct-horse-9") == "AccessDenied"
    enabled.iam(root_of(enabled, DELETE)).delete_login_profile()
    assert error_code(create.get_login_profile) == "NoSuchEntity"


def test_root_itself_still_names_a_user_for_a_login_profile(enabled):
    with refused("ValidationError", "Must specify userName", status=400):
        enabled.iam(OTHER_ROOT).get_login_profile()


def test_a_locked_bucket_is_unlocked(enabled):
    s3 = enabled.s3(OTHER_ADMIN)
    s3.create_bucket(Bucket="locked")
    s3.put_bucket_policy(Bucket="locked", Policy=policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [
        "arn:aws:s3:::locked", "arn:aws:s3:::locked/*"]}))
    assert error_code(s3.delete_bucket_policy, Bucket="locked") == "AccessDenied"
    root = enabled.s3(root_of(enabled, UNLOCK))
    assert [bucket["Name"] for bucket in root.list_buckets()["Buckets"]] == ["locked"]
    assert "Deny" in root.get_bucket_policy(Bucket="locked")["Policy"]
    assert error_code(root.put_object, Bucket="locked", Key="k", Body=b"x") == "AccessDenied"
    assert error_code(root.create_bucket, Bucket="another") == "AccessDenied"

    root.delete_bucket_policy(Bucket="locked")

    s3.put_object(Bucket="locked", Key="k", Body=b"x")
    assert error_code(enabled.s3(root_of(enabled, AUDIT)).get_bucket_policy, Bucket="locked") == "AccessDenied"


def test_policies_of_the_member_see_an_assumed_root(enabled, org_server):
    keys = root_of(enabled, UNLOCK)
    s3 = enabled.s3(OTHER_ADMIN)
    s3.create_bucket(Bucket="watched")
    s3.put_bucket_policy(Bucket="watched", Policy=policy({
        "Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::watched",
        "Condition": {"Bool": {"aws:AssumedRoot": "true"}}}))
    assert error_code(enabled.s3(keys).list_objects_v2, Bucket="watched") == "AccessDenied"
    s3.list_objects_v2(Bucket="watched")
