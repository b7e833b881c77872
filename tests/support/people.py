"""Cast of the tests: users with keys and virtual MFA devices, roles, and the policies they need."""
import json
import time

import botocore.exceptions

from support.bootstrap import Keys
from support.totp import Device


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, resources="*", **condition):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    if condition:
        statement["Condition"] = condition
    return statement


def deny(actions, resources="*", **condition):
    return allow(actions, resources, **condition) | {"Effect": "Deny"}


def trust(principal, **condition):
    """A trust policy for sts:AssumeRole; principal as AWS's Principal.AWS value."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return policy(statement)


# JSON true, not "true": what the published programs send.
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": True}}
LIST_BUCKETS = allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")


def create_user(iam, name, *statements):
    """A user with an access key and, if given, an inline policy. Returns (user, Keys)."""
    user = iam.create_user(UserName=name)["User"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    return user, Keys.of_user(key)


def enrol(iam, user_name, clock, device_name=None):
    """Gives the user a virtual MFA device made from its base32 seed. Returns (serial number, Device)."""
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=device_name or f"{user_name}-device")["VirtualMFADevice"]
    device = Device(made["Base32StringSeed"], clock)
    older, newer = device.enrolment_codes()
    iam.enable_mfa_device(UserName=user_name, SerialNumber=made["SerialNumber"], AuthenticationCode1=older,
                          AuthenticationCode2=newer)
    return made["SerialNumber"], device


def error_code(call, **arguments):
    """The error code of a call, or None when it succeeded."""
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None


def poll(question, seconds=5):
    """Asks until the answer is truthy; for what happens in another process."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
