#!/usr/bin/env bash
# aws-iam-authenticator 0.6.13 makes tokens whose link says X-Amz-Expires=0.
#
# Guess: a token for a Kubernetes cluster is a presigned GetCallerIdentity that is good for as long as the token says, or for the 60 seconds
#        that its source names.
# Seen:  the source's 60 is a number of nanoseconds, so every link says 0 seconds; the token itself says fourteen minutes. It works because
#        STS takes a presigned request for a quarter of an hour after its date, whatever X-Amz-Expires says.
# Why it matters: a server that holds STS to X-Amz-Expires, as S3 must be, refuses every one of these tokens; and whoever verifies them
#        learns their end from X-Amz-Date alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && GOBIN="$work" go install sigs.k8s.io/aws-iam-authenticator/cmd/aws-iam-authenticator@v0.6.13)
env -i PATH="$PATH" HOME="$work" AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=s AWS_REGION=eu-west-1 AWS_EC2_METADATA_DISABLED=true \
  "$work/aws-iam-authenticator" token --cluster-id mine >"$work/token" 2>"$work/said"
python3 - "$work/token" <<'PYTHON'
import base64
import datetime
import json
import sys
import urllib.parse

with open(sys.argv[1], encoding="utf-8") as file:
    status = json.load(file)["status"]
link = base64.urlsafe_b64decode(status["token"].removeprefix("k8s-aws-v1.") + "==").decode()
query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
signed = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
ends = datetime.datetime.strptime(status["expirationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")
minutes = round((ends - signed).total_seconds() / 60)
print(f"{query['Action']}, X-Amz-Expires={query['X-Amz-Expires']}, the token ends after {minutes} minutes")
assert (query["Action"], query["X-Amz-Expires"], minutes) == ("GetCallerIdentity", "0", 14), (link, status)
PYTHON
