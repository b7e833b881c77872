"""Signature version 2: links are taken as S3's older regions take them, Authorization headers nowhere."""
import base64
import hashlib
import hmac
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

import botocore.exceptions
import pytest

from support import bootstrap

NOT_SUPPORTED = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


@pytest.fixture
def signer(aws):
    return aws.client("s3", bootstrap.ADMIN, config={"signature_version": None})


def send(aws, method, target, headers=None, body=None):
    """Status, and of an error document its members."""
    split = urllib.parse.urlsplit(aws.url)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=10)
    connection.request(method, target.removeprefix(aws.url), body=body, headers=headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status < 400 or not text:
        return answer.status, text
    return answer.status, {child.tag: child.text for child in xml.etree.ElementTree.fromstring(text)}


def link(method, path, headers):
    """A link that covers x-amz-* headers which are sent along: AWS's own scheme, which no SDK has a call for."""
    expires = int(time.time()) + 60
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    text = f"{method}\n\n\n{expires}\n{lines}{path}"
    signature = base64.b64encode(hmac.digest(bootstrap.ADMIN.secret_key.encode(), text.encode(), "sha1")).decode()
    return f"{path}?" + urllib.parse.urlencode({"AWSAccessKeyId": bootstrap.ADMIN.access_key, "Expires": expires,
                                                "Signature": signature})


@pytest.mark.parametrize("method,target", [
    ("GET", "/"), ("PUT", "/new-bucket"), ("GET", "/the-bucket"), ("GET", "/the-bucket?policy"), ("GET", "/the-bucket/k"),
    ("PUT", "/the-bucket/k"), ("DELETE", "/the-bucket/k"), ("POST", "/the-bucket?delete"), ("POST", "/the-bucket/k?uploads"),
    ("GET", "/the-bucket/k?torrent"), ("GET", "/no-such-bucket")])
def test_an_authorization_header_of_version_2_is_refused_whatever_is_asked(aws, s3, method, target):
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"kept", Metadata={"colour": "red"})
    for authorization in [f"AWS {bootstrap.ADMIN.access_key}:c2lnbmF0dXJl", "AWS nobody:x"]:
        status, error = send(aws, method, target, {"Authorization": authorization, "Date": "Mon, 01 Jan 2024 00:00:00 GMT",
                                                   "x-amz-meta-colour": "blue", "Content-MD5": "bad"}, b"")
        assert (status, error["Code"], error["Message"]) == (400, "InvalidRequest", NOT_SUPPORTED)
    assert send(aws, "HEAD", "/the-bucket/k", {"Authorization": "AWS a:b"}) == (400, b"")
    assert s3.get_object(Bucket="the-bucket", Key="k")["Metadata"] == {"colour": "red"}


def test_a_client_that_signs_with_version_2_is_told_so(aws, s3):
    client = aws.client("s3", bootstrap.ADMIN, config={"signature_version": "s3"})
    for call in [lambda: client.put_object(Bucket="the-bucket", Key="k", Body=b"x", Metadata={"a": "b"}),
                 lambda: client.create_multipart_upload(Bucket="the-bucket", Key="k"),
                 lambda: client.list_objects_v2(Bucket="the-bucket"), client.list_buckets]:
        with pytest.raises(botocore.exceptions.ClientError) as refusal:
            call()
        assert refusal.value.response["Error"]["Code"] == "InvalidRequest"
        assert refusal.value.response["Error"]["Message"] == NOT_SUPPORTED


@pytest.mark.parametrize("form", ["Action=GetCallerIdentity&Version=2011-06-15", "Action=ListUsers&Version=2010-05-08"])
def test_no_other_service_takes_version_2(aws, form):
    for authorization in ["AWS AKID:c2ln", "AWS3 AWSAccessKeyId=AKID,Algorithm=HmacSHA256,Signature=x"]:
        request = urllib.request.Request(aws.url + "/", data=form.encode(), headers={"Authorization": authorization})
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request, timeout=10)
        text = refusal.value.read().decode()
        assert refusal.value.code == 400 and "IncompleteSignature" in text and NOT_SUPPORTED in text


def test_links_of_version_2_make_a_multipart_upload(aws, s3, signer):
    names = {"Bucket": "the-bucket", "Key": "k"}
    status, text = send(aws, "POST", signer.generate_presigned_url("create_multipart_upload", names | {"Metadata": {"a": "b"}}))
    assert status == 200
    names["UploadId"] = next(e.text for e in xml.etree.ElementTree.fromstring(text) if e.tag.endswith("UploadId"))
    part = signer.generate_presigned_url("upload_part", names | {"PartNumber": 1})
    assert "AWSAccessKeyId=" in part
    assert send(aws, "PUT", part.replace("partNumber=1", "partNumber=2"), body=b"part")[1]["Code"] == "SignatureDoesNotMatch"
    assert send(aws, "PUT", part, body=b"part")[0] == 200
    etag = s3.list_parts(**names)["Parts"][0]["ETag"]
    document = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    complete = signer.generate_presigned_url("complete_multipart_upload", names)
    assert send(aws, "POST", complete, body=document.encode())[0] == 200
    got = s3.get_object(Bucket="the-bucket", Key="k")
    assert (got["Body"].read(), got["Metadata"]) == (b"part", {"a": "b"})


def test_a_link_of_version_2_does_not_cover_headers_that_it_did_not_sign(aws, s3, signer):
    """Answers as recorded from S3 in 2026-02."""
    md5 = base64.b64encode(hashlib.md5(b"sent").digest()).decode()
    url = signer.generate_presigned_url("put_object", {"Bucket": "the-bucket", "Key": "k", "ContentMD5": md5})
    wrong = {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length": "test"}
    for headers in [wrong, {"x-amz-content-sha256": wrong["x-amz-content-sha256"]}, {"x-amz-meta-wrong": "wrong"},
                    {"x-amz-date": "20211122T191045Z"}, {"Content-MD5": base64.b64encode(b"0123456789abcdef").decode()}]:
        status, error = send(aws, "PUT", url, {"Content-MD5": md5} | headers, b"sent")
        assert (status, error["Code"]) == (403, "SignatureDoesNotMatch")
        assert "StringToSign" in error and "CanonicalRequest" not in error
    assert send(aws, "PUT", url, {"Content-MD5": md5}, b"other")[1]["Code"] == "BadDigest"
    assert "Contents" not in s3.list_objects_v2(Bucket="the-bucket")
    assert send(aws, "PUT", url, {"Content-MD5": md5}, b"sent")[0] == 200


@pytest.mark.parametrize("lacking", ["Signature", "AWSAccessKeyId", "Expires"])
def test_what_is_left_of_a_link_is_no_anonymous_request(aws, s3, signer, lacking):
    url = signer.generate_presigned_url("put_object", {"Bucket": "the-bucket", "Key": "k"})
    path, _, query = url.partition("?")
    left = "&".join(pair for pair in query.split("&") if not pair.startswith(lacking + "="))

    status, error = send(aws, "PUT", f"{path}?{left}", body=b"x")

    assert (status, error["Code"], error["Message"]) == (
        403, "AccessDenied", "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")


@pytest.mark.parametrize("payload", ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "nonsense"])
def test_a_link_of_version_2_carries_no_chunks(aws, s3, payload):
    """A chunked body under such a link ended the server once."""
    headers = {"x-amz-content-sha256": payload, "x-amz-decoded-content-length": "3"}

    status, error = send(aws, "PUT", link("PUT", "/the-bucket/k", headers), headers, b"3\r\nabc\r\n0\r\n\r\n")

    assert (status, error["Code"]) == (400, "InvalidRequest")
    assert "Contents" not in s3.list_objects_v2(Bucket="the-bucket")
