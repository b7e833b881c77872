#!/usr/bin/env python3
"""Measures the server against nginx `return 200` in the same run and writes a table for bench/RESULTS.md.

    cmake --preset release && ninja -C build/release signet loadgen http_floor
    bench/server/run.py [--rounds 5] [--seconds 2] [--write]

Absolute rates on a shared machine mean little: what counts is the ratio to nginx and the CPU time per request, both as
medians over rounds in which every subject is measured in turn. Servers run on the first CPU, the generator on the last.
"""

import argparse
import atexit
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOADGEN = ROOT / "build/release/bench/loadgen/loadgen"
FLOOR = ROOT / "build/release/bench/http_floor/http_floor"
SIGNET = ROOT / "build/release/signet"
RESULTS = ROOT / "bench/RESULTS.md"
BLOCK = ("<!-- server benchmark: begin -->", "<!-- server benchmark: end -->")
BODY_BYTES = 900

ACCOUNT = "123456789012"
ROOT_KEY = ("AKIABENCHROOT0000000", "bench/root+secret0000000000000000000000")
NOBODY_KEY = ("AKIABENCHNOBODY00000", "bench/nobody+secret00000000000000000000")
BOOTSTRAP = {
    "accounts": [
        {
            "id": ACCOUNT,
            "root": {"access_key_id": ROOT_KEY[0], "secret_access_key": ROOT_KEY[1]},
            "users": [
                {
                    "name": "admin",
                    "policies": ["arn:aws:iam::aws:policy/AdministratorAccess"],
                    "access_keys": [
                        {
                            "access_key_id": "AKIABENCHADMIN000000",
                            "secret_access_key": "bench/admin+secret000000000000000000000",
                        }
                    ],
                },
                {
                    "name": "nobody",
                    "access_keys": [{"access_key_id": NOBODY_KEY[0], "secret_access_key": NOBODY_KEY[1]}],
                },
            ],
        }
    ]
}

NGINX = """
worker_processes 1; daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/nginx.err;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; tcp_nodelay on;
  client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;
  uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ default_type text/xml; return 200 "{body}"; }} }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpus():
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def wait_for_answer(port, process, seconds=60):
    """Sends GET / until something answers; the moment of the first byte."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended with status {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as s:
                s.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                if s.recv(1):
                    return time.perf_counter()
        except OSError:
            pass
        time.sleep(0.0002)
    raise RuntimeError("a server did not answer")


class Server:
    """A server process of ours, ended by its own id."""

    def __init__(self, name, command, port, cpu=None):
        self.name, self.port = name, port
        pin = ["taskset", "-c", str(cpu)] if cpu is not None and shutil.which("taskset") else []
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [*pin, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self.first_answer = wait_for_answer(port, self.process)
        except BaseException:
            self.stop()
            raise

    def cpu_us(self):
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1000

    def rss_mib(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def audit_folder(directory):
    """In memory where there is such a file system: what is measured is the server, not how a virtual machine's disk steals
    time from everything that runs on it (nginx included)."""
    shared = pathlib.Path("/dev/shm") / directory.name
    try:
        shared.mkdir(exist_ok=True)
    except OSError:
        return directory
    atexit.register(shutil.rmtree, shared, ignore_errors=True)
    return shared


def signet_command(directory, port, signet=SIGNET):
    bootstrap = directory / "bootstrap.json"
    bootstrap.write_text(json.dumps(BOOTSTRAP))
    return [
        signet, "serve", "--dev", "--listen", f"127.0.0.1:{port}", "--bootstrap", bootstrap, "--threads", "1",
        "--audit", audit_folder(directory) / f"audit-{port}.jsonl",
    ]  # fmt: skip


def loadgen(port, arguments, seconds):
    command = [
        LOADGEN, "run", "--url", f"http://127.0.0.1:{port}", "--conns", 32, "--cpu", cpus()[1],
        "--warmup", 0.3, "--duration", seconds, "--quiet", "--json", "-", *arguments,
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if not done.stdout:
        raise RuntimeError(f"loadgen failed: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    wrong = report["wrong_signatures"]
    if report["ok"] == 0 or wrong["accepted"] or wrong["rejected"] != wrong["sent"]:
        raise RuntimeError(f"unusable answers for {arguments}: {report['errors']} {wrong}")
    if report["errors"]:
        print(f"  note: errors for {arguments}: {report['errors']}", file=sys.stderr)
    return report


class Subject:
    """One line of the table: a server and what is asked of it."""

    def __init__(self, label, server, arguments):
        self.label, self.server, self.arguments = label, server, arguments
        self.rates, self.cpu, self.p50, self.p99 = [], [], [], []

    def measure_closed(self, seconds):
        before = self.server.cpu_us()
        report = loadgen(self.server.port, self.arguments, seconds)
        spent = self.server.cpu_us() - before
        # The warm-up is in `spent` but not in the count; scale by time.
        share = report["seconds"] / (report["seconds"] + 0.3)
        self.rates.append(report["rps"])
        self.cpu.append(spent * share / report["requests"])

    def measure_half_load(self, seconds):
        rate = min(self.rates) / 2
        report = loadgen(self.server.port, [*self.arguments, "--rate", int(rate)], seconds)
        self.p50.append(report["latency"]["p50_us"])
        self.p99.append(report["latency"]["p99_us"])


def signed_subjects(server, directory):
    keys = directory / "keys.csv"
    subprocess.run(
        list(map(str, [
            LOADGEN, "provision", "--url", f"http://127.0.0.1:{server.port}", "--key", ":".join(ROOT_KEY),
            "--users", 100, "--roles", 10, "--objects", 4, "--keys-out", keys,
        ])), check=True, capture_output=True,
    )  # fmt: skip
    base = ["--keys", keys, "--roles", 10, "--objects", 4, "--bad-sig", 0.01]
    return [
        Subject("GetCallerIdentity, access key", server, [*base, "--mix", "gci"]),
        Subject("GetCallerIdentity, session", server, [*base, "--mix", "gci", "--sessions", 50]),
        Subject("AssumeRole", server, [*base, "--mix", "assume"]),
        Subject("GetSessionToken", server, [*base, "--mix", "gst"]),
        Subject("ListBuckets, session", server, [*base, "--mix", "list", "--sessions", 50]),
        Subject("GetObject 4 KB, session", server, [*base, "--mix", "get", "--sessions", 50]),
    ]


def cold_starts(command_of, rounds):
    """Milliseconds from exec to the first answered request, and MiB resident a moment later."""
    times, sizes = [], []
    for _ in range(rounds):
        port = free_port()
        with Server("cold", command_of(port), port) as server:
            times.append((server.first_answer - server.started) * 1000)
            time.sleep(0.3)
            sizes.append(server.rss_mib())
    return times, sizes


def table(subjects, starts):
    nginx = subjects[0]
    lines = [
        "| | requests/s | to nginx | CPU us/request | CPU to nginx | p50 us at half load | p99 us | p99/p50 (best round) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for s in subjects:
        rate, cpu, p50, p99 = (statistics.median(x) for x in (s.rates, s.cpu, s.p50, s.p99))
        # Paired by round: both were measured within seconds of each other.
        to_nginx = statistics.median(a / b for a, b in zip(s.rates, nginx.rates))
        cpu_to_nginx = statistics.median(a / b for a, b in zip(s.cpu, nginx.cpu))
        # A stall of the machine of 10 ms within a second is a p99: the best round is the server's own.
        best = min(b / a for a, b in zip(s.p50, s.p99))
        lines.append(
            f"| {s.label} | {rate:,.0f} | {to_nginx:.2f} | {cpu:.1f} | {cpu_to_nginx:.2f} "
            f"| {p50:.0f} | {p99:.0f} | {p99 / p50:.1f} ({best:.1f}) |"
        )
    lines += ["", "| | cold start to first answer, ms (best) | idle RSS MiB |", "|---|---|---|"]
    for label, (times, sizes) in starts.items():
        lines.append(
            f"| {label} | {statistics.median(times):.1f} ({min(times):.1f}) | {statistics.median(sizes):.1f} |"
        )
    return "\n".join(lines)


def write_block(text):
    begin, end = BLOCK
    old = RESULTS.read_text() if RESULTS.exists() else "# Results\n"
    block = f"{begin}\n{text}\n{end}"
    if begin in old:
        old = old[: old.index(begin)] + block + old[old.index(end) + len(end) :]
    else:
        old = f"{old.rstrip()}\n\n## Server against nginx\n\n{block}\n"
    RESULTS.write_text(old)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--write", action="store_true", help="put the table into bench/RESULTS.md")
    options = parser.parse_args()
    for needed in (LOADGEN, FLOOR):
        if not needed.exists():
            sys.exit(f"{needed} is not built: cmake --preset release && ninja -C build/release")
    if not shutil.which("nginx"):
        sys.exit("nginx is needed as the yardstick")

    servers = []
    with tempfile.TemporaryDirectory(prefix="signet-bench-") as name:
        directory = pathlib.Path(name)
        cpu = cpus()[0]
        try:
            port = free_port()
            config = directory / "nginx.conf"
            config.write_text(NGINX.format(dir=directory, port=port, body="x" * BODY_BYTES))
            servers.append(Server("nginx", ["nginx", "-c", config], port, cpu))
            subjects = [Subject("nginx `return 200`", servers[-1], ["--path", "/"])]
            port = free_port()
            floor = [FLOOR, "--threads", 1, "--body", BODY_BYTES, "--port"]
            servers.append(Server("http_floor", [*floor, port], port, cpu))
            subjects.append(Subject("src/http alone, fixed 200", servers[-1], ["--path", "/"]))
            starts = {"src/http alone": cold_starts(lambda p: [*floor, p], options.rounds)}
            if SIGNET.exists():
                port = free_port()
                servers.append(Server("signet", signet_command(directory, port), port, cpu))
                subjects += signed_subjects(servers[-1], directory)
                starts["signet, empty store"] = cold_starts(
                    lambda p: signet_command(directory, p), options.rounds
                )
            else:
                print(f"{SIGNET} is not built: measuring src/http alone", file=sys.stderr)
            for number in range(options.rounds):
                print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
                for subject in subjects if number % 2 == 0 else reversed(subjects):
                    subject.measure_closed(options.seconds)
            for _ in range(options.rounds):
                for subject in subjects:
                    subject.measure_half_load(options.seconds)
        finally:
            for server in servers:
                server.stop()
    note = (
        f"{options.rounds} rounds of {options.seconds} s, 32 connections, one server thread; medians, ratios paired by "
        f"round. Load average of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs.\n\n"
    )
    text = note + table(subjects, starts)
    print(text)
    if options.write:
        write_block(text)


if __name__ == "__main__":
    main()
