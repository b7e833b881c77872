#!/usr/bin/env python3
"""GetAccountAuthorizationDetails of an account with 10,000 users, next to moto's in the same run, and the memory it takes.

    python3 -m venv build/moto && build/moto/bin/pip install -r bench/load/moto-requirements.txt
    bench/load/authorization_details.py [--users 10000] [--rounds 5] [--signet FILE]

Needs a built server (cmake --build --preset release) and boto3. Loopback only. Both servers hold the same users, each with a tag, an
inline policy and an attached one of AWS's. All details are fetched: of Signet in pages of 1,000 (MaxItems), of moto, which knows no
pages, in one answer. Rounds of both take turns; a rate is listings of the whole account a second. Memory: resident before, and its
highest while they are fetched, by eight clients at once too. Goal: 50 times moto's rate, memory bounded by a page.
"""
import argparse
import contextlib
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse

from starve import ROOT, exchange, serving, signed
from support import bootstrap
from support.server import BINARY

MOTO = ROOT / "build/moto/bin/python"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}})
PAGE = "Action=GetAccountAuthorizationDetails&Version=2010-05-08&MaxItems=1000"
CLIENTS = 8
MOTO_USERS = """
import json, sys
sys.argv = ["moto_server"]
from moto.iam.models import iam_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import main
users, policy, document = int({users}), {policy!r}, {document!r}
backend = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
from moto import settings
for number in range(users):
    name = f"user-{{number:05}}"
    backend.create_user(region_name="us-east-1", user_name=name, path="/", tags=[{{"Key": "team", "Value": str(number % 100)}}])
    backend.put_user_policy(name, "own", document)
    backend.attach_user_policy(policy, name)
main(["-H", "127.0.0.1", "-p", "{port}"])
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def memory_of(pid, field):
    return int(re.search(rf"{field}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def cpu_seconds(pid):
    spent = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that ended meanwhile
            spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e9


def answer_of(connection, request):
    """The body of an answer; asserts that it is one."""
    connection.sendall(request)
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    body = answer.read()
    assert answer.status == 200, (answer.status, body[:300])
    return body


def fetch_all(port, keys):
    """All details, page after page: (seconds, users, bytes)."""
    users = size = 0
    marker = ""
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=600) as connection:
        while True:
            more = f"&Marker={marker}" if marker else ""
            body = answer_of(connection, signed(port, "iam", keys, "POST", "/", PAGE + more))
            users += body.count(b"<UserName>")
            size += len(body)
            found = re.search(rb"<IsTruncated>true</IsTruncated>", body) and re.search(rb"<Marker>([^<]+)</Marker>", body)
            if not found:
                return time.perf_counter() - start, users, size
            marker = urllib.parse.quote(found[1].decode(), safe="")


def fill(server, count):
    port = server.port
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        def call(text):
            assert exchange(connection, signed(port, "iam", bootstrap.ADMIN, "POST", "/", text)) == 200, text
        document, policy = urllib.parse.quote(DOCUMENT, safe=""), urllib.parse.quote(READ_ONLY, safe="")
        for number in range(count):
            name = f"user-{number:05}"
            call(f"Action=CreateUser&Version=2010-05-08&UserName={name}&Tags.member.1.Key=team&Tags.member.1.Value={number % 100}")
            call(f"Action=PutUserPolicy&Version=2010-05-08&UserName={name}&PolicyName=own&PolicyDocument={document}")
            call(f"Action=AttachUserPolicy&Version=2010-05-08&UserName={name}&PolicyArn={policy}")


class Moto:
    """moto's server with the same users, in a process of its own."""

    def __init__(self, users):
        self.port = free_port()
        text = MOTO_USERS.format(users=users, policy=READ_ONLY, document=DOCUMENT, port=self.port)
        environment = os.environ | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        self.process = subprocess.Popen([MOTO, "-c", text], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        end = time.monotonic() + 600
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, "moto ended"
                time.sleep(0.2)
        raise AssertionError("moto does not answer")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not MOTO.exists():
        sys.exit(f"{MOTO} is not there: see --help")
    with serving() as server:
        subprocess.run([BINARY, "account", "quota", "--data", server.folder / "data", "--id", bootstrap.ACCOUNT,
                        f"UsersPerAccount={options.users + 10}"], check=True, stdout=subprocess.DEVNULL)
        fill(server, options.users)
        moto = Moto(options.users)
        try:
            before, our_size = memory_of(server.pid, "VmRSS"), 0
            ours, theirs, turns = [], [], [(server.port, server.pid), (moto.port, moto.process.pid)]
            for _ in range(options.rounds):
                for port, pid in turns:
                    spent = cpu_seconds(pid)
                    seconds, users, size = fetch_all(port, bootstrap.ADMIN)
                    assert users >= options.users, (port, users)
                    (ours if port == server.port else theirs).append((seconds, cpu_seconds(pid) - spent))
                    our_size = size if port == server.port else our_size
                turns.reverse()
            after = memory_of(server.pid, "VmHWM")
            with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(lambda _: fetch_all(server.port, bootstrap.ADMIN), range(CLIENTS)))
            crowded = memory_of(server.pid, "VmHWM")
        finally:
            moto.stop()
    print("| | all details, s | to moto | CPU of the server, s | to moto |\n|---|---|---|---|---|")
    for name, own in (("Signet, pages of 1,000", ours), ("moto 5.2.5", theirs)):
        times, spent = zip(*own)
        ratio, cpu_ratio = (statistics.median(b[i] / a[i] for a, b in zip(own, theirs)) for i in (0, 1))
        print(f"| {name} | {statistics.median(times):.3f} | {ratio:.0f} x | {statistics.median(spent):.3f} | {cpu_ratio:.0f} x |")
    print(f"\n{options.users:,} users, {our_size / 2**20:.1f} MiB of XML; {options.rounds} rounds in turn. Resident: {before:.1f} MiB before, at most "
          f"{after:.1f} while one client fetches them, {crowded:.1f} while {CLIENTS} do. Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs.")


if __name__ == "__main__":
    main()
