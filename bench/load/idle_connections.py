#!/usr/bin/env python3
"""What a connection that waits costs: resident memory with many of them open, after each was served once, and after all were closed.

    bench/load/idle_connections.py [--connections 9000]

Needs a built server (cmake --build --preset release). Loopback only; each connection takes two descriptors of this machine's limit.
Goal: at most 1.2 KiB each, given back when they are closed.
"""
import argparse
import resource
import socket
import time

from starve import resident_mib, serving

REQUEST = b"GET /_signet/health HTTP/1.1\r\nHost: here\r\n\r\n"
SETTLE_SECONDS = 5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=9000)
    count = parser.parse_args().connections
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # the server inherits it
    with serving("--threads", "1") as server:
        before = resident_mib(server)
        connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(count)]
        time.sleep(SETTLE_SECONDS)
        opened = resident_mib(server)
        for one in connections:
            one.sendall(REQUEST)
        answered = sum(one.recv(4096).startswith(b"HTTP/1.1 200") for one in connections)
        assert answered == count, f"{answered} of {count} were answered"
        time.sleep(SETTLE_SECONDS)
        served = resident_mib(server)
        for one in connections:
            one.close()
        time.sleep(SETTLE_SECONDS)
        closed = resident_mib(server)
    print("| connections | MiB before | bytes each, open | bytes each, after an answer | MiB after they are closed |\n|---|---|---|---|---|")
    print(f"| {count:,} | {before:.1f} | {(opened - before) * 2**20 / count:,.0f} | {(served - before) * 2**20 / count:,.0f} | {closed:.1f} |")


if __name__ == "__main__":
    main()
