#!/usr/bin/env bash
# minio (Python) 7.2.20: AssumeRoleProvider asked for a session of 900 seconds asks the server for 3,600.
#
# Guess: DurationSeconds is passed on as given, since 900 to 43,200 is what STS takes.
# Seen:  anything below an hour becomes 3600 without a word; 7200 stays. WebIdentityProvider does otherwise: without a duration
#        it asks for as long as the token says it lives (`expires_in`), at least 900 and at most 604,800 seconds, which is
#        fourteen times what STS allows at most.
# Why it matters: a role whose trust or permissions depend on short sessions is asked for long ones, and a server that refuses
#        more than the role's MaxSessionDuration refuses a client that never named such a number.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install minio==7.2.20
PYTHONPATH="$here" "$work/venv/bin/python" - <<'PYTHON'
import urllib.parse

import recorder
from minio.credentials import AssumeRoleProvider, WebIdentityProvider

CREDENTIALS = ("<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
               "<SessionToken>t</SessionToken><Expiration>2036-11-29T23:00:00Z</Expiration></Credentials>")


def answer(_method, path, _headers, body):
    name = "AssumeRoleWithWebIdentity" if "WebIdentity" in path + body.decode() else "AssumeRole"
    text = (f'<{name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{name}Result>{CREDENTIALS}'
            f"</{name}Result></{name}Response>")
    return 200, {"Content-Type": "text/xml"}, text.encode()


port, seen = recorder.start(answer)
url = f"http://127.0.0.1:{port}"


def asked():
    method, path, _, body = seen.pop()
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query) + urllib.parse.parse_qsl(body.decode()))
    return int(query["DurationSeconds"])


def assume_role(seconds):
    AssumeRoleProvider(sts_endpoint=url, access_key="AKIAEXAMPLE", secret_key="s", duration_seconds=seconds,
                       role_arn="arn:aws:iam::123456789012:role/r", role_session_name="x").retrieve()
    return asked()


def web_identity(lifetime):
    WebIdentityProvider(jwt_provider_func=lambda: {"access_token": "jwt", "expires_in": lifetime}, sts_endpoint=url,
                        role_arn="arn:aws:iam::123456789012:role/r").retrieve()
    return asked()


got = {"AssumeRole 900": assume_role(900), "AssumeRole 3599": assume_role(3599), "AssumeRole 7200": assume_role(7200),
       "web identity, token of 300 s": web_identity(300), "web identity, token of 1000000 s": web_identity(1_000_000)}
for what, seconds in got.items():
    print(f"{what}: DurationSeconds={seconds}")
assert list(got.values()) == [3600, 3600, 7200, 900, 604800], got
PYTHON
