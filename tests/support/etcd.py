"""Real etcd on loopback: a cluster of any number of members, which can be killed, stopped and started again."""
import base64
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request


def free_ports(count):
    """Ports that nobody has just now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Member:
    def __init__(self, name, folder, client_port, peer_port, scheme="http", host="127.0.0.1", program=()):
        self.name = name
        self.folder = folder
        self.client_port = client_port
        self.peer_port = peer_port
        self.scheme = scheme
        self.host = host
        self._program = list(program)
        self.process = None

    @property
    def client_url(self):
        return f"{self.scheme}://{self.host}:{self.client_port}"

    @property
    def peer_url(self):
        return f"http://{self.host}:{self.peer_port}"

    def start(self, cluster, flags, state="new"):
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [*self._program, "etcd", "--name", self.name, "--data-dir", str(self.folder / "data"), "--listen-client-urls", self.client_url,
                   "--advertise-client-urls", self.client_url, "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
                   "--initial-cluster", cluster, "--initial-cluster-state", state, "--log-level", "warn", *flags]
        with open(self.folder / "etcd.log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()

    def suspend(self):
        """It stands still and its connections stay, as those to a machine that is cut off do."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def ask(self, path, message, timeout=3):
        request = urllib.request.Request(self.client_url + path, data=json.dumps(message).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.loads(answer.read())


class Etcd:
    """`members` of them, in folders below `folder`; with a network each is on a machine of its own."""

    def __init__(self, folder, members=3, flags=(), scheme="http", network=None):
        assert shutil.which("etcd"), "etcd is missing: `./test --cluster` installs it (packages.txt)"
        ports = free_ports(2 * members)
        self.flags = list(flags)
        self.members = [Member(f"m{i}", pathlib.Path(folder) / f"etcd-{i}", ports[2 * i], ports[2 * i + 1], scheme,
                               *((network.address(i), network.program(i)) if network else ())) for i in range(members)]
        self._cluster = ",".join(f"{member.name}={member.peer_url}" for member in self.members)

    def start(self):
        for member in self.members:
            self.start_member(member)
        if self.members[0].scheme == "http":
            self.await_leader()
        return self

    def start_member(self, member):
        member.start(self._cluster, self.flags)

    @property
    def address(self):
        """What --store takes."""
        scheme = "etcds" if self.members[0].scheme == "https" else "etcd"
        return f"{scheme}://" + ",".join(f"{member.host}:{member.client_port}" for member in self.members)

    def leader(self):
        """The member that leads, as those that run see it; None: nobody does."""
        for member in self.members:
            if not member.is_running():
                continue
            try:
                status = member.ask("/v3/maintenance/status", {})
            except (OSError, ValueError):
                continue
            if status.get("leader") == status["header"]["member_id"]:
                return member
        return None

    def await_leader(self, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            leader = self.leader()
            if leader is not None:
                return leader
            time.sleep(0.05)
        raise AssertionError("no member of etcd leads")

    def keys(self, prefix="signet/"):
        """Every key below the prefix with its value, of a majority."""
        encode = lambda data: base64.b64encode(data).decode()  # noqa: E731
        first = prefix.encode()
        end = first[:-1] + bytes([first[-1] + 1])
        answer = next(m for m in self.members if m.is_running()).ask("/v3/kv/range", {"key": encode(first), "range_end": encode(end)})
        decode = base64.b64decode
        return {decode(one["key"]): decode(one.get("value", "")) for one in answer.get("kvs", [])}

    def stop(self):
        for member in self.members:
            if member.is_running():
                member.process.send_signal(signal.SIGCONT)
            member.kill()

    def __enter__(self):
        return self.start()

    def __exit__(self, *raised):
        self.stop()
