#!/usr/bin/env python3
"""Writes testdata/sigv4/botocore.json: random requests as an installed botocore signs them.

Run by hand when botocore's signing changes; the tests read the recorded file. usage: record_botocore_signatures.py OUT
"""
import datetime
import json
import random
import sys
from urllib.parse import quote, urlsplit

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

COUNT = 400
RNG = random.Random(20260101)
ALPHABET = "abcXYZ019-._~ /+%=&?#:;,@!$'()*[]\u00e9\u1234\U0001f600"


def text(limit, alphabet=ALPHABET):
    return "".join(RNG.choice(alphabet) for _ in range(RNG.randint(1, limit)))


def query():
    pairs = []
    for _ in range(RNG.randint(0, 5)):
        name = RNG.choice(["a", "A", "b", "ab", "a-b", "list-type", text(6)])
        pairs.append(f"{quote(name, safe='-_.~')}={quote(RNG.choice(['', text(12)]), safe='-_.~')}")
    return "&".join(pairs)


def headers(is_s3):
    out = {}
    if RNG.random() < 0.5:
        out["X-Custom-" + text(5, "abcXYZ019-")] = RNG.choice([" ", ""]) + text(20, "abc  \t,;=\"") + "z"
    if RNG.random() < 0.3:
        out["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    if RNG.random() < 0.3:
        out["User-Agent"] = "Boto3/1.0  (x)"
    if is_s3 and RNG.random() < 0.5:
        out["x-amz-meta-" + text(4, "abc019")] = text(8, "abc  019")
    return out


def path(is_s3):
    if RNG.random() < 0.3:
        return "/"
    parts = [RNG.choice([text(6), text(6), "", ".", ".."]) if RNG.random() < 0.5 else text(6) for _ in range(RNG.randint(1, 4))]
    parts = [p.replace("/", "") for p in parts]
    return "/" + quote("/".join(parts), safe="/~")


def record(number, auth_class, service, is_s3, is_query):
    moment = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=RNG.randint(0, 3 * 10**8))
    token = RNG.choice([None, None, "IQoJb3JpZ2luX2Vj" + text(200, "abcXYZ019/+") + "=="])
    credentials = Credentials("AKIA" + text(16, "ABCDEFGH234567").ljust(16, "A"), text(40, "abcXYZ019/+"), token)
    region = RNG.choice(["us-east-1", "eu-central-1", "aws-global"])
    method = "GET" if is_query else RNG.choice(["GET", "POST", "PUT", "DELETE"])
    body = b"" if method in ("GET", "DELETE") else text(60).encode()
    host = RNG.choice(["127.0.0.1:9000", "sts.amazonaws.com", "b.s3.localhost"])
    url = f"http://{host}{path(is_s3)}"
    words = query()
    url += f"?{words}" if words else ""
    stages = {}

    class Spy(auth_class):
        def canonical_request(self, request):
            stages["canonical_request"] = super().canonical_request(request)
            return stages["canonical_request"]

        def string_to_sign(self, request, canonical_request):
            stages["string_to_sign"] = super().string_to_sign(request, canonical_request)
            return stages["string_to_sign"]

        def signature(self, string_to_sign, request):
            stages["signature"] = super().signature(string_to_sign, request)
            return stages["signature"]

    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: moment
    request = AWSRequest(method=method, url=url, data=body, headers=headers(is_s3))
    expires = RNG.choice([60, 3600, 604800])
    extra = [expires] if is_query else []
    Spy(credentials, service, region, *extra).add_auth(request)
    parts = urlsplit(request.url)
    target = request.url[request.url.index(parts.netloc) + len(parts.netloc):]
    return {
        "name": f"{service}-{'query' if is_query else 'header'}-{number}",
        "method": method,
        "target": target,
        "headers": [["Host", host]] + [[k, v] for k, v in request.headers.items()],
        "body": body.decode(),
        "access_key": credentials.access_key,
        "secret_key": credentials.secret_key,
        "session_token": token or "",
        "region": region,
        "service": service,
        "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **stages,
    }


def main():
    kinds = [
        (botocore.auth.SigV4Auth, "sts", False, False),
        (botocore.auth.SigV4Auth, "iam", False, False),
        (botocore.auth.S3SigV4Auth, "s3", True, False),
        (botocore.auth.SigV4QueryAuth, "sts", False, True),
        (botocore.auth.S3SigV4QueryAuth, "s3", True, True),
    ]
    cases = [record(i, *kinds[i % len(kinds)]) for i in range(COUNT)]
    with open(sys.argv[1], "w", encoding="ascii") as out:
        json.dump({"source": f"botocore {botocore.__version__}, signers of botocore/auth.py", "cases": cases}, out, indent=1)
        out.write("\n")


main()
