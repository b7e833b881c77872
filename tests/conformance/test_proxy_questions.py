"""Proxies that ask Signet about the requests they have, as Envoy's ext_authz does over HTTP: heads alone, below a path of Signet's."""
import http.client
import urllib.parse

import botocore.awsrequest
import pytest

from support import bootstrap, upstreams
from support.aws import Aws
from support.people import allow, create_user, deny, policy

TOKEN = "the token of a proxy"
STORE = "http://store.example:9000"


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    folder = tmp_path_factory.mktemp("front")
    with upstreams.authorizing_server(folder, TOKEN, "--s3-domain", "store.example") as server:
        yield server


@pytest.fixture
def here(front, tmp_path):
    front.post("/_signet/reset")
    return Aws(front.url, tmp_path)


class Question:
    """What a client would send to the store, asked of Signet as a proxy does."""

    def __init__(self, front, keys, home):
        self._port = front.port
        self.client = Aws(STORE, home).s3(keys)
        self.client.meta.events.register("before-send.s3", self._keep)
        self.sent = None

    def _keep(self, request, **_):
        self.sent = request
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, None)

    def of(self, operation, **parameters):
        try:
            getattr(self.client, operation)(**parameters)
        except Exception:  # noqa: BLE001 - what botocore makes of no answer
            assert self.sent is not None
        return self.ask(self.sent.method, self.sent.url, {name: _text(value) for name, value in self.sent.headers.items()})

    def ask(self, method, url, headers, token=TOKEN):
        place = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        target = "/_authorize/envoy" + place.path + (f"?{place.query}" if place.query else "")
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length", "expect", "transfer-encoding")}
        for name, value in ({"Host": place.netloc} | kept | {"Content-Length": "0"} | ({"x-signet-authorizer": token} if token else {})).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


@pytest.fixture
def ask(front, here, tmp_path):
    return lambda keys: Question(front, keys, tmp_path)


def test_what_policies_allow_is_allowed(here, ask):
    user, keys = create_user(here.iam(bootstrap.ADMIN), "ana", allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::data/in/*"),
                             allow("s3:ListBucket", "arn:aws:s3:::data", StringEquals={"s3:prefix": "in/"}))
    for operation, parameters in (("get_object", {"Key": "in/a b+c"}), ("head_object", {"Key": "in/a"}), ("put_object", {"Key": "in/a", "Body": b"x" * 100_000}),
                                  ("list_objects_v2", {"Prefix": "in/"})):
        status, headers, _ = ask(keys).of(operation, Bucket="data", **parameters)
        assert (status, headers["x-signet-caller"]) == (200, user["Arn"]), operation
    assert here.s3(bootstrap.ADMIN).list_buckets()["Buckets"] == []  # nothing is done here


def test_what_no_policy_allows_is_denied_with_the_reason(here, ask):
    _, keys = create_user(here.iam(bootstrap.ADMIN), "ana", allow("s3:GetObject", "arn:aws:s3:::data/in/*"), deny("s3:GetObject", "arn:aws:s3:::data/in/x"))
    for operation, parameters, why in (("get_object", {"Key": "out"}, "no identity-based policy"), ("put_object", {"Key": "in/a", "Body": b"x"}, "no identity-based policy"),
                                       ("get_object", {"Key": "in/x"}, "explicit deny"), ("list_objects_v2", {}, "no identity-based policy"),
                                       ("copy_object", {"Key": "in/b", "CopySource": "data/out"}, "no identity-based policy")):
        status, _, body = ask(keys).of(operation, Bucket="data", **parameters)
        assert (status, why in body) == (403, True), body
    assert ask(bootstrap.NOBODY).of("get_object", Bucket="data", Key="in/a")[0] == 403
    assert ask(None).of("get_object", Bucket="data", Key="in/a")[0] == 403


def test_the_policy_of_the_bucket_counts(here, ask):
    s3 = here.s3(bootstrap.ADMIN)
    s3.create_bucket(Bucket="data")
    s3.put_bucket_policy(Bucket="data", Policy=policy(
        allow("s3:GetObject", "arn:aws:s3:::data/*") | {"Principal": {"AWS": f"arn:aws:iam::{bootstrap.ACCOUNT}:user/nobody"}},
        deny("s3:DeleteObject", "arn:aws:s3:::data/*") | {"Principal": "*"}))
    assert ask(bootstrap.NOBODY).of("get_object", Bucket="data", Key="k")[0] == 200
    assert ask(bootstrap.ADMIN).of("delete_object", Bucket="data", Key="k")[0] == 403
    assert ask(bootstrap.OTHER_ADMIN).of("get_object", Bucket="data", Key="k")[0] == 403


def test_a_signature_is_good_for_its_request_alone(ask):
    question = ask(bootstrap.ADMIN)
    assert question.of("get_object", Bucket="data", Key="k")[0] == 200
    headers = {name: _text(value) for name, value in question.sent.headers.items()}
    for method, url in (("GET", STORE + "/data/other"), ("DELETE", STORE + "/data/k"), ("GET", STORE + "/data/k?versionId=x"), ("GET", "http://other.example/data/k")):
        status, _, body = question.ask(method, url, headers)
        assert status == 403 and "SignatureDoesNotMatch" in body, body


def test_links_are_decided_too(ask, tmp_path):
    url = Aws(STORE, tmp_path).s3(bootstrap.ADMIN).generate_presigned_url("get_object", Params={"Bucket": "data", "Key": "k"})
    question = ask(bootstrap.ADMIN)
    assert question.ask("GET", url, {})[0] == 200
    assert question.ask("GET", url.replace("/k?", "/l?"), {})[0] == 403


def test_what_stands_in_bodies_is_not_allowed(ask):
    question = ask(bootstrap.ADMIN)
    for operation, parameters in (("delete_objects", {"Delete": {"Objects": [{"Key": "k"}]}}), ("create_bucket", {}),
                                  ("put_object_tagging", {"Key": "k", "Tagging": {"TagSet": []}}), ("put_bucket_policy", {"Policy": "{}"})):
        assert question.of(operation, Bucket="data", **parameters)[0] == 501, operation
    assert question.of("complete_multipart_upload", Bucket="data", Key="k", UploadId="u", MultipartUpload={"Parts": []})[0] == 200


@pytest.mark.parametrize("token", [None, "", TOKEN[:-1], TOKEN + "x"])
def test_without_the_token_nobody_is_answered(ask, token):
    question = ask(bootstrap.ADMIN)
    question.of("get_object", Bucket="data", Key="k")
    status, headers, _ = question.ask("GET", question.sent.url, {name: _text(value) for name, value in question.sent.headers.items()}, token)
    assert status == 403
    assert "x-signet-caller" not in headers


def test_without_a_token_there_is_no_such_path(dev_server):
    connection = http.client.HTTPConnection("127.0.0.1", dev_server.port, timeout=10)
    connection.request("GET", "/_authorize/envoy/data/k", headers={"x-signet-authorizer": ""})
    assert connection.getresponse().status >= 400
