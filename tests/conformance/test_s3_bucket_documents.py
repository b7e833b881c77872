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


def test_owners_are_enforced_until_told_otherwise(s3):
    def told(name):
        return {"Rules": [{"ObjectOwnership": name}]}

    assert s3.get_bucket_ownership_controls(Bucket="the-bucket")["OwnershipControls"] == told("BucketOwnerEnforced")
    for name in ("ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"):
        s3.put_bucket_ownership_controls(Bucket="the-bucket", OwnershipControls=told(name))
        assert s3.get_bucket_ownership_controls(Bucket="the-bucket")["OwnershipControls"] == told(name)
    with refused("MalformedXML", status=400):
        s3.put_bucket_ownership_controls(Bucket="the-bucket", OwnershipControls=told("Somebody"))


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


def test_a_bucket_without_them_says_so(s3):
    for code, get in (("NoSuchWebsiteConfiguration", s3.get_bucket_website), ("ReplicationConfigurationNotFoundError", s3.get_bucket_replication),
                      ("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration)):
        with refused(code, status=404):
            get(Bucket="the-bucket")
    assert s3.get_bucket_request_payment(Bucket="the-bucket")["Payer"] == "BucketOwner"
    for get in (s3.get_bucket_logging, s3.get_bucket_accelerate_configuration, s3.get_bucket_notification_configuration):
        assert get(Bucket="the-bucket").keys() == {"ResponseMetadata"}
    s3.delete_bucket_replication(Bucket="the-bucket")
    with refused("NotImplemented", status=501):
        s3.put_bucket_request_payment(Bucket="the-bucket", RequestPaymentConfiguration={"Payer": "Requester"})


def test_tags_of_a_bucket_decide_nothing(s3):
    s3.put_bucket_abac(Bucket="the-bucket", AbacStatus={"Status": "Disabled"})
    assert s3.get_bucket_abac(Bucket="the-bucket")["AbacStatus"] == {"Status": "Disabled"}
    with refused("NotImplemented", status=501):
        s3.put_bucket_abac(Bucket="the-bucket", AbacStatus={"Status": "Enabled"})
    with refused("MalformedXML", status=400):
        s3.put_bucket_abac(Bucket="the-bucket", AbacStatus={})
    assert s3.get_bucket_abac(Bucket="the-bucket")["AbacStatus"] == {"Status": "Disabled"}


def test_websites_are_kept(s3):
    website = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"},
               "RoutingRules": [{"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}}]}

    s3.put_bucket_website(Bucket="the-bucket", WebsiteConfiguration=website)

    got = s3.get_bucket_website(Bucket="the-bucket")
    assert {name: got[name] for name in website} == website
    with refused("InvalidArgument", "RedirectAllRequestsTo cannot be provided in conjunction", status=400):
        s3.put_bucket_website(Bucket="the-bucket", WebsiteConfiguration=website | {"RedirectAllRequestsTo": {"HostName": "h"}})
    with refused("InvalidArgument", "The IndexDocument Suffix is not well formed", status=400):
        s3.put_bucket_website(Bucket="the-bucket", WebsiteConfiguration={"IndexDocument": {"Suffix": "a/b"}})
    with refused("InvalidArgument", "A value for IndexDocument Suffix must be provided", status=400):
        s3.put_bucket_website(Bucket="the-bucket", WebsiteConfiguration={"ErrorDocument": {"Key": "e"}})
    with refused("InvalidRequest", "You can only define ReplaceKeyPrefix or ReplaceKey but not both", status=400):
        s3.put_bucket_website(Bucket="the-bucket", WebsiteConfiguration=website | {
            "RoutingRules": [{"Redirect": {"ReplaceKeyPrefixWith": "a", "ReplaceKeyWith": "b"}}]})
    s3.delete_bucket_website(Bucket="the-bucket")
    with refused("NoSuchWebsiteConfiguration", status=404):
        s3.get_bucket_website(Bucket="the-bucket")


def test_logs_go_to_an_own_bucket(aws, s3):
    enabled = {"LoggingEnabled": {"TargetBucket": "the-bucket", "TargetPrefix": "logs/"}}
    s3.put_bucket_logging(Bucket="the-bucket", BucketLoggingStatus=enabled)
    assert s3.get_bucket_logging(Bucket="the-bucket")["LoggingEnabled"] == enabled["LoggingEnabled"]

    aws.s3(bootstrap.OTHER_ADMIN).create_bucket(Bucket="of-others")
    for bucket in ("nowhere", "of-others"):
        with refused("InvalidTargetBucketForLogging", status=400):
            s3.put_bucket_logging(Bucket="the-bucket", BucketLoggingStatus={
                "LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": ""}})
    s3.put_bucket_logging(Bucket="the-bucket", BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket="the-bucket")


def test_notifications_go_to_what_exists(s3):
    queue = {"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:ObjectCreated:*"]}]}
    with refused("InvalidArgument", "Unable to validate the following destination configurations", status=400):
        s3.put_bucket_notification_configuration(Bucket="the-bucket", NotificationConfiguration=queue)
    s3.put_bucket_notification_configuration(Bucket="the-bucket", NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert s3.get_bucket_notification_configuration(Bucket="the-bucket")["EventBridgeConfiguration"] == {}
    s3.put_bucket_notification_configuration(Bucket="the-bucket", NotificationConfiguration=queue, SkipDestinationValidation=True)

    kept = s3.get_bucket_notification_configuration(Bucket="the-bucket")["QueueConfigurations"][0]
    assert kept.pop("Id")
    assert kept == queue["QueueConfigurations"][0]


def test_acceleration_is_kept(s3):
    s3.put_bucket_accelerate_configuration(Bucket="the-bucket", AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket="the-bucket")["Status"] == "Enabled"
    s3.create_bucket(Bucket="with.dots")
    with refused("InvalidRequest", "S3 Transfer Acceleration is not supported for buckets with periods", status=400):
        s3.put_bucket_accelerate_configuration(Bucket="with.dots", AccelerateConfiguration={"Status": "Enabled"})


def test_configurations_are_told_apart_by_their_ids(s3):
    def metrics(name):
        return {"Bucket": "the-bucket", "Id": name, "MetricsConfiguration": {"Id": name, "Filter": {"Prefix": f"{name}/"}}}

    for name in ("b", "a"):
        s3.put_bucket_metrics_configuration(**metrics(name))

    got = s3.list_bucket_metrics_configurations(Bucket="the-bucket")
    assert [one["Id"] for one in got["MetricsConfigurationList"]] == ["a", "b"]
    assert got["IsTruncated"] is False
    assert s3.get_bucket_metrics_configuration(Bucket="the-bucket", Id="b")["MetricsConfiguration"]["Filter"] == {"Prefix": "b/"}
    with refused("IdMismatch", status=400):
        s3.put_bucket_metrics_configuration(**metrics("c") | {"Id": "d"})
    s3.delete_bucket_metrics_configuration(Bucket="the-bucket", Id="a")
    for call in (s3.get_bucket_metrics_configuration, s3.delete_bucket_metrics_configuration):
        with refused("NoSuchConfiguration", status=404):
            call(Bucket="the-bucket", Id="a")
    for missing in (s3.get_bucket_analytics_configuration, s3.get_bucket_inventory_configuration,
                    s3.get_bucket_intelligent_tiering_configuration):
        with refused("NoSuchConfiguration", status=404):
            missing(Bucket="the-bucket", Id="b")


def test_many_configurations_come_in_pages(s3):
    for number in range(101):
        s3.put_bucket_metrics_configuration(Bucket="the-bucket", Id=f"m{number:03}", MetricsConfiguration={"Id": f"m{number:03}"})

    first = s3.list_bucket_metrics_configurations(Bucket="the-bucket")
    second = s3.list_bucket_metrics_configurations(Bucket="the-bucket", ContinuationToken=first["NextContinuationToken"])

    assert (len(first["MetricsConfigurationList"]), first["IsTruncated"]) == (100, True)
    assert [one["Id"] for one in second["MetricsConfigurationList"]] == ["m100"]
