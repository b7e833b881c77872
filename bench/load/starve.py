#!/usr/bin/env python3
"""Shows that one caller does not starve another: what others notice of floods, and what strangers cost.

Usage: starve.py [passwords|copies|memory ...]   (all of them without arguments; about three minutes)

passwords  ListObjects of one user and /_signet/health, while nothing else happens and while another user has 1,000
           password changes on their way; with the limits as they are, and with queues long enough for all 1,000
copies     /_signet/health during six copies of an object of 200 MiB
memory     resident memory with 1,200 connections that send bodies nobody has signed, and after they are closed

Needs a built server (cmake --build --preset release) and boto3. Loopback only.
"""
import contextlib
import http.client
import json
import multiprocessing
import pathlib
import selectors
import shutil
import socket
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import boto3  # noqa: E402
import botocore.auth  # noqa: E402
import botocore.awsrequest  # noqa: E402
import botocore.config  # noqa: E402
import botocore.credentials  # noqa: E402

from support import bootstrap  # noqa: E402
from support.server import Server  # noqa: E402

FLOOD = 1000
SAMPLES = 1500
COPIES = 6
COPY_BYTES = 200 << 20
STRANGERS = 1200
WAIT_SECONDS = 120


@contextlib.contextmanager
def serving(*flags):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-starve-"))
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--data", folder / "data", "--listen", "127.0.0.1:0", "--bootstrap", file, *flags], folder).start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


def client(server, service, keys=bootstrap.ADMIN):
    config = botocore.config.Config(read_timeout=600, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(service, endpoint_url=server.url, region_name="us-east-1", config=config,
                        aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key)


def signed(port, service, keys, method, path, body=""):
    """A request as bytes."""
    request = botocore.awsrequest.AWSRequest(method, f"http://127.0.0.1:{port}{path}", data=body,
                                             headers={"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    signer(botocore.credentials.Credentials(keys.access_key, keys.secret_key), service, "us-east-1").add_auth(request)
    headers = {**dict(request.headers.items()), "Host": f"127.0.0.1:{port}", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}".encode()


def exchange(connection, request):
    connection.sendall(request)
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def sample(port, keys, queue):
    """Times of ListObjects, one after the other, with a look at the health between."""
    listing = signed(port, "s3", keys, "GET", "/quiet?list-type=2")
    health = f"GET /_signet/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    lists, healths, statuses = [], [], set()
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS) as connection:
        for i in range(SAMPLES):
            start = time.perf_counter()
            statuses.add(exchange(connection, listing))
            lists.append(time.perf_counter() - start)
            if i % 5 == 0:
                start = time.perf_counter()
                statuses.add(exchange(connection, health))
                healths.append(time.perf_counter() - start)
    queue.put((sorted(lists), sorted(healths), statuses))


def measured(port, keys):
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=sample, args=(port, keys, queue))
    process.start()
    result = queue.get(timeout=WAIT_SECONDS * 3)
    process.join()
    return result


def flood(port, keys, ready, stop, queue):
    """1,000 connections with a password change each; whoever is answered sends the next."""
    request = signed(port, "iam", keys, "POST", "/",
                     "Action=UpdateLoginProfile&Version=2010-05-08&UserName=target&Password=another-Password-1")
    selector = selectors.DefaultSelector()
    statuses = {}
    for _ in range(FLOOD):
        connection = socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS)
        connection.sendall(request)
        selector.register(connection, selectors.EVENT_READ)
    ready.set()
    while not stop.is_set():
        for key, _ in selector.select(timeout=0.2):
            answer = key.fileobj.recv(65536)
            status = answer[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1
            if statuses[status] % 100 == 0:
                time.sleep(0.01)  # refused callers back off a little, as SDKs do
            key.fileobj.sendall(request)
    queue.put(statuses)


def percentile(values, part):
    return values[min(len(values) - 1, int(len(values) * part))] * 1000


def row(name, lists, healths):
    print(f"| {name} | {percentile(lists, 0.5):.2f} | {percentile(lists, 0.99):.2f} | {percentile(healths, 0.5):.2f} "
          f"| {healths[-1] * 1000:.1f} |")


def passwords():
    print("| password changes of another user | ListObjects p50 ms | p99 ms | health p50 ms | longest ms |\n|---|---|---|---|---|")
    long = ["--limit", "pool.passwords.queue=5000,pool.passwords.queue.account=5000,pool.passwords.queue.caller=5000"]
    for name, flags in (("1,000 asked for, limits as they are", []), ("1,000 queued", long)):
        with serving(*flags) as server:
            iam, s3 = client(server, "iam"), client(server, "s3")
            s3.create_bucket(Bucket="quiet")
            for i in range(20):
                s3.put_object(Bucket="quiet", Key=f"key-{i}", Body=b"x")
            iam.create_user(UserName="target")
            iam.create_login_profile(UserName="target", Password="first-Password-1")
            iam.create_user(UserName="flooder")
            iam.put_user_policy(UserName="flooder", PolicyName="p", PolicyDocument=json.dumps({
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": "iam:UpdateLoginProfile", "Resource": "*"}}))
            key = iam.create_access_key(UserName="flooder")["AccessKey"]
            keys = bootstrap.Keys(key["AccessKeyId"], key["SecretAccessKey"])
            lists, healths, statuses = measured(server.port, bootstrap.ADMIN)
            assert statuses == {200}, statuses
            row("none", lists, healths)
            quiet = percentile(lists, 0.99)

            ready, stop, queue = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
            flooding = multiprocessing.Process(target=flood, args=(server.port, keys, ready, stop, queue))
            flooding.start()
            ready.wait(WAIT_SECONDS)
            lists, healths, statuses = measured(server.port, bootstrap.ADMIN)
            stop.set()
            answered = queue.get(timeout=WAIT_SECONDS)
            flooding.join()
            assert statuses == {200}, statuses
            row(name, lists, healths)
            print(f"\np99 to quiet: {percentile(lists, 0.99) / quiet:.2f}; the flood was answered {answered}\n")


def copy(port, i):
    source = Server([], "/")
    source.url = f"http://127.0.0.1:{port}"
    client(source, "s3").copy_object(Bucket="big", Key=f"copy-{i}", CopySource="big/object")


def copies():
    with serving() as server:
        s3 = client(server, "s3")
        s3.create_bucket(Bucket="big")
        s3.create_bucket(Bucket="quiet")
        s3.put_object(Bucket="big", Key="object", Body=b"\0" * COPY_BYTES)
        processes = [multiprocessing.Process(target=copy, args=(server.port, i)) for i in range(COPIES)]
        start = time.perf_counter()
        for process in processes:
            process.start()
        lists, healths, statuses = measured(server.port, bootstrap.ADMIN)
        for process in processes:
            process.join()
        assert statuses == {200}, statuses
        print("| six copies of 200 MiB | ListObjects p50 ms | p99 ms | health p50 ms | longest ms |\n|---|---|---|---|---|")
        row(f"{time.perf_counter() - start:.1f} s", lists, healths)


def resident_mib(server):
    for line in pathlib.Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


BODIES = {
    "no credentials": "",
    "nonsense for credentials": "Authorization: AWS4-HMAC-SHA256 nonsense\r\n",
    "an unknown key": "X-Amz-Date: {date}\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAUNKNOWNUNKNOWN00/{day}/us-east-1/"
                      "sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + "0" * 64 + "\r\n",
}


def memory():
    print("| 1,200 connections with bodies, of | RSS before, MiB | with them | 5 s after they are closed |\n|---|---|---|---|")
    now = time.gmtime()
    for name, header in BODIES.items():
        for length, sent in ((1_048_576, 1_048_000), (16_384, 16_000)):
            with serving() as server:
                head = (f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        f"Content-Length: {length}\r\n" +
                        header.format(date=time.strftime("%Y%m%dT%H%M%SZ", now), day=time.strftime("%Y%m%d", now)) + "\r\n")
                before = resident_mib(server)
                peak = before
                held = []
                for _ in range(STRANGERS):
                    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
                    held.append(connection)
                    with contextlib.suppress(OSError):
                        connection.sendall(head.encode())
                        connection.sendall(b"a" * sent)
                    peak = max(peak, resident_mib(server))
                for connection in held:
                    connection.close()
                time.sleep(5)
                print(f"| {name}, {length:,} bytes | {before:.0f} | {peak:.0f} | {resident_mib(server):.0f} |")


def main():
    parts = {"passwords": passwords, "copies": copies, "memory": memory}
    wanted = sys.argv[1:] or list(parts)
    if not set(wanted) <= set(parts):
        raise SystemExit(__doc__)
    for name in wanted:
        parts[name]()
        print(flush=True)


if __name__ == "__main__":
    main()
