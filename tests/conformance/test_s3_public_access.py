"""S3 Block Public Access, the status of policies, and ACLs where the owner is enforced, with boto3."""
import botocore.client
import boto3
import pytest

from support import bootstrap
from support.aws import refused
from support.bootstrap import OTHER_ACCOUNT
from support.people import allow, error_code, policy

ALL = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
NONE = dict.fromkeys(ALL, False)
EVERYBODY = policy(allow("s3:GetObject", "arn:aws:s3:::the-bucket/*") | {"Principal": "*"})
ACCOUNT_ONLY = policy(allow("s3:GetObject", "arn:aws:s3:::the-bucket/*") | {"Principal": {"AWS": OTHER_ACCOUNT}})


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    client.put_object(Bucket="the-bucket", Key="k", Body=b"content")
    return client


@pytest.fixture
def stranger(server):
    """Nobody."""
    return boto3.client("s3", endpoint_url=server.url, region_name="us-east-1",
                        config=botocore.client.Config(signature_version=botocore.UNSIGNED, s3={"addressing_style": "path"}))


def block(s3, **settings):
    s3.put_public_access_block(Bucket="the-bucket", PublicAccessBlockConfiguration=NONE | settings)


def test_new_buckets_block_everything(s3):
    assert s3.get_public_access_block(Bucket="the-bucket")["PublicAccessBlockConfiguration"] == ALL

    s3.put_public_access_block(Bucket="the-bucket", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert s3.get_public_access_block(Bucket="the-bucket")["PublicAccessBlockConfiguration"] == NONE | {"BlockPublicAcls": True}
    s3.delete_public_access_block(Bucket="the-bucket")
    with refused("NoSuchPublicAccessBlockConfiguration", status=404):
        s3.get_public_access_block(Bucket="the-bucket")


def test_public_policies_are_not_taken(s3, stranger):
    with refused("AccessDenied", "public policies are prevented by the BlockPublicPolicy setting", status=403):
        s3.put_bucket_policy(Bucket="the-bucket", Policy=EVERYBODY)
    with refused("NoSuchBucketPolicy", status=404):
        s3.get_bucket_policy_status(Bucket="the-bucket")
    s3.put_bucket_policy(Bucket="the-bucket", Policy=ACCOUNT_ONLY)
    assert s3.get_bucket_policy_status(Bucket="the-bucket")["PolicyStatus"] == {"IsPublic": False}

    block(s3)
    s3.put_bucket_policy(Bucket="the-bucket", Policy=EVERYBODY)

    assert s3.get_bucket_policy_status(Bucket="the-bucket")["PolicyStatus"] == {"IsPublic": True}
    assert stranger.get_object(Bucket="the-bucket", Key="k")["Body"].read() == b"content"


def test_a_public_policy_can_be_restricted_to_the_owners_account(aws, s3, stranger):
    other = aws.s3(bootstrap.OTHER_ADMIN)
    block(s3)
    s3.put_bucket_policy(Bucket="the-bucket", Policy=EVERYBODY)
    other.get_object(Bucket="the-bucket", Key="k")

    block(s3, RestrictPublicBuckets=True)

    assert error_code(stranger.get_object, Bucket="the-bucket", Key="k") == "AccessDenied"
    assert error_code(other.get_object, Bucket="the-bucket", Key="k") == "AccessDenied"
    assert s3.get_object(Bucket="the-bucket", Key="k")["Body"].read() == b"content"


def test_a_policy_that_is_not_public_is_not_restricted(aws, s3):
    s3.put_bucket_policy(Bucket="the-bucket", Policy=ACCOUNT_ONLY)

    assert aws.s3(bootstrap.OTHER_ADMIN).get_object(Bucket="the-bucket", Key="k")["Body"].read() == b"content"


def test_acls_are_the_owners(s3):
    owner = s3.list_buckets()["Owner"]["ID"]
    grants = [{"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]
    for got in (s3.get_bucket_acl(Bucket="the-bucket"), s3.get_object_acl(Bucket="the-bucket", Key="k")):
        assert (got["Owner"], got["Grants"]) == ({"ID": owner}, grants)

    s3.put_object_acl(Bucket="the-bucket", Key="k", ACL="bucket-owner-full-control")
    owners = {"Owner": {"ID": owner}, "Grants": grants}
    s3.put_bucket_acl(Bucket="the-bucket", AccessControlPolicy=owners)
    s3.put_object_acl(Bucket="the-bucket", Key="k", AccessControlPolicy=owners)


@pytest.mark.parametrize("acl", [
    {"ACL": "private"}, {"ACL": "public-read"}, {"GrantRead": "uri=http://acs.amazonaws.com/groups/global/AllUsers"},
    {"GrantRead": "uri=http://acs.amazonaws.com/groups/s3/LogDelivery"}, {"ACL": "authenticated-read"},
])
def test_other_acls_are_not_supported(s3, acl):
    with refused("AccessControlListNotSupported", "The bucket does not allow ACLs", status=400):
        s3.put_bucket_acl(Bucket="the-bucket", **acl)
    with refused("AccessControlListNotSupported", status=400):
        s3.put_object_acl(Bucket="the-bucket", Key="k", **acl)
    assert len(s3.get_object_acl(Bucket="the-bucket", Key="k")["Grants"]) == 1


def test_an_acl_comes_in_one_way(s3):
    with refused("MissingSecurityHeader", status=400):
        s3.put_bucket_acl(Bucket="the-bucket")
    with refused("InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed", status=400):
        s3.put_bucket_acl(Bucket="the-bucket", ACL="private", GrantRead="id=1")
    with refused("InvalidArgument", status=400):
        s3.put_bucket_acl(Bucket="the-bucket", ACL="everybody")
    with refused("UnexpectedContent", status=400):
        s3.put_bucket_acl(Bucket="the-bucket", ACL="private", AccessControlPolicy={"Grants": []})
    with refused("NoSuchKey", status=404):
        s3.get_object_acl(Bucket="the-bucket", Key="none")
