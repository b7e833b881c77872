#!/usr/bin/env bash
# opendal 0.47.12 (Python): which S3 permissions its calls need is not what their names say.
#
# Guess: stat("d/") and exists("d/") send HEAD /b/d/; copy() is one PUT; append is refused for plain S3, which has none.
# Seen:  stat and exists of a name that ends in a slash are a ListObjectsV2 with max-keys=1 (so s3:ListBucket, not s3:GetObject);
#        copy() asks HEAD for the source first and then copies with x-amz-copy-source-if-match; write(append=True) is a HEAD and a
#        PutObject with x-amz-write-offset-bytes, the directory-bucket header, sent to any endpoint. No body is ever signed:
#        x-amz-content-sha256 is UNSIGNED-PAYLOAD for all of them, on plain HTTP too.
# Why it matters: a server that ignores x-amz-write-offset-bytes overwrites the object that was to grow; one that demands signed
#        bodies over HTTP shuts this client out; least-privilege policies need ListBucket for what looks like reading.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install opendal==0.47.12
PYTHONPATH="$here" "$work/venv/bin/python" - <<'PYTHON'
import opendal
import recorder

LISTING = (b"<ListBucketResult><Name>b</Name><Prefix>d/</Prefix><KeyCount>1</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>false"
           b"</IsTruncated><Contents><Key>d/k</Key><LastModified>2026-11-29T10:00:00.000Z</LastModified>"
           b'<ETag>"900150983cd24fb0d6963f7d28e17f72"</ETag><Size>3</Size></Contents></ListBucketResult>')


def answer(method, path, headers, _body):
    if "list-type" in path:
        return 200, {}, LISTING
    if method == "HEAD":
        return 200, {**recorder.S3_HEADERS, "Content-Length": "3"}, b""
    if "x-amz-copy-source" in headers:
        return 200, {}, b'<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>'
    return 200, recorder.S3_HEADERS, b""


port, seen = recorder.start(answer)
operator = opendal.Operator("s3", bucket="b", endpoint=f"http://127.0.0.1:{port}", access_key_id="AKIAEXAMPLE",
                            secret_access_key="s", region="us-east-1")
hashes = set()


def sent(act):
    seen.clear()
    act()
    hashes.update(headers["x-amz-content-sha256"] for _, _, headers, _ in seen)
    return [(f"{method} {path}", [name for name in ("x-amz-copy-source-if-match", "x-amz-write-offset-bytes") if name in headers])
            for method, path, headers, _ in seen]


got = {"stat d/": sent(lambda: operator.stat("d/")), "exists d/": sent(lambda: operator.exists("d/")),
       "copy": sent(lambda: operator.copy("k", "k2")),
       "append": sent(lambda: operator.write("k", b"abc", append=True))}
for what, requests in got.items():
    print(f"{what}: {requests}")
print("x-amz-content-sha256:", hashes)
listing = [("GET /b?list-type=2&prefix=d/&max-keys=1", [])]
assert got == {
    "stat d/": listing, "exists d/": listing,
    "copy": [("HEAD /b/k", []), ("PUT /b/k2", ["x-amz-copy-source-if-match"])],
    "append": [("HEAD /b/k", []), ("PUT /b/k", ["x-amz-write-offset-bytes"])]}, got
assert hashes == {"UNSIGNED-PAYLOAD"}, hashes
PYTHON
