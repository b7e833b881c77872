"""S3's condition keys, and permissions that headers ask for, as policies of real callers see them: each with the call that is
refused and the one that is not."""
import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, create_user, deny, error_code


@pytest.fixture
def admin_s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


@pytest.fixture
def caller(aws, admin_iam, admin_s3):
    """Makes an S3 client of a user with these statements."""
    def make(*statements):
        _, keys = create_user(admin_iam, "u", *statements)
        return aws.s3(keys)
    return make


def test_conditional_writes_can_be_enforced_by_deny(caller):
    s3 = caller(allow("s3:*"), deny("s3:PutObject", "*", Null={"s3:if-none-match": "true"},
                                    Bool={"s3:ObjectCreationOperation": "true"}))

    assert error_code(s3.put_object, Bucket="the-bucket", Key="k", Body=b"x") == "AccessDenied"
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"x", IfNoneMatch="*")
    with refused("AccessDenied"):
        s3.copy_object(Bucket="the-bucket", Key="copy", CopySource={"Bucket": "the-bucket", "Key": "k"})


def test_conditional_writes_can_be_enforced_by_allow(caller):
    s3 = caller(allow("s3:PutObject", "*", Null={"s3:if-none-match": "false"}),
                allow("s3:PutObject", "*", Bool={"s3:ObjectCreationOperation": "false"}))
    upload = s3.create_multipart_upload(Bucket="the-bucket", Key="k")
    where = {"Bucket": "the-bucket", "Key": "k", "UploadId": upload["UploadId"]}
    part = s3.upload_part(**where, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}

    assert error_code(s3.complete_multipart_upload, **where, MultipartUpload=parts) == "AccessDenied"
    assert error_code(s3.put_object, Bucket="the-bucket", Key="k", Body=b"x") == "AccessDenied"
    s3.complete_multipart_upload(**where, MultipartUpload=parts, IfNoneMatch="*")


def test_page_size_cannot_be_hidden(caller):
    s3 = caller(allow("s3:*"), deny("s3:ListBucket", "*", NumericGreaterThan={"s3:max-keys": "10"}))

    assert error_code(s3.list_objects_v2, Bucket="the-bucket") == "AccessDenied"
    assert s3.list_objects_v2(Bucket="the-bucket", MaxKeys=10)["MaxKeys"] == 10


def test_acl_of_an_object_is_a_permission_of_its_own(caller):
    s3 = caller(allow("s3:PutObject"))

    with refused("AccessDenied", "s3:PutObjectAcl"):
        s3.put_object(Bucket="the-bucket", Key="k", Body=b"x", ACL="bucket-owner-full-control")
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"x")


def test_acl_of_an_object_is_allowed_with_its_permission(caller):
    s3 = caller(allow(["s3:PutObject", "s3:PutObjectAcl"]))

    s3.put_object(Bucket="the-bucket", Key="k", Body=b"x", ACL="bucket-owner-full-control")


@pytest.mark.parametrize("action,options,code", [
    ("s3:PutBucketOwnershipControls", {"ObjectOwnership": "BucketOwnerEnforced"}, None),
    ("s3:PutBucketAcl", {"ACL": "public-read"}, "InvalidBucketAclWithObjectOwnership"),
    ("s3:PutBucketAcl", {"GrantRead": "uri=http://acs.amazonaws.com/groups/global/AllUsers"}, "InvalidBucketAclWithObjectOwnership"),
])
def test_headers_of_a_new_bucket_ask_for_permissions(aws, admin_iam, action, options, code):
    _, less = create_user(admin_iam, "less", allow("s3:CreateBucket"))
    _, more = create_user(admin_iam, "more", allow(["s3:CreateBucket", action]))

    with refused("AccessDenied", action):
        aws.s3(less).create_bucket(Bucket="new-bucket", **options)
    if code:
        assert error_code(aws.s3(more).create_bucket, Bucket="new-bucket", **options) == code
    else:
        aws.s3(more).create_bucket(Bucket="new-bucket", **options)
    aws.s3(less).create_bucket(Bucket="plain-bucket")


def test_deleting_can_be_tied_to_a_condition(caller, admin_s3):
    s3 = caller(allow("s3:DeleteObject", "*", Null={"s3:if-match": "false"}))
    etag = admin_s3.put_object(Bucket="the-bucket", Key="k", Body=b"x")["ETag"]

    assert error_code(s3.delete_object, Bucket="the-bucket", Key="k") == "AccessDenied"
    s3.delete_object(Bucket="the-bucket", Key="k", IfMatch=etag)


def test_copy_source_has_one_spelling(caller, admin_s3):
    s3 = caller(allow("s3:*"), deny("s3:PutObject", "*", StringLike={"s3:x-amz-copy-source": "the-bucket/sec/*"}))
    for key in ("sec/k", "pub/k"):
        admin_s3.put_object(Bucket="the-bucket", Key=key, Body=b"x")

    # Other escapes, which boto3 would escape again: src/s3/conditions_test.cc.
    for source in ("the-bucket/sec/k", "/the-bucket/sec/k"):
        assert error_code(s3.copy_object, Bucket="the-bucket", Key="c", CopySource=source) == "AccessDenied", source
    s3.copy_object(Bucket="the-bucket", Key="c", CopySource="/the-bucket/pub/k")


def test_listing_of_uploads_has_no_prefix_key(caller):
    s3 = caller(allow("s3:ListBucketMultipartUploads", "*", StringLike={"s3:prefix": "w/*"}))

    assert error_code(s3.list_multipart_uploads, Bucket="the-bucket", Prefix="w/") == "AccessDenied"


def test_listing_of_uploads_is_allowed_without(caller):
    s3 = caller(allow("s3:ListBucketMultipartUploads"))

    assert "Uploads" not in s3.list_multipart_uploads(Bucket="the-bucket", Prefix="w/")


def test_region_of_a_bucket_is_told_to_everybody(aws, admin_s3):
    anonymous = aws.s3(None)

    with pytest.raises(Exception) as refusal:
        anonymous.head_bucket(Bucket="the-bucket")
    with pytest.raises(Exception) as missing:
        anonymous.head_bucket(Bucket="no-such-bucket")

    told = refusal.value.response["ResponseMetadata"]
    assert (told["HTTPStatusCode"], told["HTTPHeaders"]["x-amz-bucket-region"]) == (403, "us-east-1")
    assert "x-amz-bucket-region" not in missing.value.response["ResponseMetadata"]["HTTPHeaders"]
    listed = admin_s3.list_objects_v2(Bucket="the-bucket")
    assert listed["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "us-east-1"


def test_completing_an_upload_again_answers_the_same(admin_s3):
    upload = admin_s3.create_multipart_upload(Bucket="the-bucket", Key="k")
    where = {"Bucket": "the-bucket", "Key": "k", "UploadId": upload["UploadId"]}
    part = admin_s3.upload_part(**where, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}

    first = admin_s3.complete_multipart_upload(**where, MultipartUpload=parts)
    again = admin_s3.complete_multipart_upload(**where, MultipartUpload=parts)

    assert (first["ETag"], first["Location"]) == (again["ETag"], again["Location"])
    assert first["Location"].startswith("http://") and first["Location"].endswith("/the-bucket/k")
    admin_s3.put_object(Bucket="the-bucket", Key="k", Body=b"y")
    assert error_code(admin_s3.complete_multipart_upload, **where, MultipartUpload=parts) == "NoSuchUpload"


def test_conditional_completion_notices_a_conflict(admin_s3):
    admin_s3.put_object(Bucket="the-bucket", Key="k", Body=b"old")
    upload = admin_s3.create_multipart_upload(Bucket="the-bucket", Key="k")
    where = {"Bucket": "the-bucket", "Key": "k", "UploadId": upload["UploadId"]}
    part = admin_s3.upload_part(**where, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    admin_s3.delete_object(Bucket="the-bucket", Key="k")

    with refused("ConditionalRequestConflict", status=409):
        admin_s3.complete_multipart_upload(**where, MultipartUpload=parts, IfNoneMatch="*")
    admin_s3.complete_multipart_upload(**where, MultipartUpload=parts)
