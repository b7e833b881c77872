"""Presigned URLs that carry headers in their query: what stands there is signed and counts as headers."""
import urllib.error
import urllib.request
import xml.etree.ElementTree

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from support import bootstrap
from support.people import allow, create_user, deny


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


def call(aws, method, target, keys=bootstrap.ADMIN, body=b"", headers=None):
    """Presigns `target` (path and query) as AWS's clients do and sends it: status, headers, error code or body."""
    request = botocore.awsrequest.AWSRequest(method=method, url=aws.url + target)
    credentials = botocore.credentials.Credentials(keys.access_key, keys.secret_key, keys.token)
    botocore.auth.S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=60).add_auth(request)
    # urllib would send a Content-Type of its own, which must not count for the object.
    sent = urllib.request.Request(request.url, data=body or None, method=method,
                                  headers={"Content-Type": "text/x-sent"} | (headers or {}))
    try:
        with urllib.request.urlopen(sent, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        text = refusal.read()
        return refusal.code, refusal.headers, xml.etree.ElementTree.fromstring(text).findtext("Code") if text else None


def test_precondition_in_the_query_protects_the_object(aws, s3):
    first = call(aws, "PUT", "/the-bucket/k?If-None-Match=*", body=b"first")
    second = call(aws, "PUT", "/the-bucket/k?If-None-Match=*", body=b"second")
    etag = s3.head_object(Bucket="the-bucket", Key="k")["ETag"].replace('"', "%22")
    third = call(aws, "PUT", "/the-bucket/k?If-Match=%22other%22", body=b"third")
    fourth = call(aws, "GET", f"/the-bucket/k?If-None-Match={etag}")

    assert (first[0], second[0], second[2], third[0], fourth[0]) == (200, 412, "PreconditionFailed", 412, 304)
    assert s3.get_object(Bucket="the-bucket", Key="k")["Body"].read() == b"first"


@pytest.mark.parametrize("query,status,code", [
    ("x-amz-server-side-encryption=aws:kms", 501, "NotImplemented"),
    ("x-amz-server-side-encryption=none", 400, "InvalidArgument"),
    ("x-amz-tagging=a%3Db%26a%3Dc", 400, "InvalidArgument"),
    ("X-Amz-Object-Lock-Mode=GOVERNANCE", 400, "InvalidRequest"),
    ("x-amz-acl=public-read", 400, "AccessControlListNotSupported"),
    ("x-amz-checksum-crc32=AAAAAA%3D%3D", 400, "BadDigest"),
    ("x-amz-checksum-sha256a=x", 400, "InvalidRequest"),
    ("Content-MD5=AAAAAAAAAAAAAAAAAAAAAA%3D%3D", 400, "BadDigest"),
    ("x-amz-expected-bucket-owner=999988887777", 403, "AccessDenied"),
])
def test_what_the_query_asks_for_is_not_overlooked(aws, s3, query, status, code):
    answer = call(aws, "PUT", f"/the-bucket/k?{query}", body=b"content")

    assert (answer[0], answer[2]) == (status, code)
    assert "Contents" not in s3.list_objects_v2(Bucket="the-bucket")


def test_object_gets_what_the_query_gives_it(aws, s3):
    put = call(aws, "PUT", "/the-bucket/k?x-amz-meta-colour=red&Content-Type=text/x-own&x-amz-storage-class=ONEZONE_IA",
               body=b"content")
    head = s3.head_object(Bucket="the-bucket", Key="k")
    copied = call(aws, "PUT", "/the-bucket/copy?x-amz-copy-source=the-bucket/k")

    assert (put[0], copied[0]) == (200, 200)
    assert (head["Metadata"], head["ContentType"], head["StorageClass"]) == ({"colour": "red"}, "text/x-own", "ONEZONE_IA")
    assert s3.get_object(Bucket="the-bucket", Key="copy")["Body"].read() == b"content"


def test_policies_see_what_stands_in_the_query(aws, admin_iam, s3):
    _, keys = create_user(admin_iam, "u", allow("s3:PutObject"),
                          deny("s3:PutObject", "*", StringEquals={"s3:x-amz-storage-class": "ONEZONE_IA"}))

    refused = call(aws, "PUT", "/the-bucket/k?x-amz-storage-class=ONEZONE_IA", keys, b"content")
    taken = call(aws, "PUT", "/the-bucket/k?x-amz-storage-class=STANDARD_IA", keys, b"content")

    assert (refused[0], refused[2], taken[0]) == (403, "AccessDenied", 200)


def test_version_2_link_carries_metadata(aws, s3):
    signer = aws.client("s3", bootstrap.ADMIN)
    url = signer.generate_presigned_url("put_object", Params={"Bucket": "the-bucket", "Key": "k",
                                                              "Metadata": {"colour": "red"}})
    assert "AWSAccessKeyId=" in url and "x-amz-meta-colour=red" in url
    request = urllib.request.Request(url, data=b"sent", method="PUT", headers={"Content-Type": ""})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert s3.head_object(Bucket="the-bucket", Key="k")["Metadata"] == {"colour": "red"}

    tampered = urllib.request.Request(url.replace("colour=red", "colour=blue"), data=b"sent", method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(tampered, timeout=10)
    assert refusal.value.code == 403
