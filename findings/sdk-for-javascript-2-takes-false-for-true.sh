#!/usr/bin/env bash
# aws-sdk (JavaScript v2) 2.1693.0 does not ask for instance metadata with AWS_EC2_METADATA_DISABLED=false.
#
# Guess: `false` leaves instance metadata on: the variable is a boolean, boto3 compares it with `true`, JavaScript v3 with `false`.
# Seen:  any text turns the provider off, `false`, `0` and `no` too; only an unset or empty variable leaves it on. The error says that
#        metadata access is disabled, without the variable's value.
# Why it matters: a program that sets the variable for its children from a flag (on: true, off: false) takes credentials away from those that
#        use this SDK alone; `env` of such a program, or of a test harness, must unset it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit aws-sdk@2.1693.0 >/dev/null)
cat >"$work/ask.js" <<'JS'
const { EC2MetadataCredentials } = require("aws-sdk");
new EC2MetadataCredentials({ maxRetries: 0 }).get((error) => console.log(error ? "none" : "credentials"));
JS
PYTHONPATH="$here" WORK="$work" python3 - <<'PYTHON'
import json
import os
import subprocess

import recorder

ROLE = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "s", "Token": "t",
        "LastUpdated": "2026-11-29T10:00:00Z", "Expiration": "2036-11-29T10:00:00Z"}


def answer(method, path, _headers, _body):
    if method == "PUT":
        return 200, {}, b"token"
    return 200, {}, b"role" if path.endswith("/security-credentials/") else json.dumps(ROLE).encode()


port, seen = recorder.start(answer)
got = {}
for value in (None, "", "true", "false", "0", "no"):
    seen.clear()
    env = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{port}", "NODE_NO_WARNINGS": "1",
           "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1"} | ({} if value is None else {"AWS_EC2_METADATA_DISABLED": value})
    said = subprocess.run(["node", "ask.js"], cwd=os.environ["WORK"], env=env, capture_output=True, text=True, check=True).stdout.strip()
    got[value] = said, len(seen) > 0
    print(f"AWS_EC2_METADATA_DISABLED {'unset' if value is None else repr(value)}: {said}, {len(seen)} requests")
assert got == {None: ("credentials", True), "": ("credentials", True), **{value: ("none", False) for value in ("true", "false", "0", "no")}}, got
PYTHON
