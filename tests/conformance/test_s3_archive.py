"""Archived objects of S3 and their restoration, expiry as objects show it, tags of new buckets, checksums of parts."""
import datetime

import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, create_user, error_code

BUCKET = {"Bucket": "the-bucket"}
OBJECT = BUCKET | {"Key": "k"}
RESTORE = {"Days": 2, "GlacierJobParameters": {"Tier": "Bulk"}}


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(**BUCKET)
    return client


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_an_archived_object_is_read_while_it_is_restored(shift_time, aws, s3, storage_class):
    s3.put_object(**OBJECT, Body=b"content", StorageClass=storage_class)
    for _ in range(2):
        with refused("InvalidObjectState", "The operation is not valid for the object's storage class", status=403):
            s3.get_object(**OBJECT)
        head = s3.head_object(**OBJECT)
        assert head["StorageClass"] == storage_class and "Restore" not in head
    with refused("InvalidObjectState", "the source object's storage class", status=403):
        s3.copy_object(**BUCKET, Key="copy", CopySource="the-bucket/k")
    assert s3.restore_object(**OBJECT, RestoreRequest=RESTORE)["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert s3.restore_object(**OBJECT, RestoreRequest=RESTORE)["ResponseMetadata"]["HTTPStatusCode"] == 200
    answer = s3.get_object(**OBJECT)
    assert answer["Body"].read() == b"content"
    assert answer["Restore"].startswith('ongoing-request="false", expiry-date="')
    s3.copy_object(**BUCKET, Key="copy", CopySource="the-bucket/k")
    assert "Restore" not in s3.head_object(**BUCKET, Key="copy")
    shift_time(4 * 86400)
    later = aws.s3(bootstrap.ADMIN)
    assert error_code(later.get_object, **OBJECT) == "InvalidObjectState"
    assert "Restore" not in later.head_object(**OBJECT)


def test_what_cannot_be_restored(aws, s3):
    s3.put_object(**OBJECT, Body=b"x")
    with refused("InvalidObjectState", "Restore is not allowed for the object's current storage class", status=403):
        s3.restore_object(**OBJECT, RestoreRequest=RESTORE)
    assert error_code(s3.restore_object, **BUCKET, Key="missing", RestoreRequest=RESTORE) == "NoSuchKey"
    s3.put_object(**OBJECT, Body=b"x", StorageClass="GLACIER")
    for request in ({}, {"Days": 0}, {"GlacierJobParameters": {"Tier": "Bulk"}}, {"Days": 1, "GlacierJobParameters": {"Tier": "Slow"}}):
        with refused("MalformedXML", status=400):
            s3.restore_object(**OBJECT, RestoreRequest=request)
    assert error_code(s3.restore_object, **OBJECT, RestoreRequest={"Type": "SELECT"}) == "NotImplemented"
    _, reader = create_user(aws.iam(bootstrap.ADMIN), "reader", allow("s3:GetObject"))
    assert error_code(aws.s3(reader).restore_object, **OBJECT, RestoreRequest=RESTORE) == "AccessDenied"
    assert error_code(s3.get_object, **OBJECT) == "InvalidObjectState"


def test_objects_show_when_they_expire(s3):
    assert "Expiration" not in s3.put_object(**OBJECT, Body=b"x")
    s3.put_bucket_lifecycle_configuration(**BUCKET, LifecycleConfiguration={"Rules": [
        {"ID": "late one", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 9}},
        {"ID": "early", "Status": "Enabled", "Filter": {"And": {"Prefix": "k", "ObjectSizeGreaterThan": 1}}, "Expiration": {"Days": 3}},
        {"ID": "off", "Status": "Disabled", "Filter": {}, "Expiration": {"Days": 1}}]})

    def day(count):
        midnight = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=count + 1)
        return midnight.strftime("%a, %d %b %Y 00:00:00 GMT")

    assert s3.head_object(**OBJECT)["Expiration"] == f'expiry-date="{day(9)}", rule-id="late%20one"'
    assert s3.put_object(**OBJECT, Body=b"xyz")["Expiration"] == f'expiry-date="{day(3)}", rule-id="early"'
    assert s3.get_object(**OBJECT)["Expiration"].endswith('rule-id="early"')
    assert s3.copy_object(**BUCKET, Key="other", CopySource="the-bucket/k")["Expiration"].endswith('rule-id="late%20one"')
    s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(**OBJECT, Body=b"xyz")["VersionId"]
    assert "Expiration" in s3.head_object(**OBJECT)
    assert "Expiration" not in s3.head_object(**OBJECT, VersionId=version)


def test_the_size_for_transitions_is_kept(s3):
    rules = {"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 7}}]}
    for size in ("varies_by_storage_class", "all_storage_classes_128K"):
        put = s3.put_bucket_lifecycle_configuration(**BUCKET, LifecycleConfiguration=rules, TransitionDefaultMinimumObjectSize=size)
        assert put["TransitionDefaultMinimumObjectSize"] == size
        assert s3.get_bucket_lifecycle_configuration(**BUCKET)["TransitionDefaultMinimumObjectSize"] == size
    s3.put_bucket_lifecycle_configuration(**BUCKET, LifecycleConfiguration=rules, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    assert s3.put_bucket_lifecycle_configuration(**BUCKET, LifecycleConfiguration=rules)["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    with refused("InvalidRequest", "Invalid TransitionDefaultMinimumObjectSize found: value", status=400):
        s3.put_bucket_lifecycle_configuration(**BUCKET, LifecycleConfiguration=rules, TransitionDefaultMinimumObjectSize="value")


def test_buckets_are_made_with_tags(aws):
    s3 = aws.s3(bootstrap.ADMIN)
    tags = {"Tags": [{"Key": "team", "Value": "red"}]}
    s3.create_bucket(**BUCKET, CreateBucketConfiguration=tags)
    assert s3.get_bucket_tagging(**BUCKET)["TagSet"] == tags["Tags"]
    with refused("BucketAlreadyOwnedByYou", status=409):
        s3.create_bucket(**BUCKET, CreateBucketConfiguration=tags)
    s3.create_bucket(**BUCKET)
    for key, value, code, message in (("aws:a", "x", "InvalidTag", "User-defined tag keys can't start with"),
                                      ("a,b", "x", "InvalidTag", "The TagKey you have provided is invalid"),
                                      ("a", "x,y", "InvalidTag", "The TagValue you have provided is invalid")):
        with refused(code, message, status=400):
            s3.create_bucket(Bucket="another-bucket", CreateBucketConfiguration={"Tags": [{"Key": key, "Value": value}]})
    iam = aws.iam(bootstrap.ADMIN)
    _, maker = create_user(iam, "maker", allow("s3:CreateBucket"))
    _, red = create_user(iam, "red", allow(["s3:CreateBucket", "s3:TagResource"], StringEquals={"aws:RequestTag/team": "red"}))
    assert error_code(aws.s3(maker).create_bucket, Bucket="another-bucket", CreateBucketConfiguration=tags) == "AccessDenied"
    blue = {"Tags": [{"Key": "team", "Value": "blue"}]}
    assert error_code(aws.s3(red).create_bucket, Bucket="another-bucket", CreateBucketConfiguration=blue) == "AccessDenied"
    assert error_code(aws.s3(red).create_bucket, Bucket="another-bucket") == "AccessDenied"
    aws.s3(red).create_bucket(Bucket="another-bucket", CreateBucketConfiguration=tags)


@pytest.mark.parametrize("kind, algorithm", [("COMPOSITE", "SHA256"), ("COMPOSITE", "CRC32C"), ("FULL_OBJECT", "CRC32")])
def test_parts_keep_their_checksums(s3, kind, algorithm):
    member = f"Checksum{algorithm}"
    upload = s3.create_multipart_upload(**OBJECT, ChecksumAlgorithm=algorithm, ChecksumType=kind)["UploadId"]
    parts = []
    for number, body in ((1, b"a" * (5 * 1024 * 1024)), (2, b"b" * 10)):
        part = s3.upload_part(**OBJECT, UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm=algorithm)
        parts.append({"PartNumber": number, "ETag": part["ETag"], member: part[member]})
    whole = s3.complete_multipart_upload(**OBJECT, UploadId=upload, MultipartUpload={"Parts": parts})
    for number in (1, 2):
        for call in (s3.head_object, s3.get_object):
            answer = call(**OBJECT, PartNumber=number, ChecksumMode="ENABLED")
            # Where that of the whole is not made of theirs they are not told (recorded).
            expected = (parts[number - 1][member], kind) if kind == "COMPOSITE" else (None, None)
            assert (answer.get(member), answer.get("ChecksumType")) == expected
    assert s3.head_object(**OBJECT, ChecksumMode="ENABLED")[member] == whole[member]
    shown = s3.get_object_attributes(**OBJECT, ObjectAttributes=["Checksum", "ObjectParts"])
    assert shown["Checksum"][member] == whole[member].split("-")[0]
    if kind == "COMPOSITE":
        assert [part[member] for part in shown["ObjectParts"]["Parts"]] == [part[member] for part in parts]
    else:
        assert shown["ObjectParts"] == {"TotalPartsCount": 2}


def test_tags_of_a_delete_marker(s3):
    s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(**OBJECT, Body=b"x")
    s3.delete_object(**OBJECT)
    for call, more in ((s3.get_object_tagging, {}), (s3.put_object_tagging, {"Tagging": {"TagSet": []}}), (s3.delete_object_tagging, {})):
        with refused("MethodNotAllowed", status=405):
            call(**OBJECT, **more)
