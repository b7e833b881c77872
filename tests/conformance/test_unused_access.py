"""`signet analyze unused` over a data folder: what was never used, what was, and when."""
import datetime
import json
import re
import subprocess
from pathlib import Path

import pytest

from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN
from support.data_folder import home, server  # noqa: F401 (fixtures)
from support.people import allow, create_user, policy, trust
from support.server import BINARY

GUIDE = Path(__file__).parents[2] / "docs/guide/unused-access.md"


def arn(name):
    return f"arn:aws:iam::{ACCOUNT}:{name}"


@pytest.fixture
def aws(server, home):
    return Aws(server.url, home)


def unused(home, *words, codes=(0, 1)):
    """{(finding, what)} of one principal or all."""
    done = subprocess.run([str(BINARY), "analyze", "unused", "--data", str(home / "data"), "--output", "json", *words], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode in codes, done.stdout + done.stderr
    return [one for one in json.loads(done.stdout) if f":{ACCOUNT}:" in one["principal"]] if done.stdout else None


def of(home, name, *words):
    return {(one["finding"], one.get("what", "")) for one in unused(home, "--principal", arn(name), *words)}


def test_who_did_nothing_is_told_with_everything_it_holds(aws, home):
    _, keys = create_user(aws.iam(ADMIN), "idle", allow("s3:GetObject"))
    aws.iam(ADMIN).create_login_profile(UserName="idle", Password="Long-Enough-1")
    aws.iam(ADMIN).create_role(RoleName="idle-role", AssumeRolePolicyDocument=trust(arn("user/admin")))
    assert of(home, "user/idle") == set(), "all of it is new"
    assert of(home, "user/idle", "--days", "0") == {("UnusedIAMUser", ""), ("UnusedIAMUserAccessKey", keys.access_key), ("UnusedIAMUserPassword", "")}
    assert of(home, "role/idle-role", "--days", "0") == {("UnusedIAMRole", "")}


def test_that_everything_is_used_is_said(aws, home):
    create_user(aws.iam(ADMIN), "new", allow("s3:GetObject"))
    done = subprocess.run([str(BINARY), "analyze", "unused", "--data", str(home / "data")], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "Nothing was without use for 90 days; what is younger is not told.\n"), done.stderr


def test_what_is_used_is_not_told(aws, home, tmp_path):
    """With a trail that says what was used next year, everything else is old."""
    _, keys = create_user(aws.iam(ADMIN), "busy", allow(["s3:ListAllMyBuckets", "s3:GetObject", "iam:GetUser", "sqs:*"]))
    aws.s3(keys).list_buckets()
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    record = {"eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets",
              "userIdentity": {"arn": arn("user/busy"), "accessKeyId": keys.access_key},
              "additionalEventData": {"checkedActions": [{"action": "s3:ListAllMyBuckets", "resource": "*"}]}}
    refused = record | {"errorCode": "AccessDenied", "additionalEventData": {"checkedActions": [{"action": "sqs:SendMessage", "resource": "*"}]}}
    (tmp_path / "trail.jsonl").write_text(json.dumps(record) + "\n" + json.dumps(refused) + "\nno record\n")
    found = of(home, "user/busy", "--days", "0", "--from", str(tmp_path / "trail.jsonl"))
    assert found == {("UnusedPermission", "iam"), ("UnusedPermission", "sqs"), ("UnusedPermission", "s3:GetObject")}


def test_dates_are_told(aws, home):
    _, keys = create_user(aws.iam(ADMIN), "seen", allow("s3:ListAllMyBuckets"))
    aws.s3(keys).list_buckets()
    [key] = [one for one in unused(home, "--principal", arn("user/seen"), "--days", "0") if one["finding"] == "UnusedIAMUserAccessKey"]
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-")
    assert key["created"].startswith(today) and key["last_used"].startswith(today)


def test_a_stopped_folder_and_files_that_are_not_there(aws, home, server):
    create_user(aws.iam(ADMIN), "idle", allow("s3:GetObject"))
    running = of(home, "user/idle", "--days", "0")
    assert server.stop() == 0
    assert of(home, "user/idle", "--days", "0") == running
    assert unused(home, "--from", str(home / "none.jsonl"), codes=(3,)) is None
    assert unused(home, "--days", "401", codes=(2,)) is None


def test_the_guide(aws, home):
    blocks = re.findall(r"<!-- run by tests/conformance/test_unused_access.py -->\n```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    environment = aws.environment(ADMIN, SIGNET_DATA=str(home / "data"), PATH=f"{BINARY.parent}:" + aws.environment(ADMIN)["PATH"])
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", blocks[0]], cwd=home, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads((home / "unused.json").read_text()), list)
