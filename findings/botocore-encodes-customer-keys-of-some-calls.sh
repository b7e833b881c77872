#!/usr/bin/env bash
# botocore 1.44.8 encodes the key of a customer (SSE-C) for GetObject and its like, but not for GetObjectAttributes.
#
# Guess: every operation with SSECustomerKey takes the 32 bytes and sends their base64 and MD5, as the guide of each of them says.
# Seen:  PutObject, GetObject and HeadObject take bytes and send base64 and MD5. GetObjectAttributes, of the same parameters, refuses bytes
#        (ParamValidationError), and sends a text as it is, without an MD5: callers have to encode the key and add the MD5 for it alone.
# Why it matters: the same arguments that open an object fail to show its attributes, and who passes the key as text is told by the server that it
#        is no key of 256 bits.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install boto3==1.44.8 botocore==1.44.8
PYTHONPATH="$here" "$work/venv/bin/python" - <<'PYTHON'
import base64
import hashlib

import boto3
import botocore.config
import botocore.exceptions

import recorder

KEY = b"0123456789abcdef0123456789abcdef"
ENCODED = base64.b64encode(KEY).decode()
MD5 = base64.b64encode(hashlib.md5(KEY).digest()).decode()
ANSWER = b"<?xml version='1.0'?><GetObjectAttributesResponse><ObjectSize>3</ObjectSize></GetObjectAttributesResponse>"

port, seen = recorder.start(lambda method, _path, _headers, _body: (200, recorder.S3_HEADERS, ANSWER if method == "GET" else b""))
s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE",
                  aws_secret_access_key="s", config=botocore.config.Config(retries={"total_max_attempts": 1}))


def sent(call, key, **more):
    seen.clear()
    try:
        call(Bucket="bucket", Key="key", SSECustomerAlgorithm="AES256", SSECustomerKey=key, **more)
    except botocore.exceptions.ParamValidationError:
        return "ParamValidationError"
    headers = seen[0][2]
    return headers["x-amz-server-side-encryption-customer-key"], headers.get("x-amz-server-side-encryption-customer-key-md5")


def shown(name, got):
    print(f"{name}: {got}")
    return got


attributes = {"ObjectAttributes": ["ObjectSize"]}
assert shown("PutObject, bytes", sent(s3.put_object, KEY, Body=b"abc")) == (ENCODED, MD5)
assert shown("GetObject, bytes", sent(s3.get_object, KEY)) == (ENCODED, MD5)
assert shown("HeadObject, bytes", sent(s3.head_object, KEY)) == (ENCODED, MD5)
assert shown("GetObjectAttributes, bytes", sent(s3.get_object_attributes, KEY, **attributes)) == "ParamValidationError"
assert shown("GetObjectAttributes, text", sent(s3.get_object_attributes, KEY.decode(), **attributes)) == (KEY.decode(), None)
PYTHON
