#!/usr/bin/env bash
# botocore 1.44.8 signs with instance metadata's credentials a day after their end; with a container's it raises an error.
#
# Guess: credentials whose Expiration has passed are never used: the provider asks for new ones and, if these have ended too, says so. That
#        is how botocore treats a container's endpoint, in the same class.
# Seen:  of instance metadata an Expiration in the past (or within a quarter of an hour) is replaced by one 17 to 25 minutes from now, and the
#        request is signed and sent. Nobody is asked again before that. With the same answer from a container's endpoint: RuntimeError, nothing is sent.
# Why it matters: an endpoint that serves credentials to local programs must hand out new ones a quarter of an hour before their end, or programs
#        go on with old ones; and a server sees session tokens that ended long ago from healthy clients, so ExpiredToken must be told
#        apart from a wrong signature.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install botocore==1.44.8
PYTHONPATH="$here" "$work/venv/bin/python" - <<'PYTHON'
import datetime
import json
import os

import recorder

ENDED = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAENDED", "SecretAccessKey": "s", "Token": "t",
         "LastUpdated": "2026-11-01T04:00:00Z", "Expiration": "2026-11-01T10:00:00Z", "RoleArn": "arn:aws:iam::123456789012:role/r"}
WHO = (b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>a</Arn>'
       b"<UserId>u</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")


def answer(method, path, _headers, _body):
    if method == "PUT":
        return 200, {}, b"token"
    if method == "POST":
        return 200, {"Content-Type": "text/xml"}, WHO
    return 200, {"Content-Type": "application/json"}, b"role" if path.endswith("/security-credentials/") else json.dumps(ENDED).encode()


port, seen = recorder.start(answer)
here = f"http://127.0.0.1:{port}"
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_SERVICE_ENDPOINT": here,
               "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": here}
import botocore.session  # noqa: E402


def ask():
    """Whose key signed, how often credentials were fetched for two calls, and what is taken for their end (in minutes from now)."""
    seen.clear()
    session = botocore.session.Session()
    sts = session.create_client("sts")
    try:
        for _ in range(2):
            sts.get_caller_identity()
    except RuntimeError as error:
        return "none", len([one for one in seen if one[0] == "POST"]), str(error)
    signed = [one[2]["authorization"] for one in seen if one[0] == "POST"]
    fetched = len([one for one in seen if one[1].endswith("/security-credentials/role")])
    left = session.get_credentials()._expiry_time - datetime.datetime.now(datetime.timezone.utc)
    print(f"instance: signed by {signed[0].split('Credential=')[1].split('/')[0]}, fetched {fetched} times, {left.total_seconds() / 60:.0f} minutes left")
    return "ASIAENDED" if all("ASIAENDED" in one for one in signed) else "another", len(signed), fetched, 16.5 < left.total_seconds() / 60 <= 25


instance = ask()
os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{here}/container"
container = ask()
print("container:", container)
assert instance == ("ASIAENDED", 2, 1, True), instance
assert container == ("none", 0, "Credentials were refreshed, but the refreshed credentials are still expired."), container
PYTHON
