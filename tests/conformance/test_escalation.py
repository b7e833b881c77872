"""`signet analyze escalation` over a data folder: every way that it tells is walked with real calls, and what stops a way stops it."""
import json
import re
import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN, ADMINISTRATOR, Keys
from support.people import allow, deny, policy, trust
from support.data_folder import home, server  # noqa: F401 (fixtures)
from support.server import BINARY

GUIDE = Path(__file__).parents[2] / "docs/guide/escalation.md"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def arn(name):
    return f"arn:aws:iam::{ACCOUNT}:{name}"


def analyze(home, *words, codes=(0,)):
    done = subprocess.run([str(BINARY), "analyze", "escalation", "--data", str(home / "data"), *words], capture_output=True, text=True, timeout=60)
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout


def graph(home):
    return {one["principal"]: one for one in json.loads(analyze(home, "--output", "json"))["principals"]}


def path(home, source, target="admin", codes=(1,)):
    return json.loads(analyze(home, "--from", arn(source), "--to", target, "--output", "json", codes=codes))


def walk(aws, home, keys, found):
    """Types the commands of a path, each with the credentials that the last ones gave; the credentials at its end."""
    for step in found["steps"]:
        for call in step["way"]["calls"]:
            if "command" not in call:
                continue
            done = subprocess.run(["bash", "-c", call["command"]], cwd=home, env=aws.environment(keys, AWS_DEFAULT_OUTPUT="json"), capture_output=True,
                                  text=True, timeout=120, check=False)
            assert done.returncode == 0, (call["command"], done.stderr)
            made = json.loads(done.stdout) if done.stdout.strip() else {}
            if "AccessKey" in made:
                keys = Keys.of_user(made["AccessKey"])
            elif "Credentials" in made:
                keys = Keys.of(made["Credentials"])
    return keys


def is_administrator(aws, keys):
    try:
        aws.iam(keys).create_user(UserName="made-by-an-administrator")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied"
        return False
    return True


@pytest.fixture
def aws(server, home):
    return Aws(server.url, home)


@pytest.fixture
def ann(aws):
    """A user without permissions, beside a user and a role that may do everything."""
    iam = aws.iam(ADMIN)
    for name in ("ann", "boss"):
        iam.create_user(UserName=name)
    iam.create_role(RoleName="root-like", AssumeRolePolicyDocument=trust(arn("user/boss")))
    iam.attach_role_policy(RoleName="root-like", PolicyArn=ADMINISTRATOR)
    iam.attach_user_policy(UserName="boss", PolicyArn=ADMINISTRATOR)
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=ADMINISTRATOR)
    iam.create_policy(PolicyName="own", PolicyDocument=policy(allow("sqs:*")))
    iam.attach_user_policy(UserName="ann", PolicyArn=arn("policy/own"))
    return Keys.of_user(iam.create_access_key(UserName="ann")["AccessKey"])


def give(aws, *statements):
    aws.iam(ADMIN).put_user_policy(UserName="ann", PolicyName="given", PolicyDocument=policy(*statements))


WAYS = {
    "a key of the boss": [allow("iam:CreateAccessKey", arn("user/boss"))],
    "a trust policy": [allow("iam:UpdateAssumeRolePolicy", arn("role/root-like"))],
    "a policy of oneself": [allow("iam:AttachUserPolicy", arn("user/ann"))],
    "a version of a policy that one has": [allow("iam:CreatePolicyVersion", arn("policy/own"))],
    "a group": [allow("iam:AddUserToGroup", arn("group/admins"))],
    "a new user": [allow("iam:CreateUser", arn("user/new-*")), allow("iam:AttachUserPolicy", arn("user/new-*")), allow("iam:CreateAccessKey", arn("user/new-*"))],
    "a new role": [allow("iam:CreateRole", arn("role/new-*")), allow("iam:PutRolePolicy", arn("role/new-*"))],
}


@pytest.mark.parametrize("name", WAYS)
def test_a_way_that_is_told_works_when_it_is_typed(aws, home, ann, name):
    assert path(home, "user/ann", codes=(0,))["reached"] is False and not is_administrator(aws, ann)
    give(aws, *WAYS[name])
    found = path(home, "user/ann")
    assert found["answer"] == "always"
    assert is_administrator(aws, walk(aws, home, ann, found))


@pytest.mark.parametrize("name", WAYS)
def test_what_an_account_or_an_organization_denies_is_no_way(aws, home, ann, name):
    give(aws, *WAYS[name], deny(["iam:Create*", "iam:Update*", "iam:Put*", "iam:Attach*", "iam:Add*"]))
    assert path(home, "user/ann", codes=(0,))["reached"] is False


def test_a_boundary_is_a_limit_until_it_can_be_taken_away(aws, home, ann):
    give(aws, allow("iam:*"))
    limit = aws.iam(ADMIN).create_policy(PolicyName="limit", PolicyDocument=policy(allow("iam:PutUserPolicy")))["Policy"]["Arn"]
    aws.iam(ADMIN).put_user_permissions_boundary(UserName="ann", PermissionsBoundary=limit)
    assert path(home, "user/ann", codes=(0,))["reached"] is False
    aws.iam(ADMIN).create_policy_version(PolicyArn=limit, SetAsDefault=True, PolicyDocument=policy(allow(["iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary"])))
    found = path(home, "user/ann")
    assert is_administrator(aws, walk(aws, home, ann, found))


def guard(aws, *statements):
    aws.iam(ADMIN).put_user_policy(UserName="ann", PolicyName="guard", PolicyDocument=policy(*statements))


def actions(found):
    return [call["action"] for step in found["steps"] for call in step["way"]["calls"]]


def test_a_deny_that_one_can_delete_is_no_limit(aws, home, ann):
    give(aws, allow("iam:*UserPolicy", arn("user/ann")))
    guard(aws, deny("iam:*"))
    assert path(home, "user/ann", codes=(0,))["reached"] is False
    guard(aws, deny(["iam:Put*", "iam:Attach*"]))
    found = path(home, "user/ann")
    assert actions(found) == ["iam:DeleteUserPolicy", "iam:PutUserPolicy"]
    assert is_administrator(aws, walk(aws, home, ann, found))


def test_a_group_and_an_attached_policy_that_deny_go_one_after_the_other(aws, home, ann):
    iam = aws.iam(ADMIN)
    iam.update_assume_role_policy(RoleName="root-like", PolicyDocument=trust(arn("user/ann")))
    denying = iam.create_policy(PolicyName="denying", PolicyDocument=policy(deny("sts:*")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=denying)
    iam.create_group(GroupName="guarded")
    iam.put_group_policy(GroupName="guarded", PolicyName="g", PolicyDocument=policy(deny("iam:Detach*")))
    iam.add_user_to_group(GroupName="guarded", UserName="ann")
    give(aws, allow("iam:DetachUserPolicy", arn("user/ann")))
    assert path(home, "user/ann", codes=(0,))["reached"] is False
    give(aws, allow("iam:DetachUserPolicy", arn("user/ann")), allow("iam:RemoveUserFromGroup", arn("group/guarded")))
    found = path(home, "user/ann")
    assert actions(found) == ["iam:RemoveUserFromGroup", "iam:DetachUserPolicy", "sts:AssumeRole"]
    assert is_administrator(aws, walk(aws, home, ann, found))


def test_conditions_are_told_and_are_what_decides(aws, home, ann):
    aws.iam(ADMIN).update_assume_role_policy(RoleName="root-like", PolicyDocument=trust(arn("user/ann"), StringEquals={"sts:ExternalId": "x7"}))
    found = path(home, "user/ann")
    assert found["answer"] == "if"
    [call] = found["steps"][0]["way"]["calls"]
    assert call["formula"] == [{"StringEquals": {"sts:ExternalId": "x7"}}]
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.sts(ann).assume_role(RoleArn=arn("role/root-like"), RoleSessionName="session")
    assert is_administrator(aws, walk(aws, home, ann, found))
    aws.iam(ADMIN).update_assume_role_policy(RoleName="root-like", PolicyDocument=trust(arn("user/ann"), **MFA))
    text = analyze(home, "--from", "ann", "--to", "admin", codes=(1,))
    assert "if MFA" in text and "--token-code" in text


def test_tags_of_a_user_decide(aws, home, ann):
    aws.iam(ADMIN).update_assume_role_policy(RoleName="root-like", PolicyDocument=trust(arn("user/ann"), StringEquals={"aws:PrincipalTag/team": "red"}))
    assert path(home, "user/ann", codes=(0,))["reached"] is False
    aws.iam(ADMIN).tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "red"}])
    assert is_administrator(aws, walk(aws, home, ann, path(home, "user/ann")))


def test_a_stopped_folder_answers_the_same(aws, server, home, ann):
    give(aws, *WAYS["a key of the boss"])
    running = graph(home)
    assert server.stop() == 0
    assert graph(home) == running and arn("user/boss") in [way["to"] for way in running[arn("user/ann")]["becomes"]]


def test_other_answers(aws, home, ann):
    assert analyze(home, "--from", "ann", "--to", "boss").startswith("none: ")
    assert f"{arn('user/ann')}: " not in analyze(home, "--to", "admin", codes=(0, 1))
    give(aws, *WAYS["a key of the boss"])
    assert f"{arn('user/ann')}: 1 step, always" in analyze(home, "--to", "admin", codes=(1,))
    assert "aws iam create-access-key --user-name boss" in analyze(home, "--from", "ann", "--to", "boss", codes=(1,))
    assert "is an administrator" in analyze(home)
    assert analyze(home, "--output", "dot").startswith("digraph") and analyze(home, "--output", "svg").startswith("<svg")
    assert analyze(home, "--from", "nobody-there", codes=(3,)) == ""


def test_the_guide(aws, home):
    blocks = re.findall(r"<!-- run by tests/conformance/test_escalation.py -->\n```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    environment = aws.environment(ADMIN, SIGNET_DATA=str(home / "data"), PATH=f"{BINARY.parent}:" + aws.environment(ADMIN)["PATH"])
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(blocks)], cwd=home, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "iam:UpdateAssumeRolePolicy if MFA" in done.stdout and "exit status 1" in done.stdout
    assert (home / "graph.svg").read_text().startswith("<svg")
