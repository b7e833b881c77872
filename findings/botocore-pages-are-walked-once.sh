#!/usr/bin/env bash
# boto3 1.44.8 (botocore 1.44.8): what paginate() returns can be walked twice, and the second walk sees the last page only.
#
# Guess: a PageIterator is like a list or a query: each `for` over it asks from the first page again, or a second one is
#        refused.
# Seen:  the iterator keeps the marker of the last page in the arguments that it calls with, so a second `for`, and
#        build_full_result() after a `for`, begin there: of three users one is left, without an error or a warning. A list
#        that fits one page is walked again as one expects, which is how a test misses it.
# Why it matters: code that counts first and acts then ("are there any keys? for each key ...") acts on the tail of the list:
#        an audit of access keys, or a clean-up of roles, leaves out all but the last page. Call paginate() for each walk.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install boto3==1.44.8 botocore==1.44.8
"$work/venv/bin/python" - <<'PYTHON'
import io
import urllib.parse

import boto3
from botocore.awsrequest import AWSResponse

USERS = ["ann", "bob", "eve"]
asked = []


def page(request, **_):
    """ListUsers, one user a page: what the real service answers, without a network."""
    form = urllib.parse.parse_qs(request.body if isinstance(request.body, str) else request.body.decode())
    asked.append(form.get("Marker", ["first"])[0])
    at = int(form.get("Marker", ["0"])[0])
    more = at + 1 < int(limit)
    body = (
        "<ListUsersResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><ListUsersResult>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>" + (f"<Marker>{at + 1}</Marker>" if more else "") +
        f"<Users><member><Path>/</Path><UserName>{USERS[at]}</UserName><UserId>AIDA0000000000000000{at}</UserId>"
        f"<Arn>arn:aws:iam::111122223333:user/{USERS[at]}</Arn><CreateDate>2026-11-30T00:00:00Z</CreateDate></member></Users>"
        "</ListUsersResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListUsersResponse>"
    ).encode()
    raw = io.BytesIO(body)
    raw.stream = lambda *_, **__: iter([body])
    return AWSResponse(request.url, 200, {}, raw)


iam = boto3.client("iam", region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="s")
iam.meta.events.register("before-send.iam.ListUsers", page)


def names(pages):
    return [user["UserName"] for one in pages for user in one["Users"]]


seen = {}
limit = 3
pages = iam.get_paginator("list_users").paginate()
seen["first walk"], seen["second walk"] = names(pages), names(pages)
seen["asked"] = list(asked)
pages = iam.get_paginator("list_users").paginate()
names(pages)
seen["full result after a walk"] = [user["UserName"] for user in pages.build_full_result()["Users"]]
limit = 1
pages = iam.get_paginator("list_users").paginate()
seen["one page, twice"] = [names(pages), names(pages)]
for name, value in seen.items():
    print(f"{name}: {value}")
assert seen == {
    "first walk": ["ann", "bob", "eve"],
    "second walk": ["eve"],
    "asked": ["first", "1", "2", "2"],
    "full result after a walk": ["eve"],
    "one page, twice": [["ann"], ["ann"]],
}, "this has changed"
print("as described")
PYTHON
