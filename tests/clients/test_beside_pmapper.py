"""Who can become whom, beside PMapper on the same account: every edge that it finds and that is true, none that is false, and what it
does not look for by name."""
import json
import os

import pytest

from support.bootstrap import ACCOUNT, ADMIN
from support.people import WITH_MFA, allow, deny, policy, trust
from support.wire import Wire
from tool_runner import PMAPPER, use_pmapper

pytestmark = pytest.mark.skipif(os.environ.get("SIGNET_CLIENTS") == "quick", reason="not of the quick half")


def arn(name):
    return f"arn:aws:iam::{ACCOUNT}:{name}"


def make_account(iam):
    """Users u-... with one permission each, and what they reach by it."""
    def user(name, *statements):
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))

    user("u-victim")
    user("u-full")
    for _ in range(2):
        iam.create_access_key(UserName="u-full")
    user("u-signs-in")
    iam.create_login_profile(UserName="u-signs-in", Password="Long-Enough-1")
    iam.create_role(RoleName="r-target", AssumeRolePolicyDocument=trust(arn("root")))
    iam.create_role(RoleName="r-shut", AssumeRolePolicyDocument=trust(arn("user/u-victim")))
    iam.create_role(RoleName="r-mfa", AssumeRolePolicyDocument=trust(arn("root"), **WITH_MFA))
    iam.create_role(RoleName="r-external", AssumeRolePolicyDocument=trust(arn("root"), StringEquals={"sts:ExternalId": "x7"}))
    user("u-assumes", allow("sts:AssumeRole", arn("role/r-target")))
    user("u-denied", allow("sts:AssumeRole"), deny("sts:AssumeRole", arn("role/r-*")))
    user("u-mfa", allow("sts:AssumeRole", arn("role/r-mfa")))
    user("u-external", allow("sts:AssumeRole", arn("role/r-external")))
    user("u-keys", allow("iam:CreateAccessKey", arn("user/u-*")))
    user("u-password", allow("iam:UpdateLoginProfile", arn("user/u-*")))
    user("u-first-password", allow("iam:CreateLoginProfile", arn("user/u-*")))
    user("u-trust", allow("iam:UpdateAssumeRolePolicy", arn("role/r-shut")))
    user("u-versions", allow("iam:CreatePolicyVersion", arn("policy/u-own")))
    own = iam.create_policy(PolicyName="u-own", PolicyDocument=policy(allow("sqs:*")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="u-versions", PolicyArn=own)
    user("u-self", allow("iam:PutUserPolicy", arn("user/u-self")))
    user("u-bounded", allow("*"))
    iam.put_user_permissions_boundary(UserName="u-bounded", PermissionsBoundary=own)
    iam.create_group(GroupName="u-admins")
    iam.attach_group_policy(GroupName="u-admins", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    user("u-joins", allow("iam:AddUserToGroup", arn("group/u-admins")))
    user("u-makes", allow(["iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey"], arn("user/new-*")))


def ours(world):
    """{(from, to): condition} and the administrators, by insight's ListBecoming."""
    iam, wire = world.aws.iam(ADMIN), Wire(world.server)
    everybody = [one["Arn"] for name, kind in (("list_users", "Users"), ("list_roles", "Roles"))
                 for one in iam.get_paginator(name).paginate().build_full_result()[kind]]
    edges, administrators = {}, set()
    for first in range(0, len(everybody), 10):
        answer = wire.json("insight", "POST", "/list-becoming", json.dumps({"principalArns": everybody[first:first + 10]}), ADMIN)
        assert answer.is_ok, answer
        for row in json.loads(answer.body)["results"]:
            if row["isAdministrator"]:
                administrators.add(row["principalArn"])
            for step in row["steps"]:
                edges[row["principalArn"], step["principalArn"]] = (step["action"], step["condition"], step["needsMfa"])
    wire.close()
    return edges, administrators


def theirs(tool):
    folder = tool.folder / ".local/share/principalmapper" / ACCOUNT / "graph"
    administrators = {node["arn"] for node in json.loads((folder / "nodes.json").read_text()) if node["is_admin"]}
    edges = {(edge["source"], edge["destination"]): edge["reason"] for edge in json.loads((folder / "edges.json").read_text())}
    return {pair: reason for pair, reason in edges.items() if pair[0] not in administrators}, administrators


# What PMapper says and is not so, with the reason.
FALSE = {
    ("user/u-password", "user/u-victim"): "there is no password to replace",
    ("user/u-password", "user/u-full"): "there is no password to replace",
    ("user/u-first-password", "user/u-signs-in"): "there is a password already",
}

# What is so and PMapper does not say.
MISSED = {
    ("user/u-joins", "everything"): "a group that one may join",
    ("user/u-makes", "everything"): "a new user",
    ("user/u-external", "role/r-external"): "a condition that is no MFA",
}


def test_every_true_edge_of_pmapper_is_found_and_no_false_one(tool):
    """Draws who can become whom in an account that is made for it: each of its edges is one of Signet's, or false and named."""
    use_pmapper(tool)
    make_account(tool.world.aws.iam(ADMIN))
    tool.run(*PMAPPER, "graph", "create", "--include-regions", "us-east-1")
    their_edges, their_administrators = theirs(tool)
    edges, administrators = ours(tool.world)
    assert {(arn("user/u-assumes"), arn("role/r-target")), (arn("user/u-trust"), arn("role/r-shut"))} <= their_edges.keys(), "it found something"
    assert their_administrators <= administrators
    false = {(arn(source), arn(target)) for source, target in FALSE}
    lost = {pair: reason for pair, reason in their_edges.items() if pair not in edges and pair[0] not in administrators and pair not in false}
    assert not lost
    assert not false & edges.keys(), "what is not so is not told"
    for source, target in MISSED:
        if target == "everything":
            assert arn(source) in administrators - their_administrators
        else:
            assert (arn(source), arn(target)) in edges and (arn(source), arn(target)) not in their_edges
    # What is known of this account by how it was made.
    made = {(source.split(":")[5], target.split(":")[5]): told for (source, target), told in edges.items() if ":user/u-" in source}
    assert made.pop(("user/u-assumes", "role/r-target")) == ("sts:AssumeRole", "ALWAYS", False)
    assert made.pop(("user/u-mfa", "role/r-mfa")) == ("sts:AssumeRole", "CONDITIONAL", True)
    assert made.pop(("user/u-external", "role/r-external")) == ("sts:AssumeRole", "CONDITIONAL", False)
    assert made.pop(("user/u-trust", "role/r-shut")) == ("iam:UpdateAssumeRolePolicy", "ALWAYS", False)
    assert made.pop(("user/u-victim", "role/r-shut")) == ("sts:AssumeRole", "ALWAYS", False)
    others = {name for name in (user["UserName"] for user in tool.world.aws.iam(ADMIN).list_users()["Users"]) if name.startswith("u-")}
    assert {target for source, target in made if source == "user/u-keys"} == {f"user/{name}" for name in others - {"u-keys", "u-full"}}
    assert {target for source, target in made if source == "user/u-password"} == {"user/u-signs-in"}
    assert {target for source, target in made if source == "user/u-first-password"} == {f"user/{name}" for name in others - {"u-first-password", "u-signs-in"}}
    assert {source for source, _ in made} == {"user/u-keys", "user/u-password", "user/u-first-password"}
    expected = {arn(f"user/{name}") for name in ("u-versions", "u-self", "u-joins", "u-makes")}
    assert {one for one in administrators if ":user/u-" in one} == expected
