"""The documents that a bucket keeps, as boto3 puts and gets them."""
import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, create_user


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    return client


def test_tags_are_kept(s3):
    tags = [{"Key": "team", "Value": "blue"}, {"Key": "cost:center", "Value": ""}]
    with refused("NoSuchTagSet", status=404):
        s3.get_bucket_tagging(Bucket="the-bucket")

    s3.put_bucket_tagging(Bucket="the-bucket", Tagging={"TagSet": tags})

    assert s3.get_bucket_tagging(Bucket="the-bucket")["TagSet"] == tags
    s3.delete_bucket_tagging(Bucket="the-bucket")
    with refused("NoSuchTagSet", status=404):
        s3.get_bucket_tagging(Bucket="the-bucket")


def test_cors_rules_are_kept(s3):
    rules = [{"ID": "one", "AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://example.com"],
              "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 300},
             {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"]}]
    with refused("NoSuchCORSConfiguration", status=404):
        s3.get_bucket_cors(Bucket="the-bucket")

    s3.put_bucket_cors(Bucket="the-bucket", CORSConfiguration={"CORSRules": rules})

    assert s3.get_bucket_cors(Bucket="the-bucket")["CORSRules"] == rules
    s3.delete_bucket_cors(Bucket="the-bucket")
    with refused("NoSuchCORSConfiguration", status=404):
        s3.get_bucket_cors(Bucket="the-bucket")


@pytest.mark.new_boto3
def test_lifecycle_rules_are_kept(s3):
    rules = [{"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 30},
              "Transitions": [{"Days": 7, "StorageClass": "STANDARD_IA"}, {"Days": 14, "StorageClass": "GLACIER"}],
              "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
             {"ID": "tagged", "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 5}},
              "Status": "Disabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2}}]
    with refused("NoSuchLifecycleConfiguration", status=404):
        s3.get_bucket_lifecycle_configuration(Bucket="the-bucket")

    put = s3.put_bucket_lifecycle_configuration(Bucket="the-bucket", LifecycleConfiguration={"Rules": rules})
    got = s3.get_bucket_lifecycle_configuration(Bucket="the-bucket")

    assert got["Rules"] == rules
    assert put["TransitionDefaultMinimumObjectSize"] == got["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    s3.delete_bucket_lifecycle(Bucket="the-bucket")
    with refused("NoSuchLifecycleConfiguration", status=404):
        s3.get_bucket_lifecycle_configuration(Bucket="the-bucket")


def test_owners_are_enforced(s3):
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert s3.get_bucket_ownership_controls(Bucket="the-bucket")["OwnershipControls"] == enforced
    s3.put_bucket_ownership_controls(Bucket="the-bucket", OwnershipControls=enforced)
    with refused("NotImplemented", status=501):
        s3.put_bucket_ownership_controls(Bucket="the-bucket",
                                         OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})


def test_each_document_has_a_permission_of_its_own(aws, s3):
    _, keys = create_user(aws.iam(bootstrap.ADMIN), "tagger", allow("s3:PutBucketTagging"))
    tagger = aws.s3(keys)

    tagger.put_bucket_tagging(Bucket="the-bucket", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})

    with refused("AccessDenied", status=403):
        tagger.get_bucket_tagging(Bucket="the-bucket")
    with refused("AccessDenied", status=403):
        tagger.put_bucket_cors(Bucket="the-bucket", CORSConfiguration={
            "CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]})
    tagger.delete_bucket_tagging(Bucket="the-bucket")
