"""Tags of objects and what policies decide by them, with boto3."""
import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, create_user, deny, error_code

BLUE = {"TagSet": [{"Key": "team", "Value": "blue"}]}
RED = {"TagSet": [{"Key": "team", "Value": "red"}]}
OBJECT = {"Bucket": "the-bucket", "Key": "k"}


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    client.put_object(**OBJECT, Body=b"content")
    return client


@pytest.fixture
def caller(aws, admin_iam, s3):
    """Makes an S3 client of a user with these statements."""
    def make(*statements):
        _, keys = create_user(admin_iam, "u", *statements)
        return aws.s3(keys)
    return make


def test_tags_are_put_got_and_deleted(s3):
    tags = [{"Key": "team", "Value": "blue"}, {"Key": "a b", "Value": "c+d=e"}, {"Key": "empty", "Value": ""}]
    assert s3.get_object_tagging(**OBJECT)["TagSet"] == []
    assert "TagCount" not in s3.get_object(**OBJECT)

    s3.put_object_tagging(**OBJECT, Tagging={"TagSet": tags})

    assert s3.get_object_tagging(**OBJECT)["TagSet"] == tags
    assert s3.get_object(**OBJECT)["TagCount"] == 3
    assert s3.head_object(**OBJECT)["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "3"
    assert s3.get_object(**OBJECT)["Body"].read() == b"content"
    answer = s3.delete_object_tagging(**OBJECT)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_object_tagging(**OBJECT)["TagSet"] == []


def test_tags_come_with_an_upload(s3):
    s3.put_object(**OBJECT, Body=b"x", Tagging="team=blue&name=a%20b+c")

    assert s3.get_object_tagging(**OBJECT)["TagSet"] == [{"Key": "team", "Value": "blue"}, {"Key": "name", "Value": "a b c"}]
    s3.put_object(**OBJECT, Body=b"x")
    assert s3.get_object_tagging(**OBJECT)["TagSet"] == []
    upload = s3.create_multipart_upload(**OBJECT, Tagging="team=red")["UploadId"]
    part = s3.upload_part(**OBJECT, UploadId=upload, PartNumber=1, Body=b"y")
    s3.complete_multipart_upload(**OBJECT, UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.get_object_tagging(**OBJECT)["TagSet"] == RED["TagSet"]


def test_copies_take_the_tags_along_or_others(s3):
    s3.put_object_tagging(**OBJECT, Tagging=BLUE)
    source = {"CopySource": OBJECT, "Bucket": "the-bucket"}

    s3.copy_object(**source, Key="same")
    s3.copy_object(**source, Key="other", TaggingDirective="REPLACE", Tagging="team=red")
    s3.copy_object(**source, Key="none", TaggingDirective="REPLACE")

    tags = {key: s3.get_object_tagging(Bucket="the-bucket", Key=key)["TagSet"] for key in ("same", "other", "none")}
    assert tags == {"same": BLUE["TagSet"], "other": RED["TagSet"], "none": []}


@pytest.mark.parametrize("tags, code", [
    ([("k", "1"), ("k", "2")], "InvalidTag"),
    ([("aws:k", "v")], "InvalidTag"),
    ([("k" * 129, "v")], "InvalidTag"),
    ([("k", "v" * 257)], "InvalidTag"),
    ([("k", "<")], "InvalidTag"),
    ([(f"k{i}", "v") for i in range(11)], "BadRequest"),
])
def test_what_is_no_tag_is_refused(s3, tags, code):
    with refused(code, status=400):
        s3.put_object_tagging(**OBJECT, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags]})
    assert s3.get_object_tagging(**OBJECT)["TagSet"] == []


def test_a_header_that_is_no_query_is_refused(s3):
    with refused("InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8", status=400):
        s3.put_object(Bucket="the-bucket", Key="new", Body=b"x", Tagging="a=1&a=2")
    with refused("BadRequest", "Object tags cannot be greater than 10", status=400):
        s3.put_object(Bucket="the-bucket", Key="new", Body=b"x", Tagging="&".join(f"k{i}=v" for i in range(11)))
    with refused("NoSuchKey", status=404):
        s3.get_object_tagging(Bucket="the-bucket", Key="new")
    with refused("InvalidArgument", "Unknown tagging directive", status=400):
        s3.copy_object(Bucket="the-bucket", Key="new", CopySource=OBJECT, TaggingDirective="KEEP")


def test_reading_is_decided_by_the_tags_that_are_there(caller, s3):
    u = caller(allow("s3:*"), deny("s3:GetObject", "*", StringEquals={"s3:ExistingObjectTag/team": "red"}))
    u.get_object(**OBJECT)

    s3.put_object_tagging(**OBJECT, Tagging=RED)

    with refused("AccessDenied", "with an explicit deny", status=403):
        u.get_object(**OBJECT)
    assert error_code(u.head_object, **OBJECT) == "403"
    with refused("AccessDenied", status=403):
        u.copy_object(Bucket="the-bucket", Key="copy", CopySource=OBJECT)
    with refused("AccessDenied", status=403):
        u.get_object_attributes(**OBJECT, ObjectAttributes=["ETag"])
    s3.put_object_tagging(**OBJECT, Tagging=BLUE)
    assert u.get_object(**OBJECT)["Body"].read() == b"content"


def test_a_grant_by_tags_is_for_objects_that_have_them(caller, s3):
    u = caller(allow("s3:GetObject", "*", StringEquals={"s3:ExistingObjectTag/team": "blue"}))
    s3.put_object(Bucket="the-bucket", Key="other", Body=b"x", Tagging="team=red")

    assert error_code(u.get_object, **OBJECT) == "AccessDenied"
    assert error_code(u.get_object, Bucket="the-bucket", Key="other") == "AccessDenied"
    assert error_code(u.get_object, Bucket="the-bucket", Key="missing") == "AccessDenied"
    s3.put_object_tagging(**OBJECT, Tagging=BLUE)
    assert u.get_object(**OBJECT)["Body"].read() == b"content"
    assert u.get_object(**OBJECT)["Body"].read() == b"content"  # known by now
    assert "TagCount" not in u.get_object(**OBJECT)  # it may not read them
    s3.delete_object_tagging(**OBJECT)
    assert error_code(u.get_object, **OBJECT) == "AccessDenied"


def test_what_is_tagged_is_decided_by_both_kinds_of_tags(caller, s3):
    u = caller(allow("s3:PutObjectTagging", "*", StringEquals={"s3:ExistingObjectTag/team": "blue",
                                                               "s3:RequestObjectTag/team": "red"}))
    s3.put_object_tagging(**OBJECT, Tagging=BLUE)

    assert error_code(u.put_object_tagging, **OBJECT, Tagging=BLUE) == "AccessDenied"
    u.put_object_tagging(**OBJECT, Tagging=RED)
    assert error_code(u.put_object_tagging, **OBJECT, Tagging=RED) == "AccessDenied"
    assert s3.get_object_tagging(**OBJECT)["TagSet"] == RED["TagSet"]


def test_keys_of_tags_can_be_limited(caller):
    only_team = {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["team"]}}
    u = caller(allow("s3:PutObjectTagging", "*", **only_team), allow("s3:PutObject"))

    u.put_object_tagging(**OBJECT, Tagging=BLUE)
    assert error_code(u.put_object_tagging, **OBJECT, Tagging={"TagSet": [{"Key": "x", "Value": "y"}]}) == "AccessDenied"
    assert error_code(u.put_object, **OBJECT, Body=b"x", Tagging="team=blue&x=y") == "AccessDenied"
    u.put_object(**OBJECT, Body=b"x", Tagging="team=blue")


def test_tags_of_an_upload_are_a_permission_of_their_own(caller):
    u = caller(allow("s3:PutObject"), deny("s3:PutObject", "*", StringEquals={"s3:RequestObjectTag/team": "red"}))

    with refused("AccessDenied", "s3:PutObjectTagging", status=403):
        u.put_object(**OBJECT, Body=b"x", Tagging="team=blue")
    with refused("AccessDenied", "s3:PutObject", status=403):
        u.put_object(**OBJECT, Body=b"x", Tagging="team=red")


@pytest.mark.parametrize("missing", ["s3:GetObjectTagging", "s3:PutObjectTagging"])
def test_copying_tags_takes_both_permissions(caller, s3, missing):
    u = caller(allow("s3:*"), deny(missing))
    s3.put_object_tagging(**OBJECT, Tagging=BLUE)

    with refused("AccessDenied", missing, status=403):
        u.copy_object(Bucket="the-bucket", Key="copy", CopySource=OBJECT)
    if missing == "s3:GetObjectTagging":
        u.copy_object(Bucket="the-bucket", Key="copy", CopySource=OBJECT, TaggingDirective="REPLACE", Tagging="a=b")


def test_tags_of_a_version_are_asked_for_by_its_own_name(caller, s3):
    u = caller(allow("s3:GetObjectVersionTagging"))

    assert u.get_object_tagging(**OBJECT, VersionId="null")["TagSet"] == []
    assert error_code(u.get_object_tagging, **OBJECT) == "AccessDenied"


def test_attributes_of_an_object(s3):
    everything = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
    got = s3.get_object_attributes(**OBJECT, ObjectAttributes=everything)

    head = s3.head_object(**OBJECT, ChecksumMode="ENABLED")
    assert got["ETag"] == head["ETag"].strip('"')
    assert (got["ObjectSize"], got["StorageClass"], got["LastModified"]) == (7, "STANDARD", head["LastModified"])
    assert got["Checksum"] == {"ChecksumCRC32": head["ChecksumCRC32"], "ChecksumType": "FULL_OBJECT"}
    assert "ObjectParts" not in got
    assert s3.get_object_attributes(**OBJECT, ObjectAttributes=["ObjectSize"]).keys() == {
        "ObjectSize", "LastModified", "ResponseMetadata"}
    with refused("InvalidArgument", "Invalid attribute name specified", status=400):
        s3.get_object_attributes(**OBJECT, ObjectAttributes=["Colour"])
    with refused("NoSuchKey", status=404):
        s3.get_object_attributes(Bucket="the-bucket", Key="none", ObjectAttributes=["ETag"])


def test_parts_of_an_object_are_counted(s3):
    upload = s3.create_multipart_upload(**OBJECT, ChecksumAlgorithm="SHA256")["UploadId"]
    parts = []
    for number, body in ((1, b"a" * 5 * 1024 * 1024), (2, b"b")):
        part = s3.upload_part(**OBJECT, UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
    s3.complete_multipart_upload(**OBJECT, UploadId=upload, MultipartUpload={"Parts": parts})

    got = s3.get_object_attributes(**OBJECT, ObjectAttributes=["ObjectParts"], MaxParts=1, PartNumberMarker=1)["ObjectParts"]

    assert (got["TotalPartsCount"], got["MaxParts"], got["IsTruncated"]) == (2, 1, False)
    assert [(part["PartNumber"], part["Size"]) for part in got["Parts"]] == [(2, 1)]


def test_each_version_has_tags_of_its_own(caller, s3):
    s3.put_bucket_versioning(Bucket="the-bucket", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(**OBJECT, Body=b"old", Tagging="team=red")["VersionId"]
    new = s3.put_object(**OBJECT, Body=b"new")["VersionId"]
    u = caller(allow("s3:*"), deny("s3:GetObjectVersion", "*", StringEquals={"s3:ExistingObjectTag/team": "red"}))

    assert s3.get_object_tagging(**OBJECT)["TagSet"] == []
    got = s3.get_object_tagging(**OBJECT, VersionId=old)
    assert (got["TagSet"], got["VersionId"]) == (RED["TagSet"], old)
    assert u.get_object(**OBJECT, VersionId=new)["Body"].read() == b"new"
    assert error_code(u.get_object, **OBJECT, VersionId=old) == "AccessDenied"
    assert s3.put_object_tagging(**OBJECT, VersionId=old, Tagging=BLUE)["VersionId"] == old
    assert u.get_object(**OBJECT, VersionId=old)["Body"].read() == b"old"
    s3.delete_object_tagging(**OBJECT, VersionId=old)
    assert s3.get_object_tagging(**OBJECT, VersionId=old)["TagSet"] == []
    assert s3.get_object_attributes(**OBJECT, VersionId=old, ObjectAttributes=["ObjectSize"])["VersionId"] == old
    marker = s3.delete_object(**OBJECT)["VersionId"]
    with refused("MethodNotAllowed", status=405):
        s3.get_object_tagging(**OBJECT)
    with refused("MethodNotAllowed", status=405):
        s3.put_object_tagging(**OBJECT, VersionId=marker, Tagging=BLUE)
    with refused("NoSuchVersion", status=404):
        s3.get_object_acl(**OBJECT, VersionId="0" * 32)
