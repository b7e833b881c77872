"""S3 Object Lock, with boto3: what may not be deleted, who may do it all the same, and what S3 says of faults."""
import datetime

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, create_user, deny, error_code, policy, poll

BUCKET = {"Bucket": "the-bucket"}
OBJECT = BUCKET | {"Key": "k"}
LOCKED = "Access Denied because object protected by object lock."
ON, OFF = {"Status": "ON"}, {"Status": "OFF"}


def in_days(count):
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=count)


def retention(mode, days):
    return {"Mode": mode, "RetainUntilDate": in_days(days)}


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(**BUCKET, ObjectLockEnabledForBucket=True)
    return client


@pytest.fixture
def plain(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="plain-bucket")
    client.put_object(Bucket="plain-bucket", Key="k", Body=b"x")
    return client


def put(s3, **arguments):
    return OBJECT | {"VersionId": s3.put_object(**OBJECT, Body=b"content", **arguments)["VersionId"]}


def stays(s3, version, **arguments):
    """The version cannot be deleted in any way, and is whole."""
    with refused("AccessDenied", LOCKED, status=403):
        s3.delete_object(**version, **arguments)
    named = {key: version[key] for key in ("Key", "VersionId")}
    answer = s3.delete_objects(**BUCKET, Delete={"Objects": [named]}, **arguments)
    assert "Deleted" not in answer
    assert [(one["Code"], one["Message"], one["VersionId"]) for one in answer["Errors"]] == [
        ("AccessDenied", LOCKED, version["VersionId"])]
    assert s3.get_object(**version)["Body"].read() == b"content"


def is_gone(s3, version):
    return error_code(s3.get_object, **version) == "NoSuchVersion"


def test_the_configuration_of_a_bucket(s3):
    assert s3.get_bucket_versioning(**BUCKET)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(**BUCKET)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
    rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
    s3.put_object_lock_configuration(**BUCKET, ObjectLockConfiguration=rule)
    assert s3.get_object_lock_configuration(**BUCKET)["ObjectLockConfiguration"] == rule
    with refused("InvalidBucketState", "so the versioning state cannot be changed", status=409):
        s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Enabled"})


@pytest.mark.parametrize("preset, code, message", [
    ({}, "MalformedXML", ""), ({"Mode": "GOVERNANCE"}, "MalformedXML", ""), ({"Days": 1}, "MalformedXML", ""),
    ({"Mode": "OTHER", "Days": 1}, "MalformedXML", ""), ({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, "MalformedXML", ""),
    ({"Mode": "GOVERNANCE", "Days": 0}, "InvalidArgument", "must be a positive integer"),
    ({"Mode": "COMPLIANCE", "Years": -1}, "InvalidArgument", "must be a positive integer"),
    ({"Mode": "COMPLIANCE", "Days": 36501}, "InvalidArgument", "too large"),
    ({"Mode": "COMPLIANCE", "Years": 101}, "InvalidArgument", "too large"),
    ({"Mode": "COMPLIANCE", "Days": 1, "DefaultEventHold": {"Days": 1}}, "NotImplemented", "Event holds")])
def test_configurations_that_are_none(s3, preset, code, message):
    with refused(code, message):
        s3.put_object_lock_configuration(**BUCKET, ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": preset}})
    assert s3.get_object_lock_configuration(**BUCKET)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}


def test_it_can_be_enabled_later_where_versions_are_kept(plain):
    bucket, enabled = {"Bucket": "plain-bucket"}, {"ObjectLockEnabled": "Enabled"}
    with refused("ObjectLockConfigurationNotFoundError", status=404):
        plain.get_object_lock_configuration(**bucket)
    for status in (None, "Suspended"):
        if status:
            plain.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": status})
        with refused("InvalidBucketState", "Versioning must be 'Enabled'", status=409):
            plain.put_object_lock_configuration(**bucket, ObjectLockConfiguration=enabled)
    plain.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Enabled"})
    plain.put_object_lock_configuration(**bucket, ObjectLockConfiguration=enabled)
    version = bucket | {"Key": "k", "VersionId": "null"}
    plain.put_object_legal_hold(**version, LegalHold=ON)
    with refused("AccessDenied", LOCKED, status=403):
        plain.delete_object(**version)


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_a_version_stays_until_its_day(shift_time, aws, s3, mode):
    version = put(s3, ObjectLockMode=mode, ObjectLockRetainUntilDate=in_days(1))
    stays(s3, version)
    marker = s3.delete_object(**OBJECT)
    assert marker["DeleteMarker"]
    assert error_code(s3.get_object, **OBJECT) == "NoSuchKey"
    s3.delete_object(**OBJECT, VersionId=marker["VersionId"])
    newer = put(s3)
    stays(s3, version)
    s3.delete_object(**newer)
    assert error_code(s3.delete_bucket, **BUCKET) == "BucketNotEmpty"
    shift_time(86400 + 60)
    later = aws.s3(bootstrap.ADMIN)
    later.delete_object(**version)
    assert is_gone(later, version)


def test_governance_is_bypassed_by_who_asks_and_may(aws, s3):
    iam = aws.iam(bootstrap.ADMIN)
    everything = allow("s3:*")
    _, may = create_user(iam, "may", everything)
    _, may_not = create_user(iam, "may-not", everything, deny("s3:BypassGovernanceRetention"))
    _, elsewhere = create_user(iam, "elsewhere", allow(["s3:DeleteObjectVersion", "s3:GetObjectVersion"]),
                               allow("s3:BypassGovernanceRetention", "arn:aws:s3:::the-bucket/other"))
    version = put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(1))
    bypass = {"BypassGovernanceRetention": True}
    for keys in (may_not, elsewhere):
        stays(aws.s3(keys), version, **bypass)
    stays(aws.s3(may), version, BypassGovernanceRetention=False)
    for arguments in (retention("GOVERNANCE", 0.5), {}):
        with refused("AccessDenied", LOCKED, status=403):
            aws.s3(may_not).put_object_retention(**version, Retention=arguments, **bypass)
    aws.s3(may).delete_object(**version, **bypass)
    assert is_gone(s3, version)


def test_nobody_bypasses_compliance_or_a_legal_hold(aws, s3):
    root = aws.s3(bootstrap.ROOT)
    bypass = {"BypassGovernanceRetention": True}
    version = put(s3, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=in_days(2))
    held = put(s3, ObjectLockLegalHoldStatus="ON")
    for one in (version, held):
        stays(root, one, **bypass)
    for wanted in (retention("COMPLIANCE", 1), retention("GOVERNANCE", 3), {}):
        with refused("AccessDenied", LOCKED, status=403):
            root.put_object_retention(**version, Retention=wanted, **bypass)
    root.put_object_retention(**version, Retention=retention("COMPLIANCE", 3))
    root.put_object_legal_hold(**held, LegalHold=OFF)
    root.delete_object(**held)
    assert is_gone(root, held)


def test_retention_is_extended_freely_and_shortened_by_bypass(s3):
    version = put(s3)
    with refused("NoSuchObjectLockConfiguration", "does not have a ObjectLock configuration", status=404):
        s3.get_object_retention(**OBJECT)
    longer, shorter = retention("GOVERNANCE", 3), retention("GOVERNANCE", 1)
    s3.put_object_retention(**OBJECT, Retention=retention("GOVERNANCE", 2))
    s3.put_object_retention(**OBJECT, Retention=longer)
    assert s3.get_object_retention(**version)["Retention"] == longer
    for wanted in (shorter, retention("COMPLIANCE", 3), {}):
        with refused("AccessDenied", LOCKED, status=403):
            s3.put_object_retention(**version, Retention=wanted)
    assert s3.get_object_retention(**version)["Retention"] == longer
    s3.put_object_retention(**version, Retention=shorter, BypassGovernanceRetention=True)
    assert s3.head_object(**version)["ObjectLockRetainUntilDate"] == shorter["RetainUntilDate"]
    s3.put_object_retention(**version, Retention={}, BypassGovernanceRetention=True)
    assert error_code(s3.get_object_retention, **version) == "NoSuchObjectLockConfiguration"
    s3.delete_object(**version)


def test_new_objects_get_what_the_bucket_says(s3):
    s3.put_object_lock_configuration(**BUCKET, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}}})
    upload = s3.create_multipart_upload(**BUCKET, Key="parts")["UploadId"]
    part = s3.upload_part(**BUCKET, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**BUCKET, Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    s3.put_object(**OBJECT, Body=b"content")
    s3.copy_object(**BUCKET, Key="copy", CopySource="the-bucket/k")
    for key in ("k", "copy", "parts"):
        head = s3.head_object(**BUCKET, Key=key)
        assert head["ObjectLockMode"] == "COMPLIANCE"
        assert 364 <= (head["ObjectLockRetainUntilDate"] - head["LastModified"]).days <= 366
    version = put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(1))
    assert s3.head_object(**version)["ObjectLockMode"] == "GOVERNANCE"


def test_a_copy_and_an_upload_take_their_own_lock_and_never_the_sources(s3):
    put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(1), ObjectLockLegalHoldStatus="ON")
    s3.copy_object(**BUCKET, Key="copy", CopySource="the-bucket/k")
    head = s3.head_object(**BUCKET, Key="copy")
    assert not [name for name in head if name.startswith("ObjectLock")]
    own = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": in_days(2), "ObjectLockLegalHoldStatus": "ON"}
    s3.copy_object(**BUCKET, Key="copy", CopySource="the-bucket/k", **own)
    upload = s3.create_multipart_upload(**BUCKET, Key="parts", **own)["UploadId"]
    part = s3.upload_part(**BUCKET, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**BUCKET, Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    for key in ("copy", "parts"):
        head = s3.head_object(**BUCKET, Key=key)
        assert {name: head[name] for name in own} == own


def test_faults_of_uploads_are_told_as_s3_tells_them(s3, plain):
    day = in_days(1)
    for arguments, message, name in (
            ({"ObjectLockMode": "GOVERNANCE"}, "must both be supplied", "x-amz-object-lock-retain-until-date"),
            ({"ObjectLockRetainUntilDate": day}, "must both be supplied", "x-amz-object-lock-mode"),
            ({"ObjectLockMode": "OTHER", "ObjectLockRetainUntilDate": day}, "Unknown wormMode directive.", "x-amz-object-lock-mode"),
            ({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": in_days(-1)}, "must be in the future",
             "x-amz-object-lock-retain-until-date"),
            ({"ObjectLockLegalHoldStatus": "MAYBE"}, "Legal Hold must be either", "x-amz-object-lock-legal-hold")):
        for call, more in ((s3.put_object, {"Body": b"x"}), (s3.create_multipart_upload, {}),
                           (s3.copy_object, {"CopySource": "plain-bucket/k"})):
            with pytest.raises(botocore.exceptions.ClientError) as fault:
                call(**OBJECT, **more, **arguments)
            error = fault.value.response["Error"]
            assert error["Code"] == "InvalidArgument" and message in error["Message"] and error["ArgumentName"] == name
    assert error_code(s3.head_object, **OBJECT) == "404"
    for arguments in ({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": day}, {"ObjectLockLegalHoldStatus": "ON"}):
        with refused("InvalidRequest", "Bucket is missing Object Lock Configuration", status=400):
            plain.put_object(Bucket="plain-bucket", Key="new", Body=b"x", **arguments)


def test_buckets_without_it(plain):
    where = {"Bucket": "plain-bucket", "Key": "k"}
    for call, arguments in ((plain.get_object_retention, {}), (plain.get_object_legal_hold, {}),
                            (plain.put_object_retention, {"Retention": retention("GOVERNANCE", 1)}),
                            (plain.put_object_legal_hold, {"LegalHold": ON})):
        with refused("InvalidRequest", "Bucket is missing Object Lock Configuration", status=400):
            call(**where, **arguments)
    for call, arguments in ((plain.delete_object, where), (plain.delete_objects, {"Bucket": "plain-bucket", "Delete": {"Objects": [{"Key": "k"}]}})):
        with refused("InvalidArgument", "only applicable to Object Lock enabled buckets", status=400):
            call(**arguments, BypassGovernanceRetention=True)
    assert plain.get_object(**where)["Body"].read() == b"x"


def test_faults_of_the_subresources(s3):
    for call, arguments in ((s3.get_object_retention, {}), (s3.put_object_legal_hold, {"LegalHold": ON})):
        with refused("NoSuchKey", status=404):
            call(**OBJECT, **arguments)
    version = put(s3)
    for wanted in ({"Mode": "GOVERNANCE"}, {"RetainUntilDate": in_days(1)}, retention("OTHER", 1)):
        with refused("MalformedXML", status=400):
            s3.put_object_retention(**OBJECT, Retention=wanted)
    with refused("InvalidArgument", "must be in the future", status=400):
        s3.put_object_retention(**OBJECT, Retention=retention("GOVERNANCE", -1))
    with refused("MalformedXML", status=400):
        s3.put_object_legal_hold(**OBJECT)
    marker = s3.delete_object(**OBJECT)["VersionId"]
    for call, arguments in ((s3.get_object_retention, {}), (s3.put_object_retention, {"Retention": retention("GOVERNANCE", 1)}),
                            (s3.get_object_legal_hold, {}), (s3.put_object_legal_hold, {"LegalHold": ON})):
        with refused("MethodNotAllowed", status=405):
            call(**OBJECT, VersionId=marker, **arguments)
    s3.delete_object(**version)


def test_what_protects_a_version_is_shown_to_those_who_may_read_it(aws, s3):
    iam = aws.iam(bootstrap.ADMIN)
    _, reader = create_user(iam, "reader", allow("s3:GetObject"))
    _, auditor = create_user(iam, "auditor", allow(["s3:GetObject", "s3:GetObjectRetention"]))
    put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(1), ObjectLockLegalHoldStatus="OFF")

    def shown(keys):
        return {name for name in aws.s3(keys).get_object(**OBJECT) if name.startswith("ObjectLock")}

    assert shown(reader) == set()
    assert shown(auditor) == {"ObjectLockMode", "ObjectLockRetainUntilDate"}
    assert shown(bootstrap.ADMIN) == {"ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"}
    for call in (aws.s3(reader).get_object_retention, aws.s3(auditor).get_object_legal_hold):
        assert error_code(call, **OBJECT) == "AccessDenied"


def test_locks_need_permissions_of_their_own(aws, s3):
    iam = aws.iam(bootstrap.ADMIN)
    _, writer = create_user(iam, "writer", allow("s3:PutObject"))
    _, keeper = create_user(iam, "keeper", allow(["s3:PutObject", "s3:PutObjectRetention"]))
    put(s3)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": in_days(1)}
    for keys, arguments in ((writer, lock), (writer, {"ObjectLockLegalHoldStatus": "ON"}), (keeper, {"ObjectLockLegalHoldStatus": "OFF"})):
        assert error_code(aws.s3(keys).put_object, **OBJECT, Body=b"x", **arguments) == "AccessDenied"
    aws.s3(keeper).put_object(**OBJECT, Body=b"x", **lock)
    assert error_code(aws.s3(writer).put_object_retention, **OBJECT, Retention=retention("GOVERNANCE", 2)) == "AccessDenied"
    assert error_code(aws.s3(keeper).put_object_legal_hold, **OBJECT, LegalHold=OFF) == "AccessDenied"
    assert error_code(aws.s3(keeper).create_bucket, Bucket="another-bucket", ObjectLockEnabledForBucket=True) == "AccessDenied"


def test_policies_limit_retention(aws, s3):
    s3.put_bucket_policy(**BUCKET, Policy=policy(
        deny(["s3:PutObject", "s3:PutObjectRetention"], "arn:aws:s3:::the-bucket/*",
             NumericGreaterThan={"s3:object-lock-remaining-retention-days": "10"}) | {"Principal": "*"},
        deny("s3:PutObjectRetention", "arn:aws:s3:::the-bucket/*", StringEquals={"s3:object-lock-mode": "COMPLIANCE"}) | {"Principal": "*"},
        deny("s3:PutObjectLegalHold", "arn:aws:s3:::the-bucket/*", StringEquals={"s3:object-lock-legal-hold": "ON"}) | {"Principal": "*"}))
    version = put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(10))
    for arguments in ({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": in_days(11)},
                      {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": in_days(1)}, {"ObjectLockLegalHoldStatus": "ON"}):
        assert error_code(s3.put_object, **OBJECT, Body=b"x", **arguments) == "AccessDenied"
    for wanted in (retention("GOVERNANCE", 11), retention("COMPLIANCE", 10)):
        assert error_code(s3.put_object_retention, **version, Retention=wanted, BypassGovernanceRetention=True) == "AccessDenied"
    assert error_code(s3.put_object_legal_hold, **version, LegalHold=ON) == "AccessDenied"
    s3.put_object_legal_hold(**version, LegalHold=OFF)


def test_a_lifecycle_leaves_locked_versions(shift_time, aws, s3):
    s3.put_bucket_lifecycle_configuration(**BUCKET, LifecycleConfiguration={"Rules": [
        {"ID": "a", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]})
    locked = put(s3, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=in_days(30))
    held = put(s3, ObjectLockLegalHoldStatus="ON")
    free = put(s3)
    put(s3)
    shift_time(4 * 86400)
    later = aws.s3(bootstrap.ADMIN)
    poll(lambda: is_gone(later, free), seconds=10)
    for version in (locked, held):
        assert later.get_object(**version)["Body"].read() == b"content"
