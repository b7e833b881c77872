"""The published programs in JavaScript v3, run by Node.js with the SDK from npm."""
import json
import pathlib
import shutil
import subprocess

import pytest

from support import bootstrap
from support.people import create_user, trust
from support.server import ROOT

JS = pathlib.Path(__file__).parent / "js"
MODULES = ROOT / "build" / "js" / "node_modules"


@pytest.fixture
def node(aws, tmp_path):
    """Runs a script of tests/conformance/js as the given principal; returns its JSON output."""
    assert MODULES.is_dir(), "run ./test --conformance: it installs the JavaScript packages into build/js"
    for script in JS.glob("*.mjs"):
        shutil.copy(script, tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)

    def run(script, keys, **env):
        done = subprocess.run(["node", script], cwd=tmp_path, env=aws.environment(keys, **env), capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_assume_role(node, admin_iam):
    user, keys = create_user(admin_iam, "js")
    role = admin_iam.create_role(RoleName="js-role", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]["Arn"]

    answer = node("assume_role.mjs", keys, ROLE_ARN=role)

    assert answer["before"] == user["Arn"]
    assert answer["after"] == "arn:aws:sts::123456789012:assumed-role/js-role/session1"
    assert answer["access_key"].startswith("ASIA")
    assert 890 <= answer["lifetime_seconds"] <= 900


def test_refusal_has_its_name(node, admin_iam):
    role = admin_iam.create_role(RoleName="js-role", AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:user/admin"))
    answer = node("assume_role.mjs", bootstrap.NOBODY, ROLE_ARN=role["Role"]["Arn"])
    assert answer["error"] == "AccessDenied"
    assert answer["status"] == 403
    assert "is not authorized to perform: sts:AssumeRole" in answer["message"]


def test_s3_round_trip(node):
    answer = node("s3_round_trip.mjs", bootstrap.ADMIN)
    assert answer == {"buckets": ["js-bucket"], "keys": ["folder/a b+c.txt"], "text": "hello from JavaScript",
                      "range": "hello", "after_delete": "NoSuchKey"}
