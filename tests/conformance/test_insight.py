"""Signet's own API: what policies mean, by the engine that decides requests, under permissions of AWS's."""
import json

import pytest

from support.bootstrap import ACCOUNT, ADMIN, ADMINISTRATOR, NOBODY, Keys
from support.operations import FACTS
from support.people import allow, deny, policy, trust
from support.wire import Wire

USER = f"arn:aws:iam::{ACCOUNT}:user/asked"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/asked-role"

# Of each operation a good request and the permission that it takes.
CALLS = {
    "DescribePolicy": ("/describe-policy", {"policyDocument": policy(allow("s3:GetObject"))}, "access-analyzer:ValidatePolicy"),
    "EvaluateAccess": ("/evaluate-access", {"principalArns": [USER], "actions": ["s3:GetObject"]}, "iam:SimulatePrincipalPolicy"),
}


class World:
    def __init__(self, wire, aws):
        self.wire, self.iam, self.s3 = wire, aws.iam(ADMIN), aws.s3(ADMIN)
        self.iam.create_user(UserName="asked")
        self.iam.create_role(RoleName="asked-role", AssumeRolePolicyDocument=trust(USER))
        self.iam.create_user(UserName="denied")
        self.iam.attach_user_policy(UserName="denied", PolicyArn=ADMINISTRATOR)
        self.denied = Keys.of_user(self.iam.create_access_key(UserName="denied")["AccessKey"])

    def send(self, target, body, keys=ADMIN, tamper=False):
        return self.wire.json("insight", "POST", target, json.dumps(body), keys, tamper)

    def describe(self, document, kind="IDENTITY_POLICY", **more):
        return self.ok("/describe-policy", {"policyDocument": document, "policyType": kind, **more})

    def decisions(self, actions, principals=(USER,), resource="*"):
        body = {"principalArns": list(principals), "actions": actions, "resourceArn": resource}
        return {row["principalArn"]: row["decisions"] for row in self.ok("/evaluate-access", body)["results"]}

    def ok(self, target, body):
        answer = self.send(target, body)
        assert answer.is_ok, answer
        return json.loads(answer.body)

    def put(self, *statements):
        self.iam.put_user_policy(UserName="asked", PolicyName="p", PolicyDocument=policy(*statements))


@pytest.fixture
def world(server, aws):
    return World(Wire(server), aws)


def test_every_operation_is_asked_for_here():
    rows = [line.split("\t") for line in (FACTS / "operations" / "curated.tsv").read_text(encoding="utf-8").splitlines()]
    assert {row[1]: row[5] for row in rows if row[0] == "insight"} == {name: action for name, (_, _, action) in CALLS.items()}


@pytest.mark.parametrize("name", CALLS)
def test_who_may_not_is_refused(world, name):
    target, body, action = CALLS[name]
    assert world.send(target, body).is_ok
    wrong = world.send(target, body, tamper=True)
    assert (wrong.status, wrong.code) == (403, "InvalidSignatureException")
    nobody = world.send(target, body, NOBODY)
    assert (nobody.status, nobody.code) == (403, "AccessDeniedException")
    assert f"is not authorized to perform: {action} " in nobody.message
    world.iam.put_user_policy(UserName="denied", PolicyName="deny", PolicyDocument=policy(deny(action)))
    assert "with an explicit deny" in world.send(target, body, world.denied).message


def test_findings_have_their_place(world):
    text = policy({"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"})
    [finding] = [one for one in world.describe(text)["findings"] if one["issue"] == "InvalidAction"]
    assert finding["findingType"] == "ERROR"
    assert text[finding["start"]["column"] - 1:].startswith('"s3:GetObjekt"')
    assert world.describe(policy(allow("s3:GetObject", "arn:aws:s3:::a/*")))["findings"] == []


def test_statements_are_told_in_words(world):
    text = policy({"Sid": "S", "Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    assert world.describe(text)["statements"] == [{
        "sid": "S", "effect": "Deny", "start": {"line": 1, "column": text.index('{"Sid"') + 1},
        "text": "It may never do everything except s3:* on every resource, only if Bool aws:SecureTransport false."}]


def test_a_text_that_is_no_policy_has_findings_and_no_statements(world):
    for text in ("{", "[]", '{"Statement": 1}', "\u00fc"):
        told = world.describe(text)
        assert told["statements"] == [] and told["findings"][0]["findingType"] == "ERROR", text


def test_the_kind_of_policy_decides_what_is_wrong(world):
    public = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"})
    assert "PublicAccess" in [one["issue"] for one in world.describe(public, "BUCKET_POLICY", bucketName="site")["findings"]]
    assert "InvalidPolicy" in [one["issue"] for one in world.describe(public, "BUCKET_POLICY", bucketName="other")["findings"]]
    assert "InvalidPolicy" in [one["issue"] for one in world.describe(public, "IDENTITY_POLICY")["findings"]]
    assert world.send("/describe-policy", {"policyDocument": public, "policyType": "OTHER"}).code == "ValidationException"


def test_decisions_are_those_of_requests(world):
    world.put(allow("s3:GetObject"), deny("s3:DeleteObject"))
    assert world.decisions(["s3:GetObject", "s3:DeleteObject", "s3:PutObject"]) == {USER: ["allowed", "explicitDeny", "implicitDeny"]}


def test_boundaries_limit(world):
    arn = world.iam.create_policy(PolicyName="limit", PolicyDocument=policy(allow("sqs:*")))["Policy"]["Arn"]
    world.put(allow("s3:GetObject"))
    world.iam.put_user_permissions_boundary(UserName="asked", PermissionsBoundary=arn)
    assert world.decisions(["s3:GetObject"]) == {USER: ["implicitDeny"]}
    world.iam.delete_user_permissions_boundary(UserName="asked")
    assert world.decisions(["s3:GetObject"]) == {USER: ["allowed"]}


def test_bucket_policies_count(world):
    world.s3.create_bucket(Bucket="asked-bucket")
    world.put(allow("s3:GetObject"))
    shut = {"Effect": "Deny", "Principal": {"AWS": USER}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::asked-bucket/*"}
    world.s3.put_bucket_policy(Bucket="asked-bucket", Policy=policy(shut))
    assert world.decisions(["s3:GetObject"], resource="arn:aws:s3:::asked-bucket/a") == {USER: ["explicitDeny"]}
    assert world.decisions(["s3:GetObject"], resource="arn:aws:s3:::another/a") == {USER: ["allowed"]}


def test_trust_policies_count(world):
    world.put(allow("s3:GetObject"))
    other = f"arn:aws:iam::{ACCOUNT}:user/denied"
    found = world.decisions(["sts:AssumeRole"], [USER, other], ROLE)
    assert found == {USER: ["allowed"], other: ["implicitDeny"]}, "it trusts one of them by name"


def test_a_role_asks_as_a_session_of_it(world):
    world.iam.put_role_policy(RoleName="asked-role", PolicyName="p", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": ROLE}}},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}))
    assert world.decisions(["s3:GetObject", "s3:PutObject"], [ROLE]) == {ROLE: ["allowed", "explicitDeny"]}


@pytest.mark.parametrize("arn, code", [
    (f"arn:aws:iam::{ACCOUNT}:user/nobody-here", "ResourceNotFoundException"),
    ("arn:aws:iam::999999999999:user/asked", "AccessDeniedException"),
    (f"arn:aws:iam::{ACCOUNT}:group/asked", "ValidationException"),
    ("arn:aws:s3:::asked-bucket-arn", "ValidationException"),
])
def test_others_are_not_told_of(world, arn, code):
    assert world.send("/evaluate-access", {"principalArns": [arn], "actions": ["s3:GetObject"]}).code == code


@pytest.mark.parametrize("actions", [[], ["s3:*"], ["GetObject"], ["s3:Get Object"], ["s3:GetObject"] * 101])
def test_actions_are_names(world, actions):
    assert world.send("/evaluate-access", {"principalArns": [USER], "actions": actions}).code == "ValidationException"
