"""No caller starves another: pools by kind of work, shares, memory before authentication, quotas, tickets."""
import concurrent.futures
import contextlib
import datetime
import http.client
import json
import select
import socket
import time
import urllib.request

import boto3
import botocore.config
import pytest

from support import bootstrap
from support.aws import refused
from support.bootstrap import Keys
from support.people import allow, create_user, error_code, policy
from support.server import Server
from support.wire import Wire

STEADY = botocore.config.Config(retries={"total_max_attempts": 1}, max_pool_connections=64)


@pytest.fixture
def flooder(aws, admin_iam):
    """A user who may change passwords and nothing else, and the user whose password it is."""
    create_user(admin_iam, "target")
    admin_iam.create_login_profile(UserName="target", Password="first-Password-1")
    user, keys = create_user(admin_iam, "flooder")
    admin_iam.put_user_policy(UserName="flooder", PolicyName="p",
                              PolicyDocument=policy(allow("iam:UpdateLoginProfile", "*")))
    return keys


def change_password(server, keys):
    iam = boto3.client("iam", endpoint_url=server.url, region_name="us-east-1", config=STEADY,
                       aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key)
    return iam


def test_a_flood_of_password_changes_is_throttled_and_nobody_else_is(server, aws, flooder):
    s3 = aws.s3(bootstrap.ADMIN)
    s3.create_bucket(Bucket="quiet")
    iam = change_password(server, flooder)

    with concurrent.futures.ThreadPoolExecutor(60) as threads:
        flood = [threads.submit(error_code, iam.update_login_profile, UserName="target", Password=f"new-Password-{i}")
                 for i in range(120)]
        # While the hashes are computed everybody else is served.
        assert s3.list_objects_v2(Bucket="quiet")["KeyCount"] == 0
        assert server.get("/_signet/health")["status"] == "ok"
        with urllib.request.urlopen(server.url + "/_console/style.css", timeout=10) as page:
            assert page.status == 200
        outcomes = [call.result() for call in flood]

    assert set(outcomes) == {None, "Throttling"}, set(outcomes)
    metrics = urllib.request.urlopen(server.url + "/_signet/metrics", timeout=10).read().decode()
    throttled = [line for line in metrics.splitlines() if line.startswith('signet_pool_refused_by_share_total{pool="password"}')]
    assert int(throttled[0].split()[-1]) >= outcomes.count("Throttling")


def send(server, head, body=b""):
    """One request as written; the status and the body of its answer."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read().decode()


LARGE = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000"


@pytest.mark.parametrize("header, status, code", [
    ("", 403, "MissingAuthenticationToken"),
    ("\r\nAuthorization: nonsense", 400, "IncompleteSignature"),
    ("\r\nX-Amz-Date: 20200101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 "
     "Credential=AKIAUNKNOWNUNKNOWN00/20200101/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, "
     "Signature=" + "0" * 64, 403, None),
])
def test_a_large_body_in_vain_is_refused_at_its_head(server, header, status, code):
    got, text = send(server, LARGE + header)  # not a byte of the body is sent

    assert got == status, text
    assert code is None or f"<Code>{code}</Code>" in text


def test_a_large_chunked_body_without_credentials_is_refused_at_its_head(server):
    got, text = send(server, "POST / HTTP/1.1\r\nHost: localhost\r\n"
                                  "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked")

    assert got == 403
    assert "<Code>MissingAuthenticationToken</Code>" in text


def test_an_unknown_key_is_refused_before_its_large_body(server, clock):
    now = datetime.datetime.now(datetime.timezone.utc)
    head = (f"{LARGE}\r\nX-Amz-Date: {now:%Y%m%dT%H%M%SZ}\r\nAuthorization: AWS4-HMAC-SHA256 "
            f"Credential=AKIAUNKNOWNUNKNOWN00/{now:%Y%m%d}/us-east-1/iam/aws4_request, "
            f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}")

    got, text = send(server, head)

    assert got == 403
    assert "<Code>InvalidClientTokenId</Code>" in text


def test_a_large_signed_body_is_taken(aws, admin_iam):
    document = policy(*[allow("s3:GetObject", f"arn:aws:s3:::bucket-{i}/*") for i in range(200)])
    assert len(document) > 16 * 1024
    assert error_code(admin_iam.create_policy, PolicyName="large", PolicyDocument=document) == "LimitExceeded"


def test_an_anonymous_document_must_be_short(server):
    body = b"<Delete>" + b"<Object><Key>k</Key></Object>" * 1000 + b"</Delete>"
    status, _ = send(server, f"POST /some-bucket?delete HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}", body)

    assert status == 413


def test_one_access_key_holds_so_many_large_bodies_that_nobody_has_verified(server):
    """Key ids are no secret, and a signature shows to be wrong only when the body is whole."""
    large = {"x": "x" * 20_000}
    wires = [Wire(server) for _ in range(16)]
    forger = Keys(bootstrap.ADMIN.access_key, "not the secret")
    body = "Action=ListUsers&Version=2010-05-08&x=" + large["x"]

    def asked_by(keys, parameters):
        wire = Wire(server)
        answer = wire.query("iam", "ListUsers", parameters, keys)
        wire.close()
        return answer.code

    waiting = [wire.begin("POST", "/", body, forger, "iam") for wire in wires]
    deadline = time.monotonic() + 30
    while asked_by(bootstrap.ADMIN, large) != "Throttling":  # some heads may not have been read yet
        assert time.monotonic() < deadline, "sixteen bodies on their way, and a seventeenth is taken"
    assert asked_by(bootstrap.OTHER_ADMIN, large) is None, "another key is not concerned"
    assert asked_by(bootstrap.ADMIN, {}) is None, "a short call is not concerned"

    assert {finish().code for finish in waiting} == {"SignatureDoesNotMatch"}
    assert asked_by(bootstrap.ADMIN, large) is None, "the places were given back"
    for wire in wires:
        wire.close()


def test_a_page_takes_no_large_form(server):
    status, _ = send(server, "POST /federation HTTP/1.1\r\nHost: localhost\r\n"
                             "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 200000")

    assert status == 413


@contextlib.contextmanager
def serving(folder, *limits):
    """A server of its own with these limits."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    flags = [flag for limit in limits for flag in ("--limit", limit)]
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, *flags], folder).start()
    try:
        yield server
    finally:
        assert server.stop() == 0


def client(server, service):
    return boto3.client(service, endpoint_url=server.url, region_name="us-east-1", config=STEADY,
                        aws_access_key_id=bootstrap.ADMIN.access_key,
                        aws_secret_access_key=bootstrap.ADMIN.secret_key)


def test_quotas_bound_buckets_and_accounts_and_deleting_makes_room(tmp_path):
    with serving(tmp_path / "s", "quota.bucket.bytes=1000", "quota.account.bytes=1500", "quota.bucket.objects=3") as server:
        s3 = client(server, "s3")
        s3.create_bucket(Bucket="first")
        s3.create_bucket(Bucket="second")
        s3.put_object(Bucket="first", Key="a", Body=b"x" * 900)

        with refused("QuotaExceeded", status=403):
            s3.put_object(Bucket="first", Key="b", Body=b"x" * 101)
        with refused("QuotaExceeded", status=403):
            s3.put_object(Bucket="second", Key="a", Body=b"x" * 601)
        with refused("QuotaExceeded", status=403):
            s3.copy_object(Bucket="first", Key="c", CopySource="first/a")
        assert error_code(s3.get_object, Bucket="first", Key="b") == "NoSuchKey"

        s3.put_object(Bucket="first", Key="a", Body=b"y" * 1000)  # in place of the old one
        s3.delete_object(Bucket="first", Key="a")
        s3.put_object(Bucket="second", Key="a", Body=b"x" * 601)
        for key in ("p", "q", "r"):
            s3.put_object(Bucket="first", Key=key, Body=b"x")
        with refused("QuotaExceeded", status=403):
            s3.put_object(Bucket="first", Key="s", Body=b"")


def test_parts_count_for_the_quota_until_they_are_gone(tmp_path):
    with serving(tmp_path / "s", "quota.bucket.bytes=1000") as server:
        s3 = client(server, "s3")
        s3.create_bucket(Bucket="first")
        upload = s3.create_multipart_upload(Bucket="first", Key="k")["UploadId"]
        part = s3.upload_part(Bucket="first", Key="k", UploadId=upload, PartNumber=1, Body=b"x" * 900)

        with refused("QuotaExceeded", status=403):
            s3.upload_part(Bucket="first", Key="k", UploadId=upload, PartNumber=2, Body=b"x" * 101)
        s3.complete_multipart_upload(Bucket="first", Key="k", UploadId=upload,
                                     MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})

        with refused("QuotaExceeded", status=403):
            s3.put_object(Bucket="first", Key="other", Body=b"x" * 101)


def test_unfinished_uploads_are_bounded_by_bucket_and_account(tmp_path):
    with serving(tmp_path / "s", "quota.bucket.uploads=2", "quota.account.uploads=3") as server:
        s3 = client(server, "s3")
        for bucket in ("first", "second", "third"):
            s3.create_bucket(Bucket=bucket)
        begin = s3.create_multipart_upload
        uploads = [begin(Bucket="first", Key="same")["UploadId"] for _ in range(2)]
        begin(Bucket="second", Key="k")

        for bucket in ("first", "second", "third"):
            with refused("QuotaExceeded", "unfinished multipart uploads", status=403):
                begin(Bucket=bucket, Key="k")
        s3.put_object(Bucket="first", Key="k", Body=b"objects are not bounded")
        part = s3.upload_part(Bucket="first", Key="same", UploadId=uploads[0], PartNumber=1, Body=b"x")

        s3.abort_multipart_upload(Bucket="first", Key="same", UploadId=uploads[1])
        begin(Bucket="third", Key="k")
        with refused("QuotaExceeded"):
            begin(Bucket="third", Key="k")
        s3.complete_multipart_upload(Bucket="first", Key="same", UploadId=uploads[0],
                                     MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
        begin(Bucket="third", Key="k")


def test_one_address_has_so_many_connections(tmp_path):
    with serving(tmp_path / "s", "connections.per-address=3") as server:
        held = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(3)]
        for connection in held:
            connection.sendall(b"GET /_signet/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        with contextlib.closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as one_more:
            assert one_more.recv(1) == b""
        for connection in held:
            connection.close()


def test_bodies_share_a_budget_and_who_finds_no_room_may_try_again(tmp_path):
    with serving(tmp_path / "s", "memory.bodies=4MiB") as server:
        iam = client(server, "iam")
        signed = {}
        iam.meta.events.register("before-send.iam.GetUser", lambda request, **_: signed.update(request.headers.items()))
        assert error_code(iam.get_user) is None
        head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000" + "".join(
            f"\r\n{name}: {value.decode() if isinstance(value, bytes) else value}" for name, value in signed.items()
            if name.lower() in ("authorization", "x-amz-date", "content-type"))
        with contextlib.ExitStack() as stack:
            # One address may hold half: two of these bodies, not four.
            held = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10)) for _ in range(4)]
            for connection in held:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(head.encode() + b"\r\n\r\n" + b"a" * 900_000)
            answered, _, _ = select.select(held, [], [], 10)
            answer = answered[0].recv(65536)

        assert answer.startswith(b"HTTP/1.1 400 Bad Request"), answer
        assert b"<Code>Throttling</Code>" in answer
        assert error_code(iam.get_user) is None


def test_metadata_beyond_the_longest_body_are_refused(server):
    body = "Action=CreateSAMLProvider&Version=2010-05-08&Name=idp&SAMLMetadataDocument=" + "x" * (1 << 20)
    with contextlib.closing(Wire(server)) as wire:
        assert wire.query("iam", "CreateSAMLProvider", {"Name": "idp", "SAMLMetadataDocument": body}, bootstrap.ADMIN).status == 413
