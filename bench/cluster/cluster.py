#!/usr/bin/env python3
"""What several nodes over etcd do: how soon a write is seen on another node, how many writes a second are durable, and how long a start takes.

Usage: cluster.py [visible|writes ...]   (both without arguments; a minute)
       cluster.py start [ROLES]          (a million; five minutes, 3 GB of disk and of memory)

visible  CreateUser on one node, then GetUser on another that asks for the write's revision: from the first answer to the second
writes   CreateUser of 64 connections, spread over one and over three nodes; and of a node on a folder, for comparison
start    a node whose state is ROLES roles: from all that etcd has, which makes the copy in its folder, and three times from that copy; until it answers,
         with the time of its processor, and its memory then. One member; needs state_bench (./bench builds it: cmake --preset bench)

Three members of etcd and up to three nodes on this machine. Needs a built server, boto3 and etcd. Loopback only.
"""
import contextlib
import http.client
import json
import os
import pathlib
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import botocore.auth  # noqa: E402
import botocore.awsrequest  # noqa: E402
import botocore.credentials  # noqa: E402

from support import bootstrap  # noqa: E402
from support.cluster import Cluster  # noqa: E402
from support.etcd import Etcd  # noqa: E402
from support.server import BINARY, Server  # noqa: E402

STATE_BENCH = ROOT / "build" / "bench" / "bench" / "state" / "state_bench"
SAMPLES = 400
WRITERS = 64
EACH = 70  # an account has at most 5,000 users
KEYS = botocore.credentials.Credentials(bootstrap.ADMIN.access_key, bootstrap.ADMIN.secret_key)


def form(action, **parameters):
    return "&".join([f"Action={action}", "Version=2010-05-08", *(f"{name}={value}" for name, value in parameters.items())])


def signed(port, body):
    """(headers, body) of a signed call of IAM."""
    request = botocore.awsrequest.AWSRequest("POST", f"http://127.0.0.1:{port}/", data=body, headers={
        "Host": f"127.0.0.1:{port}", "Content-Type": "application/x-www-form-urlencoded"})
    botocore.auth.SigV4Auth(KEYS, "iam", "us-east-1").add_auth(request)
    return dict(request.headers.items())


def raw(port, body):
    headers = signed(port, body) | {"Content-Length": str(len(body))}
    return ("POST / HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n" + body).encode()


@contextlib.contextmanager
def scratch():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-cluster-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def visible():
    with scratch() as folder, Cluster(folder, nodes=3, flags=["--audit", "off"]) as cluster:
        ports = [node.port for node in cluster.nodes]
        connections = [http.client.HTTPConnection("127.0.0.1", port) for port in ports]

        def call(number, body, **headers):
            connections[number].request("POST", "/", body, signed(ports[number], body) | headers)
            answer = connections[number].getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            return answer

        wrote, seen, plain = [], [], []
        for i in range(SAMPLES):
            begin = time.perf_counter()
            revision = call(0, form("CreateUser", UserName=f"v{i}")).headers["x-signet-revision"]
            answered = time.perf_counter()
            call(1, form("GetUser", UserName=f"v{i}"), **{"x-signet-consistent": revision})
            there = time.perf_counter()
            call(1, form("GetUser", UserName=f"v{i}"))
            plain.append(time.perf_counter() - there)
            wrote.append(answered - begin)
            seen.append(there - answered)
    for name, times in (("CreateUser on one node", wrote), ("seen on another, from its answer on", seen), ("a plain GetUser there", plain)):
        times.sort()
        print(f"| {name} | {1000 * statistics.median(times):.2f} | {1000 * times[len(times) * 99 // 100]:.2f} |")


def storm(ports):
    """Writes a second of WRITERS connections, each EACH users, none of which may fail."""
    work = [[raw(ports[w % len(ports)], form("CreateUser", UserName=f"w{w}-{i}")) for i in range(EACH)] for w in range(WRITERS)]
    selector = selectors.DefaultSelector()
    for w in range(WRITERS):
        connection = socket.create_connection(("127.0.0.1", ports[w % len(ports)]))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, [w, 0, b""])
    begin = time.perf_counter()
    for key in selector.get_map().values():
        key.fileobj.sendall(work[key.data[0]][0])
    left = WRITERS
    while left:
        for key, _ in selector.select():
            state = key.data
            state[2] += key.fileobj.recv(65536)
            head, gap, body = state[2].partition(b"\r\n\r\n")
            if not gap or len(body) < int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]):
                continue
            assert head.startswith(b"HTTP/1.1 200"), state[2]
            state[1], state[2] = state[1] + 1, b""
            if state[1] == EACH:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                left -= 1
            else:
                key.fileobj.sendall(work[state[0]][state[1]])
    return WRITERS * EACH / (time.perf_counter() - begin)


def metric(port, name):
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/_signet/metrics", timeout=5).read().decode()
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))


def writes():
    with scratch() as folder:
        file = folder / "bootstrap.json"
        file.write_text(json.dumps(bootstrap.document()))
        server = Server(["--data", folder / "data", "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit", "off", "--threads", 1], folder).start()
        print(f"| a folder | {storm([server.port]):,.0f} | | |")
        server.kill()
    for count in (1, 3):
        with scratch() as folder, Cluster(folder, nodes=count, flags=["--audit", "off"]) as cluster:
            ports = [node.port for node in cluster.nodes]
            rate = storm(ports)
            commits = sum(metric(port, "signet_directory_commits_total") for port in ports)
            conflicts = sum(metric(port, "signet_store_conflicts_total") for port in ports)
            print(f"| {count} node{'s' if count > 1 else ''} over etcd | {rate:,.0f} | {WRITERS * EACH / commits:.1f} | {conflicts / commits:.2f} |")


def used(pid):
    """(Seconds of processor, MiB of memory) of a process until now."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    memory = next(int(line.split()[1]) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), memory / 1024


def start(roles=1_000_000):
    with scratch() as folder:
        data = folder / "data"
        data.mkdir(mode=0o700)
        subprocess.run([STATE_BENCH, "fill", data, str(roles), "10000"], check=True, stdout=subprocess.DEVNULL)
        (data / "master.key").write_text("6d" * 32 + "\n")  # state_bench's
        (data / "master.key").chmod(0o600)
        with Etcd(folder, 1, ["--quota-backend-bytes", str(8 << 30)]) as etcd:
            subprocess.run([BINARY, "migrate", "--from", data, "--to", etcd.address], check=True, stdout=subprocess.DEVNULL)
            for number in range(4):
                node = Server(["--store", etcd.address, "--data", data, "--listen", "127.0.0.1:0", "--audit", "off", "--threads", 1], folder)
                begin = time.perf_counter()
                node.start(timeout=600)
                urllib.request.urlopen(node.url + "/_signet/ready", timeout=5).read()
                seconds = time.perf_counter() - begin
                processor, memory = used(node.pid)
                print(f"| {roles:,} roles, {'from a copy' if number else 'from etcd'} | {seconds:.2f} | {processor:.2f} | {memory:,.0f} |", flush=True)
                node.stop()


def main():
    if sys.argv[1:2] == ["start"]:
        start(*map(int, sys.argv[2:3]))
        return
    wanted = sys.argv[1:] or ["visible", "writes"]
    for name in wanted:
        {"visible": visible, "writes": writes}[name]()


if __name__ == "__main__":
    main()
