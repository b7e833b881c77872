"""The programs of examples/python run unchanged and leave nothing behind."""
import subprocess
import sys

import pytest

from support import bootstrap
from support.server import ROOT

EXAMPLES = ROOT / "examples" / "python"


def run(aws, name, keys):
    return subprocess.run([sys.executable, str(EXAMPLES / name)], env=aws.environment(keys), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120, check=False)


@pytest.mark.parametrize("name, expected", [
    ("session_token_with_mfa.py", ["without MFA: AccessDenied", "with MFA: ['seen-by-the-example']"]),
    ("assume_role_with_mfa.py", ["without MFA: AccessDenied", "lists ['seen-by-the-example']"]),
    ("federated_console_url.py", ["open this link: http", "/federation?Action=login", "SigninToken="]),
])
def test_example_runs_and_cleans_up(aws, admin_iam, name, expected):
    aws.s3(bootstrap.ADMIN).create_bucket(Bucket="seen-by-the-example")
    before = admin_iam.get_account_authorization_details(Filter=["User", "Role", "LocalManagedPolicy"])

    done = run(aws, name, bootstrap.ADMIN)

    assert done.returncode == 0, done.stderr
    for text in expected:
        assert text in done.stdout
    after = admin_iam.get_account_authorization_details(Filter=["User", "Role", "LocalManagedPolicy"])
    for kind in ("UserDetailList", "RoleDetailList", "Policies"):
        assert after[kind] == before[kind]
    assert admin_iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_every_example_is_run():
    programs = {path.name for path in EXAMPLES.glob("*.py")} - {"authenticator.py"}
    assert programs == {"session_token_with_mfa.py", "assume_role_with_mfa.py", "federated_console_url.py"}


@pytest.mark.parametrize("name", ["session_token_with_mfa.py", "federated_console_url.py"])
def test_example_fails_loudly_without_permission(aws, name):
    done = run(aws, name, bootstrap.NOBODY)
    assert done.returncode != 0
    assert "AccessDenied" in done.stderr
