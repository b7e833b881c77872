#!/usr/bin/env bash
# versitygw 1.8.0 answers each part with a checksum that it does not keep, and refuses the upload that is completed with it.
#
# Guess: what UploadPart answers may be given back to CompleteMultipartUpload, as AWS's guide says to do: ETag and checksum of each part.
#        (boto3 1.44.8, like every SDK since 2025, sends a CRC32 with each part unasked.)
# Seen:  an upload that was begun without an algorithm takes parts with a CRC32 and answers it, ListParts shows none, and completing with
#        what was answered is InvalidPart ("could not be found"). With the ETags alone, or begun with ChecksumAlgorithm=CRC32, it succeeds.
# Why it matters: a proxy or tool that gives back whatever it was answered works on AWS and MinIO and fails here, with an error that points to
#        ETags; who stands in front of such a store can't tell from the part's answer what the store has kept.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; chmod -R u+w "$work" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install boto3==1.44.8
GOPATH="$work/go" GOFLAGS=-modcacherw go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
mkdir "$work/data"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$work/go/bin/versitygw" --port "127.0.0.1:$port" --access AKID --secret a-secret --quiet posix "$work/data" >"$work/log" 2>&1 &
server=$!
PORT=$port "$work/venv/bin/python" - <<'PYTHON'
import os
import time

import boto3
import botocore.config
import botocore.exceptions

s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{os.environ['PORT']}", region_name="us-east-1", aws_access_key_id="AKID",
                  aws_secret_access_key="a-secret", config=botocore.config.Config(retries={"total_max_attempts": 1}))
for _ in range(100):
    try:
        s3.list_buckets()
        break
    except botocore.exceptions.EndpointConnectionError:
        time.sleep(0.1)
s3.create_bucket(Bucket="bucket")


def completed(begun_with, given_back):
    upload = s3.create_multipart_upload(Bucket="bucket", Key="key", **begun_with)["UploadId"]
    of = {"Bucket": "bucket", "Key": "key", "UploadId": upload}
    answer = s3.upload_part(**of, PartNumber=1, Body=b"part")
    listed = s3.list_parts(**of)["Parts"][0]
    part = {"PartNumber": 1, **{name: answer[name] for name in given_back}}
    try:
        s3.complete_multipart_upload(**of, MultipartUpload={"Parts": [part]})
        outcome = "done"
    except botocore.exceptions.ClientError as error:
        outcome = error.response["Error"]["Code"]
    print(f"begun with {begun_with or 'nothing'}: answered {answer.get('ChecksumCRC32')}, listed {listed.get('ChecksumCRC32')}, "
          f"completed with {' and '.join(given_back)}: {outcome}")
    return answer.get("ChecksumCRC32") is not None, listed.get("ChecksumCRC32") is not None, outcome


both = ("ETag", "ChecksumCRC32")
assert completed({}, both) == (True, False, "InvalidPart")
assert completed({}, ("ETag",)) == (True, False, "done")
assert completed({"ChecksumAlgorithm": "CRC32"}, both) == (True, True, "done")
PYTHON
