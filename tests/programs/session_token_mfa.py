"""Gets a session token with a code of an MFA device, by hand. Written for AWS, with the prompts that a person answers."""
import json

import boto3
from botocore.exceptions import ClientError

from mfa_person import list_buckets, make_user, remove_user, sts_of

POLICY = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}}}]}


def main():
    iam = boto3.resource("iam")
    user, key, device = make_user(iam)
    try:
        user.create_policy(PolicyName=f"{user.name}-list-buckets", PolicyDocument=json.dumps(POLICY))
        sts = sts_of(key)
        try:
            list_buckets(sts.get_session_token()["Credentials"])
        except ClientError as error:
            print(f"Without MFA: {error.response['Error']['Code']}")
        code = input("A code of the device: ")
        list_buckets(sts.get_session_token(SerialNumber=device.serial_number, TokenCode=code)["Credentials"])
    finally:
        remove_user(user, device)


if __name__ == "__main__":
    main()
