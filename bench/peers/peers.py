#!/usr/bin/env python3
"""Signet beside the servers that people would use instead, in one run: CPU and time of whole requests, starts and memory.

    cmake --preset release && ninja -C build/release signet loadgen
    bench/peers/peers.py [--rounds 5] [--only TEXT] [--write]

MinIO and versitygw come from their modules, in the versions of tests/support/upstreams.py, built once into build/go (minutes). All
servers are on loopback and keep what they store in folders beside each other; Signet is durable, checks every signature and writes its
audit trail; versitygw flushes nothing. Subjects take turns within each round. Shown are medians over rounds and ratios paired by round, of
processor time where it is not said otherwise: a machine that others use stretches times, not ratios. `--write` puts the table into
bench/RESULTS.md.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests"), str(ROOT / "bench/load"), str(ROOT / "bench/server")]

import run as beside_nginx  # noqa: E402
from objects import cpu_seconds, exchange, signed  # noqa: E402
from support import bootstrap, golang, upstreams  # noqa: E402
from support.aws import Aws  # noqa: E402
from support.server import Server  # noqa: E402

ROLE = f"arn:aws:iam::{bootstrap.ACCOUNT}:role/lg-role-%d"
BLOCK = ("<!-- peers benchmark: begin -->", "<!-- peers benchmark: end -->")
SMALL, LARGE, PART = 4096, 8 << 20, 64 << 20
KEYS_IN_LIST = 1000


class Signet:
    name = "Signet"
    keys = bootstrap.ADMIN

    def __init__(self, folder):
        folder.mkdir(parents=True)
        file = folder / "bootstrap.json"
        file.write_text(json.dumps(bootstrap.document()))
        self._server = Server(["--data", folder / "data", "--listen", "127.0.0.1:0", "--bootstrap", file, "--threads", "1"], folder).start()
        self.url, self.pid = self._server.url, self._server.pid

    def stop(self):
        self._server.stop()


class Minio(upstreams.Minio):
    name = "MinIO"

    @property
    def pid(self):
        return self._process.pid


class Versitygw(upstreams.Versitygw):
    name = "versitygw"

    @property
    def pid(self):
        return self._process.pid


PEERS = (Signet, Minio, Versitygw)


def port_of(server):
    return int(server.url.rsplit(":", 1)[1])


class Work:
    """What is asked of one server: `count` times each round, over `connections`, each with requests of its own."""

    def __init__(self, server, requests, count):
        self.server, self.requests, self.count = server, requests, count

    def measure(self):
        """(CPU, time) of one request, in microseconds."""
        def some(request):
            with socket.create_connection(("127.0.0.1", port_of(self.server)), timeout=120) as connection:
                for _ in range(self.count // len(self.requests)):
                    status = exchange(connection, request)
                    assert status == 200, f"{self.server.name}: {status}"

        cpu, start = cpu_seconds(self.server.pid), time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(len(self.requests)) as threads:
            list(threads.map(some, self.requests))
        done = self.count // len(self.requests) * len(self.requests)
        return (cpu_seconds(self.server.pid) - cpu) / done * 1e6, (time.perf_counter() - start) / done * 1e6


class Load:
    """The same by the load generator, for calls that a program in Python would be slower than."""

    def __init__(self, server, arguments, count):
        self.server, self.arguments, self.count = server, arguments, count

    def measure(self):
        command = [
            beside_nginx.LOADGEN, "run", "--url", self.server.url, "--key", f"{self.server.keys.access_key}:{self.server.keys.secret_key}",
            "--requests", self.count, "--duration", 600, "--warmup", 0, "--quiet", "--json", "-", "--bucket", "bench", *self.arguments,
        ]  # fmt: skip
        cpu, start = cpu_seconds(self.server.pid), time.perf_counter()
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        spent, taken = cpu_seconds(self.server.pid) - cpu, time.perf_counter() - start
        report = json.loads(done.stdout or "{}")
        assert report.get("ok") == self.count, f"{self.server.name}: {report.get('errors')} {done.stderr[-500:]}"
        return spent / self.count * 1e6, taken / self.count * 1e6


class Complete:
    """CompleteMultipartUpload of two parts."""

    def __init__(self, server, s3):
        self.server, self._s3 = server, s3

    def measure(self):
        upload = self._s3.create_multipart_upload(Bucket="bench", Key="whole")["UploadId"]
        parts = []
        for number in (1, 2):
            made = self._s3.upload_part(Bucket="bench", Key="whole", UploadId=upload, PartNumber=number, Body=b"p" * PART)
            parts.append({"PartNumber": number, "ETag": made["ETag"], **{k: v for k, v in made.items() if k.startswith("Checksum")}})
        cpu, start = cpu_seconds(self.server.pid), time.perf_counter()
        self._s3.complete_multipart_upload(Bucket="bench", Key="whole", UploadId=upload, MultipartUpload={"Parts": parts})
        return (cpu_seconds(self.server.pid) - cpu) * 1e6, (time.perf_counter() - start) * 1e6


def fill(server, aws):
    """A bucket to write into, and two to list; a role."""
    s3 = aws.s3(server.keys)
    for name in ("bench", "flat", "deep"):
        s3.create_bucket(Bucket=name)
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=120) as connection:
        for number in range(KEYS_IN_LIST):
            for path in (f"/flat/key-{number:04}", f"/deep/folder-{number:04}/key"):
                assert exchange(connection, signed(port_of(server), "s3", server.keys, "PUT", path, "x")) == 200
        for number in range(4):
            assert exchange(connection, signed(port_of(server), "s3", server.keys, "PUT", f"/bench/obj-{number}", "x" * SMALL)) == 200
    if server.name == "Signet":
        trust = {"Effect": "Allow", "Principal": {"AWS": bootstrap.ACCOUNT}, "Action": "sts:AssumeRole"}
        aws.client("iam", server.keys).create_role(
            RoleName="lg-role-0", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))


def subjects_of(server, s3):
    """{what: Work} of one server."""
    port, keys = port_of(server), server.keys

    def of(verb, path, body=""):
        return signed(port, "s3", keys, verb, path, body)

    large = "x" * LARGE
    rows = {
        "PUT 4 KB, 16 connections": Load(server, ["--mix", "put", "--size", SMALL, "--conns", 16, "--objects", 64], 2000),
        "PUT 4 KB, one connection": Load(server, ["--mix", "put", "--size", SMALL, "--conns", 1, "--objects", 64], 300),
        "GET 4 KB, 16 connections": Load(server, ["--mix", "get", "--conns", 16, "--objects", 4], 6000),
        "PUT 8 MiB, 4 connections": Work(server, [of("PUT", f"/bench/large-{n}", large) for n in range(4)], 16),
        "GET 8 MiB": Work(server, [of("GET", "/bench/large-0")], 30),
        "ListObjectsV2, 1,000 keys": Work(server, [of("GET", "/flat?list-type=2")], 60),
        "ListObjectsV2, 1,000 prefixes": Work(server, [of("GET", "/deep?delimiter=%2F&list-type=2")], 60),
        "Complete 2 x 64 MiB": Complete(server, s3),
    }
    if server.name != "versitygw":  # which has no STS
        # MinIO takes any role, and gives the caller's own permissions.
        rows["AssumeRole"] = Load(server, ["--mix", "assume", "--conns", 16, "--roles", 1, "--role-arn", ROLE], 3000)
    return rows


def starts(rounds, directory):
    """{what: {name: [ms]}} and {name: [MiB]}: from a start to the first answer, in turns; memory half a second later."""
    first, again, idle = {}, {}, {}
    for number in range(rounds):
        for peer in (Signet, Versitygw):
            place = directory / f"start-{number}-{peer.__name__}"
            for times in (first, again):
                begun = time.perf_counter()
                command = start_command(peer, place)
                with beside_nginx.Server(peer.name, command(port := beside_nginx.free_port()), port) as server:
                    times.setdefault(peer.name, []).append((server.first_answer - begun) * 1000)
                    time.sleep(0.5)
                    idle.setdefault(peer.name, []).append(server.rss_mib())
    return {"first start to first answer": first, "restart to first answer": again}, idle


def start_command(peer, place):
    """Of what a port makes the words to run: no other work lies between a start and its first answer."""
    place.mkdir(exist_ok=True)
    if peer is Signet:
        file = place / "bootstrap.json"
        file.write_text(json.dumps(beside_nginx.BOOTSTRAP))
        return lambda port: [beside_nginx.SIGNET, "serve", "--data", place / "data", "--listen", f"127.0.0.1:{port}", "--bootstrap", file]
    (place / "data").mkdir(exist_ok=True)
    program = golang.install(upstreams.VERSITYGW, "versitygw")
    return lambda port: [program, "--port", f"127.0.0.1:{port}", "--access", "AKID", "--secret", "a secret of its own", "posix", place / "data"]


def ratio(ours, theirs):
    return statistics.median(a / b for a, b in zip(ours, theirs)) if ours and theirs else None


def shown(value, digits=2):
    return "" if value is None else f"{value:,.{digits}f}"


def write_block(text):
    begin, end = BLOCK
    old = beside_nginx.RESULTS.read_text()
    block = f"{begin}\n{text}\n{end}"
    if begin not in old:
        sys.exit(f"bench/RESULTS.md has no place for the table: {begin}")
    beside_nginx.RESULTS.write_text(old[: old.index(begin)] + block + old[old.index(end) + len(end):])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--write", action="store_true", help="put the table into bench/RESULTS.md")
    options = parser.parse_args()
    for needed in (beside_nginx.LOADGEN, beside_nginx.SIGNET):
        if not needed.exists():
            sys.exit(f"{needed} is not built, see --help")
    lines = [
        "| | Signet CPU us | MinIO | versitygw | CPU to MinIO | to versitygw | time to MinIO | to versitygw |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="signet-peers-") as name:
        directory = pathlib.Path(name)
        servers = []
        try:
            for peer in PEERS:
                print(f"starting {peer.name}", file=sys.stderr, flush=True)
                servers.append(peer(directory / peer.__name__))
            rows = {}
            for server in servers:
                aws = Aws(server.url, directory)
                fill(server, aws)
                for what, work in subjects_of(server, aws.client("s3", server.keys, config={"request_checksum_calculation": "when_required"})).items():
                    if options.only.lower() in what.lower():
                        rows.setdefault(what, []).append(work)
            for what, works in rows.items():
                print(what, file=sys.stderr, flush=True)
                cpu, taken = {}, {}
                for number in range(options.rounds + 1):
                    for work in works if number % 2 == 0 else reversed(works):
                        one = work.measure()
                        if number > 0:  # the first is a warm-up
                            cpu.setdefault(work.server.name, []).append(one[0])
                            taken.setdefault(work.server.name, []).append(one[1])
                ours = "Signet"
                medians = [statistics.median(cpu[peer.name]) if peer.name in cpu else None for peer in PEERS]
                ratios = [ratio(of[ours], of.get(peer)) for of in (cpu, taken) for peer in ("MinIO", "versitygw")]
                lines.append(f"| {what} | " + " | ".join([*(shown(m, 0) for m in medians), *(shown(r) for r in ratios)]) + " |")
                print(lines[-1], file=sys.stderr, flush=True)
        finally:
            for server in servers:
                server.stop()
        lines += ["", "| | Signet | versitygw | ratio |", "|---|---|---|---|"]
        times, idle = starts(options.rounds, directory)
        for what, of in times.items():
            lines.append(f"| {what}, ms (least) | " + " | ".join(
                f"{statistics.median(of[peer]):.1f} ({min(of[peer]):.1f})" for peer in ("Signet", "versitygw")) + f" | {shown(ratio(of['Signet'], of['versitygw']))} |")
        lines.append("| idle, MiB resident | " + " | ".join(f"{statistics.median(idle[peer]):.1f}" for peer in ("Signet", "versitygw"))
                     + f" | {shown(ratio(idle['Signet'], idle['versitygw']))} |")
    note = f"{options.rounds} rounds; load average of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs.\n\n"
    text = note + "\n".join(lines)
    print(text)
    if options.write:
        write_block(text)


if __name__ == "__main__":
    main()
