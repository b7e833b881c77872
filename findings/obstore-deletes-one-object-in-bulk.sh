#!/usr/bin/env bash
# obstore 0.12.1 (Rust object_store for Python): deleting one object is a DeleteObjects call.
#
# Guess: store.delete("k") sends DELETE /b/k, and rename is a copy followed by that.
# Seen:  POST /b?delete with a document that names one key, carrying Content-MD5 and x-amz-checksum-sha256 both; DELETE never goes
#        out. rename() ends with the same call. A put() of one object carries no checksum but the signed body hash.
# Why it matters: a server (or a proxy's rule) that knows only DeleteObject cannot serve this client, a key that may not be
#        deleted is told in the body of a 200 and not by a 403, and audit trails show DeleteObjects for every file removed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install obstore==0.12.1
PYTHONPATH="$here" "$work/venv/bin/python" - <<'PYTHON'
import recorder
from obstore.store import S3Store


def answer(method, path, headers, _body):
    if path.endswith("?delete"):
        return 200, {}, b"<DeleteResult><Deleted><Key>k</Key></Deleted></DeleteResult>"
    if "x-amz-copy-source" in headers:
        return 200, {}, b'<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>'
    return (204 if method == "DELETE" else 200), recorder.S3_HEADERS, b""


port, seen = recorder.start(answer)
store = S3Store("b", endpoint=f"http://127.0.0.1:{port}", access_key_id="AKIAEXAMPLE", secret_access_key="s",
                region="us-east-1", client_options={"allow_http": True})


def sent(act):
    seen.clear()
    act()
    return [f"{method} {path}" for method, path, _, _ in seen]


calls = {"delete": sent(lambda: store.delete("k"))}
headers = seen[0][2]
calls["rename"] = sent(lambda: store.rename("k", "k2"))
calls["put"] = sent(lambda: store.put("k", b"abc"))
for what, lines in calls.items():
    print(f"{what}: {lines}")
print("delete carries:", sorted(name for name in headers if name in ("content-md5", "x-amz-checksum-sha256")))
assert calls == {"delete": ["POST /b?delete"], "rename": ["PUT /b/k2", "POST /b?delete"], "put": ["PUT /b/k"]}, calls
assert "content-md5" in headers and "x-amz-checksum-sha256" in headers, headers
PYTHON
