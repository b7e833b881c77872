"""What the server takes for the client's connection: its own TLS, and what a trusted proxy says. Policies, the sign-in
cookie and the audit file follow."""
import contextlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import time
import urllib.parse

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import Keys
from support.certificates import Certificate
from support.people import create_user, trust
from support.server import BINARY, Server

FAILURE = 3
BUCKET = "guarded"
PROXY_FLAGS = ["--trust-proxy", "127.0.0.1,10.0.0.0/8"]


def deny_all(condition):
    """A bucket policy that denies everything to everybody under a condition."""
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Sid": "AllowSSLRequestsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"], "Condition": condition}})


# As AWS's guides and its Config rule s3-bucket-ssl-requests-only have it.
DENY_WITHOUT_TLS = deny_all({"Bool": {"aws:SecureTransport": "false"}})
DENY_OLD_TLS = deny_all({"NumericLessThan": {"s3:TlsVersion": "1.3"}})


@contextlib.contextmanager
def serving(folder, *flags):
    """A --dev server with an audit file and these flags."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit", folder / "audit.jsonl", *flags],
                    folder).start()
    try:
        yield server
    finally:
        assert server.stop() == 0, (folder / "server.log").read_text()[-3000:]


@pytest.fixture(scope="module", params=["rsa:2048", "ec"])
def certificate(request, tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("tls"), request.param)


@pytest.fixture
def tls_server(certificate, tmp_path):
    with serving(tmp_path / "server", *certificate.flags) as server:
        yield server


@pytest.fixture
def proxied(tmp_path):
    """A server that trusts the proxy on loopback: the test is that proxy."""
    with serving(tmp_path / "server", *PROXY_FLAGS) as server:
        yield server


def forwarding(client, headers):
    """Adds headers behind the signature, as a proxy does."""
    client.meta.events.register("before-send", lambda request, **_: request.headers.update(headers))
    return client


def s3_through(server, tmp_path, headers):
    return forwarding(Aws(server.url, tmp_path).s3(bootstrap.ADMIN), headers)


def shown_certificate(server):
    """The certificate that a new connection is shown, as DER."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=10, context=context)
    connection.connect()
    shown = connection.sock.getpeercert(binary_form=True)
    connection.close()
    return shown


# --- TLS of its own ---


def test_clients_work_over_tls(tls_server, certificate, tmp_path):
    assert tls_server.url.startswith("https://")
    aws = Aws(tls_server.url, tmp_path)

    assert aws.client("sts", bootstrap.ADMIN, verify=str(certificate.chain)).get_caller_identity()["Account"] == bootstrap.ACCOUNT
    s3 = aws.client("s3", bootstrap.ADMIN, verify=str(certificate.chain))
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x" * 300_000)
    assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x" * 300_000


def test_deny_without_tls_spares_clients_over_tls(tls_server, certificate, tmp_path):
    s3 = Aws(tls_server.url, tmp_path).client("s3", bootstrap.ADMIN, verify=str(certificate.chain))
    s3.create_bucket(Bucket=BUCKET)

    s3.put_bucket_policy(Bucket=BUCKET, Policy=DENY_WITHOUT_TLS)
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    s3.put_bucket_policy(Bucket=BUCKET, Policy=DENY_OLD_TLS)
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_deny_without_tls_denies_plain_http(aws):
    s3 = aws.s3(bootstrap.ADMIN)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=DENY_WITHOUT_TLS)

    with refused("AccessDenied", "explicit deny in a resource-based policy"):
        s3.list_objects_v2(Bucket=BUCKET)


def test_a_plain_request_to_the_tls_port_gets_no_answer(tls_server):
    connection = http.client.HTTPConnection("127.0.0.1", tls_server.port, timeout=10)
    connection.request("GET", "/_signet/health")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        connection.getresponse()


def test_sighup_brings_a_renewed_certificate_and_cuts_nothing(tmp_path):
    certificate = Certificate(tmp_path / "first")
    with serving(tmp_path / "server", *certificate.flags) as server:
        context = ssl.create_default_context(cafile=certificate.chain)
        kept = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=10, context=context)
        kept.request("GET", "/_signet/health")
        assert kept.getresponse().read()
        before = shown_certificate(server)

        renewed = Certificate(tmp_path / "second", "ec")
        certificate.chain.write_bytes(renewed.chain.read_bytes())
        certificate.key.write_bytes(renewed.key.read_bytes())
        os.kill(server.pid, signal.SIGHUP)
        deadline = time.monotonic() + 20
        while shown_certificate(server) == before:
            assert time.monotonic() < deadline, "the new certificate is not shown"

        kept.request("GET", "/_signet/health")
        assert kept.getresponse().status == 200


def test_sighup_with_a_broken_file_changes_nothing(tmp_path):
    certificate = Certificate(tmp_path / "first")
    with serving(tmp_path / "server", *certificate.flags) as server:
        before = shown_certificate(server)
        certificate.key.write_text("no key")

        os.kill(server.pid, signal.SIGHUP)
        deadline = time.monotonic() + 20
        while "tls_reload_failed" not in (server.folder / "server.log").read_text():
            assert time.monotonic() < deadline, "nothing is said"

        assert str(certificate.key) in (server.folder / "server.log").read_text()
        assert shown_certificate(server) == before


# --- Starting ---


def serve(tmp_path, *flags):
    """A server that is expected not to start; its data folder would be tmp_path/data."""
    return subprocess.run([str(BINARY), "serve", "--data", tmp_path / "data", *map(str, flags)], capture_output=True, text=True,
                          timeout=20, check=False, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})


def test_listening_to_the_network_in_clear_must_be_said(tmp_path):
    done = serve(tmp_path, "--listen", "0.0.0.0:0")

    assert done.returncode == FAILURE
    for way in ("--tls-cert", "--trust-proxy", "--insecure-listen"):
        assert way in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("flags, complaint", [
    (["--tls-cert", "chain.pem"], "--tls-key"),
    (["--tls-key", "key.pem"], "--tls-cert"),
    (["--tls-cert", "/nowhere/chain.pem", "--tls-key", "key.pem"], "/nowhere/chain.pem: No such file or directory"),
    (["--trust-proxy", "proxy.example"], "proxy.example"),
    (["--trust-proxy", "10.0.0.0/8,0.0.0.0/0"], "0.0.0.0/0"),
    (["--dev", "--listen", "0.0.0.0:0", "--insecure-listen"], "--dev listens on loopback only"),
])
def test_what_cannot_be_is_refused_with_a_reason(tmp_path, flags, complaint):
    done = serve(tmp_path, *flags)

    assert done.returncode == FAILURE
    assert complaint in done.stderr
    assert not (tmp_path / "data").exists(), "credentials of a first start would be lost"


# --- A trusted proxy ---


@pytest.mark.parametrize("headers", [
    {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"},
    {"Forwarded": 'for=198.51.100.7;proto=https'},
    {"X-Forwarded-For": "192.0.2.66, 198.51.100.7, 10.0.0.3", "X-Forwarded-Proto": "https"},
])
def test_policies_and_audit_see_the_client_behind_the_proxy(tmp_path, headers):
    with serving(tmp_path / "server", *PROXY_FLAGS) as server:
        s3 = s3_through(server, tmp_path, headers)
        s3.create_bucket(Bucket=BUCKET)

        s3.put_bucket_policy(Bucket=BUCKET, Policy=DENY_WITHOUT_TLS)
        assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
        s3.put_bucket_policy(Bucket=BUCKET, Policy=deny_all({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}))
        assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
        # Which version of TLS the proxy's client speaks is not told: the key is absent, a Deny on it does not bite.
        s3.put_bucket_policy(Bucket=BUCKET, Policy=DENY_OLD_TLS)
        assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0

    # Read once the server has ended, and with it written all records.
    records = [json.loads(line) for line in (server.folder / "audit.jsonl").read_text().splitlines()]
    addresses = {record["sourceIPAddress"] for record in records if "sourceIPAddress" in record}
    assert addresses == {"198.51.100.7"}


@pytest.mark.parametrize("headers", [
    {},
    {"X-Forwarded-For": "198.51.100.7"},
    {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "http"},
    {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https, http"},
    {"X-Forwarded-For": "not an address", "X-Forwarded-Proto": "https"},
    {"Forwarded": 'for="198.51.100.7;proto=https'},
    {"Forwarded": "for=198.51.100.8;proto=https", "X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"},
])
def test_what_the_proxy_does_not_clearly_say_is_not_tls(proxied, tmp_path, headers):
    secure = s3_through(proxied, tmp_path, {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"})
    secure.create_bucket(Bucket=BUCKET)
    secure.put_bucket_policy(Bucket=BUCKET, Policy=DENY_WITHOUT_TLS)

    with refused("AccessDenied"):
        s3_through(proxied, tmp_path, headers).list_objects_v2(Bucket=BUCKET)


def test_strangers_cannot_speak_for_others(aws, tmp_path, server):
    claims = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https", "Forwarded": "for=198.51.100.7;proto=https"}
    s3 = s3_through(server, tmp_path, claims)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=deny_all({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}))
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0

    s3.put_bucket_policy(Bucket=BUCKET, Policy=DENY_WITHOUT_TLS)
    with refused("AccessDenied"):
        s3.list_objects_v2(Bucket=BUCKET)


def sign_in_cookie(server, tmp_path, headers):
    """The Set-Cookie of a sign-in link opened through the proxy."""
    aws = Aws(server.url, tmp_path)
    iam = aws.iam(bootstrap.ADMIN)
    user, keys = create_user(iam, "dev")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]
    session = Keys.of(aws.sts(keys).assume_role(RoleArn=role["Arn"], RoleSessionName="console")["Credentials"])
    text = json.dumps({"sessionId": session.access_key, "sessionKey": session.secret_key, "sessionToken": session.token})
    token = json.loads(ask(server, "/federation?" + query(Action="getSigninToken", Session=text), headers)[2])["SigninToken"]
    status, answer, _ = ask(server, "/federation?" + query(Action="login", Destination="https://console.aws.amazon.com/",
                                                           SigninToken=token), headers)
    assert status == 302
    return answer["Set-Cookie"]


def query(**parameters):
    return "&".join(f"{name}={urllib.parse.quote(value)}" for name, value in parameters.items())


def ask(server, target, headers, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, target, headers={"Host": "signet.example", **headers})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def test_the_cookie_and_the_origin_follow_the_proxys_tls(proxied, tmp_path):
    https = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    cookie = sign_in_cookie(proxied, tmp_path, https)
    assert cookie.startswith("__Host-signet-sid=")
    assert "; Secure" in cookie

    held = {"Cookie": cookie.split(";")[0]}
    assert ask(proxied, "/_console/", https | held)[0] == 200
    assert ask(proxied, "/_console/", held)[0] == 401, "the cookie of https is none for http"
    foreign = https | held | {"Origin": "http://signet.example"}
    assert ask(proxied, "/_console/signout", foreign, "POST")[0] == 403
    own = https | held | {"Origin": "https://signet.example"}
    assert ask(proxied, "/_console/signout", own, "POST")[0] == 200


def test_browsers_are_told_to_stay_with_https(proxied):
    https = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    for path in ("/_console/", "/_console/signin", "/_console/style.css", "/v1/token"):
        headers = ask(proxied, path, https)[1]
        assert headers["Strict-Transport-Security"] == "max-age=31536000", path
        assert "Strict-Transport-Security" not in ask(proxied, path, {})[1]
        assert "Strict-Transport-Security" not in ask(proxied, path, https | {"Host": "localhost:8443"})[1], "everything else there is plain"
    assert "camera=()" in ask(proxied, "/_console/signin", https)[1]["Permissions-Policy"]


def test_the_cookie_is_plain_where_the_proxy_speaks_http(proxied, tmp_path):
    cookie = sign_in_cookie(proxied, tmp_path, {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "http"})
    assert cookie.startswith("signet-sid=")
    assert "Secure" not in cookie


def test_metrics_are_not_for_those_behind_the_proxy(proxied):
    assert ask(proxied, "/_signet/metrics", {})[0] == 200
    assert ask(proxied, "/_signet/metrics", {"X-Forwarded-For": "198.51.100.7"})[0] in (403, 404)
