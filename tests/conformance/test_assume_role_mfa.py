"""The published program "assume a role with MFA": a user without permissions, a role whose trust asks for MFA."""
import pytest

from support import bootstrap
from support.aws import refused
from support.bootstrap import Keys
from support.people import LIST_BUCKETS, WITH_MFA, allow, create_user, enrol, error_code, policy, trust


@pytest.fixture
def scene(aws, admin_iam, clock):
    """(user's Keys, role ARN, serial number, Device); the role lists buckets, its trust names the user with MFA."""
    user, keys = create_user(admin_iam, "caller")
    serial, device = enrol(admin_iam, "caller", clock)
    role = admin_iam.create_role(RoleName="lister", AssumeRolePolicyDocument=trust(user["Arn"], **WITH_MFA))["Role"]
    made = admin_iam.create_policy(PolicyName="list-buckets", PolicyDocument=policy(LIST_BUCKETS))["Policy"]
    admin_iam.attach_role_policy(RoleName="lister", PolicyArn=made["Arn"])
    admin_iam.put_user_policy(UserName="caller", PolicyName="assume",
                              PolicyDocument=policy(allow("sts:AssumeRole", role["Arn"])))
    return keys, role["Arn"], serial, device


def test_user_may_not_list_buckets(aws, scene):
    keys, _, _, _ = scene
    with refused("AccessDenied", "s3:ListAllMyBuckets", "because no identity-based policy allows"):
        aws.s3(keys).list_buckets()


def test_assume_role_without_mfa_is_access_denied(aws, scene):
    keys, role, _, _ = scene
    with refused("AccessDenied", "User: arn:aws:iam::123456789012:user/caller is not authorized to perform: sts:AssumeRole",
                 f"on resource: {role}", status=403):
        aws.sts(keys).assume_role(RoleArn=role, RoleSessionName="without")


def test_assume_role_with_mfa_lists_buckets(aws, scene):
    keys, role, serial, device = scene
    aws.s3(bootstrap.ADMIN).create_bucket(Bucket="a-bucket-to-see")

    answer = aws.sts(keys).assume_role(RoleArn=role, RoleSessionName="with", SerialNumber=serial, TokenCode=device.next_code())

    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/lister/with"
    assert answer["AssumedRoleUser"]["AssumedRoleId"].startswith("AROA")
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":with")
    assert "PackedPolicySize" not in answer
    session = Keys.of(answer["Credentials"])
    assert session.access_key.startswith("ASIA")
    assert [bucket["Name"] for bucket in aws.s3(session).list_buckets()["Buckets"]] == ["a-bucket-to-see"]
    assert aws.sts(session).get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/lister/with"


def test_session_may_do_no_more_than_the_role(aws, scene):
    keys, role, serial, device = scene
    answer = aws.sts(keys).assume_role(RoleArn=role, RoleSessionName="with", SerialNumber=serial, TokenCode=device.next_code())
    session = Keys.of(answer["Credentials"])

    with refused("AccessDenied", "arn:aws:sts::123456789012:assumed-role/lister/with", "iam:ListUsers"):
        aws.iam(session).list_users()
    with refused("AccessDenied", "s3:CreateBucket"):
        aws.s3(session).create_bucket(Bucket="not-allowed-to-make-it")


def test_wrong_code_is_refused(aws, scene):
    keys, role, serial, device = scene
    with refused("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."):
        aws.sts(keys).assume_role(RoleArn=role, RoleSessionName="somebody", SerialNumber=serial, TokenCode=device.wrong_code())


def test_session_token_with_mfa_satisfies_the_trust(aws, scene):
    keys, role, serial, device = scene
    session = Keys.of(aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=device.next_code())["Credentials"])

    answer = aws.sts(session).assume_role(RoleArn=role, RoleSessionName="chained")

    assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/lister/chained")


def test_mfa_of_the_call_does_not_reach_the_session(aws, admin_iam, scene):
    keys, role, serial, device = scene
    admin_iam.put_role_policy(RoleName="lister", PolicyName="mfa-only",
                              PolicyDocument=policy(allow("iam:ListUsers") | {"Condition": WITH_MFA}))
    answer = aws.sts(keys).assume_role(RoleArn=role, RoleSessionName="with", SerialNumber=serial, TokenCode=device.next_code())

    with refused("AccessDenied", "iam:ListUsers"):
        aws.iam(Keys.of(answer["Credentials"])).list_users()


def test_user_who_is_not_trusted_is_refused_even_with_mfa(aws, admin_iam, clock, scene):
    _, role, _, _ = scene
    _, mallory = create_user(admin_iam, "mallory", allow("sts:AssumeRole"))
    serial, device = enrol(admin_iam, "mallory", clock)

    with refused("AccessDenied", "sts:AssumeRole"):
        aws.sts(mallory).assume_role(RoleArn=role, RoleSessionName="somebody", SerialNumber=serial, TokenCode=device.next_code())


def test_missing_role_looks_like_a_refusal(aws, scene):
    keys, _, _, _ = scene
    with refused("AccessDenied", "sts:AssumeRole", "role/no-such-role", status=403):
        aws.sts(keys).assume_role(RoleArn="arn:aws:iam::123456789012:role/no-such-role", RoleSessionName="somebody")


def test_deleted_role_ends_its_sessions(aws, admin_iam, scene):
    keys, role, serial, device = scene
    answer = aws.sts(keys).assume_role(RoleArn=role, RoleSessionName="with", SerialNumber=serial, TokenCode=device.next_code())
    assert error_code(admin_iam.delete_role, RoleName="lister") == "DeleteConflict"

    attached = admin_iam.list_attached_role_policies(RoleName="lister")["AttachedPolicies"]
    for made in attached:
        admin_iam.detach_role_policy(RoleName="lister", PolicyArn=made["PolicyArn"])
        admin_iam.delete_policy(PolicyArn=made["PolicyArn"])
    admin_iam.delete_role(RoleName="lister")

    assert [made["PolicyName"] for made in attached] == ["list-buckets"]
    with refused("InvalidClientTokenId", status=403):
        aws.sts(Keys.of(answer["Credentials"])).get_caller_identity()
    with refused("InvalidAccessKeyId", status=403):
        aws.s3(Keys.of(answer["Credentials"])).list_buckets()


def test_trust_in_a_user_names_his_id_when_he_is_gone(admin_iam, scene):
    """AWS stores the user's unique id: a user made anew under the name is not trusted."""
    keys, _, serial, _ = scene
    admin_iam.delete_user_policy(UserName="caller", PolicyName="assume")
    admin_iam.delete_access_key(UserName="caller", AccessKeyId=keys.access_key)
    admin_iam.deactivate_mfa_device(UserName="caller", SerialNumber=serial)
    user_id = admin_iam.get_user(UserName="caller")["User"]["UserId"]
    admin_iam.delete_user(UserName="caller")

    document = admin_iam.get_role(RoleName="lister")["Role"]["AssumeRolePolicyDocument"]

    assert document["Statement"][0]["Principal"]["AWS"] == user_id


@pytest.mark.parametrize("seconds, code", [(900, None), (3600, None), (899, "ValidationError"), (43201, "ValidationError"),
                                           (3601, "ValidationError")])
def test_duration_is_bounded_by_the_role(aws, admin_iam, seconds, code):
    user, keys = create_user(admin_iam, "caller")
    role = admin_iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]["Arn"]

    assert error_code(aws.unchecked("sts", keys).assume_role, RoleArn=role, RoleSessionName="s1", DurationSeconds=seconds) == code
