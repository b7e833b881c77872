"""Signet in front of another S3 service: it decides and signs anew, the other one holds the objects."""
import hashlib
import http.client
import io
import json
import urllib.parse

import boto3.s3.transfer
import botocore.exceptions
import pytest

from support import bootstrap, guides, upstreams
from support.aws import Aws, refused
from support.people import allow, create_user, deny

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    made = upstreams.SignetUpstream(tmp_path_factory.mktemp("behind"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def front(behind, tmp_path_factory):
    server = upstreams.gateway(behind.url, tmp_path_factory.mktemp("front"))
    yield server
    assert server.stop() == 0


@pytest.fixture
def gateway(behind, front, tmp_path):
    behind.wipe()
    front.post("/_signet/reset")
    return Aws(front.url, tmp_path)


@pytest.fixture
def there(behind, tmp_path):
    """A client of the upstream itself."""
    return Aws(behind.url, tmp_path).s3(behind.keys)


@pytest.fixture
def s3(gateway):
    client = gateway.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


def _resident_bytes(server):
    with open(f"/proc/{server.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 5_000_000])
def test_bytes_lie_at_the_upstream_and_come_back(s3, there, size):
    body = hashlib.shake_128(str(size).encode()).digest(size)

    s3.put_object(Bucket="the-bucket", Key="a b/\u00e4+c", Body=body, ContentType="text/x-own", Metadata={"colour": "red"})

    for client in (s3, there):
        got = client.get_object(Bucket="the-bucket", Key="a b/\u00e4+c")
        assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (body, "text/x-own", {"colour": "red"})
        assert client.head_object(Bucket="the-bucket", Key="a b/\u00e4+c")["ContentLength"] == size


def test_a_trailing_checksum_goes_along(gateway, s3, there):
    """What the command line sends over TLS: the checksum stands behind the body."""
    body = bytes(3 * MIB)
    for size in (10, len(body)):
        s3.put_object(Bucket="the-bucket", Key="k", Body=Unseekable(body[:size]), ContentLength=size, ChecksumAlgorithm="SHA256")
        expected = there.head_object(Bucket="the-bucket", Key="k", ChecksumMode="ENABLED")["ChecksumSHA256"]
        assert s3.head_object(Bucket="the-bucket", Key="k", ChecksumMode="ENABLED")["ChecksumSHA256"] == expected


class Unseekable(io.BytesIO):
    """A body that botocore cannot read twice, which it therefore sends with a trailer."""

    def seekable(self):
        return False


def test_a_body_that_is_not_what_was_promised_never_gets_there(s3, there):
    for size in (3, 300_000):
        with refused("BadDigest", status=400):
            s3.put_object(Bucket="the-bucket", Key="k", Body=b"x" * size, ChecksumCRC32="AAAAAA==")
        with refused("BadDigest", status=400):
            s3.put_object(Bucket="the-bucket", Key="k", Body=b"x" * size, ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert "Contents" not in there.list_objects_v2(Bucket="the-bucket")


def test_uploads_in_parts(s3, there, tmp_path):
    body = hashlib.shake_128(b"parts").digest(13 * MIB)
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=3)

    s3.upload_fileobj(io.BytesIO(body), "the-bucket", "large", Config=config)

    assert there.head_object(Bucket="the-bucket", Key="large")["ETag"].endswith('-3"')
    file = tmp_path / "large"
    s3.download_file("the-bucket", "large", str(file), Config=config)
    assert file.read_bytes() == body


def test_listings_name_signets_owner(s3, front):
    for key in ("a/1", "a/2", "b"):
        s3.put_object(Bucket="the-bucket", Key=key, Body=b"x")

    page = s3.list_objects_v2(Bucket="the-bucket", Delimiter="/", FetchOwner=True)

    assert [one["Prefix"] for one in page["CommonPrefixes"]] == ["a/"]
    assert [one["Key"] for one in page["Contents"]] == ["b"]
    own = s3.get_bucket_acl(Bucket="the-bucket")["Owner"]["ID"]
    assert page["Contents"][0]["Owner"]["ID"] == own
    first = s3.list_objects_v2(Bucket="the-bucket", MaxKeys=2)
    rest = s3.list_objects_v2(Bucket="the-bucket", MaxKeys=2, ContinuationToken=first["NextContinuationToken"])
    assert [one["Key"] for one in first["Contents"] + rest["Contents"]] == ["a/1", "a/2", "b"]


def test_versions_copies_and_deletions(s3):
    s3.put_bucket_versioning(Bucket="the-bucket", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="the-bucket", Key="k", Body=b"one")["VersionId"]
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"two")
    s3.copy_object(Bucket="the-bucket", Key="copy", CopySource={"Bucket": "the-bucket", "Key": "k", "VersionId": first})

    assert s3.get_object(Bucket="the-bucket", Key="copy")["Body"].read() == b"one"
    deleted = s3.delete_objects(Bucket="the-bucket", Delete={"Objects": [{"Key": "k"}, {"Key": "copy"}]})["Deleted"]
    assert all(one["DeleteMarker"] for one in deleted)
    with refused("NoSuchKey", status=404):
        s3.get_object(Bucket="the-bucket", Key="k")
    assert s3.get_object(Bucket="the-bucket", Key="k", VersionId=first)["Body"].read() == b"one"
    assert len(s3.list_object_versions(Bucket="the-bucket")["DeleteMarkers"]) == 2


def test_the_upstream_is_not_asked_what_is_refused(gateway, admin, s3, there):
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"kept")
    nobody = gateway.s3(bootstrap.NOBODY)
    for call in (lambda: nobody.get_object(Bucket="the-bucket", Key="k"), lambda: nobody.put_object(Bucket="the-bucket", Key="k", Body=b"x"),
                 lambda: nobody.delete_object(Bucket="the-bucket", Key="k"), lambda: nobody.list_objects_v2(Bucket="the-bucket"),
                 lambda: nobody.copy_object(Bucket="the-bucket", Key="l", CopySource="the-bucket/k"),
                 lambda: nobody.put_object(Bucket="the-bucket", Key="k", Body=b"x" * 300_000),
                 lambda: nobody.create_multipart_upload(Bucket="the-bucket", Key="k"),
                 lambda: nobody.put_object_tagging(Bucket="the-bucket", Key="k", Tagging={"TagSet": []}),
                 lambda: nobody.put_bucket_versioning(Bucket="the-bucket", VersioningConfiguration={"Status": "Enabled"}),
                 lambda: nobody.delete_bucket(Bucket="the-bucket")):
        with refused("AccessDenied", status=403):
            call()
    outcome = nobody.delete_objects(Bucket="the-bucket", Delete={"Objects": [{"Key": "k"}]})
    assert [one["Code"] for one in outcome["Errors"]] == ["AccessDenied"]
    assert there.get_object(Bucket="the-bucket", Key="k")["Body"].read() == b"kept"
    assert "Status" not in there.get_bucket_versioning(Bucket="the-bucket")


@pytest.fixture
def admin(gateway):
    return gateway.iam(bootstrap.ADMIN)


def test_policies_on_tags_are_decided_on_those_that_the_upstream_has(gateway, admin, s3, there):
    for key in ("secret", "plain"):
        s3.put_object(Bucket="the-bucket", Key=key, Body=b"x")
    there.put_object_tagging(Bucket="the-bucket", Key="secret", Tagging={"TagSet": [{"Key": "class", "Value": "secret"}]})
    objects = "arn:aws:s3:::the-bucket/*"
    secret = {"StringEquals": {"s3:ExistingObjectTag/class": "secret"}}
    _, keys = create_user(admin, "reader", allow("s3:GetObject", objects), deny("s3:GetObject", objects, **secret))
    _, granted = create_user(admin, "cleared", allow("s3:GetObject", objects, **secret))

    assert gateway.s3(keys).get_object(Bucket="the-bucket", Key="plain")["Body"].read() == b"x"
    with refused("AccessDenied", status=403):
        gateway.s3(keys).get_object(Bucket="the-bucket", Key="secret")
    assert gateway.s3(granted).get_object(Bucket="the-bucket", Key="secret")["Body"].read() == b"x"
    with refused("AccessDenied", status=403):
        gateway.s3(granted).get_object(Bucket="the-bucket", Key="plain")


def test_who_may_not_list_does_not_learn_what_is_missing(gateway, admin, s3):
    _, keys = create_user(admin, "reader", allow("s3:GetObject", "arn:aws:s3:::the-bucket/*"))
    with refused("AccessDenied", status=403):
        gateway.s3(keys).get_object(Bucket="the-bucket", Key="missing")
    with refused("NoSuchKey", status=404):
        s3.get_object(Bucket="the-bucket", Key="missing")


def test_a_bucket_that_only_the_upstream_has_is_nobodys(gateway, there):
    there.create_bucket(Bucket="taken-there")
    s3 = gateway.s3(bootstrap.ADMIN)
    with refused("BucketAlreadyExists", status=409):
        s3.create_bucket(Bucket="taken-there")
    with refused("NoSuchBucket", status=404):
        s3.list_objects_v2(Bucket="taken-there")


def test_a_bucket_goes_only_when_it_is_empty_there(s3, there):
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"x")
    with refused("BucketNotEmpty", status=409):
        s3.delete_bucket(Bucket="the-bucket")
    there.delete_object(Bucket="the-bucket", Key="k")
    s3.delete_bucket(Bucket="the-bucket")
    with refused("NoSuchBucket", status=404):
        there.list_objects_v2(Bucket="the-bucket")


def test_conditions_of_writes_hold(s3):
    etag = s3.put_object(Bucket="the-bucket", Key="k", Body=b"one")["ETag"]
    for size in (1, 300_000):
        with refused("PreconditionFailed", status=412):
            s3.put_object(Bucket="the-bucket", Key="k", Body=b"x" * size, IfNoneMatch="*")
    with refused("PreconditionFailed", status=412):
        s3.delete_object(Bucket="the-bucket", Key="k", IfMatch='"00000000000000000000000000000000"')
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"two", IfMatch=etag)
    assert s3.get_object(Bucket="the-bucket", Key="k", Range="bytes=1-")["Body"].read() == b"wo"
    with refused("InvalidRange", status=416):
        s3.get_object(Bucket="the-bucket", Key="k", Range="bytes=9-")
    with pytest.raises(botocore.exceptions.ClientError, match="304"):
        s3.get_object(Bucket="the-bucket", Key="k", IfNoneMatch=s3.head_object(Bucket="the-bucket", Key="k")["ETag"])


def test_what_is_not_there_says_so(s3):
    with refused("NotImplemented", status=501):
        s3.put_object(Bucket="the-bucket", Key="k", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)


def test_keys_and_place_of_the_upstream_reach_nobody(front, behind, s3):
    """Neither in answers nor in refusals, nor in what Signet logs."""
    host = urllib.parse.urlsplit(front.url)
    seen = []
    for method, target in (("GET", "/the-bucket"), ("GET", "/the-bucket/k"), ("PUT", "/the-bucket/k"), ("HEAD", "/the-bucket/k")):
        for call in (s3.list_objects, s3.list_object_versions, s3.list_multipart_uploads):
            seen.append(json.dumps(call(Bucket="the-bucket"), default=str))
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=10)
        connection.request(method, target, headers={"Authorization": "nonsense"})
        answer = connection.getresponse()
        seen += [str(answer.getheaders()), answer.read().decode()]
    upload = s3.create_multipart_upload(Bucket="the-bucket", Key="k")["UploadId"]
    part = s3.upload_part(Bucket="the-bucket", Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    seen.append(json.dumps(s3.list_parts(Bucket="the-bucket", Key="k", UploadId=upload), default=str))
    done = s3.complete_multipart_upload(Bucket="the-bucket", Key="k", UploadId=upload,
                                        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert done["Location"].startswith(front.url)
    seen += [json.dumps(done, default=str), (front.folder / "server.log").read_text()]
    behind_port = urllib.parse.urlsplit(behind.url).netloc
    for text in seen:
        assert behind.keys.access_key not in text
        assert behind.keys.secret_key not in text
        assert behind_port not in text
        assert "999999999999" not in text


def test_large_bodies_pass_with_little_memory(front, s3):
    size = 192 * MIB
    s3.put_object(Bucket="the-bucket", Key="warm", Body=b"x" * MIB)
    before = _resident_bytes(front)
    s3.put_object(Bucket="the-bucket", Key="large", Body=bytes(size))
    body = s3.get_object(Bucket="the-bucket", Key="large")["Body"]
    got = 0
    while piece := body.read(MIB):
        got += len(piece)
    assert got == size
    assert _resident_bytes(front) - before < 24 * MIB


def test_a_slow_reader_holds_little(front, s3):
    size = 64 * MIB
    s3.put_object(Bucket="the-bucket", Key="large", Body=bytes(size))
    before = _resident_bytes(front)
    bodies = [s3.get_object(Bucket="the-bucket", Key="large")["Body"] for _ in range(6)]
    for body in bodies:
        assert body.read(1) == b"\0"
    assert _resident_bytes(front) - before < 24 * MIB
    for body in bodies:
        body.close()


def test_one_bucket_elsewhere_and_the_others_here(behind, tmp_path):
    behind.wipe()
    folder = tmp_path / "front"
    folder.mkdir()
    flags = upstreams.flags(behind.url, folder)
    flags[1] = f"s3/far-away={behind.url}"
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    with upstreams.Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, *flags], folder) as server:
        s3 = Aws(server.start().url, tmp_path).s3(bootstrap.ADMIN)
        there = Aws(behind.url, tmp_path).s3(behind.keys)
        for name in ("far-away", "near-by"):
            s3.create_bucket(Bucket=name)
            s3.put_object(Bucket=name, Key="k", Body=name.encode())
            assert s3.get_object(Bucket=name, Key="k")["Body"].read() == name.encode()
        assert [one["Name"] for one in there.list_buckets()["Buckets"]] == ["far-away"]
        with refused("NotImplemented", status=501):
            s3.copy_object(Bucket="near-by", Key="c", CopySource="far-away/k")
        with refused("NotImplemented", status=501):
            s3.copy_object(Bucket="far-away", Key="c", CopySource="near-by/k")


@pytest.mark.parametrize(("lines", "said"), [
    (["[default]", "aws_access_key_id = A"], "there are no keys for s3"),
    (["aws_access_key_id = A"], "line 1: expected [SECTION]"),
    (["[default]", "colour = red"], "line 2: there is no setting colour")])
def test_a_file_of_keys_that_is_none_stops_the_start(tmp_path, lines, said):
    file = tmp_path / "upstream.keys"
    file.write_text("\n".join(lines))
    file.chmod(0o600)
    assert said in _refusal_of_start(tmp_path, file)


def test_a_file_of_keys_that_others_may_read_stops_the_start(tmp_path):
    file = tmp_path / "upstream.keys"
    file.write_text("[default]\naws_access_key_id=A\naws_secret_access_key=B\n")
    file.chmod(0o644)
    assert "may be read by others" in _refusal_of_start(tmp_path, file)


def _refusal_of_start(tmp_path, file):
    server = upstreams.Server(["--dev", "--listen", "127.0.0.1:0", "--upstream", "s3=http://127.0.0.1:1",
                               "--upstream-credentials", file], tmp_path / "refused")
    with pytest.raises(AssertionError) as raised:
        server.start()
    return str(raised.value)


@pytest.mark.parametrize("key", ["a//b", "/a", "a/./b", "a/..", "../other-bucket/k", "./k", ".."])
def test_keys_that_a_store_could_take_for_others_are_refused(s3, there, key):
    """versitygw 1.8.0 cleans paths: a key with two dots would lead into another bucket."""
    there.create_bucket(Bucket="other-bucket")
    there.put_object(Bucket="other-bucket", Key="k", Body=b"of somebody else")
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"x")
    for call in (lambda: s3.put_object(Bucket="the-bucket", Key=key, Body=b"y"), lambda: s3.get_object(Bucket="the-bucket", Key=key),
                 lambda: s3.delete_object(Bucket="the-bucket", Key=key), lambda: s3.get_object_tagging(Bucket="the-bucket", Key=key),
                 lambda: s3.copy_object(Bucket="the-bucket", Key="c", CopySource={"Bucket": "the-bucket", "Key": key}),
                 lambda: s3.create_multipart_upload(Bucket="the-bucket", Key=key), lambda: s3.get_object_acl(Bucket="the-bucket", Key=key),
                 lambda: s3.list_objects_v2(Bucket="the-bucket", Prefix=key), lambda: s3.list_object_versions(Bucket="the-bucket", Prefix=key)):
        with refused("InvalidArgument", status=400):
            call()
    done = s3.delete_objects(Bucket="the-bucket", Delete={"Objects": [{"Key": key}, {"Key": "k"}]})
    assert [one["Code"] for one in done["Errors"]] == ["InvalidArgument"]
    assert [one["Key"] for one in done["Deleted"]] == ["k"]
    assert there.get_object(Bucket="other-bucket", Key="k")["Body"].read() == b"of somebody else"


def test_documents_are_refused_as_they_are_here(s3, there):
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"x")
    with refused("InvalidTag", status=400):
        s3.put_object_tagging(Bucket="the-bucket", Key="k", Tagging={"TagSet": [{"Key": "aws:k", "Value": "v"}]})
    with refused("NotImplemented", status=501):
        s3.put_bucket_versioning(Bucket="the-bucket", VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"})
    assert "Status" not in there.get_bucket_versioning(Bucket="the-bucket")


def test_the_guide_says_what_is_so(behind, there, tmp_path):
    behind.wipe()
    said = guides.run("docs/guide/upstream.md", tmp_path, [("http://127.0.0.1:9000", behind.url)])
    assert "hello" in said
    assert there.get_object(Bucket="reports", Key="hello.txt")["Body"].read() == b"hello\n"
