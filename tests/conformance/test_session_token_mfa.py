"""The published program "session token with MFA": GetSessionToken without and with a code, then ListBuckets."""
import subprocess

import pytest

from support import bootstrap
from support.aws import refused
from support.bootstrap import Keys
from support.people import LIST_BUCKETS, WITH_MFA, create_user, deny, enrol, error_code


@pytest.fixture
def alice(admin_iam, clock):
    """(Keys, serial number, Device) of a user who may list buckets with MFA only."""
    _, keys = create_user(admin_iam, "alice", LIST_BUCKETS | {"Condition": WITH_MFA})
    serial, device = enrol(admin_iam, "alice", clock)
    return keys, serial, device


def test_session_without_mfa_may_not_list_buckets(aws, alice):
    keys, _, _ = alice

    session = Keys.of(aws.sts(keys).get_session_token()["Credentials"])

    with refused("AccessDenied", status=403):
        aws.s3(session).list_buckets()


def test_session_with_mfa_lists_buckets(aws, alice):
    keys, serial, device = alice
    aws.s3(bootstrap.ADMIN).create_bucket(Bucket="a-bucket-to-see")

    answer = aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=device.next_code())
    session = Keys.of(answer["Credentials"])

    names = [bucket["Name"] for bucket in aws.s3(session).list_buckets()["Buckets"]]
    assert names == ["a-bucket-to-see"]


def test_long_term_key_stays_without_mfa(aws, alice):
    keys, serial, device = alice
    aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=device.next_code())

    with refused("AccessDenied", "s3:ListAllMyBuckets"):
        aws.s3(keys).list_buckets()


def test_code_works_once(aws, alice):
    keys, serial, device = alice
    code = device.next_code()
    aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=code)

    with refused("AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.", status=403):
        aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=code)


def test_wrong_code_is_refused(aws, alice):
    keys, serial, device = alice

    with refused("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", status=403):
        aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=device.wrong_code())


def test_code_of_another_users_device_is_refused(aws, admin_iam, clock, alice):
    _, serial, device = alice
    _, mallory = create_user(admin_iam, "mallory")

    with refused("AccessDenied", "MultiFactorAuthentication failed"):
        aws.sts(mallory).get_session_token(SerialNumber=serial, TokenCode=device.next_code())


def test_serial_without_code_is_refused(aws, alice):
    keys, serial, _ = alice

    with refused("AccessDenied", "MultiFactorAuthentication failed"):
        aws.sts(keys).get_session_token(SerialNumber=serial)


def test_session_token_needs_long_term_credentials(aws, alice):
    keys, _, _ = alice
    session = Keys.of(aws.sts(keys).get_session_token()["Credentials"])

    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials"):
        aws.sts(session).get_session_token()


def test_deny_does_not_control_get_session_token(aws, admin_iam):
    _, keys = create_user(admin_iam, "denied", deny("*"))

    assert aws.sts(keys).get_session_token()["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_duration_bounds(aws, clock, alice):
    keys, _, _ = alice
    sts = aws.unchecked("sts", keys)

    expiration = sts.get_session_token(DurationSeconds=900)["Credentials"]["Expiration"]

    assert 890 <= expiration.timestamp() - clock.now() <= 900
    assert error_code(sts.get_session_token, DurationSeconds=899) == "ValidationError"
    assert error_code(sts.get_session_token, DurationSeconds=129601) == "ValidationError"


@pytest.mark.new_boto3
def test_session_dies_with_its_time(aws, shift_time, alice):
    keys, serial, device = alice
    credentials = aws.sts(keys).get_session_token(DurationSeconds=900, SerialNumber=serial, TokenCode=device.next_code())
    session = Keys.of(credentials["Credentials"])
    aws.s3(session).list_buckets()

    shift_time(901)  # the client's clock too, so that only the session can be the reason

    with refused("ExpiredToken"):
        aws.sts(session).get_caller_identity()


def test_session_dies_with_its_key(aws, admin_iam, alice):
    keys, _, _ = alice
    session = Keys.of(aws.sts(keys).get_session_token()["Credentials"])

    admin_iam.delete_access_key(UserName="alice", AccessKeyId=keys.access_key)

    with refused("InvalidClientTokenId", status=403):
        aws.sts(keys).get_caller_identity()
    # AWS lets sessions of a deleted key run out; the user's deletion ends them.
    admin_iam.delete_user_policy(UserName="alice", PolicyName="inline")
    device = admin_iam.list_mfa_devices(UserName="alice")["MFADevices"][0]["SerialNumber"]
    admin_iam.deactivate_mfa_device(UserName="alice", SerialNumber=device)
    admin_iam.delete_user(UserName="alice")
    with refused("InvalidClientTokenId", status=403):
        aws.sts(session).get_caller_identity()


def test_teardown_leaves_nothing(admin_iam, alice):
    keys, serial, _ = alice
    assert error_code(admin_iam.delete_user, UserName="alice") == "DeleteConflict"

    for name in admin_iam.list_user_policies(UserName="alice")["PolicyNames"]:
        admin_iam.delete_user_policy(UserName="alice", PolicyName=name)
    admin_iam.delete_access_key(UserName="alice", AccessKeyId=keys.access_key)
    admin_iam.deactivate_mfa_device(UserName="alice", SerialNumber=serial)
    admin_iam.delete_virtual_mfa_device(SerialNumber=serial)
    admin_iam.delete_user(UserName="alice")

    assert error_code(admin_iam.get_user, UserName="alice") == "NoSuchEntity"
    assert admin_iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_qr_code_carries_the_seed(admin_iam, tmp_path):
    device = admin_iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    image = tmp_path / "qr.png"
    image.write_bytes(device["QRCodePNG"])

    read = subprocess.run(["zbarimg", "--quiet", "--raw", str(image)], capture_output=True, text=True, check=True).stdout

    assert read.startswith("otpauth://totp/")
    assert f"secret={device['Base32StringSeed'].decode()}" in read
    assert "phone" in read


def test_policy_with_string_true_works_alike(aws, admin_iam, clock):
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    _, keys = create_user(admin_iam, "bob", LIST_BUCKETS | {"Condition": condition})
    serial, device = enrol(admin_iam, "bob", clock)
    session = Keys.of(aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=device.next_code())["Credentials"])

    assert aws.s3(session).list_buckets()["Buckets"] == []
    assert error_code(aws.s3(keys).list_buckets) == "AccessDenied"
