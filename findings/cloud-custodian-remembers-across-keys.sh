#!/usr/bin/env bash
# Cloud Custodian (c7n) 0.9.53, run with other keys, answers from what the run before was told.
#
# Guess: a run asks the account's services, and with keys that may not list roles it ends with AccessDenied.
# Seen:  resources are kept for 15 minutes in ~/.cache/cloud-custodian.cache, under account, region and resource, not under who asked: the
#        second run makes no request for the list at all, reports the first one's roles and ends with 0 (the file is the same person's, whose keys
#        changed). With --cache-period 0 it is refused.
# Why it matters: a server's audit trail has no record of what somebody was shown, a test that a role may not look passes or fails by what ran
#        before, and runs for several principals of an account on one machine need a cache each.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install c7n==0.9.53
PYTHONPATH="$here" WORK="$work" "$work/venv/bin/python" - <<'PYTHON'
import json
import os
import pathlib
import subprocess
import urllib.parse

import recorder

WORK = pathlib.Path(os.environ["WORK"])
ROLE = ("<member><Path>/</Path><RoleName>seen</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::123456789012:role/seen</Arn>"
        "<CreateDate>2026-11-01T10:00:00Z</CreateDate></member>")
RESULTS = {
    "GetCallerIdentity": "<Arn>arn:aws:iam::123456789012:user/u</Arn><UserId>u</UserId><Account>123456789012</Account>",
    "ListAccountAliases": "<AccountAliases/><IsTruncated>false</IsTruncated>",
    "ListRoles": f"<Roles>{ROLE}</Roles><IsTruncated>false</IsTruncated>",
    "ListRoleTags": "<Tags/><IsTruncated>false</IsTruncated>",
    "GetRole": f"<Role>{ROLE.removeprefix('<member>').removesuffix('</member>')}</Role>",
}


def answer(_method, _path, headers, body):
    name = urllib.parse.parse_qs(body.decode())["Action"][0]
    if "AKIAWEAK" in headers["authorization"] and name not in ("GetCallerIdentity", "ListAccountAliases"):
        return 403, {"Content-Type": "text/xml"}, b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
    return 200, {"Content-Type": "text/xml"}, f"<{name}Response><{name}Result>{RESULTS[name]}</{name}Result></{name}Response>".encode()


port, seen = recorder.start(answer)
(WORK / "policies.json").write_text(json.dumps({"policies": [{"name": "roles", "resource": "aws.iam-role"}]}))


def run(key, *more):
    """Exit code, number of roles in the report (None: no report), and how often the roles were asked for."""
    seen.clear()
    out = WORK / f"out-{key}-{len(more)}"
    env = {"PATH": os.environ["PATH"], "HOME": str(WORK), "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "s", "AWS_MAX_ATTEMPTS": "1",
           "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run([str(WORK / "venv" / "bin" / "custodian"), "run", "--region", "us-east-1", "--output-dir", str(out), *more,
                           str(WORK / "policies.json")], env=env, capture_output=True, text=True, check=False, timeout=120)
    report = out / "roles" / "resources.json"
    roles = len(json.loads(report.read_text())) if report.exists() else None
    asked = sum(b"Action=ListRoles" in one[3] for one in seen)
    print(f"{key} {' '.join(more)}: exit code {done.returncode}, roles {roles}, asked {asked} times")
    return done.returncode, roles, asked


strong, weak, uncached = run("AKIASTRONG"), run("AKIAWEAK"), run("AKIAWEAK", "--cache-period", "0")
assert strong == (0, 1, 1), strong
assert weak == (0, 1, 0), weak
assert uncached[0] != 0 and not uncached[1] and uncached[2] >= 1, uncached
PYTHON
