"""`signet policy prove who-can` over everything that a data folder holds, of a running server and of a stopped one."""
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN, OTHER_ACCOUNT
from support.data_folder import home, serve, server  # noqa: F401 (fixtures)
from support.people import allow, create_user, deny, policy, trust
from support.server import BINARY

GUIDE = Path(__file__).parents[2] / "docs/guide/prove.md"
OBJECT = "arn:aws:s3:::who-can-photos/a.png"


@pytest.fixture
def aws(server, home):
    return Aws(server.url, home)


def who_can(home, action, resource, *more):
    """{user/NAME or role/NAME: answer} of the first account."""
    words = [str(BINARY), "policy", "prove", "who-can", "--data", str(home / "data"), "--action", action, "--resource", resource, "--output", "json"]
    done = subprocess.run([*words, *more], capture_output=True, text=True, timeout=60,
                          env={"PATH": os.environ["PATH"], "HOME": str(home)}, cwd=home, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {one["principal"].split(":", 5)[5]: one for one in json.loads(done.stdout) if f":{ACCOUNT}:" in one["principal"]}


def answers(home, *words):
    return {name: one["answer"] for name, one in who_can(home, *words).items()}


@pytest.fixture
def people(aws):
    iam = aws.iam(ADMIN)
    create_user(iam, "always", allow("s3:Get*", "arn:aws:s3:::who-can-photos/*"))
    create_user(iam, "with-mfa", allow("s3:GetObject", "*", Bool={"aws:MultiFactorAuthPresent": "true"}))
    create_user(iam, "denied", allow("s3:*"), deny("s3:GetObject", "*"))
    create_user(iam, "red", allow("s3:GetObject", "*", StringEquals={"aws:PrincipalTag/team": "red"}))
    create_user(iam, "blue", allow("s3:GetObject", "*", StringEquals={"aws:PrincipalTag/team": "red"}))
    iam.tag_user(UserName="red", Tags=[{"Key": "team", "Value": "red"}])
    iam.tag_user(UserName="blue", Tags=[{"Key": "team", "Value": "blue"}])
    create_user(iam, "bounded", allow("*"))
    arn = iam.create_policy(PolicyName="narrow", PolicyDocument=policy(allow("iam:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=arn)
    iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
    iam.put_role_policy(RoleName="tagged", PolicyName="p", PolicyDocument=policy(
        allow("s3:GetObject", "*", StringEquals={"aws:PrincipalTag/team": "red"})))


def test_each_principal_is_told_by_all_its_policies(aws, people, home):
    found = answers(home, "s3:GetObject", OBJECT)
    assert found == {"user/admin": "always", "user/nobody": "never", "user/always": "always", "user/with-mfa": "if", "user/denied": "never",
                     "user/red": "always", "user/blue": "never", "user/bounded": "never", "role/tagged": "if"}


def test_a_condition_comes_with_a_request_that_is_allowed(aws, people, home):
    witness = who_can(home, "s3:GetObject", OBJECT)["user/with-mfa"]["witness"]
    assert witness["context"]["aws:MultiFactorAuthPresent"] == "true"
    assert (witness["action"], witness["resource"]) == ("s3:GetObject", OBJECT)


def test_what_is_given_is_taken_as_given(aws, people, home):
    assert answers(home, "s3:GetObject", OBJECT, "--if", "aws:MultiFactorAuthPresent=true")["user/with-mfa"] == "always"
    assert answers(home, "s3:GetObject", OBJECT, "--if", "aws:MultiFactorAuthPresent=false")["user/with-mfa"] == "never"


def test_a_bucket_policy_counts(aws, people, home):
    s3 = aws.client("s3", ADMIN)
    s3.create_bucket(Bucket="who-can-photos")
    s3.put_bucket_policy(Bucket="who-can-photos", Policy=policy(
        allow("s3:GetObject", OBJECT) | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}},
        deny("s3:*", OBJECT) | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/always"}}))
    found = answers(home, "s3:GetObject", OBJECT)
    assert (found["user/nobody"], found["user/always"]) == ("always", "never")


def test_a_trust_policy_says_who_can_assume(aws, people, home):
    found = answers(home, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/tagged")
    assert (found["user/admin"], found["user/nobody"], found["user/always"]) == ("always", "never", "never")


def test_a_stopped_folder_is_told_as_well(server, aws, people, home):
    running = answers(home, "s3:GetObject", OBJECT)
    server.stop()
    assert answers(home, "s3:GetObject", OBJECT) == running


def test_a_folder_that_is_none_is_a_failure(home):
    (home / "empty").mkdir(parents=True)
    done = subprocess.run([str(BINARY), "policy", "prove", "who-can", "--data", str(home / "empty"), "--action", "s3:GetObject", "--resource", OBJECT],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3 and done.stdout == "", done.stdout + done.stderr


def test_others_accounts_are_told_too(aws, people, home):
    words = [str(BINARY), "policy", "prove", "who-can", "--data", str(home / "data"), "--action", "s3:GetObject", "--resource", OBJECT]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert f"always   arn:aws:iam::{OTHER_ACCOUNT}:user/admin\n" in done.stdout, done.stdout + done.stderr


def test_an_if_is_told_in_policy_language(aws, people, home):
    found = who_can(home, "s3:GetObject", OBJECT)
    assert found["user/with-mfa"]["formula"] == [{"Bool": {"aws:MultiFactorAuthPresent": "true"}}]
    assert found["role/tagged"]["formula"] == [{"StringEquals": {"aws:PrincipalTag/team": "red"}}]


def test_a_role_with_a_path_is_trusted_as_itself(aws, people, home):
    iam = aws.iam(ADMIN)
    iam.create_role(RoleName="deep", Path="/team/", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
    iam.update_assume_role_policy(RoleName="tagged", PolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:role/team/deep"))
    assert answers(home, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/tagged")["role/team/deep"] == "always"


def what_can(home, principal, *more, code=0):
    words = [str(BINARY), "policy", "prove", "what-can", principal, "--data", str(home / "data"), "--output", "json"]
    done = subprocess.run([*words, *more], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return [(one["answer"], one.get("actions"), one.get("resources"), one.get("formula")) for one in json.loads(done.stdout)]


def test_what_statements_come_to(aws, people, home):
    mfa = [{"Bool": {"aws:MultiFactorAuthPresent": "true"}}]
    assert what_can(home, "always") == [("always", ["s3:Get*"], ["arn:aws:s3:::who-can-photos/*"], None)]
    assert what_can(home, "with-mfa") == [("if", ["s3:GetObject"], ["*"], mfa)]
    assert what_can(home, "with-mfa", "--if", "aws:MultiFactorAuthPresent=true") == [("always", ["s3:GetObject"], ["*"], None)]
    assert what_can(home, "nobody") == []
    aws.iam(ADMIN).put_user_policy(UserName="denied", PolicyName="inline", PolicyDocument=policy(allow(["s3:GetObject", "s3:PutObject"]), deny("s3:GetObject", "*")))
    assert what_can(home, "denied") == [("never", ["s3:GetObject"], ["*"], None), ("always", ["s3:PutObject"], ["*"], None)]


def test_the_guide(aws, people, home):
    blocks = re.findall(r"<!-- run by tests/conformance/test_who_can.py -->\n```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    create_user(aws.iam(ADMIN), "ann", allow("s3:GetObject", "arn:aws:s3:::photos/*", Bool={"aws:MultiFactorAuthPresent": "true"}))
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", blocks[0]], env={"PATH": f"{BINARY.parent}:{os.environ['PATH']}", "SIGNET_DATA": str(home / "data")},
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and 'if {"Bool":{"aws:MultiFactorAuthPresent":"true"}}' in done.stdout, done.stdout + done.stderr
