"""A credential that ended does not finish what it began, and what a refused call used up stays used up."""
import json
import time

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.people import allow, create_user, deny, error_code, policy, trust
from support.server import Server
from support.totp import STEP, Device, code
from support.wire import Wire

OPEN = policy(allow("s3:GetObject", "arn:aws:s3:::held/*") | {"Principal": "*"})


def deactivate(iam, keys):
    iam.update_access_key(UserName="worker", AccessKeyId=keys.access_key, Status="Inactive")


def delete_key(iam, keys):
    iam.delete_access_key(UserName="worker", AccessKeyId=keys.access_key)


def deny_all(iam, _keys):
    iam.put_user_policy(UserName="worker", PolicyName="no", PolicyDocument=policy(deny("*")))


def delete_user(iam, keys):
    delete_key(iam, keys)
    iam.delete_user_policy(UserName="worker", PolicyName="inline")
    iam.delete_user(UserName="worker")


@pytest.fixture
def worker(aws, admin_iam):
    """The Keys of a user who may do everything; the bucket `held` is there."""
    s3 = aws.s3(bootstrap.ADMIN)
    s3.create_bucket(Bucket="held")
    s3.delete_public_access_block(Bucket="held")
    return create_user(admin_iam, "worker", allow("*"))[1]


@pytest.mark.parametrize("end, answer", [
    (deactivate, "InvalidAccessKeyId"), (delete_key, "InvalidAccessKeyId"), (delete_user, "InvalidAccessKeyId"),
    (deny_all, "AccessDenied")])
@pytest.mark.parametrize("target, body", [("/held?policy", OPEN), ("/held/key", "x" * 200_000)])
def test_s3_request_whose_credentials_end_before_its_last_byte(server, aws, admin_iam, worker, end, answer, target, body):
    finish = Wire(server).begin("PUT", target, body, worker)

    end(admin_iam, worker)
    got = finish()

    assert (got.status, got.code) == (403, answer)
    s3 = aws.s3(bootstrap.ADMIN)
    assert error_code(s3.get_bucket_policy, Bucket="held") == "NoSuchBucketPolicy"
    assert error_code(s3.get_object, Bucket="held", Key="key") == "NoSuchKey"


def test_session_ends_while_its_upload_is_on_the_way(server, aws, clock):
    session = bootstrap.Keys.of(aws.sts(bootstrap.ADMIN).get_federation_token(
        Name="guest", DurationSeconds=900, Policy=policy(allow("s3:*")))["Credentials"])
    s3 = aws.s3(bootstrap.ADMIN)
    s3.create_bucket(Bucket="held")
    s3.delete_public_access_block(Bucket="held")
    upload = Wire(server).begin("PUT", "/held/key", "x" * 200_000, session)

    clock.shift(901)

    got = upload()
    assert (got.status, got.code) == (400, "ExpiredToken")


class Now:
    """The machine's clock, for a device whose server runs on it."""

    @staticmethod
    def now():
        return time.time()


def test_code_of_a_refused_call_stays_spent_after_a_crash(tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--bootstrap", file], tmp_path).start()
    try:
        iam = Aws(server.url, tmp_path).iam(bootstrap.ADMIN)
        user, keys = create_user(iam, "caller")
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
        older, newer = Device(made["Base32StringSeed"], Now).enrolment_codes()
        iam.enable_mfa_device(UserName="caller", SerialNumber=made["SerialNumber"], AuthenticationCode1=older,
                              AuthenticationCode2=newer)
        role = iam.create_role(RoleName="closed", AssumeRolePolicyDocument=trust(bootstrap.OTHER_ACCOUNT))["Role"]["Arn"]
        # The next step's code, which is good already: the enrolment has spent the present one.
        call = {"RoleArn": role, "RoleSessionName": "work", "SerialNumber": made["SerialNumber"],
                "TokenCode": code(made["Base32StringSeed"], time.time() + STEP)}
        with refused("AccessDenied", "is not authorized to perform: sts:AssumeRole"):
            Aws(server.url, tmp_path).sts(keys).assume_role(**call)
        iam.update_assume_role_policy(RoleName="closed", PolicyDocument=trust(user["Arn"]))
        server.kill()
        server.start()

        with refused("AccessDenied", "MultiFactorAuthentication failed"):
            Aws(server.url, tmp_path).sts(keys).assume_role(**call)
    finally:
        server.kill()
