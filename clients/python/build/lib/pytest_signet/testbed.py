"""What a test holds in its hands: clients of boto3, and users, roles and buckets made with one line."""
import dataclasses
import json

import boto3

from pytest_signet.server import Credentials, totp

REGION = "us-east-1"
VERSION = "2012-10-17"


@dataclasses.dataclass(frozen=True)
class User:
    name: str
    arn: str
    credentials: Credentials


@dataclasses.dataclass(frozen=True)
class Role:
    name: str
    arn: str


def _document(policy):
    """The text of a policy given as text, a document, a statement or a list of statements."""
    if isinstance(policy, str):
        return policy
    if isinstance(policy, dict) and "Statement" in policy:
        return json.dumps(policy)
    return json.dumps({"Version": VERSION, "Statement": policy})


class Signet:
    """A server in its first state. Whoever is not named is the administrator: user `admin` of the bootstrap file, or the first
    user there who has a key."""

    def __init__(self, server):
        self.server = server
        self.url = server.url
        self.clock = server.clock
        self.account = server.accounts[0]["id"]
        self.admin = self._administrator()

    def _administrator(self):
        users = [user["name"] for user in self.server.accounts[0].get("users", []) if user.get("access_keys")]
        if not users:
            raise LookupError("the bootstrap file gives no user of its first account an access key")
        return self.server.credentials("admin" if "admin" in users else users[0])

    def credentials(self, user, account=None):
        """Of a user of the bootstrap file."""
        return self.server.credentials(user, account)

    # Clients

    def session(self, credentials=None):
        """A boto3.Session. Its clients need the endpoint: client() gives them both."""
        keys = credentials or self.admin
        return boto3.Session(aws_access_key_id=keys.access_key_id, aws_secret_access_key=keys.secret_access_key,
                             aws_session_token=keys.session_token, region_name=REGION)

    def client(self, service, credentials=None, **options):
        """A boto3 client of the server: signet.client("s3", alice.credentials)."""
        return self.session(credentials).client(service, endpoint_url=self.url, **options)

    def resource(self, service, credentials=None, **options):
        """A boto3 resource of the server."""
        return self.session(credentials).resource(service, endpoint_url=self.url, **options)

    def environment(self, credentials=None):
        """Variables with which an unmodified program finds the server."""
        keys = credentials or self.admin
        variables = {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
                     "AWS_ACCESS_KEY_ID": keys.access_key_id, "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
                     "AWS_EC2_METADATA_DISABLED": "true"}
        if keys.session_token:
            variables["AWS_SESSION_TOKEN"] = keys.session_token
        return variables

    # What tests need

    def create_user(self, name, policy=None):
        """A user with an access key and, if given, an inline policy (a document, a statement or a list of them)."""
        iam = self.client("iam")
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        if policy is not None:
            iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=_document(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return User(name, arn, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))

    def create_role(self, name, trusts, policy=None, condition=None):
        """A role that the principal `trusts` (an ARN, an account, a User or a Role) may assume."""
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": getattr(trusts, "arn", trusts)}}
        if condition is not None:
            statement["Condition"] = condition
        iam = self.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(statement))["Role"]["Arn"]
        if policy is not None:
            iam.put_role_policy(RoleName=name, PolicyName="test", PolicyDocument=_document(policy))
        return Role(name, arn)

    def create_bucket(self, name, policy=None):
        """A bucket, with a bucket policy if one is given; returns its name."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name)
        if policy is not None:
            s3.put_bucket_policy(Bucket=name, Policy=_document(policy))
        return name

    def assume_role(self, role, credentials=None, **parameters):
        """Credentials of a session of the role (a Role or an ARN)."""
        parameters.setdefault("RoleSessionName", "test")
        answer = self.client("sts", credentials).assume_role(RoleArn=getattr(role, "arn", role), **parameters)
        return Credentials.of(answer["Credentials"])

    def mfa_code(self, seed):
        """The code that a device with this base32 seed shows now, by the server's clock. A code works once: shift the clock by
        thirty seconds for the next."""
        return totp(seed, self.clock.now())
