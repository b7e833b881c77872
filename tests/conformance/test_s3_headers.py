"""facts/s3_headers.tsv: no header of S3's model is overlooked."""
import csv

import botocore.session
import pytest

from support import bootstrap
from support.operations import FACTS
from support.wire import Wire

with open(FACTS / "s3_headers.tsv", encoding="utf-8") as table:
    ROWS = list(csv.DictReader((line for line in table if not line.startswith("#")), delimiter="\t"))

# Method, target and headers that make the operation; the upload need not be there, the refusal comes first.
CALLS = {
    "AbortMultipartUpload": ("DELETE", "/the-bucket/k?uploadId=u", {}),
    "CopyObject": ("PUT", "/the-bucket/copy", {"x-amz-copy-source": "the-bucket/k"}),
    "CreateMultipartUpload": ("POST", "/the-bucket/k?uploads=", {}),
    "DeleteObject": ("DELETE", "/the-bucket/k", {}),
    "PutObject": ("PUT", "/the-bucket/k", {}),
}


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    client.put_object(Bucket="the-bucket", Key="k", Body=b"content")
    return client


@pytest.fixture
def wire(server):
    connection = Wire(server)
    yield connection
    connection.close()


def test_table_is_sorted_and_idle_headers_say_why():
    keys = [(row["operation"], row["header"]) for row in ROWS]
    assert keys == sorted(set(keys))
    for row in ROWS:
        assert row["treatment"] in ("heeded", "refused", "idle"), row
        assert bool(row["note"]) == (row["treatment"] == "idle"), row


def test_table_has_every_header_of_the_model():
    model = botocore.session.get_session().get_service_model("s3")
    known = {(row["operation"], row["header"]) for row in ROWS}
    missing = []
    for name in {row["operation"] for row in ROWS}:
        for member in model.operation_model(name).input_shape.members.values():
            header = member.serialization.get("name", "").lower()
            is_header = member.serialization.get("location") in ("header", "headers")
            if is_header and header.startswith("x-amz-") and (name, header) not in known:
                missing.append((name, header))
    assert missing == []


@pytest.mark.parametrize("operation", CALLS)
def test_refused_headers_are_refused(s3, wire, operation):
    method, target, headers = CALLS[operation]
    rows = [row for row in ROWS if row["operation"] == operation and row["treatment"] == "refused"]
    assert rows
    for row in rows:
        answer = wire.s3(method, target, bootstrap.ADMIN, headers | {row["header"]: "x"})
        assert answer.status == 501, row
        assert method == "HEAD" or answer.code == "NotImplemented", row
    assert s3.get_object(Bucket="the-bucket", Key="k")["Body"].read() == b"content"
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="the-bucket")["Contents"]] == ["k"]


def test_no_operation_with_refused_headers_is_left_out():
    assert {row["operation"] for row in ROWS if row["treatment"] == "refused"} == set(CALLS)
