"""Records of the index of objects that are not what was written: their owner overwrites and removes them, nobody reads them."""
import json
import sqlite3

import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import ADMIN
from support.people import error_code
from support.server import Server

# "damaged-1" names the file of "whole"; the others are what a bad disk leaves.
DAMAGES = ["UPDATE object SET file = (SELECT file FROM object WHERE key = CAST('whole' AS BLOB)) WHERE key = CAST('damaged-1' AS BLOB)",
           "UPDATE object SET size = -1 WHERE key = CAST('damaged-2' AS BLOB)",
           "UPDATE object SET attributes = x'ff' WHERE key = CAST('damaged-3' AS BLOB)"]
KEYS = ["damaged-1", "damaged-2", "damaged-3"]


class Home:
    """A data folder, served and damaged by turns."""

    def __init__(self, path):
        self.path = path
        (path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
        self.server = None

    def start(self):
        self.server = Server(["--listen", "127.0.0.1:0", "--data", self.path / "data", "--bootstrap", self.path / "bootstrap.json"],
                             self.path).start()
        return Aws(self.server.url, self.path).s3(ADMIN)

    def damage(self, *statements):
        """Changes records of the stopped server's index, and serves again."""
        assert self.server.stop() == 0
        with sqlite3.connect(self.path / "data" / "objects" / "index.db") as index:
            for statement in statements:
                assert index.execute(statement).rowcount > 0
        index.close()
        return self.start()

    def log(self):
        return [json.loads(line) for line in (self.path / "server.log").read_text().splitlines() if line.startswith("{")]

    def files(self):
        return sum(path.is_file() for path in (self.path / "data" / "objects" / "data").rglob("*"))


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    yield made
    assert made.server.stop() == 0


@pytest.mark.parametrize("times", [1, 30_000], ids=["bytes-in-the-index", "bytes-in-files"])
def test_objects_with_damaged_records_are_overwritten_and_deleted(home, times):
    s3 = home.start()
    s3.create_bucket(Bucket="bkt")
    for key in ["whole", *KEYS]:
        s3.put_object(Bucket="bkt", Key=key, Body=key.encode() * times)

    s3 = home.damage(*DAMAGES)

    for key in KEYS:
        for call in (s3.get_object, s3.head_object):
            assert error_code(call, Bucket="bkt", Key=key) in ("InternalError", "500")
        assert any(f"the record of the object {key} is damaged" in line.get("cause", "") for line in home.log())
        assert error_code(s3.put_object, Bucket="bkt", Key=key, Body=b"new", IfNoneMatch="*") == "InternalError"
        assert error_code(s3.delete_object, Bucket="bkt", Key=key, IfMatch="*") == "InternalError"
        assert error_code(s3.copy_object, Bucket="bkt", Key="copy", CopySource=f"bkt/{key}") == "InternalError"
    assert error_code(s3.list_objects_v2, Bucket="bkt") == "InternalError"
    assert error_code(s3.delete_bucket, Bucket="bkt") == "BucketNotEmpty"

    s3.put_object(Bucket="bkt", Key=KEYS[0], Body=b"new" * times)
    s3.delete_object(Bucket="bkt", Key=KEYS[1])
    assert "Errors" not in s3.delete_objects(Bucket="bkt", Delete={"Objects": [{"Key": KEYS[2]}, {"Key": "nothing"}]})

    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="bkt")["Contents"]] == ["damaged-1", "whole"]
    told = [line["record"] for line in home.log() if line.get("event") == "damaged_record_removed"]
    assert len(told) == 3 and all(any(f"object {key} is" in line and "its file: " in line for line in told) for key in KEYS)
    assert home.files() == (0 if times == 1 else 5)
    s3 = home.damage()
    assert home.files() == (0 if times == 1 else 2)
    assert s3.get_object(Bucket="bkt", Key=KEYS[0])["Body"].read() == b"new" * times
    assert s3.get_object(Bucket="bkt", Key="whole")["Body"].read() == b"whole" * times


def test_a_bucket_with_damaged_uploads_is_emptied_and_deleted(home):
    s3 = home.start()
    s3.create_bucket(Bucket="bkt")
    uploads = [s3.create_multipart_upload(Bucket="bkt", Key=f"k{i}")["UploadId"] for i in range(3)]
    for i, upload in enumerate(uploads):
        s3.upload_part(Bucket="bkt", Key=f"k{i}", UploadId=upload, PartNumber=1, Body=b"part")

    s3 = home.damage("UPDATE upload SET initiator = x'ff'", "UPDATE part SET size = 9")

    names = {"Bucket": "bkt", "Key": "k0", "UploadId": uploads[0]}
    assert error_code(s3.list_multipart_uploads, Bucket="bkt") == "InternalError"
    assert error_code(s3.list_parts, **names) == "InternalError"
    assert error_code(s3.upload_part, **names, PartNumber=2, Body=b"x") == "InternalError"
    s3.abort_multipart_upload(**names)
    assert error_code(s3.abort_multipart_upload, **names) == "NoSuchUpload"
    s3.delete_bucket(Bucket="bkt")
    home.damage()
    assert home.files() == 0


def test_a_damaged_part_is_sent_again(home):
    s3 = home.start()
    s3.create_bucket(Bucket="bkt")
    upload = s3.create_multipart_upload(Bucket="bkt", Key="k")["UploadId"]
    names = {"Bucket": "bkt", "Key": "k", "UploadId": upload}
    s3.upload_part(**names, PartNumber=1, Body=b"part")

    s3 = home.damage("UPDATE part SET etag = x'ff'")

    assert error_code(s3.complete_multipart_upload, **names,
                      MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"x"'}]}) == "InternalError"
    etag = s3.upload_part(**names, PartNumber=1, Body=b"again")["ETag"]
    s3.complete_multipart_upload(**names, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert s3.get_object(Bucket="bkt", Key="k")["Body"].read() == b"again"
