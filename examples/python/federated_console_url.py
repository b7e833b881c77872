#!/usr/bin/env python3
"""Makes a link that signs a person in to the console as a role, for people without an account of their own.

Creates a role that trusts the current user, gives it AmazonS3ReadOnlyAccess, assumes it, trades the credentials for a
sign-in token and prints the link. The link works once, within fifteen minutes; the console session lasts twelve hours.
Run it with an administrator's credentials and the endpoint in the environment
(what the server prints at its first start):

    python3 examples/python/federated_console_url.py            # prints the link, waits for Enter, cleans up
"""
import json
import os
import sys
import urllib.parse
import urllib.request
import uuid

import boto3

READ_S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
# Against AWS this would be https://signin.aws.amazon.com.
SIGN_IN = os.environ.get("AWS_ENDPOINT_URL", "https://signin.aws.amazon.com").rstrip("/") + "/federation"


def set_up(iam, name):
    """Creates the role; returns it as boto3's resource."""
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": iam.CurrentUser().arn}, "Action": "sts:AssumeRole"},
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    role.attach_policy(PolicyArn=READ_S3)
    print(f"created role {role.name}")
    return role


def login_url(role_arn):
    """A link that opens the console as the role."""
    credentials = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="console-example")["Credentials"]
    session = json.dumps({"sessionId": credentials["AccessKeyId"], "sessionKey": credentials["SecretAccessKey"],
                          "sessionToken": credentials["SessionToken"]})
    query = urllib.parse.urlencode({"Action": "getSigninToken", "SessionDuration": 43200, "Session": session})
    with urllib.request.urlopen(f"{SIGN_IN}?{query}") as answer:
        token = json.load(answer)["SigninToken"]
    return SIGN_IN + "?" + urllib.parse.urlencode({
        "Action": "login",
        "Issuer": "example.org",
        "Destination": "https://console.aws.amazon.com/",
        "SigninToken": token,
    })


def tear_down(role):
    for policy in role.attached_policies.all():
        role.detach_policy(PolicyArn=policy.arn)
    role.delete()
    print(f"deleted role {role.name}")


def main():
    role = set_up(boto3.resource("iam"), f"example-{uuid.uuid4().hex[:12]}")
    try:
        print(f"open this link: {login_url(role.arn)}", flush=True)
        if sys.stdin.isatty():
            input("press Enter to remove the role again ")
    finally:
        tear_down(role)


if __name__ == "__main__":
    main()
