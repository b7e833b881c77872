"""What is cut off, stands still, is full or has another time: no acknowledged write is lost, no answer is wrong, and the cluster comes back."""
import json
import os
import pathlib
import random
import subprocess
import threading
import time

import botocore.exceptions
import pytest

from support.bootstrap import ACCOUNT, ADMIN
from support.cluster import Cluster
from support.network import Network, can_make_networks
from test_faults import RECOVERY_SECONDS, TRUST, WORKERS, Clients, Worker, await_writes, check, node_is_unready

FAKETIME = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
needs_networks = pytest.mark.skipif(not can_make_networks(), reason="namespaces of networks cannot be made here (not root, or a container without them)")


def await_ready(node, seconds):
    begin = time.monotonic()
    while node_is_unready(node):
        assert time.monotonic() - begin < seconds, node.get("/_signet/health")
        time.sleep(0.05)
    return time.monotonic() - begin


class Load:
    """Workers on all nodes while the block runs; its history is checked at the end."""

    def __init__(self, cluster, folder):
        self._folder, self._stop, self.history = folder, threading.Event(), []
        self._workers = [Worker(number, Clients(cluster), self._stop, self.history) for number in range(WORKERS)]

    def __enter__(self):
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, kind, *raised):
        self._stop.set()
        for worker in self._workers:
            worker.join()
        if kind is None:
            known = sum(call["outcome"] != "unknown" for call in self.history)
            print(f"{len(self.history)} calls, {len(self.history) - known} left open; {check(self.history, self._folder)}")
            assert known > 20, "hardly anything was done"


@needs_networks
def test_members_of_etcd_that_are_cut_off(tmp_path):
    """One member, the leader itself, then two of three, by taking their cables out."""
    with Network(3) as network, Cluster(tmp_path, network=network) as cluster:
        with Load(cluster, tmp_path):
            for _ in range(2):
                leader = cluster.etcd.members.index(cluster.etcd.await_leader())
                network.cut(leader)
                took = await_writes(cluster, 20)
                assert took <= RECOVERY_SECONDS + 5, took
                network.mend(leader)
                time.sleep(1)
            for machine in (0, 1):
                network.cut(machine)
            for node in cluster.nodes:
                deadline = time.monotonic() + 8
                while not node_is_unready(node):
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            sts = cluster.aws(2).sts(ADMIN)
            assert sts.get_caller_identity()["Account"] == ACCOUNT, "reads go on"
            with pytest.raises(botocore.exceptions.ClientError) as refused:
                cluster.aws(2).iam(ADMIN).create_user(UserName="lost")
            assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
            for machine in (0, 1):
                network.mend(machine)
            assert await_writes(cluster, 20) <= RECOVERY_SECONDS + 5
            for node in cluster.nodes:
                await_ready(node, RECOVERY_SECONDS)


def test_a_node_that_is_cut_off_from_etcd_says_so_and_the_others_go_on(tmp_path):
    with Cluster(tmp_path, proxied=True) as cluster:
        with Load(cluster, tmp_path):
            time.sleep(0.5)
            cluster.cut_node(1)
            begin = time.monotonic()
            while not node_is_unready(cluster.nodes[1]):
                assert time.monotonic() - begin < 3
                time.sleep(0.02)
            cluster.aws(0).iam(ADMIN).create_role(RoleName="meanwhile", AssumeRolePolicyDocument=TRUST)
            with pytest.raises(botocore.exceptions.ClientError) as refused:
                cluster.aws(1).iam(ADMIN).create_user(UserName="lost")
            assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
            assert cluster.aws(1).sts(ADMIN).get_caller_identity(), "reads go on"
            cluster.mend_node(1)
            # Under the load that has been waiting.
            assert await_ready(cluster.nodes[1], 15) <= RECOVERY_SECONDS + 5
            assert cluster.aws(1).iam(ADMIN).get_role(RoleName="meanwhile")
            assert await_writes(cluster, 20) <= RECOVERY_SECONDS + 5


def test_a_leader_whose_disk_is_slow_or_stands_still(tmp_path):
    """It works for a twentieth of the time, which is what flushing to a disk that answers late looks like to the others."""
    with Cluster(tmp_path) as cluster:
        with Load(cluster, tmp_path):
            leader = cluster.etcd.await_leader()
            until = time.monotonic() + 5
            while time.monotonic() < until:
                leader.suspend()
                time.sleep(0.19)
                leader.resume()
                time.sleep(0.01)
            assert await_writes(cluster, 20) <= RECOVERY_SECONDS + 5


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system of its own")
def test_a_member_whose_disk_is_full_dies_and_comes_back(tmp_path):
    with Cluster(tmp_path) as cluster:
        victim = cluster.etcd.members[0]
        data, disk = victim.folder / "data", tmp_path / "disk"
        victim.kill()
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=320m", "tmpfs", str(disk)], check=True)
        try:
            subprocess.run(["cp", "-a", str(data), str(disk / "data")], check=True)
            subprocess.run(["rm", "-r", str(data)], check=True)
            data.symlink_to(disk / "data")
            cluster.etcd.start_member(victim)
            await_writes(cluster, 20)
            with Load(cluster, tmp_path):
                filler = disk / "filler"
                with open(filler, "wb") as file:
                    try:
                        while True:
                            file.write(b"\0" * 65536)
                    except OSError:
                        pass
                # etcd allots its log ahead: it notices once that is used up.
                time.sleep(5)
                assert await_writes(cluster, 20) <= RECOVERY_SECONDS + 5
                filler.unlink()
                if not victim.is_running():
                    cluster.etcd.start_member(victim)
                assert await_writes(cluster, 20) <= RECOVERY_SECONDS + 5
        finally:
            victim.kill()
            subprocess.run(["umount", str(disk)], check=False)


def test_an_etcd_that_is_full_refuses_writes_clearly_and_goes_on_once_there_is_room(tmp_path):
    """etcd's own bound: at it no put is taken until somebody makes room and says so."""
    with Cluster(tmp_path, nodes=2, etcd_flags=["--quota-backend-bytes", "16777216"]) as cluster:
        iam = cluster.aws(0).iam(ADMIN)
        client = f"http://127.0.0.1:{cluster.etcd.members[0].client_port}"
        etcdctl = lambda *words: subprocess.run(["etcdctl", *words], env=os.environ | {"ETCDCTL_API": "3", "ETCDCTL_ENDPOINTS": client}, check=True,  # noqa: E731
                                                capture_output=True, text=True, timeout=60).stdout
        acknowledged = []
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            for number in range(3000):
                iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=TRUST, Description="x" * 1000)
                acknowledged.append(f"role-{number}")
                iam.put_role_policy(RoleName=f"role-{number}", PolicyName="p", PolicyDocument=json.dumps(
                    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": [f"s3:{'x' * 90}{i}" for i in range(90)], "Resource": "*"}}))
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in (500, 503), refused.value.response
        assert cluster.aws(1).sts(ADMIN).get_caller_identity(), "reads go on"
        deadline = time.monotonic() + 5
        while not node_is_unready(cluster.nodes[0]):
            assert time.monotonic() < deadline, "readiness says nothing of it"
            time.sleep(0.1)

        status = json.loads(etcdctl("endpoint", "status", "--write-out=json"))[0]["Status"]["header"]["revision"]
        etcdctl("compact", str(status))
        for member in cluster.etcd.members:
            subprocess.run(["etcdctl", "defrag"], env=os.environ | {"ETCDCTL_API": "3", "ETCDCTL_ENDPOINTS": f"http://127.0.0.1:{member.client_port}"},
                           check=True, capture_output=True, timeout=60)
        etcdctl("alarm", "disarm")
        assert await_writes(cluster, 20) <= RECOVERY_SECONDS + 5
        for node in cluster.nodes:
            await_ready(node, 10)
        held = {role["RoleName"] for page in cluster.aws(1).iam(ADMIN).get_paginator("list_roles").paginate() for role in page["Roles"]}
        assert set(acknowledged) <= held


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed (packages.txt, section cluster)")
def test_clocks_that_jump_by_an_hour(tmp_path):
    """One node's wall clock goes an hour ahead and back, an hour behind and back, while clients work on all nodes."""
    with Cluster(tmp_path, nodes=2) as cluster:
        clock = tmp_path / "clock"
        clock.write_text("+0\n")
        odd = cluster.make_node(9, env=os.environ | {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
                                                     "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"}).start()
        cluster.nodes.append(odd)
        chance = random.Random(1)
        with Load(cluster, tmp_path) as load:
            time.sleep(1)
            for offset in ("+3600", "+0", "-3600", "+0"):
                before = len(load.history)
                clock.write_text(offset + "\n")
                time.sleep(2 + chance.random())
                sts = cluster.aws(2).sts(ADMIN)
                if offset == "+0":
                    assert sts.get_caller_identity()["Account"] == ACCOUNT
                else:
                    # Requests of another time are refused there, as signatures that are too old or not valid yet.
                    with pytest.raises(botocore.exceptions.ClientError) as refused:
                        sts.get_caller_identity()
                    assert refused.value.response["Error"]["Code"] in ("SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired"), refused.value.response
                assert len(load.history) > before, "the other nodes stand still"
            # What the node sealed and kept while its clock was wrong is opened everywhere.
            role = "after-the-jump"
            cluster.aws(2).iam(ADMIN).create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
            session = cluster.aws(2).sts(ADMIN).assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="session")["Credentials"]
            assert session["SecretAccessKey"]
            assert await_writes(cluster, 20) <= RECOVERY_SECONDS + 5
        for node in cluster.nodes:
            await_ready(node, 10)
        cluster.nodes.remove(odd)
        odd.kill()
