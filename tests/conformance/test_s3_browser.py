"""What browsers do with S3: CORS rules applied, and uploads by forms that boto3 signs."""
import base64
import json
import xml.etree.ElementTree

import boto3
import botocore.client
import pytest
import urllib3

from support import bootstrap
from support.aws import refused
from support.people import allow, create_user, deny, policy

RULES = [{"AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"],
          "ExposeHeaders": ["ETag", "x-amz-request-id"], "MaxAgeSeconds": 60}]
ORIGIN = "https://www.example.com"


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    client.put_object(Bucket="the-bucket", Key="k", Body=b"content")
    return client


@pytest.fixture(params=["s3v4", "s3"])
def signer(request, server):
    """An S3 client that signs forms by version 4, or 2 as boto3 does by default."""
    return boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=bootstrap.ADMIN.access_key,
                        aws_secret_access_key=bootstrap.ADMIN.secret_key,
                        config=botocore.client.Config(signature_version=request.param, s3={"addressing_style": "path"}))


@pytest.fixture
def v4(server):
    def make(keys):
        return boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=keys.access_key,
                            aws_secret_access_key=keys.secret_key,
                            config=botocore.client.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    return make


@pytest.fixture
def browser():
    with urllib3.PoolManager(retries=False) as pool:
        yield pool


def preflight(browser, url, method, origin=ORIGIN, headers=""):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return browser.request("OPTIONS", url, headers=asked | ({"Access-Control-Request-Headers": headers} if headers else {}))


def code_of(answer):
    return xml.etree.ElementTree.fromstring(answer.data).findtext("Code")


def message_of(answer):
    return xml.etree.ElementTree.fromstring(answer.data).findtext("Message")


def test_a_page_of_an_allowed_origin_uses_a_presigned_link(s3, browser):
    s3.put_bucket_cors(Bucket="the-bucket", CORSConfiguration={"CORSRules": RULES})
    link = s3.generate_presigned_url("put_object", Params={"Bucket": "the-bucket", "Key": "new"})

    asked = preflight(browser, link, "PUT", headers="content-type")
    done = browser.request("PUT", link, body=b"from a page", headers={"Origin": ORIGIN})

    assert (asked.status, asked.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert asked.headers["Access-Control-Allow-Headers"] == "content-type"
    assert asked.headers["Access-Control-Max-Age"] == "60"
    assert (done.status, done.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert done.headers["Access-Control-Expose-Headers"] == "ETag, x-amz-request-id"
    assert "Origin" in done.headers["Vary"]
    assert s3.get_object(Bucket="the-bucket", Key="new")["Body"].read() == b"from a page"


def test_other_origins_are_told_nothing(s3, browser, server):
    s3.put_bucket_cors(Bucket="the-bucket", CORSConfiguration={"CORSRules": RULES})
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "the-bucket", "Key": "k"})

    for origin, method in (("https://example.org", "GET"), (ORIGIN, "DELETE")):
        asked = preflight(browser, link, method, origin)
        assert (asked.status, code_of(asked)) == (403, "AccessForbidden")
        assert "Access-Control-Allow-Origin" not in asked.headers
    answer = browser.request("GET", link, headers={"Origin": "https://example.org"})
    assert (answer.status, answer.data) == (200, b"content")
    assert "Access-Control-Allow-Origin" not in answer.headers
    for method, origin in (("GET", ORIGIN), ("DELETE", None)):  # as a call that is no preflight says it
        answer = browser.request("DELETE", f"{server.url}/the-bucket/k", headers={"Origin": ORIGIN, "Access-Control-Request-Method": method})
        assert (answer.status, answer.headers.get("Access-Control-Allow-Origin")) == (403, origin)
    s3.delete_bucket_cors(Bucket="the-bucket")
    assert message_of(preflight(browser, link, "GET")) == "CORSResponse: CORS is not enabled for this bucket."
    assert code_of(browser.request("OPTIONS", f"{server.url}/the-bucket")) == "BadRequest"
    # Without a method it is the bucket that is told of first (recorded).
    for bucket, message in (("the-bucket", "CORSResponse: CORS is not enabled for this bucket."), ("no-bucket", "CORSResponse: Bucket not found")):
        asked = browser.request("OPTIONS", f"{server.url}/{bucket}", headers={"Origin": ORIGIN})
        assert (message_of(asked), xml.etree.ElementTree.fromstring(asked.data).findtext("Method")) == (message, "OPTIONS")


def test_a_refusal_can_be_read_by_the_page_too(s3, browser, server):
    s3.put_bucket_cors(Bucket="the-bucket", CORSConfiguration={"CORSRules": RULES})

    answer = browser.request("GET", f"{server.url}/the-bucket/k", headers={"Origin": ORIGIN})

    assert (answer.status, code_of(answer)) == (403, "AccessDenied")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


class Form:
    """A form that boto3 signed, sent with other fields or another file."""

    def __init__(self, s3, browser, key="up/${filename}", fields=None, conditions=None, expires=3600):
        made = s3.generate_presigned_post("the-bucket", key, Fields=fields, Conditions=conditions, ExpiresIn=expires)
        self._url, self.fields, self._browser = made["url"], made["fields"], browser

    def send(self, body=b"bytes of the file", name="a.txt", **changed):
        fields = {name: value for name, value in (self.fields | changed).items() if value is not None}
        if body is not None:
            fields["file"] = (name, body, "text/plain")
        return self._browser.request("POST", self._url, fields=fields, redirect=False)


def test_a_form_uploads_a_file(s3, signer, browser):
    answer = Form(signer, browser).send()

    assert (answer.status, answer.data) == (204, b"")
    got = s3.get_object(Bucket="the-bucket", Key="up/a.txt")
    assert got["Body"].read() == b"bytes of the file"
    assert answer.headers["ETag"] == got["ETag"]
    assert answer.headers["Location"].endswith("/the-bucket/up/a.txt")


def test_large_files_and_those_that_look_like_a_form(s3, browser):
    for body in (b"x" * (3 * 1024 * 1024 + 7), b"", b"\r\n--\r\n--" * 1000):
        assert Form(s3, browser).send(body).status == 204
        assert s3.get_object(Bucket="the-bucket", Key="up/a.txt")["Body"].read() == body


def test_fields_are_headers_of_the_object(s3, browser):
    fields = {"Content-Type": "image/png", "x-amz-meta-owner": "me", "x-amz-storage-class": "STANDARD_IA",
              "tagging": "<Tagging><TagSet><Tag><Key>team</Key><Value>blue</Value></Tag></TagSet></Tagging>"}
    conditions = [{name: value} for name, value in fields.items()]

    assert Form(s3, browser, "k2", fields, conditions).send().status == 204

    got = s3.get_object(Bucket="the-bucket", Key="k2")
    assert (got["ContentType"], got["Metadata"], got["StorageClass"]) == ("image/png", {"owner": "me"}, "STANDARD_IA")
    assert s3.get_object_tagging(Bucket="the-bucket", Key="k2")["TagSet"] == [{"Key": "team", "Value": "blue"}]


def test_forms_as_recorded(s3, browser):
    """A file without a name names no key; another document says nothing of tags; what was computed is told."""
    answer = Form(s3, browser).send(name=None)
    assert answer.status == 204
    assert answer.headers["x-amz-checksum-type"] == "FULL_OBJECT"
    got = s3.get_object(Bucket="the-bucket", Key="up/${filename}", ChecksumMode="ENABLED")
    assert answer.headers["x-amz-checksum-crc64nvme"] == got["ChecksumCRC64NVME"]

    tagging = "<Another/>"
    assert Form(s3, browser, "k2", {"tagging": tagging}, [{"tagging": tagging}]).send().status == 204
    assert s3.get_object_tagging(Bucket="the-bucket", Key="k2")["TagSet"] == []
    assert code_of(Form(s3, browser, "k2", {"tagging": "text"}, [{"tagging": "text"}]).send()) == "MalformedXML"


def test_texts_of_forms(s3, browser):
    """Headers are kept in ISO-8859-1, user metadata as it is, encoded words too."""
    fields = {"Cache-Control": "a\u2014_\u00e9", "x-amz-meta-word": "=?UTF-8?Q?ascii?=", "x-amz-meta-name": "caf\u00e9"}
    assert Form(s3, browser, "k2", fields, [{name: value} for name, value in fields.items()]).send().status == 204
    got = s3.head_object(Bucket="the-bucket", Key="k2")
    assert (got["CacheControl"], got["Metadata"]) == ("a _\u00e9", {"word": "=?UTF-8?Q?ascii?=", "name": "=?UTF-8?Q?caf=C3=A9?="})


def test_a_field_that_is_missing_is_named_as_s3_writes_it(v4, s3, browser):
    new, old = Form(v4(bootstrap.ADMIN), browser), Form(s3, browser)
    for form, field, shown in ((new, "x-amz-signature", "X-Amz-Signature"), (new, "x-amz-algorithm", "X-Amz-Algorithm"),
                               (old, "signature", "Signature"), (old, "AWSAccessKeyId", "AWSAccessKeyId")):
        assert message_of(form.send(**{field: None})) == (
            f"Bucket POST must contain a field named '{shown}'.  If it is specified, please check the order of the fields.")
    # A policy that nobody signed is a stranger's.
    assert code_of(old.send(signature=None, AWSAccessKeyId=None)) == "AccessDenied"


def test_the_form_says_what_is_answered(s3, browser):
    def send(**fields):
        return Form(s3, browser, "k 2", fields, [{name: value} for name, value in fields.items()]).send()

    assert send(success_action_status="200").status == 200
    assert send(success_action_status="418").status == 204
    made = send(success_action_status="201")
    assert made.status == 201
    root = xml.etree.ElementTree.fromstring(made.data)
    assert (root.tag, root.findtext("Bucket"), root.findtext("Key")) == ("PostResponse", "the-bucket", "k 2")
    sent_on = send(success_action_redirect="https://www.example.com/done?a=b")
    assert sent_on.status == 303
    assert sent_on.headers["Location"] == ("https://www.example.com/done?a=b&bucket=the-bucket&key=k%202&etag="
                                           + made.headers["ETag"].replace('"', "%22"))
    assert send(success_action_redirect="javascript:alert(1)").status == 204


@pytest.mark.parametrize("changed, message", [
    ({"key": "other"}, 'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "up/"]'),
    ({"x-amz-meta-more": "1"}, "Invalid according to Policy: Extra input fields: x-amz-meta-more"),
    ({"acl": "public-read"}, "Invalid according to Policy: Extra input fields: acl"),
    ({"success_action_redirect": "https://evil.example"}, "Invalid according to Policy: Extra input fields: success_action_redirect"),
])
def test_a_form_is_held_to_its_policy(s3, browser, changed, message):
    answer = Form(s3, browser).send(**changed)

    assert (answer.status, code_of(answer), message_of(answer)) == (403, "AccessDenied", message)
    assert s3.list_objects_v2(Bucket="the-bucket")["KeyCount"] == 1


def test_the_size_is_held_to_the_policy(s3, browser):
    form = Form(s3, browser, conditions=[["content-length-range", 2, 4]])

    assert form.send(b"123").status == 204
    assert (code_of(form.send(b"1")), code_of(form.send(b"12345"))) == ("EntityTooSmall", "EntityTooLarge")
    assert code_of(form.send(b"1" * 300_000)) == "EntityTooLarge"
    assert s3.get_object(Bucket="the-bucket", Key="up/a.txt")["Body"].read() == b"123"


def test_a_form_is_signed_by_somebody_who_may_upload(aws, admin_iam, s3, browser):  # by version 2
    _, keys = create_user(admin_iam, "u", allow("s3:*"), deny("s3:PutObject", "arn:aws:s3:::*/secret/*"), deny("s3:PutObjectTagging"))
    form = Form(aws.s3(keys), browser, "${filename}", {"tagging": ""}, [["starts-with", "$tagging", ""]])

    assert form.send(tagging=None).status == 204
    assert message_of(form.send(tagging=None, key="secret/x")).endswith("with an explicit deny in an identity-based policy")
    tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    assert "s3:PutObjectTagging" in message_of(form.send(tagging=tags))
    admin_iam.update_access_key(UserName="u", AccessKeyId=keys.access_key, Status="Inactive")
    assert code_of(form.send(tagging=None)) == "InvalidAccessKeyId"


def test_what_signs_a_form_is_checked(s3, v4, browser):
    form = Form(v4(bootstrap.ADMIN), browser)
    expired = Form(s3, browser, expires=-1)
    other = json.loads(base64.b64decode(form.fields["policy"]))
    other["conditions"] = [["starts-with", "$key", ""]]

    assert message_of(expired.send()) == "Invalid according to Policy: Policy expired."
    assert code_of(form.send(**{"policy": base64.b64encode(json.dumps(other).encode()).decode()})) == "SignatureDoesNotMatch"
    assert code_of(form.send(**{"x-amz-signature": "0" * 64})) == "SignatureDoesNotMatch"
    for name in ("policy", "x-amz-credential", "x-amz-date", "x-amz-signature", "key"):
        assert code_of(form.send(**{name: None})) in ("InvalidArgument", "AccessDenied"), name
    assert code_of(form.send(**{"signature": "x", "AWSAccessKeyId": "x"})) == "InvalidAccessKeyId"
    assert code_of(form.send(**{"x-amz-credential": "x"})) == "AuthorizationQueryParametersError"
    old = Form(s3, browser)
    assert code_of(old.send(signature="x")) == "SignatureDoesNotMatch"
    for name in ("policy", "signature", "AWSAccessKeyId"):
        assert code_of(old.send(**{name: None})) == "InvalidArgument", name
    assert s3.list_objects_v2(Bucket="the-bucket")["KeyCount"] == 1


def test_a_form_of_nobody_is_decided_by_the_bucket(s3, browser, server):
    def send():
        return browser.request("POST", f"{server.url}/the-bucket", fields={"key": "open/x", "file": ("x", b"y")})

    assert code_of(send()) == "AccessDenied"
    s3.delete_public_access_block(Bucket="the-bucket")
    s3.put_bucket_policy(Bucket="the-bucket", Policy=policy(
        allow("s3:PutObject", "arn:aws:s3:::the-bucket/open/*", StringEquals={"aws:Referer": "https://here"}) | {"Principal": "*"}))
    assert code_of(send()) == "AccessDenied"
    s3.put_bucket_policy(Bucket="the-bucket", Policy=policy(
        allow("s3:PutObject", "arn:aws:s3:::the-bucket/open/*") | {"Principal": "*"}))
    assert send().status == 204
    assert s3.get_object(Bucket="the-bucket", Key="open/x")["Body"].read() == b"y"


@pytest.mark.parametrize("content_type, body, code", [
    ("text/plain", b"x", "PreconditionFailed"),
    ("multipart/form-data", b"x", "PreconditionFailed"),
    ("multipart/form-data; boundary=b", b"x" * 10, "MalformedPOSTRequest"),
    ("multipart/form-data; boundary=b", b"", "InvalidArgument"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--b--\r\n',
     "MalformedPOSTRequest"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nk\r\n--b--\r\n',
     "InvalidArgument"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + b"k" * 70_000,
     "MaxPostPreDataLengthExceededError"),
])
def test_what_is_no_form_is_refused(s3, browser, server, content_type, body, code):
    answer = browser.request("POST", f"{server.url}/the-bucket", body=body, headers={"Content-Type": content_type})

    assert (answer.status // 100, code_of(answer)) == (4, code)


def test_a_form_without_its_end_is_no_upload(s3, browser, server):
    s3.delete_public_access_block(Bucket="the-bucket")
    s3.put_bucket_policy(Bucket="the-bucket", Policy=policy(allow("s3:PutObject", "arn:aws:s3:::the-bucket/*") | {"Principal": "*"}))
    body = (b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nk3\r\n'
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nbytes')

    answer = browser.request("POST", f"{server.url}/the-bucket", body=body,
                             headers={"Content-Type": "multipart/form-data; boundary=b"})

    assert code_of(answer) == "MalformedPOSTRequest"
    with refused("NoSuchKey"):
        s3.get_object(Bucket="the-bucket", Key="k3")


def test_policies_tell_a_form_by_its_kind(aws, admin_iam, s3, browser):
    _, keys = create_user(admin_iam, "u", allow("s3:PutObject", "*", StringEquals={"s3:authType": "POST"}))
    u = aws.s3(keys)

    assert Form(u, browser).send().status == 204
    with refused("AccessDenied"):
        u.put_object(Bucket="the-bucket", Key="up/a.txt", Body=b"x")
