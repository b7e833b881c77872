#!/usr/bin/env python3
"""Assumes a role whose trust policy asks for MFA.

Creates a user without permissions, a role that trusts it when MFA is present, shows the refusal without a code and the
success with one, and removes everything again. Run it with an administrator's credentials and the endpoint in the environment
(what the server prints at its first start):

    python3 examples/python/assume_role_with_mfa.py
"""
import json
import uuid

import boto3
from botocore.exceptions import ClientError

from authenticator import Authenticator


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def set_up(iam, name):
    """Creates user, device, role and policies. Returns (key, role ARN, serial number, authenticator)."""
    user = iam.create_user(UserName=name)["User"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    authenticator = Authenticator(device["Base32StringSeed"])
    first, second = authenticator.two_consecutive_codes()
    iam.enable_mfa_device(UserName=name, SerialNumber=device["SerialNumber"], AuthenticationCode1=first,
                          AuthenticationCode2=second)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    trust = policy(Principal={"AWS": user["Arn"]}, Action="sts:AssumeRole",
                   Condition={"Bool": {"aws:MultiFactorAuthPresent": True}})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    listing = iam.create_policy(PolicyName=name,
                                PolicyDocument=policy(Action="s3:ListAllMyBuckets", Resource="arn:aws:s3:::*"))["Policy"]
    iam.attach_role_policy(RoleName=name, PolicyArn=listing["Arn"])
    iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=policy(Action="sts:AssumeRole", Resource=role["Arn"]))
    print(f"created user and role {name}")
    return key, role["Arn"], device["SerialNumber"], authenticator


def demonstrate(key, role_arn, serial, authenticator):
    sts = boto3.client("sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    try:
        sts.assume_role(RoleArn=role_arn, RoleSessionName="without-mfa")
    except ClientError as error:
        print(f"without MFA: {error.response['Error']['Code']}")
    else:
        raise SystemExit("the role was assumed without MFA")
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="with-mfa", SerialNumber=serial,
                             TokenCode=authenticator.next_code())
    credentials = answer["Credentials"]
    s3 = boto3.client("s3", aws_access_key_id=credentials["AccessKeyId"],
                      aws_secret_access_key=credentials["SecretAccessKey"], aws_session_token=credentials["SessionToken"])
    print(f"with MFA: {answer['AssumedRoleUser']['Arn']} lists {[b['Name'] for b in s3.list_buckets()['Buckets']]}")


def tear_down(iam, name):
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
        iam.delete_policy(PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)
    iam.delete_user_policy(UserName=name, PolicyName="assume")
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for device in iam.list_mfa_devices(UserName=name)["MFADevices"]:
        iam.deactivate_mfa_device(UserName=name, SerialNumber=device["SerialNumber"])
        iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])
    iam.delete_user(UserName=name)
    print(f"deleted user and role {name}")


def main():
    iam = boto3.client("iam")
    name = f"example-{uuid.uuid4().hex[:12]}"
    made = set_up(iam, name)
    try:
        demonstrate(*made)
    finally:
        tear_down(iam, name)


if __name__ == "__main__":
    main()
