"""`signet backup` of a node: the state of the whole cluster at one moment, restored on one machine and into etcd, compared by its digest."""
import os
import re
import subprocess
import threading

import pytest

from support.aws import Aws
from support.bootstrap import ADMIN
from support.cluster import MASTER_KEY, Cluster
from support.server import BINARY, Server

TAKEN = re.compile(r"the state of the cluster: (\d+) records, sha256 ([0-9a-f]{64})")
MOVED = re.compile(r"(\d+) records, sha256 ([0-9a-f]{64}) on both sides")


def signet(*arguments, code=0):
    done = subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def users(aws):
    return {user["UserName"] for page in aws.iam(ADMIN).get_paginator("list_users").paginate() for user in page["Users"]}


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """A backup taken while two nodes write: its folder, what was said, who was there before, and the cluster that goes on."""
    home = tmp_path_factory.mktemp("taken")
    with Cluster(home, nodes=2, members=1) as cluster:
        before = {f"before-{number}" for number in range(150)}
        for number, name in enumerate(sorted(before)):
            cluster.aws(number % 2).iam(ADMIN).create_user(UserName=name)
        s3 = cluster.aws(0).s3(ADMIN)
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="k", Body=b"bytes")
        over = threading.Event()

        def write(number):
            iam = cluster.aws(number).iam(ADMIN)
            count = 0
            while not over.is_set():
                iam.create_user(UserName=f"meanwhile-{number}-{count}")
                count += 1

        writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
        for writer in writers:
            writer.start()
        said = signet("backup", home / "backup", "--data", cluster.nodes[0].folder / "data")
        over.set()
        for writer in writers:
            writer.join()
        (home / "key").write_text(MASTER_KEY + "\n")
        (home / "key").chmod(0o600)
        yield home, said, before, cluster


def restored(taken, folder):
    home = taken[0]
    signet("restore", home / "backup", "--data", folder, "--master-key", home / "key")
    return folder


def test_a_backup_of_a_node_is_whole(taken):
    home, said, before, _ = taken
    assert int(TAKEN.search(said)[1]) > len(before)
    assert "every file is as it was stored" in signet("verify", home / "backup")


def test_it_is_a_folder_of_one_machine(taken, tmp_path):
    folder = restored(taken, tmp_path / "one")
    assert not (folder / "node").exists()
    with Server(["--data", folder, "--listen", "127.0.0.1:0"], tmp_path).start() as server:
        aws = Aws(server.url, tmp_path)
        there = users(aws)
        assert taken[2] <= there
        for number in range(2):  # one moment: of each writer the first ones, without a gap
            came = sorted(int(name.rsplit("-", 1)[1]) for name in there if name.startswith(f"meanwhile-{number}-"))
            assert came == list(range(len(came)))
        assert aws.s3(ADMIN).get_object(Bucket="kept", Key="k")["Body"].read() == b"bytes"


def test_it_goes_back_into_etcd_with_the_same_digest(taken, tmp_path):
    home, said, before, cluster = taken
    folder = restored(taken, tmp_path / "again")
    moved = MOVED.search(signet("migrate", "--from", folder, "--to", cluster.etcd.address + "/again"))
    assert (moved[1], moved[2]) == TAKEN.search(said).groups()
    with Server(["--store", cluster.etcd.address + "/again", "--data", folder, "--listen", "127.0.0.1:0"], tmp_path).start() as node:
        aws = Aws(node.url, tmp_path)
        assert before <= users(aws)
        assert aws.s3(ADMIN).get_object(Bucket="kept", Key="k")["Body"].read() == b"bytes"
        aws.iam(ADMIN).create_user(UserName="goes-on")


def test_a_changed_file_is_told_and_nothing_is_restored(taken, tmp_path):
    home = taken[0]
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", home / "backup", copy], check=True)
    with open(copy / "signet.db", "r+b") as database:
        database.seek(5000)
        byte = database.read(1)
        database.seek(5000)
        database.write(bytes([byte[0] ^ 1]))
    assert "is not what was stored" in signet("verify", copy, code=1)
    assert "damaged" in signet("restore", copy, "--data", tmp_path / "none", "--master-key", home / "key", code=3)
    assert not (tmp_path / "none").exists()


def test_another_master_key_is_refused(taken, tmp_path):
    other = tmp_path / "other"
    other.write_text("00" * 32 + "\n")
    other.chmod(0o600)
    signet("restore", taken[0] / "backup", "--data", tmp_path / "none", "--master-key", other, code=3)
    assert not (tmp_path / "none").exists()
