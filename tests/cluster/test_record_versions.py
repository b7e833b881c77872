"""Nodes of two neighbouring versions side by side: a start does not raise the records of a cluster, what the older version cannot read is not written
until `signet upgrade` has raised them, and a node whose program is too old refuses to start."""
import base64
import os
import subprocess

import botocore.exceptions
import pytest

from support.bootstrap import ADMIN
from support.cluster import Cluster
from support.people import poll
from support.server import BINARY

SCHEMA = "signet/s/r/!schema"
NOW = 3  # identity::kSchemaVersion


def set_version(cluster, version):
    """As a program of that version left it."""
    encode = lambda data: base64.b64encode(data).decode()  # noqa: E731
    value = cluster.etcd.keys()[SCHEMA.encode()][:8] + str(version).encode()
    cluster.etcd.members[0].ask("/v3/kv/put", {"key": encode(SCHEMA.encode()), "value": encode(value)})


def version(cluster):
    return int(cluster.etcd.keys()[SCHEMA.encode()][8:])


def upgrade(cluster, number, *flags):
    done = subprocess.run([str(BINARY), "upgrade", *flags, "--data", str(cluster.nodes[number].folder / "data")], capture_output=True, text=True,
                          timeout=60, check=False, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    """A cluster whose records are those of the version before, with two nodes of this version."""
    with Cluster(tmp_path_factory.mktemp("older"), nodes=2, members=1) as cluster:
        assert version(cluster) == NOW, "a new cluster has the newest"
        for node in cluster.nodes:
            assert node.stop() == 0
        set_version(cluster, NOW - 1)
        for node in cluster.nodes:
            node.start()
        yield cluster


def test_a_start_raises_nothing(older):
    assert version(older) == NOW - 1
    for number in range(2):
        older.aws(number).iam(ADMIN).create_user(UserName=f"by-{number}")
        assert older.nodes[number].get("/_signet/ready") == {"status": "ok"}


def test_what_the_version_before_cannot_read_waits_for_the_upgrade(older):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        older.aws(0).iam(ADMIN).enable_outbound_web_identity_federation()
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert "signet upgrade" in refused.value.response["Error"]["Message"]

    assert f"version {NOW - 1} -> {NOW}" in upgrade(older, 0, "--dry-run")
    assert version(older) == NOW - 1
    assert "done" in upgrade(older, 1)
    assert version(older) == NOW
    assert "nothing to do" in upgrade(older, 0)

    def is_allowed():
        try:
            return older.aws(0).iam(ADMIN).enable_outbound_web_identity_federation()
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "NotImplemented"
            return None

    poll(is_allowed, 5)


@pytest.mark.parametrize("found, why", [(NOW + 1, "run a newer program"), (NOW - 2, "first let every node run a program of version")])
def test_a_node_that_is_no_neighbour_refuses_to_start(tmp_path, found, why):
    with Cluster(tmp_path, nodes=1, members=1) as cluster:
        assert cluster.nodes[0].stop() == 0
        set_version(cluster, found)
        with pytest.raises(AssertionError, match=why):
            cluster.nodes[0].start(timeout=10)
        assert version(cluster) == found
