"""`signet migrate`: from a folder into etcd and back, compared by a digest, and what it refuses."""
import json
import os
import re
import shutil
import subprocess

import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import ADMIN
from support.cluster import MASTER_KEY
from support.etcd import Etcd
from support.server import BINARY, Server

DIGEST = re.compile(r"(\d+) records, sha256 ([0-9a-f]{64}) on both sides")


def signet(*arguments, code=0, **environment):
    done = subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | environment)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def serve(folder, home, *more):
    return Server([*more, "--data", folder, "--listen", "127.0.0.1:0", "--threads", 1], home)


@pytest.fixture
def etcd(tmp_path):
    with Etcd(tmp_path, 1) as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    """A folder that a server filled, stopped in order."""
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    with serve(tmp_path / "data", tmp_path, "--bootstrap", file).start() as server:
        iam = Aws(server.url, tmp_path).iam(ADMIN)
        for number in range(120):
            iam.create_user(UserName=f"user-{number}")
    return tmp_path / "data"


def users(server, home):
    return {user["UserName"] for page in Aws(server.url, home).iam(ADMIN).get_paginator("list_users").paginate() for user in page["Users"]}


def test_a_folder_goes_into_etcd_and_back(folder, etcd, tmp_path):
    there = DIGEST.search(signet("migrate", "--from", folder, "--to", etcd.address))
    assert int(there[1]) > 120

    with serve(folder, tmp_path, "--store", etcd.address).start() as node:
        assert {"user-0", "user-119"} <= users(node, tmp_path)
        Aws(node.url, tmp_path).iam(ADMIN).create_user(UserName="in-etcd")
    back = tmp_path / "back"
    said = signet("migrate", "--from", etcd.address, "--to", back)
    assert DIGEST.search(said)[2] != there[2]
    shutil.copy(folder / "master.key", back / "master.key")
    with serve(back, tmp_path).start() as server:
        assert {"user-0", "user-119", "in-etcd"} <= users(server, tmp_path)


def test_the_folder_is_that_of_a_node_afterwards(folder, etcd, tmp_path):
    signet("migrate", "--from", folder, "--to", etcd.address)
    with pytest.raises(AssertionError, match="it is that of a node"):
        serve(folder, tmp_path).start(timeout=10)
    assert "it is that of a node" in signet("account", "list", "--data", folder, code=3)
    assert "is that of a node" in signet("migrate", "--from", folder, "--to", etcd.address + "/again", code=3)


def test_a_folder_with_a_state_of_its_own_is_no_node(folder, etcd, tmp_path):
    with pytest.raises(AssertionError, match="signet migrate"):
        serve(folder, tmp_path, "--store", etcd.address).start(timeout=10)


def test_what_is_not_empty_is_not_written_to(folder, etcd, tmp_path):
    before = signet("migrate", "--from", folder, "--to", etcd.address)
    assert before
    keys = etcd.keys()
    other = tmp_path / "other"
    with serve(other, tmp_path).start():
        pass
    assert "holds records already" in signet("migrate", "--from", other, "--to", etcd.address, code=3)
    assert etcd.keys() == keys
    assert "holds records already" in signet("migrate", "--from", etcd.address, "--to", other, code=3)


def test_a_folder_in_use_is_not_moved(folder, etcd, tmp_path):
    with serve(folder, tmp_path).start():
        signet("migrate", "--from", folder, "--to", etcd.address, code=3)
    assert not etcd.keys()


def test_a_folder_that_was_killed_is_not_moved_with_its_audit_lines(folder, etcd, tmp_path):
    server = serve(folder, tmp_path).start()
    Aws(server.url, tmp_path).iam(ADMIN).create_user(UserName="last")
    server.kill()
    assert "start a server on it and stop it" in signet("migrate", "--from", folder, "--to", etcd.address, code=3)
    with serve(folder, tmp_path).start():
        pass
    assert DIGEST.search(signet("migrate", "--from", folder, "--to", etcd.address))


def test_half_a_migration_is_taken_by_no_start(etcd, tmp_path):
    half = tmp_path / "half"
    half.mkdir(mode=0o700)
    (half / "master.key").write_text(MASTER_KEY + "\n")
    (half / "master.key").chmod(0o600)
    etcd.members[0].ask("/v3/kv/put", {"key": "aGFsZi9zL3Ivay8x", "value": "AAAAAAAAAAF4"})  # half/s/r/k/1
    with pytest.raises(AssertionError, match="no schema version"):
        serve(half, tmp_path, "--store", etcd.address + "/half").start(timeout=10)


@pytest.mark.parametrize("sides", [("nowhere", "etcd"), ("folder", "folder"), ("etcd", "etcd")])
def test_wrong_sides_are_told(sides, folder, etcd, tmp_path):
    places = {"nowhere": tmp_path / "nowhere", "folder": folder, "etcd": etcd.address}
    signet("migrate", "--from", places[sides[0]], "--to", places[sides[1]], code=3)
    assert not (tmp_path / "nowhere").exists()
