"""S3 Object Ownership and access control lists, with boto3: who is let in by them, who is not, and what S3 says of faults."""
import boto3
import botocore.client
import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, error_code, policy

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
BUCKET = {"Bucket": "the-bucket"}
OBJECT = BUCKET | {"Key": "k"}


def own(s3, ownership):
    s3.put_bucket_ownership_controls(**BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(**BUCKET, ObjectOwnership="ObjectWriter")
    client.delete_public_access_block(**BUCKET)
    client.put_object(**OBJECT, Body=b"content")
    return client


@pytest.fixture
def other(aws):
    return aws.s3(bootstrap.OTHER_ADMIN)


@pytest.fixture
def stranger(server):
    """Nobody."""
    return boto3.client("s3", endpoint_url=server.url, region_name="us-east-1",
                        config=botocore.client.Config(signature_version=botocore.UNSIGNED, s3={"addressing_style": "path"}))


def owner_of(client):
    return client.list_buckets()["Owner"]["ID"]


def grants(answer):
    return [(grant["Grantee"].get("ID") or grant["Grantee"]["URI"], grant["Permission"]) for grant in answer["Grants"]]


def denied(call, **arguments):
    assert error_code(call, **arguments) in ("AccessDenied", "403")


def test_ownership_is_put_got_and_deleted(aws):
    s3 = aws.s3(bootstrap.ADMIN)
    s3.create_bucket(**BUCKET)
    assert s3.get_bucket_ownership_controls(**BUCKET)["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    own(s3, "ObjectWriter")
    assert s3.get_bucket_ownership_controls(**BUCKET)["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.delete_bucket_ownership_controls(**BUCKET)
    with refused("OwnershipControlsNotFoundError", "The bucket ownership controls were not found", status=404):
        s3.get_bucket_ownership_controls(**BUCKET)
    s3.delete_bucket_ownership_controls(**BUCKET)
    for rules in ([], [{"ObjectOwnership": "Mine"}], [{"ObjectOwnership": "ObjectWriter"}, {"ObjectOwnership": "ObjectWriter"}]):
        with refused("MalformedXML", status=400):
            s3.put_bucket_ownership_controls(**BUCKET, OwnershipControls={"Rules": rules})
    with refused("InvalidArgument", "Invalid x-amz-object-ownership header: Mine", status=400):
        s3.create_bucket(Bucket="another-bucket", ObjectOwnership="Mine")


@pytest.mark.parametrize("canned, more", [
    ("private", []), ("public-read", [(ALL_USERS, "READ")]), ("public-read-write", [(ALL_USERS, "READ"), (ALL_USERS, "WRITE")]),
    ("bucket-owner-read", []), ("bucket-owner-full-control", [])])
def test_canned_lists_of_objects(s3, canned, more):
    owner = owner_of(s3)
    s3.put_object_acl(**OBJECT, ACL=canned)
    assert grants(s3.get_object_acl(**OBJECT)) == [(owner, "FULL_CONTROL"), *more]
    s3.put_object(**BUCKET, Key="new", ACL=canned)
    assert grants(s3.get_object_acl(**BUCKET, Key="new")) == [(owner, "FULL_CONTROL"), *more]
    upload = s3.create_multipart_upload(**BUCKET, Key="parts", ACL=canned)["UploadId"]
    etag = s3.upload_part(**BUCKET, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**BUCKET, Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert grants(s3.get_object_acl(**BUCKET, Key="parts")) == [(owner, "FULL_CONTROL"), *more]


def test_headers_and_documents_set_lists(s3):
    owner = owner_of(s3)
    for put, got, where in ((s3.put_bucket_acl, s3.get_bucket_acl, BUCKET), (s3.put_object_acl, s3.get_object_acl, OBJECT)):
        put(**where, GrantRead=f'uri="{LOG_DELIVERY}"')
        assert grants(got(**where)) == [(LOG_DELIVERY, "READ")]
        put(**where, AccessControlPolicy={"Owner": {"ID": owner}, "Grants": [
            {"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"},
            {"Grantee": {"URI": LOG_DELIVERY, "Type": "Group"}, "Permission": "WRITE"}]})
        assert grants(got(**where)) == [(owner, "FULL_CONTROL"), (LOG_DELIVERY, "WRITE")]
        put(**where, AccessControlPolicy={"Owner": {"ID": owner}, "Grants": []})
        assert grants(got(**where)) == []


def test_faults_are_told_as_s3_tells_them(s3):
    owner = {"ID": owner_of(s3)}
    log = {"Grantee": {"URI": LOG_DELIVERY, "Type": "Group"}, "Permission": "WRITE"}
    for put, where in ((s3.put_bucket_acl, BUCKET), (s3.put_object_acl, OBJECT)):
        assert error_code(put, **where, ACL="fake-acl") == "InvalidArgument"
        for arguments, code, message in (
                ({"GrantWrite": 'uri="http://acs.amazonaws.com/groups/s3/FakeGroup"'}, "InvalidArgument", "Invalid group uri"),
                ({"GrantWrite": 'fakekey="1234"'}, "InvalidArgument", "Argument format not recognized"),
                ({"GrantWrite": 'id="wrong-id"'}, "InvalidArgument", "Invalid id"),
                ({"GrantWrite": 'emailAddress="a@example.com"'}, "MethodNotAllowed", ""),
                ({"AccessControlPolicy": {"Grants": [log]}}, "MalformedACLError", ""),
                ({"AccessControlPolicy": {}}, "MalformedACLError", ""),
                ({"AccessControlPolicy": {"Owner": owner, "Grants": [log | {"Permission": "WRONG"}]}}, "MalformedACLError", ""),
                ({"AccessControlPolicy": {"Owner": owner, "Grants": [{"Grantee": log["Grantee"] | {"Type": "Nobody"}, "Permission": "WRITE"}]}},
                 "MalformedACLError", ""),
                ({"AccessControlPolicy": {"Owner": owner, "Grants": [{"Grantee": owner | {"Type": "Group"}, "Permission": "WRITE"}]}},
                 "MalformedACLError", ""),
                ({"AccessControlPolicy": {"Owner": {"ID": "wrong-id"}, "Grants": [log]}}, "InvalidArgument", "Invalid id"),
                ({}, "MissingSecurityHeader", "Your request was missing a required header"),
                ({"ACL": "private", "GrantRead": f"uri={LOG_DELIVERY}"}, "InvalidRequest", "Specifying both"),
                ({"ACL": "private", "AccessControlPolicy": {"Owner": owner, "Grants": [log]}}, "UnexpectedContent",
                 "This request does not support content")):
            with refused(code, message, status=405 if code == "MethodNotAllowed" else 400):
                put(**where, **arguments)


def test_a_list_opens_what_it_names_and_no_more(s3, other, stranger):
    for caller in (other, stranger):
        denied(caller.get_object, **OBJECT)
    s3.put_object_acl(**OBJECT, GrantRead=f"id={owner_of(other)}")
    assert other.get_object(**OBJECT)["Body"].read() == b"content"
    denied(stranger.get_object, **OBJECT)
    denied(other.get_object_acl, **OBJECT)
    denied(other.put_object_acl, **OBJECT, ACL="public-read")
    denied(other.put_object, **OBJECT, Body=b"x")
    denied(other.delete_object, **OBJECT)
    denied(other.list_objects_v2, **BUCKET)
    s3.put_object_acl(**OBJECT, ACL="public-read")
    assert stranger.get_object(**OBJECT)["Body"].read() == b"content"
    s3.put_bucket_policy(**BUCKET, Policy=policy(
        allow("s3:GetObject", "arn:aws:s3:::the-bucket/*") | {"Effect": "Deny", "Principal": "*"}))
    for caller in (other, stranger, s3):
        denied(caller.get_object, **OBJECT)


def test_public_lists_are_blocked_and_ignored(s3, stranger):
    s3.put_object_acl(**OBJECT, ACL="public-read")
    s3.put_public_access_block(**BUCKET, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert stranger.get_object(**OBJECT)["Body"].read() == b"content"
    with refused("AccessDenied", "prevented by the BlockPublicAcls setting", status=403):
        s3.put_object_acl(**OBJECT, ACL="public-read")
    with refused("AccessDenied", "prevented by the BlockPublicAcls setting", status=403):
        s3.put_bucket_acl(**BUCKET, ACL="public-read")
    with refused("AccessDenied", "prevented by the BlockPublicAcls setting", status=403):
        s3.put_object(**OBJECT, Body=b"x", ACL="public-read")
    s3.put_public_access_block(**BUCKET, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    denied(stranger.get_object, **OBJECT)


def test_new_buckets_take_no_public_lists(aws):
    s3 = aws.s3(bootstrap.ADMIN)
    with refused("InvalidBucketAclWithObjectOwnership", status=400):
        s3.create_bucket(**BUCKET, ACL="public-read")
    with refused("InvalidBucketAclWithBlockPublicAccessError", status=400):
        s3.create_bucket(**BUCKET, ACL="public-read", ObjectOwnership="ObjectWriter")


def test_what_others_write_is_theirs(s3, other):
    mine, theirs = owner_of(s3), owner_of(other)
    s3.put_bucket_acl(**BUCKET, GrantFullControl=f"id={mine}", GrantWrite=f"id={theirs}")
    other.put_object(**BUCKET, Key="theirs", Body=b"x")
    assert other.get_object_acl(**BUCKET, Key="theirs")["Owner"]["ID"] == theirs
    s3.put_bucket_policy(**BUCKET, Policy=policy(
        allow("s3:*", ["arn:aws:s3:::the-bucket", "arn:aws:s3:::the-bucket/*"]) | {"Principal": "*"}))
    denied(s3.get_object, **BUCKET, Key="theirs")
    denied(s3.get_object_acl, **BUCKET, Key="theirs")
    denied(s3.put_object_acl, **BUCKET, Key="theirs", ACL="private")
    denied(s3.copy_object, **BUCKET, Key="copy", CopySource="the-bucket/theirs")
    owners = {entry["Key"]: entry["Owner"]["ID"] for entry in s3.list_objects(**BUCKET)["Contents"]}
    assert owners == {"k": mine, "theirs": theirs}
    other.put_object_acl(**BUCKET, Key="theirs", ACL="bucket-owner-full-control")
    assert s3.get_object(**BUCKET, Key="theirs")["Body"].read() == b"x"

    own(s3, "BucketOwnerPreferred")
    other.put_object(**BUCKET, Key="given", Body=b"x", ACL="bucket-owner-full-control")
    assert s3.get_object_acl(**BUCKET, Key="given")["Owner"]["ID"] == mine
    s3.put_bucket_acl(**BUCKET, ACL="private")
    own(s3, "BucketOwnerEnforced")
    assert s3.get_object_acl(**BUCKET, Key="theirs")["Owner"]["ID"] == mine
    s3.delete_object(**BUCKET, Key="theirs")


def test_lists_are_of_versions(s3, stranger):
    s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(**OBJECT, Body=b"first", ACL="public-read")["VersionId"]
    second = s3.put_object(**OBJECT, Body=b"second")["VersionId"]
    assert stranger.get_object(**OBJECT, VersionId=first)["Body"].read() == b"first"
    denied(stranger.get_object, **OBJECT)
    denied(stranger.get_object, **OBJECT, VersionId=second)
    s3.put_object_acl(**OBJECT, VersionId=first, ACL="private")
    denied(stranger.get_object, **OBJECT, VersionId=first)
    s3.delete_object(**OBJECT)
    with refused("MethodNotAllowed", status=405):
        s3.put_object_acl(**OBJECT, ACL="public-read")
    with refused("NoSuchKey", status=404):
        s3.get_object_acl(**OBJECT)
