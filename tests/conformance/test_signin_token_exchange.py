"""CreateOAuth2TokenWithTokenExchange by unmodified boto3, without credentials: a token of GetWebIdentityToken becomes an access token at a service."""
import base64
import json

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.people import allow, create_user, policy, trust
from support.wire import Wire

AUDIENCE = "signin.amazonaws.com"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT = "urn:ietf:params:oauth:token-type:jwt"
SERVICE = "glue.amazonaws.com"
RESOURCE = "https://aws-mcp.us-east-1.api.aws/mcp"


class World:
    def __init__(self, server, aws, admin_iam):
        self.aws, self.iam, self.wire = aws, admin_iam, Wire(server)
        self.issuer = admin_iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
        self.signin = boto3.client("signin", region_name="us-east-1", endpoint_url=aws.url, config=Config(signature_version=UNSIGNED))

    def token(self, keys=ADMIN, audience=AUDIENCE, algorithm="ES384", **more):
        return self.aws.sts(keys).get_web_identity_token(Audience=[audience], SigningAlgorithm=algorithm, **more)["WebIdentityToken"]

    def exchange(self, token, **more):
        """The answer, or the type and code of the error."""
        asked = {"grantType": EXCHANGE, "subjectToken": token, "subjectTokenType": JWT, "resource": SERVICE} | more
        return self.call(**asked)

    def call(self, **asked):
        try:
            return self.signin.create_o_auth2_token_with_token_exchange(**{name: value for name, value in asked.items() if value is not None})
        except ClientError as e:
            return e.response["Error"]["Code"], e.response["error"]

    def told(self, token):
        answer = self.wire.json("signin", "POST", "/v1/introspect?x-amz-client-auth-method=iam", json.dumps({"token": token}), ADMIN)
        assert answer.is_ok, answer
        return json.loads(answer.body)


@pytest.fixture
def world(server, aws, admin_iam):
    return World(server, aws, admin_iam)


INVALID_GRANT = ("InvalidGrantException", "invalid_grant")
INVALID_SCOPE = ("InvalidScopeException", "invalid_scope")
INVALID_REQUEST = ("ValidationException", "invalid_request")


@pytest.mark.parametrize("algorithm", ["ES384", "RS256"])
def test_a_users_token_becomes_an_access_token(world, algorithm):
    user, keys = create_user(world.iam, "ann", allow("sts:GetWebIdentityToken"))
    made = world.exchange(world.token(keys, algorithm=algorithm, DurationSeconds=600))
    assert (made["tokenType"], made["issuedTokenType"]) == ("Bearer", "urn:ietf:params:oauth:token-type:access_token")
    assert 590 <= made["expiresIn"] <= 600 and "resource" not in made and "scope" not in made
    told = world.told(made["accessToken"])
    assert (told["active"], told["sub"], told["user_id"], told["account_id"], told["aud"]) == (
        True, user["Arn"], user["UserId"], ACCOUNT, SERVICE)


def test_an_assertion_is_for_a_uri(world):
    made = world.call(grantType=BEARER, assertion=world.token(), resource=RESOURCE)
    assert made["resource"] == RESOURCE and "issuedTokenType" not in made
    assert world.told(made["accessToken"])["aud"] == RESOURCE


def test_a_roles_token_stands_for_the_role(world):
    user, keys = create_user(world.iam, "ann", allow("sts:AssumeRole"))
    role = world.iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]
    world.iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=policy(allow("sts:GetWebIdentityToken")))
    session = Keys.of(world.aws.sts(keys).assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"])
    told = world.told(world.exchange(world.token(session))["accessToken"])
    assert (told["sub"], told["user_id"]) == (role["Arn"], role["RoleId"])


def test_whose_token_is_gone_or_another_gets_nothing(world):
    _, keys = create_user(world.iam, "ann", allow("sts:GetWebIdentityToken"))
    token = world.token(keys)
    made = world.exchange(token)
    assert world.told(made["accessToken"])["active"]
    world.iam.delete_access_key(UserName="ann", AccessKeyId=keys.access_key)
    for name in world.iam.list_user_policies(UserName="ann")["PolicyNames"]:
        world.iam.delete_user_policy(UserName="ann", PolicyName=name)
    world.iam.delete_user(UserName="ann")
    assert world.exchange(token) == INVALID_GRANT
    assert not world.told(made["accessToken"])["active"]


def test_it_ends_with_the_token_and_within_an_hour(world, clock):
    token = world.token(DurationSeconds=3600)
    made = world.exchange(token)
    assert 3590 <= made["expiresIn"] <= 3600
    clock.shift(3601)
    assert world.exchange(token) == INVALID_GRANT


def test_nothing_but_a_token_for_sign_in_is_taken(world):
    good = world.token()
    head, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))

    def changed(**more):
        text = base64.urlsafe_b64encode(json.dumps(claims | more).encode()).decode().rstrip("=")
        return f"{head}.{text}.{signature}"

    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    for token in (world.token(audience="https://relying.example.com"), "a.b.c", "abcd", good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
                  changed(sub="x"), changed(iss="https://example.com/_issuer/x"), changed(iss=world.issuer + "0"), f"{none}.{body}.",
                  f"{head}.{body}.", good + ".x"):
        assert world.exchange(token) == INVALID_GRANT, token
    world.iam.disable_outbound_web_identity_federation()
    assert world.exchange(good) == INVALID_GRANT


@pytest.mark.parametrize("more, error", [
    ({"resource": None}, INVALID_REQUEST),
    ({"resource": "glue"}, INVALID_REQUEST),
    ({"resource": RESOURCE}, INVALID_REQUEST),
    ({"subjectToken": None}, INVALID_REQUEST),
    ({"subjectTokenType": None}, INVALID_REQUEST),
    ({"subjectTokenType": "urn:ietf:params:oauth:token-type:saml2"}, INVALID_REQUEST),
    ({"scope": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, INVALID_SCOPE),
    ({"grantType": BEARER}, INVALID_REQUEST),
    ({"grantType": "urn:ietf:params:oauth:grant-type:device_code"}, ("ValidationException", "INVALID_REQUEST")),
])
def test_what_is_missing_or_wrong_is_told(world, more, error):
    assert world.exchange(world.token(), **more) == error


@pytest.mark.parametrize("more, error", [
    ({"resource": None}, INVALID_REQUEST),
    ({"resource": "no uri"}, INVALID_REQUEST),
    ({"resource": "://x"}, INVALID_REQUEST),
    ({"clientId": "client"}, INVALID_GRANT),
    ({"scope": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, INVALID_SCOPE),
    ({"assertion": None}, INVALID_REQUEST),
])
def test_an_assertion_must_say_what_the_request_says(world, more, error):
    assert world.call(**{"grantType": BEARER, "assertion": world.token(), "resource": RESOURCE} | more) == error
