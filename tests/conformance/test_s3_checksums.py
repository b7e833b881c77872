"""The additional checksums of S3 as boto3 sends and reads them, the five of 2026 among them."""
import base64
import hashlib

import pytest

from support import bootstrap
from support.aws import refused

# Of b"abc". The digests are Python's, the rest what xxhsum prints.
CHECKSUMS = {
    "SHA512": hashlib.sha512(b"abc").digest(),
    "MD5": hashlib.md5(b"abc").digest(),
    "XXHASH64": bytes.fromhex("44bc2cf5ad770999"),
    "XXHASH3": bytes.fromhex("78af5f94892f3950"),
    "XXHASH128": bytes.fromhex("06b05ab6733a618578af5f94892f3950"),
    "SHA256": hashlib.sha256(b"abc").digest(),
    "SHA1": hashlib.sha1(b"abc").digest(),
    "CRC32": bytes.fromhex("352441c2"),
}


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


def text_of(name):
    return base64.b64encode(CHECKSUMS[name]).decode()


@pytest.mark.parametrize("name", CHECKSUMS)
def test_checksum_is_verified_and_given_back(s3, name):
    member = f"Checksum{name}"
    with refused("BadDigest", f"The {name} you specified did not match the calculated checksum.", status=400):
        s3.put_object(Bucket="the-bucket", Key="k", Body=b"abd", **{member: text_of(name)})
    with refused("InvalidRequest", f"Value for x-amz-checksum-{name.lower()} header is invalid.", status=400):
        s3.put_object(Bucket="the-bucket", Key="k", Body=b"abc", **{member: "nonsense"})
    assert "Contents" not in s3.list_objects_v2(Bucket="the-bucket")

    put = s3.put_object(Bucket="the-bucket", Key="k", Body=b"abc", **{member: text_of(name)})
    got = s3.get_object(Bucket="the-bucket", Key="k", ChecksumMode="ENABLED")

    assert (put[member], got[member], got["ChecksumType"]) == (text_of(name), text_of(name), "FULL_OBJECT")
    assert got["Body"].read() == b"abc"


@pytest.mark.parametrize("name", ["SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128", "SHA256"])
def test_upload_in_parts_has_a_checksum_of_checksums(s3, name):
    member = f"Checksum{name}"
    upload = s3.create_multipart_upload(Bucket="the-bucket", Key="k", ChecksumAlgorithm=name)
    assert (upload["ChecksumAlgorithm"], upload["ChecksumType"]) == (name, "COMPOSITE")
    where = {"Bucket": "the-bucket", "Key": "k", "UploadId": upload["UploadId"]}
    with refused("BadDigest", status=400):
        s3.upload_part(**where, PartNumber=1, Body=b"abd", **{member: text_of(name)})
    part = s3.upload_part(**where, PartNumber=1, Body=b"abc", **{member: text_of(name)})
    assert s3.list_parts(**where)["Parts"][0][member] == text_of(name)

    done = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": part["ETag"], member: text_of(name)}]})

    head = s3.head_object(Bucket="the-bucket", Key="k", ChecksumMode="ENABLED")
    assert (done["ChecksumType"], head["ChecksumType"]) == ("COMPOSITE", "COMPOSITE")
    assert done[member] == head[member] and done[member].endswith("-1")
    if name in ("SHA512", "MD5", "SHA256"):
        of_parts = hashlib.new(name.lower(), CHECKSUMS[name]).digest()
        assert done[member] == base64.b64encode(of_parts).decode() + "-1"


@pytest.mark.parametrize("name", ["SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128", "SHA256", "SHA1"])
def test_such_a_checksum_cannot_be_of_the_full_object(s3, name):
    with refused("InvalidRequest", "The FULL_OBJECT checksum type cannot be used with the "
                 f"{name.lower()} checksum algorithm.", status=400):
        s3.create_multipart_upload(Bucket="the-bucket", Key="k", ChecksumAlgorithm=name, ChecksumType="FULL_OBJECT")


def test_part_of_an_upload_without_algorithm_shows_the_default(aws):
    s3 = aws.client("s3", bootstrap.ADMIN, config={"request_checksum_calculation": "when_required"})
    s3.create_bucket(Bucket="the-bucket")
    upload = s3.create_multipart_upload(Bucket="the-bucket", Key="k")

    part = s3.upload_part(Bucket="the-bucket", Key="k", UploadId=upload["UploadId"], PartNumber=1, Body=b"123456789")

    assert part["ChecksumCRC64NVME"] == base64.b64encode(bytes.fromhex("ae8b14860a799888")).decode()
