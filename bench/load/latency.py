#!/usr/bin/env python3
"""What small calls of others notice of large work with objects, as p99 with it to p99 without, in one run.

Usage: latency.py [deletion|uploads ...]   (both without arguments; some minutes)

deletion  iam:TagUser while a bucket with 10,000 parts of unfinished uploads is deleted and emptied
uploads   sts:GetCallerIdentity while 8 clients upload objects of 1 GiB each

Quiet and loaded stretches take turns, so that what else the machine does meets both. Needs a built server
(cmake --build --preset release) and boto3. Loopback only.
"""
import functools
import hashlib
import multiprocessing
import socket
import sys
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
from starve import WAIT_SECONDS, client, exchange, percentile, serving, signed
from support import bootstrap

ROUNDS = 5
UPLOADS, PARTS = 20, 500
UPLOADERS = 8
UPLOAD_BYTES = 1 << 30
PIECE = 1 << 20
TAG = "Action=TagUser&Version=2010-05-08&UserName=admin&Tags.member.1.Key=k&Tags.member.1.Value="
WHO = "Action=GetCallerIdentity&Version=2011-06-15"


def sample(port, make, until, queue):
    """Times of a call that `make` signs, one after the other, until something has happened."""
    times = []
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS) as connection:
        while not until.is_set():
            request = make(port, len(times))
            start = time.perf_counter()
            status = exchange(connection, request)
            times.append(time.perf_counter() - start)
            assert status == 200, status
    queue.put(times)


def tag_user(port, number):
    return signed(port, "iam", bootstrap.ADMIN, "POST", "/", TAG + str(number))


def caller_identity(port, _number):
    return signed(port, "sts", bootstrap.ADMIN, "POST", "/", WHO)


class Sampling:
    """A process that calls until stop()."""

    def __init__(self, port, make):
        self.queue, self.until = multiprocessing.Queue(), multiprocessing.Event()
        self.process = multiprocessing.Process(target=sample, args=(port, make, self.until, self.queue))
        self.process.start()

    def stop(self):
        self.until.set()
        times = self.queue.get(timeout=WAIT_SECONDS)
        self.process.join()
        return times


def quiet(port, make, seconds):
    sampling = Sampling(port, make)
    time.sleep(seconds)
    return sampling.stop()


def put_parts(port, bucket, upload):
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS) as connection:
        for number in range(1, PARTS + 1):
            path = f"/{bucket}/k?partNumber={number}&uploadId={upload}"
            assert exchange(connection, signed(port, "s3", bootstrap.ADMIN, "PUT", path, "part")) == 200


def show(name, without, loaded):
    without, loaded = sorted(without), sorted(loaded)
    print(f"| {name} | {len(without)}, {len(loaded)} | {percentile(without, 0.5):.2f} | {percentile(without, 0.99):.2f} "
          f"| {percentile(loaded, 0.5):.2f} | {percentile(loaded, 0.99):.2f} "
          f"| {percentile(loaded, 0.99) / percentile(without, 0.99):.2f} |", flush=True)


def files(server):
    return sum(1 for path in (server.folder / "data" / "objects" / "data").rglob("*") if path.is_file())


def deletion():
    without, loaded, answers = [], [], []
    with serving() as server:
        s3 = client(server, "s3")
        for turn in range(ROUNDS):
            bucket = f"bucket-{turn}"
            s3.create_bucket(Bucket=bucket)
            ids = [s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"] for _ in range(UPLOADS)]
            with multiprocessing.Pool(8) as pool:
                pool.starmap(put_parts, [(server.port, bucket, upload) for upload in ids])
            without += quiet(server.port, tag_user, 5)
            sampling = Sampling(server.port, tag_user)
            start = time.perf_counter()
            s3.delete_bucket(Bucket=bucket)
            answers.append(time.perf_counter() - start)
            while files(server):
                time.sleep(0.1)
            loaded += sampling.stop()
    show("TagUser, 10,000 parts deleted", without, loaded)
    print(f"\nDeleteBucket itself: {max(answers) * 1000:.0f} ms at most")


@functools.cache
def payload():
    """SHA-256 of the body that all clients send."""
    digest = hashlib.sha256()
    for _ in range(UPLOAD_BYTES // PIECE):
        digest.update(b"\0" * PIECE)
    return digest.hexdigest()


class KnownPayload(botocore.auth.S3SigV4Auth):
    """Signs for a body that is not at hand."""

    def payload(self, request):
        return payload()


def upload(port, number, until):
    """PutObject again and again, with the body's SHA-256 signed, as SDKs do without TLS."""
    path = f"/uploads/object-{number}"
    request = botocore.awsrequest.AWSRequest("PUT", f"http://127.0.0.1:{port}{path}")
    keys = botocore.credentials.Credentials(bootstrap.ADMIN.access_key, bootstrap.ADMIN.secret_key)
    KnownPayload(keys, "s3", "us-east-1").add_auth(request)
    headers = {**dict(request.headers.items()), "Host": f"127.0.0.1:{port}", "Content-Length": str(UPLOAD_BYTES)}
    head = f"PUT {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    piece = b"\0" * PIECE
    while not until.is_set():
        with socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS) as connection:
            connection.sendall(head.encode())
            for _ in range(UPLOAD_BYTES // PIECE):
                if until.is_set():
                    return
                connection.sendall(piece)
            assert exchange(connection, b"") == 200


def uploads():
    without, loaded = [], []
    payload()  # once, before the clients are forked
    with serving() as server:
        client(server, "s3").create_bucket(Bucket="uploads")
        for _ in range(ROUNDS):
            without += quiet(server.port, caller_identity, 4)
            until = multiprocessing.Event()
            senders = [multiprocessing.Process(target=upload, args=(server.port, i, until)) for i in range(UPLOADERS)]
            for sender in senders:
                sender.start()
            time.sleep(0.5)
            loaded += quiet(server.port, caller_identity, 4)
            until.set()
            for sender in senders:
                sender.join()
    show("GetCallerIdentity, 8 uploads", without, loaded)


def main():
    parts = {"deletion": deletion, "uploads": uploads}
    wanted = sys.argv[1:] or list(parts)
    if not set(wanted) <= set(parts):
        raise SystemExit(__doc__)
    print("| call | samples | quiet p50 ms | p99 | with it p50 | p99 | p99 to quiet |\n|---|---|---|---|---|---|---|")
    for name in wanted:
        parts[name]()


if __name__ == "__main__":
    main()
