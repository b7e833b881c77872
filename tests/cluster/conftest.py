"""Fixtures: three members of etcd and three nodes for a file's tests."""
import pytest

from support.cluster import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running
