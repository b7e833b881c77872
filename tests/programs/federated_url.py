"""Makes a link that signs a person in to the AWS console as a role. Written for AWS: its hosts stand in the source."""
import json
import sys
import time
import urllib.parse
import urllib.request
import uuid

import boto3

FEDERATION = "https://signin.aws.amazon.com/federation"
READ_S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def wait(seconds):
    for _ in range(seconds):
        time.sleep(1)
        print(".", end="", flush=True)
    print()


def set_up(iam):
    user_arn = iam.meta.client.get_user()["User"]["Arn"]
    trust = {"Version": "2012-10-17",
             "Statement": [{"Effect": "Allow", "Principal": {"AWS": user_arn}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName=f"federated-{uuid.uuid4()}", AssumeRolePolicyDocument=json.dumps(trust))
    role.attach_policy(PolicyArn=READ_S3)
    print(f"Created role {role.name}. Waiting until it is known everywhere.", end="")
    wait(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
    return role


def federated_url(sts, role):
    credentials = sts.assume_role(RoleArn=role.arn, RoleSessionName="federated-example")["Credentials"]
    session = json.dumps({"sessionId": credentials["AccessKeyId"], "sessionKey": credentials["SecretAccessKey"],
                          "sessionToken": credentials["SessionToken"]})
    asked = f"{FEDERATION}?Action=getSigninToken&SessionDuration=43200&Session={urllib.parse.quote_plus(session)}"
    with urllib.request.urlopen(asked) as answer:
        token = json.loads(answer.read())["SigninToken"]
    query = {"Action": "login", "Issuer": "example.org", "Destination": "https://console.aws.amazon.com/", "SigninToken": token}
    return f"{FEDERATION}?{urllib.parse.urlencode(query)}"


def tear_down(role):
    for policy in role.attached_policies.all():
        role.detach_policy(PolicyArn=policy.arn)
    role.delete()
    print(f"Deleted role {role.name}.")


def main():
    iam, sts = boto3.resource("iam"), boto3.client("sts")
    role = set_up(iam)
    try:
        print("Paste this link into a browser:")
        print(federated_url(sts, role))
        input("Press Enter when you are done. ")
    finally:
        tear_down(role)


if __name__ == "__main__":
    main()
