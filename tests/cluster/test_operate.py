"""docs/guide/operate.md, "Several machines": every step of it, from one node on a folder to three over etcd, through a lost member and a
restore, and back to one. The addresses of the page are those of real members on loopback."""
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import ADMIN, Keys
from support.etcd import Etcd, free_ports
from support.server import BINARY, ROOT, Server

GUIDE = ROOT / "docs" / "guide" / "operate.md"
MARK = "<!-- run by tests/cluster/test_operate.py -->"


def blocks():
    return re.findall(re.escape(MARK) + r"\n```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


class Stage:
    """One shell of the page: what it exports stays, what it starts in the background runs on."""

    def __init__(self, folder):
        self.folder = folder
        self.etcd = Etcd(folder, 3)
        for number, member in enumerate(self.etcd.members, 1):
            member.name = f"etcd-{number}"
        self.etcd._cluster = ",".join(f"{member.name}={member.peer_url}" for member in self.etcd.members)
        self.ports = dict(zip(("9311", "9312", "9313", "9314"), free_ports(4)))
        programs = folder / "bin"
        programs.mkdir()
        (programs / "signet").symlink_to(BINARY)
        self.env = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(folder)}
        self.groups = []

    def text(self, block):
        for number, member in enumerate(self.etcd.members, 1):
            block = block.replace(f"10.0.0.{number}:2379", f"127.0.0.1:{member.client_port}").replace(
                f"10.0.0.{number}:2380", f"127.0.0.1:{member.peer_port}")
        # In a loop over the members the port depends on the number.
        peers = " ".join(f"[{number}]={member.peer_port}" for number, member in enumerate(self.etcd.members, 1))
        block = block.replace("10.0.0.$n:2380", "127.0.0.1:${peers[$n]}")
        for page, port in self.ports.items():
            block = block.replace(f"127.0.0.1:{page}", f"127.0.0.1:{port}")
        return f"declare -A peers=({peers})\n{block}"

    def run(self, block):
        kept = self.folder / "exports"
        log = open(self.folder / "page.log", "ab")
        process = subprocess.Popen(["bash", "-eu", "-c", f"trap 'export -p > {kept}' EXIT\n{self.text(block)}"], cwd=self.folder, env=self.env, stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        self.groups.append(process)
        assert process.wait(timeout=90) == 0, (self.folder / "page.log").read_text()[-3000:]
        for line in kept.read_text().splitlines():
            match = re.fullmatch(r'declare -x (STORE|ETCDCTL_\w+)="(.*)"', line)
            if match:
                self.env[match[1]] = match[2]

    def await_node(self, page):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.ports[page])) == 0:
                    return Aws(f"http://127.0.0.1:{self.ports[page]}", self.folder)
            time.sleep(0.1)
        raise AssertionError((self.folder / "page.log").read_text()[-3000:])

    def stop_nodes(self, number=signal.SIGTERM):
        """Those that the page started; what it started of etcd goes with them."""
        for group in self.groups:
            try:
                os.killpg(group.pid, number)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + 20
        while any(is_there(group) for group in self.groups):
            assert time.monotonic() < deadline, "what the page started does not end"
            time.sleep(0.1)
        self.groups.clear()


def is_there(group):
    group.poll()
    try:
        os.killpg(group.pid, 0)
        return True
    except ProcessLookupError:
        return False


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path)
    try:
        yield made
        made.stop_nodes(signal.SIGKILL)
    finally:
        made.etcd.stop()


def users(aws):
    """As the newest state has them."""
    client = aws.iam(ADMIN)
    client.meta.events.register("before-send.*", lambda request, **_: request.headers.update({"x-signet-consistent": "newest"}))
    return {user["UserName"] for user in client.list_users()["Users"]}


def test_the_page(stage, tmp_path):
    move, more, upgrade, raising, _, _, replace, backup, put_back, save, restore, back = blocks()
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    with Server(["--data", tmp_path / "signet-data", "--bootstrap", file, "--listen", "127.0.0.1:0"], tmp_path).start() as single:
        Aws(single.url, tmp_path).iam(ADMIN).create_user(UserName="from-one-machine")
    stage.etcd.start()

    # From one node to three.
    stage.run(move)
    first = stage.await_node("9311")
    assert "from-one-machine" in users(first)
    stage.run(more)
    nodes = [first, stage.await_node("9312"), stage.await_node("9313")]
    for number, node in enumerate(nodes):
        node.iam(ADMIN).create_user(UserName=f"by-node-{number}")
    everybody = {"from-one-machine", "by-node-0", "by-node-1", "by-node-2"}
    for node in nodes:
        assert everybody <= users(node)

    # A rolling upgrade, while clients of the other nodes go on.
    failures, over = [], threading.Event()

    def work(number):
        iam = nodes[number].iam(ADMIN)
        while not over.is_set():
            try:
                iam.get_user(UserName="from-one-machine")
                iam.tag_user(UserName="from-one-machine", Tags=[{"Key": "last", "Value": str(time.monotonic_ns())}])
            except botocore.exceptions.BotoCoreError:
                pass  # the node that is away: boto3 has tried it four times
            except botocore.exceptions.ClientError as error:
                failures.append(error.response["Error"])
            time.sleep(0.05)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    stage.run(upgrade)
    over.set()
    for worker in workers:
        worker.join()
    assert not failures
    stage.run(raising)
    for node in nodes:
        assert everybody <= users(node)

    # A lost member.
    lost = stage.etcd.members[2]
    lost.kill()
    nodes[1].iam(ADMIN).create_user(UserName="while-it-was-lost")
    stage.run(replace)
    assert lost.ask("/v3/maintenance/status", {})["leader"]
    nodes[2].iam(ADMIN).create_user(UserName="after-it-came-back")
    everybody |= {"while-it-was-lost", "after-it-came-back"}

    # A backup of a node, a mistake, and the way back.
    stage.run(backup)
    for name in sorted(everybody - {"from-one-machine"}):
        nodes[0].iam(ADMIN).delete_user(UserName=name)
    stage.stop_nodes()
    stage.run(put_back)
    nodes[0] = stage.await_node("9311")
    assert everybody <= users(nodes[0])
    log = (tmp_path / "page.log").read_text()
    assert re.search(r"the state of the cluster: (\d+ records, sha256 \w{64})", log)[1] == re.findall(r"(\d+ records, sha256 \w{64}) on both sides", log)[-1]
    nodes[0].iam(ADMIN).create_user(UserName="after-the-backup")
    everybody |= {"after-the-backup"}

    # The same with a snapshot of etcd's.
    stage.run(save)
    for name in sorted(everybody - {"from-one-machine"}):
        nodes[0].iam(ADMIN).delete_user(UserName=name)
    stage.stop_nodes()
    stage.etcd.stop()
    stage.run(restore)
    for number, member in enumerate(stage.etcd.members, 1):
        member.folder = tmp_path / f"member-{number}"
        member.folder.mkdir()
        (tmp_path / f"etcd-{number}-restored").rename(member.folder / "data")
    stage.etcd.start()
    stage.run(re.search(r"^signet serve.*&", move, re.MULTILINE)[0])
    again = stage.await_node("9311")
    assert everybody <= users(again)
    again.iam(ADMIN).create_user(UserName="after-the-restore")

    # And back to one machine.
    stage.stop_nodes()
    stage.run(back)
    one = stage.await_node("9314")
    assert everybody | {"after-the-restore"} <= {user["UserName"] for user in one.iam(ADMIN).list_users()["Users"]}


def test_the_page_with_tls(tmp_path):
    """Certificates as the page makes them; etcd takes nobody without one, and whoever asks a node does so over TLS."""
    stage = Stage(tmp_path)
    certificates, serve = blocks()[4:6]
    try:
        stage.run(certificates)
        flags = ["--trusted-ca-file", str(tmp_path / "ca.pem"), "--client-cert-auth", "--cert-file", str(tmp_path / "etcd-1.pem"), "--key-file", str(tmp_path / "etcd-1.key")]
        stage.etcd = Etcd(tmp_path / "members", 3, flags, scheme="https")
        stage.etcd.start()
        assert subprocess.run(["curl", "--silent", "--fail", "--cacert", tmp_path / "ca.pem", "-d", "{}", stage.etcd.members[0].client_url + "/v3/kv/range"],
                              check=False, capture_output=True, timeout=20).returncode != 0, "etcd takes a stranger"
        stage.run(serve)
        text = (tmp_path / "administrator").read_text()
        key = Keys(re.search(r"aws_access_key_id\s*=\s*(\S+)", text)[1], re.search(r"aws_secret_access_key\s*=\s*(\S+)", text)[1])
        url = f"https://localhost:{stage.ports['9311']}"
        iam = Aws(url, tmp_path).session(key).client("iam", endpoint_url=url, verify=str(tmp_path / "ca.pem"))
        iam.create_user(UserName="over-tls")
        assert "over-tls" in {user["UserName"] for user in iam.list_users()["Users"]}
    finally:
        stage.stop_nodes(signal.SIGKILL)
        stage.etcd.stop()
