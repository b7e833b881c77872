"""Tokens that stand for a signed caller at a service: CreateOAuth2TokenWithIAM, CreateBearerToken, and what a service is told of them."""
import json

import pytest

from support.bootstrap import ACCOUNT, ADMIN, NOBODY, OTHER_ADMIN, Keys
from support.people import allow, policy, trust
from support.wire import Wire

IAM = "/v1/token?x-amz-client-auth-method=iam"
BEARER = "/v1/token?x-amz-token-request-type=bearer"
SERVICE = "aws-mcp.amazonaws.com"


class World:
    def __init__(self, wire, aws):
        self.wire, self.aws, self.iam = wire, aws, aws.iam(ADMIN)

    def send(self, target, body, keys=ADMIN):
        return self.wire.json("signin", "POST", target, json.dumps(body), keys)

    def make(self, target=IAM, keys=ADMIN, resource=SERVICE, **more):
        answer = self.send(target, {"grant_type": "client_credentials", "resource": resource, **more}, keys)
        return json.loads(answer.body) if answer.is_ok else answer

    def told(self, token, keys=ADMIN):
        answer = self.send("/v1/introspect?x-amz-client-auth-method=iam", {"token": token}, keys)
        assert answer.is_ok, answer
        return json.loads(answer.body)


@pytest.fixture
def world(server, aws):
    return World(Wire(server), aws)


@pytest.mark.parametrize("target, seconds", [(IAM, 3600), (BEARER, 43200)])
def test_a_service_learns_whom_a_token_stands_for(world, target, seconds):
    made = world.make(target)
    assert (made["token_type"], made["expires_in"]) == ("Bearer", seconds)
    assert made["access_token"].startswith("ASOA")
    told = world.told(made["access_token"])
    user = world.aws.sts(ADMIN).get_caller_identity()
    assert told["active"] and told["exp"] - told["iat"] == seconds
    assert (told["sub"], told["user_id"], told["account_id"]) == (user["Arn"], user["UserId"], ACCOUNT)
    assert (told["aud"], told["iss"], told["token_type"]) == (SERVICE, "signin.amazonaws.com", "access_token")


def test_a_bearer_token_lasts_as_long_as_was_asked_for(world):
    assert world.make(BEARER, duration=300)["expires_in"] == 300
    for duration in (299, 43201):
        assert world.make(BEARER, duration=duration).code == "ValidationException"


def test_it_ends_with_the_callers_credentials(world, server):
    world.iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:user/admin"))
    world.iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=policy(allow("signin:*")))
    keys = Keys.of(world.aws.sts(ADMIN).assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/worker", RoleSessionName="session",
                                                    DurationSeconds=900)["Credentials"])
    made = world.make(IAM, keys)
    assert 890 <= made["expires_in"] <= 900
    assert world.told(made["access_token"])["sub"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session"
    short = world.make(BEARER, keys, duration=300)["access_token"]
    server.post("/_signet/clock", {"shift_seconds": 301})
    assert world.told(made["access_token"])["active"]
    assert world.told(short) == {"active": False}


def test_it_ends_with_whom_it_stands_for(world):
    world.iam.create_user(UserName="gone")
    world.iam.put_user_policy(UserName="gone", PolicyName="p", PolicyDocument=policy(allow("signin:*")))
    key = world.iam.create_access_key(UserName="gone")["AccessKey"]
    token = world.make(IAM, Keys.of_user(key))["access_token"]
    assert world.told(token)["active"]
    world.iam.delete_access_key(UserName="gone", AccessKeyId=key["AccessKeyId"])
    world.iam.delete_user_policy(UserName="gone", PolicyName="p")
    world.iam.delete_user(UserName="gone")
    assert world.told(token) == {"active": False}


def test_another_account_learns_nothing_and_a_changed_token_is_none(world):
    token = world.make()["access_token"]
    assert world.told(token, OTHER_ADMIN) == {"active": False}
    changed = token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB")
    assert world.told(changed) == {"active": False}
    assert world.told("ASOAabc") == {"active": False}


def test_it_opens_nothing_here(world):
    token = world.make()["access_token"]
    assert world.send("/v1/revoke?x-amz-client-auth-method=iam", {"token": token}).code == "ValidationException"
    stolen = Keys(ADMIN.access_key, ADMIN.secret_key, token)
    assert world.send("/list-sessions", {}, stolen).status == 403


@pytest.mark.parametrize("target, action", [(IAM, "signin:CreateOAuth2Token"), (BEARER, "signin:CreateBearerToken")])
def test_it_takes_permission_on_the_service(world, target, action):
    refused = world.make(target, NOBODY)
    assert (refused.status, refused.code) == (403, "AccessDeniedException")
    assert action in refused.message and f"service-principal/{SERVICE}" in refused.message
    arn = f"arn:aws:signin:*:{ACCOUNT}:service-principal/{SERVICE}"
    world.iam.put_user_policy(UserName="nobody", PolicyName="p", PolicyDocument=policy(allow(action, arn)))
    assert "access_token" in world.make(target, NOBODY)
    assert world.make(target, NOBODY, "ecr.amazonaws.com").code == "AccessDeniedException"


@pytest.mark.parametrize("resource", ["nothing", ".amazonaws.com", "a/b.amazonaws.com", "A.amazonaws.com", "https://a.amazonaws.com"])
def test_a_service_that_is_none_is_refused_as_a_missing_permission(world, resource):
    refused = world.make(IAM, ADMIN, resource)
    assert (refused.status, refused.code) == (403, "AccessDeniedException")


def test_another_grant_is_invalid(world):
    answer = world.send(IAM, {"grant_type": "password", "resource": SERVICE})
    assert (answer.status, answer.code) == (400, "ValidationException")
