#!/usr/bin/env python3
"""What bytes of objects cost: two builds of the server in turns, CPU and time of whole requests.

    bench/load/objects.py OTHER_SIGNET [--rounds 5]

Needs a built server (cmake --build --preset release), boto3, and another build of it to compare with. Loopback only; durable, with an
audit trail, as people run it. Each round does with one build and then with the other: PUT and GET of 4 KB and 8 MiB over one connection, and
CompleteMultipartUpload of 2 parts of 64 MiB. Shown are medians over the rounds, and the ratio of this build to the other, paired by round.
"""
import argparse
import contextlib
import json
import pathlib
import shutil
import socket
import statistics
import tempfile
import time

from starve import client, exchange, signed
from support import bootstrap
from support.server import BINARY, Server

KEYS = bootstrap.ADMIN
SMALL, LARGE, PART = 4096, 8 << 20, 64 << 20
COUNTS = {"PUT 4 KB": 400, "GET 4 KB": 4000, "PUT 8 MiB": 12, "GET 8 MiB": 40}


def cpu_seconds(pid):
    """Of all threads, those that ended too."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    live = sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9
    return max(live, ticks / 100)


def timed(pid, work, count):
    """CPU and time of one, in microseconds."""
    cpu, start = cpu_seconds(pid), time.perf_counter()
    for _ in range(count):
        work()
    return (cpu_seconds(pid) - cpu) / count * 1e6, (time.perf_counter() - start) / count * 1e6


@contextlib.contextmanager
def serving(binary):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-objects-"))
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--data", folder / "data", "--listen", "127.0.0.1:0", "--bootstrap", file], folder, program=(binary,)).start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


def one_round(binary):
    out = {}
    with serving(binary) as server:
        pid = server.pid
        s3 = client(server, "s3")
        s3.create_bucket(Bucket="bench")
        with socket.create_connection(("127.0.0.1", server.port), timeout=120) as connection:
            for name, size in (("4 KB", SMALL), ("8 MiB", LARGE)):
                put = signed(server.port, "s3", KEYS, "PUT", f"/bench/k{size}", "x" * size)
                get = signed(server.port, "s3", KEYS, "GET", f"/bench/k{size}")
                for verb, request in (("PUT", put), ("GET", get)):
                    assert exchange(connection, request) == 200
                    out[f"{verb} {name}"] = timed(pid, lambda: exchange(connection, request), COUNTS[f"{verb} {name}"])
        body = b"p" * PART
        upload = s3.create_multipart_upload(Bucket="bench", Key="m")["UploadId"]
        parts = []
        for number in (1, 2):
            part = s3.upload_part(Bucket="bench", Key="m", UploadId=upload, PartNumber=number, Body=body)
            parts.append({"PartNumber": number, "ETag": part["ETag"]})
        out["Complete 2 x 64 MiB"] = timed(pid, lambda: s3.complete_multipart_upload(
            Bucket="bench", Key="m", UploadId=upload, MultipartUpload={"Parts": parts}), 1)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rounds = [(one_round(options.other.resolve()), one_round(BINARY)) for _ in range(options.rounds)]
    print("| | CPU us before | now | ratio | time us before | now | ratio |\n|---|---|---|---|---|---|---|")
    for name in rounds[0][0]:
        cells = []
        for index in (0, 1):
            before, now = ([r[side][name][index] for r in rounds] for side in (0, 1))
            ratio = statistics.median(b / a for a, b in zip(before, now))
            cells += [f"{statistics.median(before):,.0f}", f"{statistics.median(now):,.0f}", f"{ratio:.2f}"]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
