"""Assumes a role that asks for MFA, by hand. Written for AWS, with the prompts that a person answers."""
import json
import uuid

import boto3
from botocore.exceptions import ClientError

from mfa_person import list_buckets, make_user, remove_user, sts_of


def statement(action, resource, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]})


def make_role(iam, user):
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": user.arn}, "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}}}]}
    role = iam.create_role(RoleName=f"with-mfa-{uuid.uuid4()}", AssumeRolePolicyDocument=json.dumps(trust))
    policy = iam.create_policy(PolicyName=f"list-{uuid.uuid4()}",
                               PolicyDocument=statement("s3:ListAllMyBuckets", "arn:aws:s3:::*"))
    role.attach_policy(PolicyArn=policy.arn)
    user.create_policy(PolicyName=f"assume-{uuid.uuid4()}", PolicyDocument=statement("sts:AssumeRole", role.arn))
    return role, policy


def main():
    iam = boto3.resource("iam")
    user, key, device = make_user(iam)
    role, policy = make_role(iam, user)
    try:
        sts = sts_of(key)
        try:
            sts.assume_role(RoleArn=role.arn, RoleSessionName="without")
        except ClientError as error:
            print(f"Without MFA: {error.response['Error']['Code']}")
        code = input("A code of the device: ")
        session = sts.assume_role(RoleArn=role.arn, RoleSessionName="with", SerialNumber=device.serial_number, TokenCode=code)
        list_buckets(session["Credentials"])
    finally:
        role.detach_policy(PolicyArn=policy.arn)
        policy.delete()
        role.delete()
        remove_user(user, device)


if __name__ == "__main__":
    main()
