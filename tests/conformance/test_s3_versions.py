"""Versioning of buckets, with the SDK."""
import json

import pytest

from support import bootstrap
from support.people import error_code

BUCKET = {"Bucket": "the-bucket"}
KEY = BUCKET | {"Key": "k"}


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(**BUCKET)
    client.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def put(s3, body, key="k"):
    return s3.put_object(**BUCKET, Key=key, Body=body)["VersionId"]


def test_state_of_a_bucket(aws, s3):
    assert s3.get_bucket_versioning(**BUCKET)["Status"] == "Enabled"
    s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_versioning(**BUCKET)["Status"] == "Suspended"
    s3.create_bucket(Bucket="other-bucket")
    assert "Status" not in s3.get_bucket_versioning(Bucket="other-bucket")
    assert error_code(s3.put_bucket_versioning, **BUCKET, VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"}) \
        == "NotImplemented"


def test_versions_can_be_read_listed_and_deleted(s3):
    first, second = put(s3, b"first"), put(s3, b"second")
    assert s3.get_object(**KEY)["VersionId"] == second
    old = s3.get_object(**KEY, VersionId=first)
    assert (old["Body"].read(), old["VersionId"]) == (b"first", first)
    assert s3.head_object(**KEY, VersionId=first)["ContentLength"] == 5

    marker = s3.delete_object(**KEY)
    assert marker["DeleteMarker"] is True
    assert error_code(s3.get_object, **KEY) == "NoSuchKey"
    assert error_code(s3.get_object, **KEY, VersionId=marker["VersionId"]) == "MethodNotAllowed"
    listed = s3.list_object_versions(**BUCKET)
    assert [(one["VersionId"], one["IsLatest"]) for one in listed["Versions"]] == [(second, False), (first, False)]
    assert [(one["VersionId"], one["IsLatest"]) for one in listed["DeleteMarkers"]] == [(marker["VersionId"], True)]
    assert "Contents" not in s3.list_objects_v2(**BUCKET)

    s3.delete_object(**KEY, VersionId=marker["VersionId"])
    assert s3.get_object(**KEY)["Body"].read() == b"second"
    s3.delete_object(**KEY, VersionId=second)
    assert s3.get_object(**KEY)["Body"].read() == b"first"
    assert error_code(s3.get_object, **KEY, VersionId=second) == "NoSuchVersion"


def test_a_cleaner_empties_the_bucket(s3):
    for number in range(30):
        put(s3, b"x", f"k{number % 7}")
    s3.delete_objects(**BUCKET, Delete={"Objects": [{"Key": f"k{number}"} for number in range(3)]})
    assert error_code(s3.delete_bucket, **BUCKET) == "BucketNotEmpty"

    pages = s3.get_paginator("list_object_versions").paginate(**BUCKET, PaginationConfig={"PageSize": 4})
    every = [{"Key": one["Key"], "VersionId": one["VersionId"]}
             for page in pages for one in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    assert len(every) == 33 and len({one["VersionId"] for one in every}) == 33
    deleted = s3.delete_objects(**BUCKET, Delete={"Objects": every})
    assert "Errors" not in deleted
    assert sum(one.get("DeleteMarker", False) for one in deleted["Deleted"]) == 3

    s3.delete_bucket(**BUCKET)


def test_suspended_buckets_write_the_null_version(s3):
    first = put(s3, b"first")
    s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(**KEY, Body=b"null")
    s3.put_object(**KEY, Body=b"null again")
    versions = s3.list_object_versions(**BUCKET)["Versions"]
    assert [one["VersionId"] for one in versions] == ["null", first]
    assert s3.get_object(**KEY, VersionId="null")["Body"].read() == b"null again"
    assert s3.delete_object(**KEY)["VersionId"] == "null"
    assert [one["VersionId"] for one in s3.list_object_versions(**BUCKET)["Versions"]] == [first]


def test_conditional_writes_look_at_the_object(s3):
    put(s3, b"first")
    assert error_code(s3.put_object, **KEY, Body=b"x", IfNoneMatch="*") == "PreconditionFailed"
    s3.delete_object(**KEY)
    assert s3.put_object(**KEY, Body=b"x", IfNoneMatch="*")["VersionId"]


def test_an_earlier_version_is_copied_and_uploads_make_versions(s3):
    first = put(s3, b"first")
    put(s3, b"second")
    copied = s3.copy_object(**KEY, CopySource=BUCKET | {"Key": "k", "VersionId": first})
    assert copied["CopySourceVersionId"] == first
    assert s3.get_object(**KEY)["Body"].read() == b"first"
    upload = s3.create_multipart_upload(**KEY)["UploadId"]
    part = s3.upload_part_copy(**KEY, UploadId=upload, PartNumber=1, CopySource=BUCKET | {"Key": "k", "VersionId": first})
    assert part["CopySourceVersionId"] == first
    done = s3.complete_multipart_upload(
        **KEY, UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]})
    assert done["VersionId"] == s3.head_object(**KEY)["VersionId"]
    assert len(s3.list_object_versions(**BUCKET)["Versions"]) == 4


def test_policies_decide_on_versions(aws, s3):
    first = put(s3, b"first")
    nobody = aws.s3(bootstrap.NOBODY)
    assert error_code(nobody.get_object, **KEY, VersionId=first) == "AccessDenied"
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{bootstrap.ACCOUNT}:user/nobody"},
                 "Action": "s3:GetObjectVersion", "Resource": "arn:aws:s3:::the-bucket/*",
                 "Condition": {"StringEquals": {"s3:VersionId": first}}}
    s3.put_bucket_policy(**BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assert nobody.get_object(**KEY, VersionId=first)["Body"].read() == b"first"
    second = put(s3, b"second")
    assert error_code(nobody.get_object, **KEY, VersionId=second) == "AccessDenied"
    assert error_code(nobody.get_object, **KEY) == "AccessDenied"
    assert error_code(nobody.delete_object, **KEY, VersionId=first) == "AccessDenied"
    assert error_code(nobody.list_object_versions, **BUCKET) == "AccessDenied"
