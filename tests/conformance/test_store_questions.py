"""Stores that ask Signet who may do what, in the form of MinIO's access management plugin; with MinIO itself where it is built."""
import json
import time
import urllib.error
import urllib.request

import pytest

from support import bootstrap, guides, upstreams
from support.aws import Aws, refused
from support.people import allow, create_user, deny, policy

TOKEN = "the token of a store"
real = pytest.mark.skipif(not upstreams.is_built("minio"), reason="MinIO is built by ./test --upstream")


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    folder = tmp_path_factory.mktemp("front")
    with upstreams.authorizing_server(folder, TOKEN, "--audit", folder / "audit.jsonl") as server:
        yield server


@pytest.fixture
def iam(front, tmp_path):
    front.post("/_signet/reset")
    return Aws(front.url, tmp_path).iam(bootstrap.ADMIN)


def _send(front, body, token=f"Bearer {TOKEN}", method="POST"):
    headers = {"Content-Type": "application/json"} | ({"Authorization": token} if token else {})
    request = urllib.request.Request(front.url + "/_authorize/store", data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())["result"]
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _ask(front, keys, action, bucket="b", key="k", conditions=None, **more):
    status, result = _send(front, json.dumps({"input": {
        "account": keys.access_key, "groups": None, "action": action, "bucket": bucket, "object": key, "owner": False, "claims": {},
        "conditions": {name: [value] for name, value in (conditions or {}).items()}, "denyOnly": False, **more}}).encode())
    assert status == 200
    return result


def test_policies_decide(front, iam):
    _, keys = create_user(iam, "ana", allow("s3:GetObject", "arn:aws:s3:::b/in/*"), deny("s3:GetObject", "arn:aws:s3:::b/in/secret"))

    assert _ask(front, keys, "s3:GetObject", key="in/a") == {"allow": True}
    refusal = _ask(front, keys, "s3:GetObject", key="out")
    assert not refusal["allow"]
    assert "user/ana is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/out because no identity-based policy" in refusal["explanation"]
    assert "explicit deny" in _ask(front, keys, "s3:GetObject", key="in/secret")["explanation"]
    assert not _ask(front, keys, "s3:PutObject", key="in/a")["allow"]
    assert not _ask(front, bootstrap.NOBODY, "s3:GetObject", key="in/a")["allow"]
    assert _ask(front, bootstrap.ADMIN, "s3:CreateBucket", key="")["allow"]


@pytest.mark.parametrize(("condition", "told", "other"), [
    ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"SourceIp": "10.1.2.3"}, {"SourceIp": "192.0.2.1"}),
    ({"Bool": {"aws:SecureTransport": "true"}}, {"SecureTransport": "true"}, {"SecureTransport": "false"}),
    ({"StringLike": {"aws:UserAgent": "mc*"}}, {"UserAgent": "mc 1"}, {"UserAgent": "curl"}),
    ({"StringEquals": {"s3:prefix": "home/"}}, {"Prefix": "home/"}, {"Prefix": ""}),
    ({"StringEquals": {"s3:x-amz-acl": "private"}}, {"X-Amz-Acl": "private"}, {"X-Amz-Acl": "public-read"}),
    ({"StringEquals": {"s3:ExistingObjectTag/Class": "open"}}, {"ExistingObjectTag/Class": "open"}, {"ExistingObjectTag/Class": "secret"}),
    ({"StringEquals": {"s3:VersionId": "v1"}}, {"versionid": "v1"}, {"versionid": ""})])
def test_what_the_store_tells_becomes_context(front, iam, condition, told, other):
    _, keys = create_user(iam, "ana", allow("s3:*", "*", **condition))
    assert _ask(front, keys, "s3:ListBucket", conditions=told)["allow"]
    assert not _ask(front, keys, "s3:ListBucket", conditions=other)["allow"]
    assert not _ask(front, keys, "s3:ListBucket")["allow"]


def test_the_policy_of_the_bucket_counts(front, iam, tmp_path):
    s3 = Aws(front.url, tmp_path).s3(bootstrap.ADMIN)
    s3.create_bucket(Bucket="shared")
    s3.put_bucket_policy(Bucket="shared", Policy=policy(
        allow("s3:GetObject", "arn:aws:s3:::shared/*") | {"Principal": {"AWS": f"arn:aws:iam::{bootstrap.ACCOUNT}:user/nobody"}},
        deny("s3:DeleteObject", "arn:aws:s3:::shared/*") | {"Principal": "*"}))
    assert _ask(front, bootstrap.NOBODY, "s3:GetObject", bucket="shared")["allow"]
    assert not _ask(front, bootstrap.ADMIN, "s3:DeleteObject", bucket="shared")["allow"]
    assert not _ask(front, bootstrap.OTHER_ADMIN, "s3:GetObject", bucket="shared")["allow"]


def test_questions_about_denials_alone(front, iam):
    _, keys = create_user(iam, "ana", deny("s3:PutObject"))
    assert _ask(front, keys, "s3:GetObject", denyOnly=True)["allow"]
    assert not _ask(front, keys, "s3:PutObject", denyOnly=True)["allow"]
    assert not _ask(front, bootstrap.Keys("AKIANOBODY", ""), "s3:GetObject", denyOnly=True)["allow"]


def test_whoever_is_gone_is_denied(front, iam):
    _, keys = create_user(iam, "ana", allow("*"))
    assert _ask(front, keys, "s3:GetObject")["allow"]
    iam.update_access_key(UserName="ana", AccessKeyId=keys.access_key, Status="Inactive")
    assert _ask(front, keys, "s3:GetObject") == {"allow": False, "explanation": "nobody here has that access key"}


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"input": null}', b'{"input": {}}', b'{"input": {"account": "ADMINKEY000000000001"}}',
                                  b'{"input": {"account": "ADMINKEY000000000001", "action": "*"}}',
                                  b'{"input": {"account": "ADMINKEY000000000001", "action": "s3:*"}}',
                                  b'{"input": {"account": "ADMINKEY000000000001", "action": "s3:GetObject", "conditions": []}}',
                                  b'{"input": {"account": "ADMINKEY000000000001", "action": "s3:GetObject", "conditions": {"SourceIp": "1.2.3.4"}}}'])
def test_what_cannot_be_read_is_denied(front, body):
    status, result = _send(front, body)
    assert (status, result) == (200, {"allow": False, "explanation": "the question cannot be read"})


@pytest.mark.parametrize("token", [None, "", TOKEN[:-1], "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_without_the_token_nobody_is_answered(front, token):
    status, body = _send(front, b'{"input": {"account": "ADMINKEY000000000001", "action": "s3:GetObject", "bucket": "b"}}', token)
    assert status == 401
    assert b'"allow":true' not in body


def test_without_a_token_there_is_no_such_path(dev_server):
    status, _ = _send(dev_server, b"{}")
    assert status >= 400


def test_questions_are_recorded(front, iam):
    _, keys = create_user(iam, "ana")
    _ask(front, keys, "s3:GetObject", bucket="noted", key="k")
    deadline = time.monotonic() + 10
    noted = []
    while not noted and time.monotonic() < deadline:
        time.sleep(0.1)  # records of what changes nothing are written a moment later
        records = [json.loads(line) for line in (front.folder / "audit.jsonl").read_text().splitlines()]
        noted = [one for one in records if one["eventName"] == "AuthorizeStoreRequest" and one["additionalEventData"].get("bucketName") == "noted"]
    assert noted[-1]["additionalEventData"]["decision"] == "deny"
    assert noted[-1]["additionalEventData"]["accessKeyId"] == keys.access_key
    assert TOKEN not in (front.folder / "audit.jsonl").read_text()


def test_the_guide_says_what_is_so(tmp_path):
    assert '{"result":{"allow":false,"explanation":"nobody here has that access key"}}' in guides.run("docs/guide/stores-that-ask.md", tmp_path)


@real
def test_minio_asks(front, iam, tmp_path):
    """MinIO's root user has the access key of a user here, and a secret of its own; what it may do is what policies here say."""
    _, keys = create_user(iam, "ana", allow(["s3:CreateBucket", "s3:ListBucket"]), allow("s3:PutObject", "arn:aws:s3:::data/in/*"))
    there = bootstrap.Keys(keys.access_key, "a secret that only the store knows")
    minio = upstreams.Minio(tmp_path / "minio", MINIO_ROOT_USER=there.access_key, MINIO_ROOT_PASSWORD=there.secret_key,
                            MINIO_POLICY_PLUGIN_URL=front.url + "/_authorize/store", MINIO_POLICY_PLUGIN_AUTH_TOKEN=f"Bearer {TOKEN}")
    try:
        s3 = Aws(minio.url, tmp_path).s3(there)
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="in/a", Body=b"x")
        assert [one["Key"] for one in s3.list_objects_v2(Bucket="data")["Contents"]] == ["in/a"]
        for call in (lambda: s3.put_object(Bucket="data", Key="out", Body=b"x"), lambda: s3.get_object(Bucket="data", Key="in/a"),
                     lambda: s3.delete_object(Bucket="data", Key="in/a"), lambda: s3.delete_bucket(Bucket="data")):
            with refused("AccessDenied", status=403):
                call()
        iam.put_user_policy(UserName="ana", PolicyName="inline", PolicyDocument=policy(allow("s3:GetObject", "arn:aws:s3:::data/*")))
        assert s3.get_object(Bucket="data", Key="in/a")["Body"].read() == b"x"
        with refused("AccessDenied", status=403):
            s3.put_object(Bucket="data", Key="in/a", Body=b"x")
    finally:
        minio.stop()
