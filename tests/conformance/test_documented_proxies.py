"""The proxies of docs/guide/operate-behind-tls.md, with the lines that it shows, between real clients and a server."""
import http.client
import json
import ssl
import urllib.parse

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.certificates import Certificate
from support.proxies import Proxy
from support.server import Server

BUCKET = "behind"
# An address of loopback that neither the proxy nor the other clients have.
CLIENT = "127.0.0.77"
ODD_KEY = "a b+c&d/%2F//(1)!*'~=.txt"
DENY_WITHOUT_TLS = json.dumps({"Version": "2012-10-17", "Statement": {
    "Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}}})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("proxy-tls"), "ec")


@pytest.fixture
def behind(tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit", tmp_path / "audit.jsonl",
                     "--trust-proxy", "127.0.0.1"], tmp_path / "server").start()
    yield server
    if server.is_running():
        assert server.stop() == 0


def get_from(address, proxy, certificate, link, headers):
    """GETs a link through the proxy from an address of loopback."""
    parts = urllib.parse.urlsplit(link)
    connection = http.client.HTTPSConnection("127.0.0.1", proxy.port, timeout=10, source_address=(address, 0),
                                             context=ssl.create_default_context(cafile=certificate.chain))
    connection.request("GET", f"{parts.path}?{parts.query}", headers={"Host": parts.netloc, **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_the_lines_of_the_guide_work(name, behind, certificate, tmp_path):
    with Proxy(name, behind, certificate, tmp_path / name) as proxy:
        aws = Aws(proxy.url, tmp_path)
        trust = str(certificate.chain)
        assert aws.client("sts", bootstrap.ADMIN, verify=trust).get_caller_identity()["Account"] == bootstrap.ACCOUNT

        # The path and the query arrive as they were signed, and bodies of any length.
        s3 = aws.client("s3", bootstrap.ADMIN, verify=trust)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=ODD_KEY, Body=b"x" * 2_000_000)
        assert s3.get_object(Bucket=BUCKET, Key=ODD_KEY)["Body"].read() == b"x" * 2_000_000
        assert [row["Key"] for row in s3.list_objects_v2(Bucket=BUCKET, Prefix="a b+")["Contents"]] == [ODD_KEY]

        # TLS is the proxy's word; who comes past the proxy has none.
        s3.put_bucket_policy(Bucket=BUCKET, Policy=DENY_WITHOUT_TLS)
        assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1
        with refused("AccessDenied"):
            Aws(behind.url, tmp_path).s3(bootstrap.ADMIN).list_objects_v2(Bucket=BUCKET)

        # So is the client's address, whatever the client claims in headers of either family.
        link = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": ODD_KEY})
        claims = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "http", "Forwarded": "for=198.51.100.7;proto=http"}
        status, body = get_from(CLIENT, proxy, certificate, link, claims)
        assert (status, len(body)) == (200, 2_000_000), body[:300]

    assert behind.stop() == 0
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    seen = [record["sourceIPAddress"] for record in records if record.get("eventName") == "GetObject"]
    assert seen == ["127.0.0.1", CLIENT]
