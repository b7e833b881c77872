#!/usr/bin/env python3
"""Gets a session token with a code of a virtual MFA device and uses it.

Creates a user who may list buckets with MFA only, shows that a session without a code is refused and one with a code
is not, and removes everything again. Run it with an administrator's credentials and the endpoint in the environment
(what the server prints at its first start):

    python3 examples/python/session_token_with_mfa.py
"""
import json
import uuid

import boto3
from botocore.exceptions import ClientError

from authenticator import Authenticator

POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "s3:ListAllMyBuckets",
        "Resource": "arn:aws:s3:::*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}},
    },
}


def set_up(iam, name):
    """Creates the user, an access key and an MFA device. Returns (key, serial number, authenticator)."""
    iam.create_user(UserName=name)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    authenticator = Authenticator(device["Base32StringSeed"])
    first, second = authenticator.two_consecutive_codes()
    iam.enable_mfa_device(UserName=name, SerialNumber=device["SerialNumber"], AuthenticationCode1=first,
                          AuthenticationCode2=second)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    iam.put_user_policy(UserName=name, PolicyName="list-buckets-with-mfa", PolicyDocument=json.dumps(POLICY))
    print(f"created user {name} with the MFA device {device['SerialNumber']}")
    return key, device["SerialNumber"], authenticator


def list_buckets(session):
    """Lists the buckets with the temporary credentials of a GetSessionToken answer."""
    credentials = session["Credentials"]
    s3 = boto3.client("s3", aws_access_key_id=credentials["AccessKeyId"],
                      aws_secret_access_key=credentials["SecretAccessKey"], aws_session_token=credentials["SessionToken"])
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def demonstrate(key, serial, authenticator):
    sts = boto3.client("sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    try:
        list_buckets(sts.get_session_token())
    except ClientError as error:
        print(f"without MFA: {error.response['Error']['Code']}")
    else:
        raise SystemExit("a session without MFA listed the buckets")
    with_mfa = sts.get_session_token(SerialNumber=serial, TokenCode=authenticator.next_code())
    print(f"with MFA: {list_buckets(with_mfa)}")


def tear_down(iam, name):
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for device in iam.list_mfa_devices(UserName=name)["MFADevices"]:
        iam.deactivate_mfa_device(UserName=name, SerialNumber=device["SerialNumber"])
        iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])
    iam.delete_user(UserName=name)
    print(f"deleted user {name} and all that belonged to it")


def main():
    iam = boto3.client("iam")
    name = f"example-{uuid.uuid4().hex[:12]}"
    try:
        demonstrate(*set_up(iam, name))
    finally:
        tear_down(iam, name)


if __name__ == "__main__":
    main()
