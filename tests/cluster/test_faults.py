"""Members of etcd and nodes are killed, cut off and slowed while clients work. No acknowledged write is lost and no answer is wrong: the
history of all calls is linearizable (go/history, with porcupine), and the cluster answers again within seconds."""
import json
import random
import subprocess
import threading
import time

import botocore.exceptions
import pytest

from support import golang
from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN
from support.cluster import Cluster
from support.server import ROOT

ROLES = 4
WORKERS = 6
POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}})
RECOVERY_SECONDS = 5
# Refused for the time of the node's clock or the request's, before anything was looked at: nothing happened.
OF_ANOTHER_TIME = {"SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired", "InvalidClientTokenId", "ExpiredToken"}
# Answers that say what happened; every other one leaves it open.
DEFINITE = {"EntityAlreadyExists", "NoSuchEntity", "DeleteConflict", "AccessDenied"}


class Clients:
    """boto3 clients of one worker for each node, whose reads ask for the newest state."""

    def __init__(self, cluster):
        self.of = []
        for number in range(len(cluster.nodes)):
            aws = cluster.aws(number)
            pair = aws.iam(ADMIN), aws.sts(ADMIN)
            for client in pair:
                client.meta.events.register("before-send.*", lambda request, **_: request.headers.update({"x-signet-consistent": "newest"}))
            self.of.append(pair)


def perform(iam, sts, op, role):
    if op == "create":
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    elif op == "delete":
        iam.delete_role(RoleName=role)
    elif op == "attach":
        iam.attach_role_policy(RoleName=role, PolicyArn=POLICY)
    elif op == "detach":
        iam.detach_role_policy(RoleName=role, PolicyArn=POLICY)
    elif op == "get":
        iam.get_role(RoleName=role)
    elif op == "list":
        return "attached" if iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] else "ok"
    else:
        sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="session")
    return "ok"


OPERATIONS = ["create", "create", "delete", "attach", "detach", "get", "list", "assume"]
READS = {"get", "list", "assume"}


class Worker(threading.Thread):
    def __init__(self, number, clients, stop, history):
        super().__init__(daemon=True)
        self._number = number
        self._clients = clients
        self._stop_event = stop
        self._history = history
        self._random = random.Random(number)
        self.last_success = time.monotonic()

    def run(self):
        node = self._number % len(self._clients.of)
        while not self._stop_event.is_set():
            op, role = self._random.choice(OPERATIONS), f"role-{self._random.randrange(ROLES)}"
            begin = time.monotonic_ns()
            try:
                outcome = perform(*self._clients.of[node], op, role)
            except botocore.exceptions.ClientError as error:
                outcome = error.response["Error"]["Code"]
                if outcome in OF_ANOTHER_TIME:
                    node = (node + 1) % len(self._clients.of)
                    continue
                outcome = outcome if outcome in DEFINITE else "unknown"
            except botocore.exceptions.BotoCoreError:
                outcome = "unknown"
            end = time.monotonic_ns()
            if outcome == "unknown":
                node = (node + 1) % len(self._clients.of)
                self._stop_event.wait(0.1)
            else:
                self.last_success = time.monotonic()
            if outcome != "unknown" or op not in READS:
                # A client of its own for each call that was left open: it is still on its way when the next one begins.
                self._history.append({"client": self._number, "role": role, "op": op, "outcome": outcome, "begin": begin, "end": end})


def check(history, folder):
    program = golang.build(ROOT / "tests" / "cluster" / "go", "history")
    done = subprocess.run([str(program), str(folder / "history.html")], input=json.dumps(history), capture_output=True, text=True, timeout=400, check=False)
    (folder / "history.json").write_text(json.dumps(history))
    assert done.returncode == 0, f"{done.stdout}{done.stderr}; see {folder}/history.html"
    return done.stdout


def await_writes(cluster, seconds):
    """Until a write succeeds on every node that runs; how long that took."""
    begin = time.monotonic()
    for number, node in enumerate(cluster.nodes):
        if not node.is_running():
            continue
        while True:
            try:
                cluster.aws(number).iam(ADMIN).tag_user(UserName="admin", Tags=[{"Key": "round", "Value": str(time.monotonic_ns())}])
                break
            except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError):
                assert time.monotonic() - begin < seconds, "no write succeeds"
                time.sleep(0.05)
    return time.monotonic() - begin


def kill_node(cluster, chance):
    node = chance.choice(cluster.nodes)
    port = node.port
    node.kill()
    time.sleep(0.3)
    at = node.arguments.index("--listen")
    node.arguments[at + 1] = f"127.0.0.1:{port}"
    node.start()


def kill_member(cluster, chance):
    leader = cluster.etcd.leader()
    member = chance.choice([one for one in cluster.etcd.members if one is not leader])
    member.kill()
    time.sleep(0.5)
    cluster.etcd.start_member(member)


def kill_leader(cluster, _):
    member = cluster.etcd.await_leader()
    member.kill()
    time.sleep(0.5)
    cluster.etcd.start_member(member)


def suspend_member(cluster, chance):
    member = chance.choice(cluster.etcd.members)
    member.suspend()
    time.sleep(1.5)
    member.resume()


def cut_node(cluster, chance):
    """A node hears nothing of etcd for a while, and its connections stay."""
    number = chance.randrange(len(cluster.nodes))
    cluster.cut_node(number)
    time.sleep(1.5)
    cluster.mend_node(number)


def stutter(cluster, _):
    """The leader works for a twentieth of the time, as with a disk that is slow to flush."""
    leader = cluster.etcd.await_leader()
    for _ in range(8):
        leader.suspend()
        time.sleep(0.19)
        leader.resume()
        time.sleep(0.01)


def lose_majority(cluster, chance):
    members = chance.sample(cluster.etcd.members, 2)
    for member in members:
        member.kill()
    time.sleep(1)
    for member in members:
        cluster.etcd.start_member(member)


FAULTS = [kill_node, kill_leader, kill_member, suspend_member, cut_node, stutter, lose_majority]


def test_histories_stay_linearizable_whatever_is_killed(tmp_path, request):
    rounds = request.config.getoption("--rounds")
    chance = random.Random(rounds)
    with Cluster(tmp_path, proxied=True) as cluster:
        stop, history = threading.Event(), []
        workers = [Worker(number, Clients(cluster), stop, history) for number in range(WORKERS)]
        for worker in workers:
            worker.start()
        slowest = 0
        for number in range(rounds):
            time.sleep(0.5)
            FAULTS[number % len(FAULTS)](cluster, chance)
            slowest = max(slowest, await_writes(cluster, 20))
        stop.set()
        for worker in workers:
            worker.join()
        unknown = sum(call["outcome"] == "unknown" for call in history)
        print(f"{rounds} rounds, {len(history)} calls, {unknown} left open, slowest recovery {slowest:.1f} s; {check(history, tmp_path)}")
        assert len(history) - unknown > 10 * rounds, "hardly anything was done"
        assert slowest <= RECOVERY_SECONDS + 5


def test_without_a_majority_reads_go_on_and_writes_are_told(tmp_path):
    with Cluster(tmp_path) as cluster:
        iam, sts = cluster.aws(0).iam(ADMIN), cluster.aws(0).sts(ADMIN)
        iam.create_role(RoleName="stays", AssumeRolePolicyDocument=TRUST)
        for member in cluster.etcd.members[:2]:
            member.kill()

        # Told by readiness within two seconds.
        begin = time.monotonic()
        while True:
            try:
                cluster.nodes[0].get("/_signet/ready")
            except OSError as error:
                body = json.loads(error.read())
                assert "cannot be reached" in " ".join(body["reasons"]), body
                break
            assert time.monotonic() - begin < 2.5
            time.sleep(0.05)
        assert cluster.nodes[0].get("/_signet/health")["status"] == "degraded"
        assert iam.get_role(RoleName="stays")
        assert sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/stays", RoleSessionName="session")
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            iam.create_role(RoleName="lost", AssumeRolePolicyDocument=TRUST)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"

        for member in cluster.etcd.members[:2]:
            cluster.etcd.start_member(member)
        assert await_writes(cluster, 20) <= RECOVERY_SECONDS + 5
        for node in cluster.nodes:
            # Whether identities can be written is tried once a second, and a try that fails may take seconds.
            deadline = time.monotonic() + 15
            while node_is_unready(node):
                assert time.monotonic() < deadline, node.get("/_signet/health")
                time.sleep(0.1)


def test_a_store_that_stands_still_is_noticed_and_may_stop_reads(tmp_path):
    """All members stop, and their connections stay: nothing is refused, nothing comes."""
    with Cluster(tmp_path, nodes=2) as cluster:
        strict = cluster.make_node(5, flags=["--store-stale-max", "3"]).start()
        sts = [Aws(node.url, node.folder).sts(ADMIN) for node in (cluster.nodes[0], strict)]
        for client in sts:
            client.get_caller_identity()
        begin = time.monotonic()
        for member in cluster.etcd.members:
            member.suspend()
        while not node_is_unready(cluster.nodes[0]):
            assert time.monotonic() - begin < 2.2
            time.sleep(0.02)
        while True:
            try:
                sts[1].get_caller_identity()
            except botocore.exceptions.ClientError as error:
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
                break
            assert time.monotonic() - begin < 4.5
            time.sleep(0.1)
        assert time.monotonic() - begin > 2.5
        assert sts[0].get_caller_identity(), "without the setting reads go on"
        for member in cluster.etcd.members:
            member.resume()
        await_writes(cluster, 15)
        deadline = time.monotonic() + 5
        while True:
            try:
                sts[1].get_caller_identity()
                break
            except botocore.exceptions.ClientError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        strict.kill()


def node_is_unready(node):
    try:
        return node.get("/_signet/ready")["status"] != "ok"
    except OSError:
        return True
