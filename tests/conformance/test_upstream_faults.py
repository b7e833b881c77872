"""An upstream that is slow, dies, lies or talks nonsense: clients get a clear error or a cut connection, and nothing is left behind."""
import http.client
import os
import socket
import threading
import time

import botocore.exceptions
import botocore.response
import pytest
import urllib3.exceptions

from support import bootstrap, upstreams
from support.aws import Aws, refused

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = OK + b"Content-Length: 0\r\n\r\n"


class Hostile:
    """A server that reads each request whole and lets `script` answer: called with the connection, the head and the body."""

    def __init__(self):
        self.script = self.answers_buckets
        self.open = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @staticmethod
    def answers_buckets(connection, head, body):
        """As if no bucket were there, and every one could be made."""
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" if head.startswith(b"HEAD") else EMPTY)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        self.open += 1
        try:
            with connection:
                received = b""
                while True:
                    while b"\r\n\r\n" not in received:
                        piece = connection.recv(65536)
                        if not piece:
                            return
                        received += piece
                    head, _, received = received.partition(b"\r\n\r\n")
                    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
                    if self.script(connection, head, None) is Hostile.early:
                        return
                    while len(received) < length:
                        piece = connection.recv(65536)
                        if not piece:
                            return
                        received += piece
                    body, received = received[:length], received[length:]
                    if self.script(connection, head, body) is not None:
                        return
        except OSError:
            return
        finally:
            self.open -= 1

    early = object()  # answered before the body was read
    end = object()  # the connection ends

    def stop(self):
        self._listener.close()


@pytest.fixture(scope="module")
def hostile():
    made = Hostile()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def front(hostile, tmp_path_factory):
    server = upstreams.gateway(hostile.url, tmp_path_factory.mktemp("front"), "--upstream-timeout", "1")
    yield server
    assert server.stop() == 0


@pytest.fixture
def s3(hostile, front, tmp_path):
    front.post("/_signet/reset")
    hostile.script = _answering(EMPTY, buckets=True)
    client = Aws(front.url, tmp_path).s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


def _answering(answer, buckets=False, then=None):
    """A script that answers every request so, once its body is read."""

    def script(connection, head, body):
        if body is None:
            return None
        if buckets and head.startswith(b"HEAD"):
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return None
        connection.sendall(answer)
        return then

    return script


def _get(s3):
    return s3.get_object(Bucket="the-bucket", Key="k")["Body"].read()


NONSENSE = {
    "no http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "no status": b"HTTP/1.1 abc OK\r\n\r\n",
    "two lengths": OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length and chunks": OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "control character": OK + b"Content-Length: 3\r\nETag: \"a\x01b\"\r\n\r\nabc",
    "bare line end": OK + b"Content-Length: 3\r\nX: y\nSet-Cookie: z\r\n\r\nabc",
    "unknown coding": OK + b"Transfer-Encoding: gzip\r\n\r\nabc",
    "length that is none": OK + b"Content-Length: -3\r\n\r\nabc",
    "nothing": b"",
    "half a head": OK + b"Content-Le",
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_no_answer(hostile, s3, what):
    hostile.script = _answering(NONSENSE[what], then=Hostile.end)
    with refused("ServiceUnavailable", status=503):
        _get(s3)
    with refused("ServiceUnavailable", status=503):
        s3.list_objects_v2(Bucket="the-bucket")
    with refused("ServiceUnavailable", status=503):
        s3.put_object(Bucket="the-bucket", Key="k", Body=b"x" * 300_000)


UNFIT = {
    "part that nobody wanted": b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-2/9\r\nContent-Length: 3\r\n\r\nabc",
    "no length": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "until it closes": OK + b"\r\nabc",
    "created": b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nabc",
    "redirect": b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
    "who Signet is there": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 136\r\n\r\n<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id "
                           b"UPSTREAMKEY000000001 does not exist</Message><RequestId>1</RequestId>\n</Error>",
    "error without words": b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("what", UNFIT)
def test_an_answer_that_does_not_fit_is_an_error_of_ours(hostile, s3, what):
    hostile.script = _answering(UNFIT[what], then=Hostile.end)
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        _get(s3)
    assert raised.value.response["Error"]["Code"] == "InternalError"
    assert "UPSTREAMKEY" not in str(raised.value.response)


def test_a_part_of_another_length_is_refused(hostile, s3):
    hostile.script = _answering(b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 3\r\n\r\nabc")
    with refused("InternalError", status=500):
        s3.get_object(Bucket="the-bucket", Key="k", Range="bytes=0-4")


@pytest.mark.parametrize("sent", [0, 1, 100_000, 999_999])
def test_a_body_that_ends_too_early_is_cut(hostile, s3, sent):
    """Its length was announced, so that no client takes it for whole."""
    hostile.script = _answering(OK + b"Content-Length: 1000000\r\nETag: \"e\"\r\n\r\n" + b"x" * sent, then=Hostile.end)
    with pytest.raises((botocore.exceptions.IncompleteReadError, botocore.exceptions.ResponseStreamingError, urllib3.exceptions.ProtocolError,
                        botocore.exceptions.ClientError, http.client.HTTPException)):
        _get(s3)


def test_a_body_that_stops_is_cut_after_a_while(hostile, s3):
    stopped = threading.Event()

    def script(connection, head, body):
        if body is not None:
            connection.sendall(OK + b"Content-Length: 1000000\r\n\r\n" + b"x" * 600_000)
            stopped.wait(10)
            return Hostile.end
        return None

    hostile.script = script
    began = time.monotonic()
    with pytest.raises(Exception):  # noqa: B017 - what botocore makes of a connection that is cut
        _get(s3)
    assert time.monotonic() - began < 8
    stopped.set()


def test_an_upstream_that_says_nothing_is_given_up(hostile, s3):
    silent = threading.Event()

    def script(connection, head, body):
        if body is not None:
            silent.wait(10)
            return Hostile.end
        return None

    hostile.script = script
    began = time.monotonic()
    for call in (lambda: _get(s3), lambda: s3.list_objects_v2(Bucket="the-bucket"), lambda: s3.put_object(Bucket="the-bucket", Key="k", Body=b"x")):
        with refused("ServiceUnavailable", status=503):
            call()
    assert time.monotonic() - began < 9
    silent.set()


def test_an_upload_that_the_upstream_drops(hostile, s3):
    def script(connection, head, body):
        connection.close()
        return Hostile.early

    hostile.script = script
    for size in (1, 300_000, 20_000_000):
        with refused("ServiceUnavailable", status=503):
            s3.put_object(Bucket="the-bucket", Key="k", Body=b"x" * size)


def test_an_upload_that_the_upstream_refuses_before_it_is_read(hostile, s3):
    def script(connection, head, body):
        text = b"<Error><Code>EntityTooLarge</Code><Message>m</Message></Error>"
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
        time.sleep(0.2)
        return Hostile.early

    hostile.script = script
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        s3.put_object(Bucket="the-bucket", Key="k", Body=b"x" * 20_000_000)
    assert raised.value.response["Error"]["Code"] in ("EntityTooLarge", "ServiceUnavailable")


def test_a_client_that_gives_up_an_upload_leaves_no_object(hostile, front, s3):
    """The upstream must not take what came for the whole."""
    bodies = []

    def script(connection, head, body):
        if body is not None:
            bodies.append(body)
            connection.sendall(EMPTY)

    hostile.script = script
    with pytest.raises(Exception):  # noqa: B017 - botocore's, for a body that is shorter than said
        s3.put_object(Bucket="the-bucket", Key="k", Body=b"x" * 1_000_000, ContentLength=2_000_000)
    time.sleep(0.5)
    assert not bodies


def test_an_error_inside_a_good_answer_is_an_error(hostile, s3):
    text = b"<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>m</Message></Error>"
    hostile.script = _answering(OK + b"Content-Length: %d\r\n\r\n" % len(text) + text)
    with refused("InternalError", status=500):
        s3.complete_multipart_upload(Bucket="the-bucket", Key="k", UploadId="u", MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "e"}]})
    with refused("InternalError", status=500):
        s3.list_objects_v2(Bucket="the-bucket")


@pytest.mark.parametrize("text", [b"", b"<ListBucketResult>", b"no xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><ListBucketResult>&b;</ListBucketResult>",
                                  b"<a>" * 100_000], ids=["empty", "open", "text", "entities", "deep"])
def test_a_listing_that_is_no_document_is_an_error(hostile, s3, text):
    hostile.script = _answering(OK + b"Content-Length: %d\r\n\r\n" % len(text) + text)
    with refused("InternalError", status=500):
        s3.list_objects_v2(Bucket="the-bucket")


def test_a_listing_without_end_is_given_up(hostile, s3):
    def script(connection, head, body):
        if body is not None:
            connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(1000):
                connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            return Hostile.end
        return None

    hostile.script = script
    with refused("ServiceUnavailable", status=503):
        s3.list_objects_v2(Bucket="the-bucket")


def test_nothing_is_left_of_all_that(hostile, front, s3):
    """After the tests above, and after a hundred connections that were cut: descriptors and connections are given back."""
    folder = f"/proc/{front.pid}/fd"
    hostile.script = _answering(OK + b"Content-Length: 1000000\r\n\r\nabc", then=Hostile.end)
    for _ in range(10):
        with pytest.raises(Exception):  # noqa: B017 - what botocore makes of a connection that is cut
            _get(s3)
    before = len(os.listdir(folder))
    for _ in range(100):
        with pytest.raises(Exception):  # noqa: B017
            _get(s3)
    s3.close()
    deadline = time.monotonic() + 10
    while (len(os.listdir(folder)) > before or hostile.open > 4) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(os.listdir(folder)) <= before
    assert hostile.open <= 4
    assert "UPSTREAMKEY" not in (front.folder / "server.log").read_text()


def test_nobody_is_there(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with upstreams.gateway(f"http://127.0.0.1:{port}", tmp_path / "front") as server:
        s3 = Aws(server.url, tmp_path).s3(bootstrap.ADMIN)
        with refused("ServiceUnavailable", status=503):
            s3.create_bucket(Bucket="the-bucket")
        assert s3.list_buckets()["Buckets"] == []
