"""S3 with keys that clients give with each request (SSE-C), with boto3: what opens, what does not, and what lies on the disk."""
import base64
import hashlib
import json

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.people import allow, create_user, deny, error_code, policy
from support.server import Server

BUCKET = {"Bucket": "the-bucket"}
OBJECT = BUCKET | {"Key": "k"}
BODY = b"content that nobody may see" * 40
KEY, OTHER = b"0123456789abcdef0123456789abcdef", b"another key of thirty-two bytes!"
NEEDED = "The correct parameters must be provided to retrieve the object."
WRONG = "must provide the correct secret key"
IN_PARTS = b"p" * (5 * 1024 * 1024 + 1)


def sse(key):
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def source(key):
    return {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": key}


def md5(key):
    return base64.b64encode(hashlib.md5(key).digest()).decode()


def is_told(answer, key=KEY):
    return (answer.get("SSECustomerAlgorithm"), answer.get("SSECustomerKeyMD5"), answer.get("ServerSideEncryption")) == (
        "AES256", md5(key), None)


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(**BUCKET)
    return client


def test_an_object_opens_with_its_key_alone(s3):
    put = s3.put_object(**OBJECT, Body=BODY, Metadata={"a": "b"}, **sse(KEY))
    assert is_told(put)
    assert put["ETag"].strip('"') != hashlib.md5(BODY).hexdigest()
    for _ in range(2):
        answer = s3.get_object(**OBJECT, **sse(KEY))
        assert is_told(answer) and answer["Metadata"] == {"a": "b"} and answer["Body"].read() == BODY
        assert not [name for name in answer["ResponseMetadata"]["HTTPHeaders"] if name.endswith("customer-key")]
        assert s3.get_object(**OBJECT, Range="bytes=3-9", **sse(KEY))["Body"].read() == BODY[3:10]
        assert is_told(s3.head_object(**OBJECT, **sse(KEY)))
        with refused("InvalidRequest", NEEDED, status=400):
            s3.get_object(**OBJECT)
        with refused("AccessDenied", WRONG, status=403):
            s3.get_object(**OBJECT, **sse(OTHER))
        assert error_code(s3.head_object, **OBJECT) == "400"
        assert error_code(s3.head_object, **OBJECT, **sse(OTHER)) == "403"
    encoded = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": base64.b64encode(KEY).decode(), "SSECustomerKeyMD5": md5(KEY)}
    assert s3.get_object_attributes(**OBJECT, ObjectAttributes=["ObjectSize"], **encoded)["ObjectSize"] == len(BODY)
    assert error_code(s3.get_object_attributes, **OBJECT, ObjectAttributes=["ObjectSize"]) == "InvalidRequest"
    assert [one["Size"] for one in s3.list_objects_v2(**BUCKET)["Contents"]] == [len(BODY)]
    s3.delete_object(**OBJECT)


def test_a_key_for_what_needs_none(s3):
    s3.put_object(**OBJECT, Body=BODY)
    for _ in range(2):
        with refused("InvalidRequest", "The encryption parameters are not applicable to this object.", status=400):
            s3.get_object(**OBJECT, **sse(KEY))
        assert s3.get_object(**OBJECT)["Body"].read() == BODY


def test_versions_have_keys_of_their_own(s3):
    s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(**OBJECT, Body=b"first", **sse(KEY))["VersionId"]
    second = s3.put_object(**OBJECT, Body=b"second", **sse(OTHER))["VersionId"]
    assert s3.get_object(**OBJECT, VersionId=first, **sse(KEY))["Body"].read() == b"first"
    assert s3.get_object(**OBJECT, **sse(OTHER))["Body"].read() == b"second"
    assert error_code(s3.get_object, **OBJECT, VersionId=second, **sse(KEY)) == "AccessDenied"
    assert error_code(s3.get_object, **OBJECT, VersionId=first, **sse(OTHER)) == "AccessDenied"


def test_copies_change_the_key(s3):
    s3.put_object(**OBJECT, Body=BODY, **sse(KEY))
    for arguments in ({}, source(OTHER)):
        assert error_code(s3.copy_object, **BUCKET, Key="copy", CopySource="the-bucket/k", **arguments) in ("InvalidRequest", "AccessDenied")
    assert error_code(s3.head_object, **BUCKET, Key="copy") == "404"
    plain = s3.copy_object(**BUCKET, Key="copy", CopySource="the-bucket/k", **source(KEY))
    assert plain["ServerSideEncryption"] == "AES256" and "SSECustomerAlgorithm" not in plain
    assert s3.get_object(**BUCKET, Key="copy")["Body"].read() == BODY
    other = s3.copy_object(**BUCKET, Key="other", CopySource="the-bucket/k", **source(KEY), **sse(OTHER))
    assert is_told(other, OTHER)
    assert s3.get_object(**BUCKET, Key="other", **sse(OTHER))["Body"].read() == BODY
    assert error_code(s3.get_object, **BUCKET, Key="other", **sse(KEY)) == "AccessDenied"
    s3.copy_object(**OBJECT, CopySource="the-bucket/k", **source(KEY), **sse(OTHER))
    assert s3.get_object(**OBJECT, **sse(OTHER))["Body"].read() == BODY


def test_parts_have_the_key_of_their_upload(s3):
    begun = s3.create_multipart_upload(**OBJECT, **sse(KEY))
    assert is_told(begun)
    upload = {"UploadId": begun["UploadId"]}
    for arguments, message in (({}, "Subsequent part requests must include"), (sse(OTHER), "did not match the ones used originally")):
        with refused("InvalidRequest", message, status=400):
            s3.upload_part(**OBJECT, **upload, PartNumber=1, Body=b"x", **arguments)
    s3.put_object(**BUCKET, Key="source", Body=IN_PARTS)
    with refused("InvalidRequest", "Subsequent part requests must include", status=400):
        s3.upload_part_copy(**OBJECT, **upload, PartNumber=1, CopySource="the-bucket/source")
    first = s3.upload_part(**OBJECT, **upload, PartNumber=1, Body=IN_PARTS, **sse(KEY))
    second = s3.upload_part_copy(**OBJECT, **upload, PartNumber=2, CopySource="the-bucket/source", CopySourceRange="bytes=0-99", **sse(KEY))
    assert is_told(first) and is_told(second)
    parts = [{"PartNumber": 1, "ETag": first["ETag"]}, {"PartNumber": 2, "ETag": second["CopyPartResult"]["ETag"]}]
    assert error_code(s3.complete_multipart_upload, **OBJECT, **upload, MultipartUpload={"Parts": parts}, **sse(OTHER)) == "InvalidRequest"
    done = s3.complete_multipart_upload(**OBJECT, **upload, MultipartUpload={"Parts": parts})
    assert "ServerSideEncryption" not in done
    assert error_code(s3.get_object, **OBJECT) == "InvalidRequest"
    answer = s3.get_object(**OBJECT, **sse(KEY))
    assert is_told(answer) and answer["Body"].read() == IN_PARTS + IN_PARTS[:100]
    assert s3.get_object(**OBJECT, PartNumber=2, **sse(KEY))["Body"].read() == IN_PARTS[:100]

    plain = {"UploadId": s3.create_multipart_upload(**BUCKET, Key="plain")["UploadId"]}
    with refused("InvalidRequest", "Subsequent part requests must include", status=400):
        s3.upload_part(**BUCKET, Key="plain", **plain, PartNumber=1, Body=b"x", **sse(KEY))


@pytest.mark.parametrize("headers, code, message", [
    ({"algorithm": "KMS", "key": KEY, "key-MD5": md5(KEY)}, "InvalidEncryptionAlgorithmError", "Supported value: AES256."),
    ({"key": KEY, "key-MD5": md5(KEY)}, "InvalidArgument", "must provide a valid encryption algorithm"),
    ({"algorithm": "AES256", "key-MD5": md5(KEY)}, "InvalidArgument", "must provide an appropriate secret key"),
    ({"algorithm": "AES256", "key": KEY}, "InvalidArgument", "The secret key was invalid"),
    ({"algorithm": "AES256", "key": KEY[1:], "key-MD5": md5(KEY[1:])}, "InvalidArgument", "The secret key was invalid"),
    ({"algorithm": "AES256", "key": KEY, "key-MD5": md5(OTHER)}, "InvalidArgument", "did not match the hash that was provided"),
    ({"algorithm": "AES256", "key": KEY, "key-MD5": md5(KEY), None: "AES256"}, "InvalidArgument", "is incompatible with the encryption")])
def test_faults_are_told_as_s3_tells_them(aws, s3, headers, code, message):
    names = {f"x-amz-server-side-encryption-customer-{name}" if name else "x-amz-server-side-encryption":
             base64.b64encode(value).decode() if isinstance(value, bytes) else value for name, value in headers.items()}

    def send(request, **_):
        for name, value in names.items():
            request.headers[name] = value

    client = aws.s3(bootstrap.ADMIN)
    client.meta.events.register("before-sign.s3", send)
    with pytest.raises(botocore.exceptions.ClientError) as fault:
        client.put_object(**OBJECT, Body=BODY)
    error = fault.value.response["Error"]
    assert (error["Code"], error["ArgumentName"]) == (code, "x-amz-server-side-encryption") and message in error["Message"]
    assert error_code(s3.head_object, **OBJECT) == "404"


def test_policies_can_demand_a_key_or_forbid_it(aws, s3):
    absent = {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "true"}}
    s3.put_bucket_policy(**BUCKET, Policy=policy(deny("s3:PutObject", "arn:aws:s3:::the-bucket/secret/*", **absent) | {"Principal": "*"}))
    assert error_code(s3.put_object, **BUCKET, Key="secret/a", Body=b"x") == "AccessDenied"
    s3.put_object(**BUCKET, Key="secret/a", Body=b"x", **sse(KEY))
    _, nobody = create_user(aws.iam(bootstrap.ADMIN), "bob", allow("s3:PutObject"))
    assert error_code(aws.s3(nobody).get_object, **BUCKET, Key="secret/a", **sse(KEY)) == "AccessDenied"


def test_the_disk_has_neither_the_bytes_nor_the_key(tmp_path):
    (tmp_path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    folder = tmp_path / "data"
    flags = ["--data", folder, "--listen", "127.0.0.1:0", "--bootstrap", tmp_path / "bootstrap.json"]
    server = Server(flags, tmp_path).start()
    s3 = Aws(server.url, tmp_path).s3(bootstrap.ADMIN)
    s3.create_bucket(**BUCKET)
    s3.put_object(**OBJECT, Body=BODY, **sse(KEY))
    s3.put_object(**BUCKET, Key="empty", Body=b"", **sse(KEY))
    assert server.stop() == 0
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in (BODY[:64], KEY, base64.b64encode(KEY), hashlib.md5(KEY).digest(), md5(KEY).encode(), hashlib.md5(BODY).hexdigest().encode()):
        assert secret not in stored
    server = Server(flags, tmp_path).start()
    s3 = Aws(server.url, tmp_path).s3(bootstrap.ADMIN)
    assert s3.get_object(**OBJECT, **sse(KEY))["Body"].read() == BODY
    assert s3.get_object(**BUCKET, Key="empty", **sse(KEY))["Body"].read() == b""
    assert error_code(s3.get_object, **BUCKET, Key="empty", **sse(OTHER)) == "AccessDenied"
    assert server.stop() == 0
