"""Encryption at rest: what the SDK is told, and what lies on the disk."""
import json
import pathlib

import pytest

from support import bootstrap
from support.aws import Aws
from support.people import error_code
from support.server import Server

MARK = b"plain text that nobody may find on the disk. "


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


def test_every_answer_about_an_object_says_so(s3):
    put = s3.put_object(Bucket="the-bucket", Key="k", Body=b"x", ServerSideEncryption="AES256")
    upload = s3.create_multipart_upload(Bucket="the-bucket", Key="m", ServerSideEncryption="AES256")
    part = s3.upload_part(Bucket="the-bucket", Key="m", UploadId=upload["UploadId"], PartNumber=1, Body=b"part")
    whole = s3.complete_multipart_upload(
        Bucket="the-bucket", Key="m", UploadId=upload["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    copy = s3.copy_object(Bucket="the-bucket", Key="c", CopySource="the-bucket/k", ServerSideEncryption="AES256")

    for answer in (put, upload, part, whole, copy, s3.get_object(Bucket="the-bucket", Key="m"),
                   s3.head_object(Bucket="the-bucket", Key="k")):
        assert answer["ServerSideEncryption"] == "AES256"


def test_other_ways_are_refused(s3):
    assert error_code(s3.put_object, Bucket="the-bucket", Key="k", Body=b"", ServerSideEncryption="aws:kms") == "NotImplemented"
    assert error_code(s3.put_object, Bucket="the-bucket", Key="k", Body=b"", ServerSideEncryption="other") == "InvalidArgument"


def test_default_of_a_bucket(s3):
    preset = s3.get_bucket_encryption(Bucket="the-bucket")["ServerSideEncryptionConfiguration"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    assert preset == {"Rules": [rule]}
    s3.put_bucket_encryption(Bucket="the-bucket", ServerSideEncryptionConfiguration=preset)
    assert s3.get_bucket_encryption(Bucket="the-bucket")["ServerSideEncryptionConfiguration"] == preset
    s3.delete_bucket_encryption(Bucket="the-bucket")
    assert s3.get_bucket_encryption(Bucket="the-bucket")["ServerSideEncryptionConfiguration"] == preset
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    assert error_code(s3.put_bucket_encryption, Bucket="the-bucket", ServerSideEncryptionConfiguration=kms) == "NotImplemented"


def test_a_policy_may_demand_that_it_is_asked_for(s3):
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::the-bucket/*",
                 "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}}
    s3.put_bucket_policy(Bucket="the-bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assert error_code(s3.put_object, Bucket="the-bucket", Key="k", Body=b"x") == "AccessDenied"
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"x", ServerSideEncryption="AES256")


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 262144 + 1, 9 * 1024 * 1024 + 5])
def test_bytes_and_ranges_come_back(s3, size):
    body = (MARK * (size // len(MARK) + 1))[:size]
    s3.put_object(Bucket="the-bucket", Key="k", Body=body)

    assert s3.get_object(Bucket="the-bucket", Key="k")["Body"].read() == body
    for first, last in ((0, 0), (65530, 65540), (size // 2, size - 1), (size - 1, size + 10)):
        if first < size:
            got = s3.get_object(Bucket="the-bucket", Key="k", Range=f"bytes={first}-{last}")
            assert got["Body"].read() == body[first:last + 1]


def test_a_large_object_of_parts_comes_back_whole_and_in_ranges(s3):
    parts = [bytes([65 + number]) * (5 * 1024 * 1024 + number) for number in range(4)]
    upload = s3.create_multipart_upload(Bucket="the-bucket", Key="m")["UploadId"]
    done = []
    for number, body in enumerate(parts, 1):
        answer = s3.upload_part(Bucket="the-bucket", Key="m", UploadId=upload, PartNumber=number, Body=body)
        done.append({"PartNumber": number, "ETag": answer["ETag"]})
    whole = s3.complete_multipart_upload(Bucket="the-bucket", Key="m", UploadId=upload, MultipartUpload={"Parts": done})
    again = s3.complete_multipart_upload(Bucket="the-bucket", Key="m", UploadId=upload, MultipartUpload={"Parts": done})
    body = b"".join(parts)

    assert again["ETag"] == whole["ETag"]
    assert s3.get_object(Bucket="the-bucket", Key="m")["Body"].read() == body
    edge = 5 * 1024 * 1024
    got = s3.get_object(Bucket="the-bucket", Key="m", Range=f"bytes={edge - 3}-{edge + 4}")["Body"].read()
    assert got == body[edge - 3:edge + 5]
    second = s3.get_object(Bucket="the-bucket", Key="m", PartNumber=2)
    assert (second["Body"].read(), second["PartsCount"]) == (parts[1], 4)
    s3.copy_object(Bucket="the-bucket", Key="copy", CopySource="the-bucket/m")
    assert s3.get_object(Bucket="the-bucket", Key="copy")["Body"].read() == body


def test_nothing_of_it_lies_on_the_disk(tmp_path):
    arguments = ["--listen", "127.0.0.1:0", "--data", tmp_path / "data", "--bootstrap", tmp_path / "bootstrap.json"]
    (tmp_path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    server = Server(arguments, tmp_path)
    server.start()
    try:
        s3 = Aws(server.url, tmp_path).s3(bootstrap.ADMIN)
        s3.create_bucket(Bucket="the-bucket")
        for number, size in enumerate((60, 70_000, 3_000_000)):
            s3.put_object(Bucket="the-bucket", Key=f"k{number}", Body=(MARK * (size // len(MARK) + 1))[:size])
    finally:
        assert server.stop() == 0
    objects = pathlib.Path(tmp_path / "data" / "objects")
    files = [path for path in (objects / "data").rglob("*") if path.is_file()]
    assert len(files) == 2  # the index has the smallest
    for path in [*files, *objects.glob("index.db*")]:
        assert MARK[:16] not in path.read_bytes()

    # Whoever takes the server up again reads them; a byte that was changed is noticed.
    server.start()
    try:
        s3 = Aws(server.url, tmp_path).s3(bootstrap.ADMIN)
        assert s3.get_object(Bucket="the-bucket", Key="k1")["Body"].read(44) == MARK[:44]
        for path in files:
            text = bytearray(path.read_bytes())
            text[len(text) // 2] ^= 1
            path.write_bytes(bytes(text))
        assert s3.get_object(Bucket="the-bucket", Key="k0")["Body"].read() == (MARK * 60)[:60]
        assert error_code(s3.get_object, Bucket="the-bucket", Key="k1") == "InternalError"
    finally:
        assert server.stop() == 0
