"""Answers of S3 that AWS gave when others recorded them, one by one: errors with their elements, and what lists say."""
import base64
import functools
import hashlib
import json
import xml.etree.ElementTree

import pytest
import urllib3
from botocore.exceptions import ClientError

from support.bootstrap import ADMIN

BUCKET = "recorded-bucket"


@pytest.fixture
def s3(aws):
    client = aws.s3(ADMIN)
    client.create_bucket(Bucket=BUCKET)
    return client


def told(call, **arguments):
    """The error's code and message, and its other elements."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = dict(raised.value.response["Error"])
    return error.pop("Code"), error.pop("Message"), error


@pytest.mark.parametrize("wrong", ["0000", "0000000000020", "abcd", "aa000000000$"])
def test_an_expected_owner_that_is_no_account(s3, wrong):
    code, message, _ = told(s3.get_bucket_policy, Bucket=BUCKET, ExpectedBucketOwner=wrong)
    assert (code, message) == ("InvalidBucketOwnerAWSAccountID",
                               f"The value of the expected bucket owner parameter must be an AWS Account ID... [{wrong}]")
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"")
    assert told(s3.copy_object, Bucket=BUCKET, Key="copy", CopySource=f"{BUCKET}/k", ExpectedSourceBucketOwner=wrong)[0] == code


@pytest.mark.parametrize("text, code, message", [
    ("100-200", "InvalidRequest", "The specified copy range is invalid for the source object size"),
    ("10-10", "InvalidRequest", "The specified copy range is invalid for the source object size"),
    ("0-100", "InvalidArgument", "Range specified is not valid for source object of size: 10"),
    ("100-1", "InvalidArgument", None), ("100-", "InvalidArgument", None), ("-15", "InvalidArgument", None), ("-", "InvalidArgument", None),
])
def test_copy_ranges(s3, text, code, message):
    s3.put_object(Bucket=BUCKET, Key="source", Body=b"0123456789")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    got, said, _ = told(s3.upload_part_copy, Bucket=BUCKET, Key="k", UploadId=upload, PartNumber=1, CopySource=f"{BUCKET}/source",
                        CopySourceRange=f"bytes={text}")
    assert got == code and said == (message or "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last "
                                    "are the zero-based offsets of the first and last bytes to copy")


def test_bypassing_governance_without_a_lock(s3):
    for call, more in ((s3.delete_object, {"Key": "k"}), (s3.delete_objects, {"Delete": {"Objects": [{"Key": "k"}]}})):
        for value in (True, False):
            code, _, elements = told(call, Bucket=BUCKET, BypassGovernanceRetention=value, **more)
            assert code == "InvalidArgument" and elements == {"ArgumentName": "x-amz-bypass-governance-retention"}


def test_conditions_of_uploads(s3):
    for more, header in (({"IfMatch": "*"}, "If-Match"), ({"IfNoneMatch": "x"}, "If-None-Match"),
                         ({"IfMatch": "x", "IfNoneMatch": "*"}, "If-Match,If-None-Match")):
        code, _, elements = told(s3.put_object, Bucket=BUCKET, Key="k", Body=b"", **more)
        assert (code, elements["Header"]) == ("NotImplemented", header)
    assert told(s3.put_object, Bucket=BUCKET, Key="k", Body=b"", IfMatch="x")[0] == "NoSuchKey"


def test_tags_in_a_header(s3):
    for text in ("key1=val1,key2=val2", "key1=val1&key1=val2"):
        code, _, elements = told(s3.put_object, Bucket=BUCKET, Key="k", Body=b"", Tagging=text)
        assert code == "InvalidArgument" and elements == {"ArgumentName": "x-amz-tagging", "ArgumentValue": text}
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"", Tagging="key1&&&key2")
    assert s3.get_object_tagging(Bucket=BUCKET, Key="k")["TagSet"] == [{"Key": "key1", "Value": ""}, {"Key": "key2", "Value": ""}]


def test_system_tags_of_objects_and_of_buckets(s3):
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"")
    tagging = {"TagSet": [{"Key": "aws:k", "Value": "v"}]}
    assert told(s3.put_object_tagging, Bucket=BUCKET, Key="k", Tagging=tagging)[:2] == ("InvalidTag", "Your TagKey cannot be prefixed with aws:")
    assert told(s3.put_bucket_tagging, Bucket=BUCKET, Tagging=tagging)[:2] == ("InvalidTag", "System tags cannot be added/updated by requester")


def test_configurations_with_an_id(s3):
    inventory = {"Id": "one", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
                 "Destination": {"S3BucketDestination": {"Bucket": BUCKET, "Format": "CSV"}}}
    assert told(s3.put_bucket_inventory_configuration, Bucket=BUCKET, Id="two", InventoryConfiguration=inventory)[0] == "IdMismatch"
    assert told(s3.put_bucket_inventory_configuration, Bucket=BUCKET, Id="one",
                InventoryConfiguration=inventory)[:2] == ("InvalidS3DestinationBucket", "Invalid bucket ARN.")
    analytics = {"Id": "one", "StorageClassAnalysis": {}}
    assert told(s3.put_bucket_analytics_configuration, Bucket=BUCKET, Id="two", AnalyticsConfiguration=analytics)[0] == "MalformedXML"
    put = s3.put_bucket_analytics_configuration(Bucket=BUCKET, Id="one", AnalyticsConfiguration=analytics)
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert told(s3.get_bucket_metrics_configuration, Bucket=BUCKET, Id="none") == (
        "NoSuchConfiguration", "The specified configuration does not exist.", {})


def test_documents_of_buckets(s3):
    assert told(s3.put_bucket_versioning, Bucket=BUCKET, VersioningConfiguration={})[:2] == (
        "IllegalVersioningConfigurationException", "The Versioning element must be specified")
    rule = {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {
        "SSEAlgorithm": "AES256", "KMSMasterKeyID": "key"}}]}}
    assert told(s3.put_bucket_encryption, Bucket=BUCKET, **rule)[2] == {"ArgumentName": "ApplyServerSideEncryptionByDefault"}
    website = {"IndexDocument": {"Suffix": "index.html"}, "RoutingRules": [{"Condition": {}, "Redirect": {"ReplaceKeyPrefixWith": "prefix"}}]}
    assert told(s3.put_bucket_website, Bucket=BUCKET, WebsiteConfiguration=website)[:2] == (
        "InvalidRequest",
        "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.")


def test_logging_into_another_region(aws, s3):
    aws.client("s3", ADMIN, region_name="eu-west-1").create_bucket(Bucket="recorded-elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    logging = {"LoggingEnabled": {"TargetBucket": "recorded-elsewhere", "TargetPrefix": ""}}
    assert told(s3.put_bucket_logging, Bucket=BUCKET, BucketLoggingStatus=logging) == (
        "CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", {"TargetBucketLocation": "eu-west-1"})


def test_what_lists_say(s3):
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    first = s3.list_objects_v2(Bucket=BUCKET, StartAfter="a", MaxKeys=1)
    assert first["StartAfter"] == "a"
    second = s3.list_objects_v2(Bucket=BUCKET, StartAfter="a", MaxKeys=1, ContinuationToken=first["NextContinuationToken"])
    assert "StartAfter" not in second and second["Contents"][0]["Key"] == "c"
    assert told(s3.list_objects_v2, Bucket=BUCKET, ContinuationToken="")[2] == {"ArgumentName": "continuation-token"}
    assert told(s3.list_buckets, BucketRegion="eu-east-1")[2] == {"ArgumentName": "bucket-region"}
    uploads = s3.list_multipart_uploads(Bucket=BUCKET)
    assert (uploads["NextKeyMarker"], uploads["NextUploadIdMarker"]) == ("", "")


def test_checksums(s3):
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x", ChecksumAlgorithm="SHA256")
    assert s3.get_object(Bucket=BUCKET, Key="k", ChecksumMode="enabled")["ChecksumType"] == "FULL_OBJECT"
    code, message, _ = told(s3.put_object, Bucket=BUCKET, Key="k", Body=b"x", ChecksumSHA256="wrong", ChecksumCRC32="wrong")
    assert (code, message) == ("InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    assert told(s3.put_object, Bucket=BUCKET, Key="k", Body=b"x", ContentMD5="000")[1] == "The Content-MD5 you specified was invalid."


def test_an_encoding_keeps_its_form_without_aws_chunked(s3):
    for given, kept in (("deflate, gzip", "deflate, gzip"), ("aws-chunked, deflate, gzip", "deflate, gzip"), ("deflate,gzip", "deflate,gzip")):
        s3.put_object(Bucket=BUCKET, Key="k", Body=b"x", ContentEncoding=given)
        assert s3.head_object(Bucket=BUCKET, Key="k")["ContentEncoding"] == kept


@pytest.mark.parametrize("conditions, code, message", [
    ([["eq", "acl", "private"]], "AccessDenied", 'Invalid according to Policy: Policy Condition failed: ["eq", "acl", "private"]'),
    ([["content-length-range", "test", "10"]], "AccessDenied",
     'Invalid according to Policy: Policy Condition failed: ["content-length-range", "test", "10"]'),
    ([{"bucket": BUCKET, "acl": "private"}], "InvalidPolicyDocument",
     "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."),
    ([["eQ", "$KeY", "form-key"]], None, None),
])
def test_policies_of_forms(s3, server, conditions, code, message):
    post = s3.generate_presigned_post(Bucket=BUCKET, Key="form-key", Conditions=conditions, ExpiresIn=60)
    answer = urllib3.request("POST", f"{server.url}/{BUCKET}", fields=post["fields"] | {"file": ("f", b"abcdef")}, retries=False)
    if code is None:
        assert answer.status == 204, answer.data
    else:
        error = xml.etree.ElementTree.fromstring(answer.data)
        assert (error.findtext("Code"), error.findtext("Message")) == (code, message)


def test_digests_that_a_refusal_quotes(s3):
    """Of an object the expected one in hexadecimal, of a part in base64."""
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    right = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    code, _, digests = told(s3.put_object, Bucket=BUCKET, Key="k", Body=b"x", ContentMD5=wrong)
    assert (code, digests) == ("BadDigest", {"ExpectedDigest": hashlib.md5(b"other").hexdigest(), "CalculatedDigest": right})
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    digests = told(s3.upload_part, Bucket=BUCKET, Key="k", UploadId=upload, PartNumber=1, Body=b"x", ContentMD5=wrong)[2]
    assert digests == {"ExpectedDigest": wrong, "CalculatedDigest": right}


def begun(s3, **kind):
    """An upload of one part, and what its completion names."""
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="k", **kind)["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="k", UploadId=upload, PartNumber=1, Body=b"abc", ChecksumAlgorithm="CRC32C")
    return upload, {"ETag": part["ETag"], "PartNumber": 1}, part["ChecksumCRC32C"]


def test_checksums_of_completions(s3):
    upload, part, checksum = begun(s3, ChecksumAlgorithm="CRC32C", ChecksumType="FULL_OBJECT")
    complete = functools.partial(s3.complete_multipart_upload, Bucket=BUCKET, Key="k", UploadId=upload, MultipartUpload={"Parts": [part]})
    mismatch = ("BadDigest", "The crc32c you specified did not match the calculated checksum.")
    for promised in ({"ChecksumCRC32C": checksum}, {"ChecksumCRC32C": f"{checksum}-1"}, {"ChecksumCRC32": "NSRBwg=="},
                     {"ChecksumCRC32C": "AAAAAA==", "ChecksumType": "FULL_OBJECT"}):
        assert told(complete, **promised)[:2] == mismatch, promised
    assert complete(ChecksumCRC32C=checksum, ChecksumType="FULL_OBJECT")["ChecksumCRC32C"] == checksum
    # The only part is the whole.
    for part in ({}, {"PartNumber": 1}):
        assert s3.get_object(Bucket=BUCKET, Key="k", ChecksumMode="ENABLED", **part)["ChecksumCRC32C"] == checksum


def test_checksums_of_completions_of_uploads_without_one(s3):
    upload, part, checksum = begun(s3)
    complete = functools.partial(s3.complete_multipart_upload, Bucket=BUCKET, Key="k", UploadId=upload)
    for wrong in ({"ChecksumCRC32C": checksum}, {"ChecksumSHA256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}):
        code, _, about = told(complete, MultipartUpload={"Parts": [part | wrong]})
        assert (code, about["PartNumber"]) == ("InvalidPart", "1")
    done = complete(MultipartUpload={"Parts": [part]}, ChecksumCRC32C="AAAAAA==-2")
    assert (done["ChecksumType"], "ChecksumCRC64NVME" in done) == ("FULL_OBJECT", True)
    upload, part, _ = begun(s3)
    assert told(s3.complete_multipart_upload, Bucket=BUCKET, Key="k", UploadId=upload, MultipartUpload={"Parts": [part]},
                ChecksumCRC64NVME="AAAAAAAAAAA=")[0] == "BadDigest"


def test_parts_behind_a_marker(s3):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="k", UploadId=upload, PartNumber=1, Body=b"abc", ChecksumAlgorithm="SHA256")
    s3.complete_multipart_upload(Bucket=BUCKET, Key="k", UploadId=upload, MultipartUpload={
        "Parts": [{"ETag": part["ETag"], "PartNumber": 1, "ChecksumSHA256": part["ChecksumSHA256"]}]})
    parts = s3.get_object_attributes(Bucket=BUCKET, Key="k", ObjectAttributes=["ObjectParts"], PartNumberMarker=10)["ObjectParts"]
    assert parts == {"IsTruncated": False, "MaxParts": 1000, "NextPartNumberMarker": 0, "PartNumberMarker": 10, "TotalPartsCount": 1}


def test_an_upload_id_marker_alone_says_nothing(s3):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    listed = s3.list_multipart_uploads(Bucket=BUCKET, UploadIdMarker=upload)
    assert (listed["UploadIdMarker"], [one["UploadId"] for one in listed["Uploads"]]) == ("", [upload])


def test_copies_onto_themselves(s3):
    copy = functools.partial(s3.copy_object, Bucket=BUCKET, Key="k", CopySource=f"{BUCKET}/k")
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    assert told(copy)[0] == "InvalidRequest"
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    again = copy(MetadataDirective="REPLACE")
    assert (again["VersionId"], again.get("CopySourceVersionId")) == ("null", None)
    # Where the bucket's encryption was set every copy is encrypted anew.
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
    assert copy()["ServerSideEncryption"] == "AES256"


def test_where_a_website_sends_browsers(s3):
    copy = functools.partial(s3.copy_object, Bucket=BUCKET, CopySource=f"{BUCKET}/k")
    for wrong in ("there", "ftp://there", "/" + "x" * 2048):
        assert told(s3.put_object, Bucket=BUCKET, Key="k", Body=b"x", WebsiteRedirectLocation=wrong)[:2] == (
            "InvalidArgument", "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.")
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x", WebsiteRedirectLocation="/there")
    assert s3.head_object(Bucket=BUCKET, Key="k")["WebsiteRedirectLocation"] == "/there"
    copy(Key="copy")
    assert "WebsiteRedirectLocation" not in s3.get_object(Bucket=BUCKET, Key="copy")
    copy(Key="k", WebsiteRedirectLocation="https://example.com/")
    assert s3.get_object(Bucket=BUCKET, Key="k")["WebsiteRedirectLocation"] == "https://example.com/"


def test_a_set_of_no_tags_is_none(s3):
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x", Tagging="a=b")
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": []})
    s3.put_object_tagging(Bucket=BUCKET, Key="k", Tagging={"TagSet": []})
    assert told(s3.get_bucket_tagging, Bucket=BUCKET)[0] == "NoSuchTagSet"
    assert s3.get_object_tagging(Bucket=BUCKET, Key="k")["TagSet"] == []


def test_acceleration_of_a_name_with_dots(aws, s3):
    s3.create_bucket(Bucket="recorded.with.dots")
    for status in ("random", "Enabled"):
        assert told(s3.put_bucket_accelerate_configuration, Bucket="recorded.with.dots", AccelerateConfiguration={"Status": status})[:2] == (
            "InvalidRequest", "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
    assert told(s3.put_bucket_accelerate_configuration, Bucket=BUCKET, AccelerateConfiguration={"Status": "random"})[0] == "MalformedXML"


def test_grants_of_logs(s3):
    grants = [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/s3/LogDelivery", "Type": "Group"}, "Permission": "READ_ACP"}]
    logging = {"LoggingEnabled": {"TargetBucket": "recorded-logs", "TargetPrefix": "log", "TargetGrants": grants}}
    s3.create_bucket(Bucket="recorded-logs")
    assert told(s3.put_bucket_logging, Bucket=BUCKET, BucketLoggingStatus=logging)[0] == "AccessControlListNotSupported"
    s3.delete_bucket_ownership_controls(Bucket="recorded-logs")
    s3.put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus=logging)
    assert s3.get_bucket_logging(Bucket=BUCKET)["LoggingEnabled"] == logging["LoggingEnabled"]
    grants[0]["Grantee"]["Type"] = "Somebody"
    assert told(s3.put_bucket_logging, Bucket=BUCKET, BucketLoggingStatus=logging)[0] == "MalformedXML"


def test_encoded_words_of_headers_are_decoded(s3):
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"", Metadata={
        "ascii": "=?UTF-8?B?YWJj?=", "other": "=?UTF-8?Q?=C3=84M=C3=84Z?=", "broken": "=?UTF-8?B?=GGG?="})
    assert s3.head_object(Bucket=BUCKET, Key="k")["Metadata"] == {
        "ascii": "abc", "other": "=?UTF-8?B?w4RNw4Ra?=", "broken": "=?UTF-8?B?=GGG?="}


def test_a_copy_source_that_is_a_url(s3, server):
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    s3.copy_object(Bucket=BUCKET, Key="copy", CopySource=f"https://s3.amazonaws.com/{BUCKET}/k")
    assert s3.get_object(Bucket=BUCKET, Key="copy")["Body"].read() == b"x"
    for other in (f"https://{BUCKET}.s3.amazonaws.com/k", f"https://example.com/{BUCKET}/k", f"ftp://s3.amazonaws.com/{BUCKET}/k", "https://s3."):
        assert told(s3.copy_object, Bucket=BUCKET, Key="copy", CopySource=other)[0] in ("InvalidArgument", "NoSuchBucket"), other


def test_owners_in_lists_of_strangers(s3, server):
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"}]}))
    assert "Owner" in s3.list_objects(Bucket=BUCKET)["Contents"][0]
    listed = urllib3.request("GET", f"{server.url}/{BUCKET}").data
    assert b"<Key>k</Key>" in listed and b"Owner" not in listed


def test_pages_of_uploads_that_end_with_a_prefix(s3):
    for key in ("a/1", "b/1"):
        s3.create_multipart_upload(Bucket=BUCKET, Key=key)
    last = s3.list_multipart_uploads(Bucket=BUCKET, Delimiter="/")
    assert (last["NextKeyMarker"], last["NextUploadIdMarker"], last["IsTruncated"]) == ("", "", False)
    first = s3.list_multipart_uploads(Bucket=BUCKET, Delimiter="/", MaxUploads=1)
    assert (first["NextKeyMarker"], first["IsTruncated"]) == ("a/", True)
    rest = s3.list_multipart_uploads(Bucket=BUCKET, Delimiter="/", KeyMarker="a/")
    assert [one["Prefix"] for one in rest["CommonPrefixes"]] == ["b/"]


def test_routing_rules_of_websites_are_not_empty(s3):
    website = {"IndexDocument": {"Suffix": "index.html"}, "RoutingRules": []}
    assert told(s3.put_bucket_website, Bucket=BUCKET, WebsiteConfiguration=website)[0] == "MalformedXML"
