#!/usr/bin/env bash
# boto3 1.44.8: `client("signin", endpoint_url=URL).list_sessions()` does not go to URL.
#
# Guess: an endpoint that is given to a client is where all its requests go: it wins over everything else, as documented.
# Seen:  of AWS Sign-In, the operations that exchange tokens go there; those of sessions and of resource policies go to
#        signin.REGION.api.aws, whatever endpoint_url, AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_SIGNIN say: their hosts stand in the model's rules for
#        endpoints, before the rule that takes the given one. Nothing warns.
# Why it matters: a test against a local server sends a signed request to AWS, which may act on a real account (BatchRevokeSessions
#        ends sessions), and no setting prevents that: only a proxy or names that lead elsewhere.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install boto3==1.44.8 botocore==1.44.8
PYTHONPATH="$here" "$work/venv/bin/python" - <<'PYTHON'
import os

import recorder

port, seen = recorder.start(lambda *_: (200, {"Content-Type": "application/json"}, b"{}"))
url = f"http://127.0.0.1:{port}"
os.environ |= {"AWS_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_SIGNIN": url}
import boto3  # noqa: E402


class Kept(Exception):
    """Raised instead of sending: nothing leaves this machine."""


signin = boto3.client("signin", region_name="us-east-1", endpoint_url=url, aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="s")
asked = []


def keep(request, **_):
    asked.append(request.url)
    raise Kept


signin.meta.events.register("before-send", keep)


def host(operation, **arguments):
    try:
        getattr(signin, operation)(**arguments)
    except Kept:
        pass
    return asked.pop().split("/")[2]


got = {
    "CreateOAuth2Token": host("create_oauth2_token", tokenInput={"clientId": "c", "grantType": "refresh_token", "refreshToken": "t"}),
    "CreateOAuth2TokenWithIAM": host("create_oauth2_token_with_iam", grantType="client_credentials", resource="aws-mcp.amazonaws.com"),
    "ListSessions": host("list_sessions"),
    "BatchRevokeSessions": host("batch_revoke_sessions", sessionArns=["arn:aws:signin:us-east-1:123456789012:session/s"]),
    "GetResourcePolicy": host("get_resource_policy"),
}
for operation, where in got.items():
    print(f"{operation}: {'the given endpoint' if where == f'127.0.0.1:{port}' else where}")
assert list(got.values()) == [f"127.0.0.1:{port}"] * 2 + ["signin.us-east-1.api.aws"] * 3, got
PYTHON
