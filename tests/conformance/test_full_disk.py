"""A disk that an S3-only user fills: identities and deletions go on, and so does a start."""
import contextlib
import json
import subprocess
import urllib.error
import urllib.request

import boto3
import botocore.config
import botocore.exceptions
import pytest

from support import bootstrap
from support.people import allow, create_user, error_code, trust
from support.server import Server

ONCE = botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


class World:
    """A server on that disk, and who talks to it."""

    def __init__(self, disk, folder):
        file = folder / "bootstrap.json"
        file.write_text(json.dumps(bootstrap.document()))
        self.server = Server(["--data", disk / "data", "--listen", "127.0.0.1:0", "--bootstrap", file,
                              "--audit", folder / "audit.jsonl"], folder)

    def client(self, service, keys=bootstrap.ADMIN):
        return boto3.client(service, endpoint_url=self.server.url, region_name="us-east-1", config=ONCE,
                            aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key)

    def readiness(self):
        try:
            with urllib.request.urlopen(self.server.url + "/_signet/ready", timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture
def world(small_disk, tmp_path):
    world = World(small_disk, tmp_path)
    world.server.start()
    yield world
    if world.server.is_running():
        world.server.kill()


def fill_with_objects(s3):
    """Stores until refused, large ones and small ones; how many there are, and the last answer."""
    stored = 0
    for size in (1_000_000, 3_000):
        for _ in range(200):
            code = error_code(s3.put_object, Bucket="the-bucket", Key=f"k{stored}", Body=b"x" * size)
            if code is not None:
                break
            stored += 1
    return stored, code


def fill_from_outside(disk):
    with contextlib.suppress(OSError), open(disk / "filler", "wb", buffering=0) as out:
        while True:
            out.write(b"x" * 4096)


def test_an_s3_user_cannot_fill_the_disk_of_the_identities(world):
    iam = world.client("iam")
    world.client("s3").create_bucket(Bucket="the-bucket")
    _, keys = create_user(iam, "s3-only", allow("s3:*", "*"))

    stored, code = fill_with_objects(world.client("s3", keys))

    assert stored > 5 and code == "SlowDown"
    assert [error_code(iam.create_user, UserName=f"u{i}") for i in range(60)] == [None] * 60
    world.server.kill()
    world.server.start()
    assert len(world.client("iam").list_users()["Users"]) >= 61
    s3 = world.client("s3")
    assert [error_code(s3.delete_object, Bucket="the-bucket", Key=f"k{i}") for i in range(stored)] == [None] * stored
    assert error_code(s3.put_object, Bucket="the-bucket", Key="again", Body=b"x") is None


def test_on_a_disk_that_others_filled_a_start_serves_what_it_can_and_says_so(world, small_disk):
    iam, s3 = world.client("iam"), world.client("s3")
    s3.create_bucket(Bucket="the-bucket")
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"here")
    s3.put_object(Bucket="the-bucket", Key="gone", Body=b"x")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(iam.get_user()["User"]["Arn"]))["Role"]["Arn"]
    assert world.readiness() == (200, {"status": "ok"})
    world.server.kill()
    fill_from_outside(small_disk)

    world.server.start()

    iam, s3 = world.client("iam"), world.client("s3")
    assert s3.get_object(Bucket="the-bucket", Key="k")["Body"].read() == b"here"
    assert world.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    assert error_code(s3.put_object, Bucket="the-bucket", Key="more", Body=b"x") == "SlowDown"
    assert error_code(s3.delete_object, Bucket="the-bucket", Key="gone") is None
    status, said = world.readiness()
    assert status == 503 and "the disk is below its reserve" in said["reasons"][0]

    (small_disk / "filler").unlink()
    assert error_code(s3.put_object, Bucket="the-bucket", Key="more", Body=b"x") is None
    assert error_code(iam.create_user, UserName="after") is None
