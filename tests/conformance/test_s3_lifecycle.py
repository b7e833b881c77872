"""Lifecycle rules act when their day has come: under the clock of --dev."""
import time

import pytest

from support import bootstrap


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


def until(condition):
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_objects_and_uploads_expire(shift_time, aws, s3):
    s3.put_bucket_lifecycle_configuration(Bucket="the-bucket", LifecycleConfiguration={"Rules": [
        {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3},
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]})
    s3.put_object(Bucket="the-bucket", Key="logs/a", Body=b"x")
    s3.put_object(Bucket="the-bucket", Key="kept", Body=b"x")
    s3.create_multipart_upload(Bucket="the-bucket", Key="logs/b")

    shift_time(2 * 86400)
    later = aws.s3(bootstrap.ADMIN)
    assert until(lambda: "Uploads" not in later.list_multipart_uploads(Bucket="the-bucket"))
    assert [one["Key"] for one in later.list_objects_v2(Bucket="the-bucket")["Contents"]] == ["kept", "logs/a"]

    shift_time(2 * 86400 + 60)
    assert until(lambda: [one["Key"] for one in later.list_objects_v2(Bucket="the-bucket")["Contents"]] == ["kept"])
