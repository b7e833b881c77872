"""The flows of tests/clients/README.md with boto3."""
import json
import os
import sys
import urllib.parse
import urllib.request

import boto3
from botocore.exceptions import ClientError


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def code():
    return fetch(os.environ["MFA_CODE_URL"])


def with_keys(service, credentials):
    return boto3.client(service, aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
                        aws_session_token=credentials["SessionToken"])


def buckets(credentials):
    return ",".join(bucket["Name"] for bucket in with_keys("s3", credentials).list_buckets()["Buckets"])


def identity():
    print(boto3.client("sts").get_caller_identity()["Arn"])


def renewal():
    sts = boto3.client("sts")
    print(sts.get_caller_identity()["Arn"])
    while fetch(os.environ["LATER_URL"]) == "again":
        print(sts.get_caller_identity()["Arn"])


profile_mfa = identity  # boto3 asks for the code by itself


def assume_role():
    answer = boto3.client("sts").assume_role(RoleArn=os.environ["ROLE_ARN"], RoleSessionName="matrix")
    print(with_keys("sts", answer["Credentials"]).get_caller_identity()["Arn"])


def assume_role_mfa():
    sts = boto3.client("sts")
    asked = {"RoleArn": os.environ["ROLE_ARN"], "RoleSessionName": "matrix"}
    try:
        sts.assume_role(**asked)
    except ClientError as error:
        print(error.response["Error"]["Code"])
    print(buckets(sts.assume_role(**asked, SerialNumber=os.environ["MFA_SERIAL"], TokenCode=code())["Credentials"]))


def session_token_mfa():
    sts = boto3.client("sts")
    try:
        buckets(sts.get_session_token()["Credentials"])
    except ClientError as error:
        print(error.response["Error"]["Code"])
    print(buckets(sts.get_session_token(SerialNumber=os.environ["MFA_SERIAL"], TokenCode=code())["Credentials"]))


def role_life():
    iam, name = boto3.client("iam"), os.environ["ROLE_NAME"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=os.environ["TRUST"])
    iam.attach_role_policy(RoleName=name, PolicyArn=os.environ["POLICY_ARN"])
    print(iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"][0]["PolicyName"])
    iam.detach_role_policy(RoleName=name, PolicyArn=os.environ["POLICY_ARN"])
    iam.delete_role(RoleName=name)
    try:
        iam.get_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException as error:
        print(error.response["Error"]["Code"])


def federation():
    credentials = boto3.client("sts").assume_role(RoleArn=os.environ["ROLE_ARN"], RoleSessionName="matrix")["Credentials"]
    session = json.dumps({"sessionId": credentials["AccessKeyId"], "sessionKey": credentials["SecretAccessKey"],
                          "sessionToken": credentials["SessionToken"]})
    base = os.environ["AWS_ENDPOINT_URL"] + "/federation?"
    asked = base + urllib.parse.urlencode({"Action": "getSigninToken", "Session": session})
    token = json.loads(fetch(asked))["SigninToken"]
    print(base + urllib.parse.urlencode({"Action": "login", "Issuer": "example.org", "Destination": "https://console.aws.amazon.com/",
                                         "SigninToken": token}))


def denied():
    try:
        boto3.client("iam").list_users()
    except ClientError as error:
        print(error.response["Error"]["Code"])
        print(error.response["Error"]["Message"])


globals()[sys.argv[1].replace("-", "_")]()
