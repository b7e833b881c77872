"""What a deleted bucket leaves is removed in the background: nobody waits for it, and no crash keeps it."""
import concurrent.futures
import json

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ADMIN
from support.people import error_code, poll
from support.server import Server

UPLOADS, PARTS = 30, 12


@pytest.fixture
def home(tmp_path):
    (tmp_path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    return tmp_path


def serve(home):
    return Server(["--listen", "127.0.0.1:0", "--data", home / "data", "--bootstrap", home / "bootstrap.json"], home).start()


def files(home):
    return sum(1 for path in (home / "data" / "objects" / "data").rglob("*") if path.is_file())


def fill(s3, bucket):
    """Unfinished uploads with small parts."""
    s3.create_bucket(Bucket=bucket)
    ids = [s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"] for _ in range(UPLOADS)]

    def put(upload, number):
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=b"part")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(put, upload, number) for upload in ids for number in range(1, PARTS + 1)]:
            done.result()
    return ids


def test_what_a_deleted_bucket_left_is_removed_and_its_name_is_free(home):
    server = serve(home)
    try:
        s3 = Aws(server.url, home).s3(ADMIN)
        ids = fill(s3, "bucket")
        assert files(home) == UPLOADS * PARTS

        s3.delete_bucket(Bucket="bucket")

        assert error_code(s3.list_multipart_uploads, Bucket="bucket") == "NoSuchBucket"
        with refused("NoSuchBucket", status=404):
            s3.upload_part(Bucket="bucket", Key="k", UploadId=ids[0], PartNumber=1, Body=b"late")
        s3.create_bucket(Bucket="bucket")
        assert "Uploads" not in s3.list_multipart_uploads(Bucket="bucket")
        with refused("NoSuchUpload", status=404):
            s3.upload_part(Bucket="bucket", Key="k", UploadId=ids[0], PartNumber=1, Body=b"late")
        s3.put_object(Bucket="bucket", Key="k", Body=b"new")
        poll(lambda: files(home) == 0, seconds=60)
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"new"
    finally:
        assert server.stop() == 0


def test_a_removal_that_was_killed_is_finished_after_the_next_start(home):
    server = serve(home)
    s3 = Aws(server.url, home).s3(ADMIN)
    fill(s3, "bucket")
    s3.create_bucket(Bucket="other")
    s3.put_object(Bucket="other", Key="k", Body=b"stays")
    s3.delete_bucket(Bucket="bucket")
    server.kill()
    assert files(home) > 0, "killed in the middle"

    server = serve(home)
    try:
        s3 = Aws(server.url, home).s3(ADMIN)
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["other"]
        poll(lambda: files(home) == 0, seconds=60)
        assert s3.get_object(Bucket="other", Key="k")["Body"].read() == b"stays"
    finally:
        assert server.stop() == 0
