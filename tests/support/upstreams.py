"""S3 services that Signet stands in front of (docs/guide/upstream.md), and a Signet that does."""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request

from support import bootstrap, golang, templates
from support.aws import Aws
from support.server import Server

MINIO = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"
VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
KEYS = bootstrap.Keys("UPSTREAMKEY000000001", "the secret of the upstream, which no client may see")


class SignetUpstream:
    """Another Signet; its administrator is who the gateway is there."""

    name = "signet"
    keys = KEYS

    def __init__(self, folder):
        file = folder / "upstream.json"
        user = {"name": "gateway", "policies": [bootstrap.ADMINISTRATOR],
                "access_keys": [{"access_key_id": KEYS.access_key, "secret_access_key": KEYS.secret_key}]}
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"accounts": [{"id": "999999999999", "users": [user]}]}))
        self._server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file], folder).start()
        self.url = self._server.url

    def wipe(self):
        self._server.post("/_signet/reset")

    def stop(self):
        self._server.stop()


class Versitygw:
    """versitygw on a folder, built from its module."""

    name = "versitygw"
    keys = KEYS

    def __init__(self, folder):
        program = golang.install(VERSITYGW, "versitygw")
        self._parts = [folder / name for name in ("data", "meta", "versions")]
        for part in self._parts:
            part.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        data, meta, versions = self._parts
        with open(folder / "versitygw.log", "ab") as log:
            self._process = subprocess.Popen(
                [program, "--port", f"127.0.0.1:{port}", "--access", KEYS.access_key, "--secret", KEYS.secret_key, "--keep-alive", "--quiet",
                 "posix", "--sidecar", meta, "--versioning-dir", versions, data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": os.environ["PATH"], "HOME": str(folder)})
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((folder / "versitygw.log").read_text()[-2000:])

    def wipe(self):
        for part in self._parts:
            for entry in part.iterdir():
                shutil.rmtree(entry)

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=20)


class Minio:
    """MinIO on one folder, built from its module."""

    name = "minio"
    keys = KEYS

    def __init__(self, folder, **env):
        program = golang.install(MINIO, "minio")
        folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._home = folder
        with open(folder / "minio.log", "ab") as log:
            self._process = subprocess.Popen(
                [program, "server", "--quiet", "--address", f"127.0.0.1:{port}", "--console-address", "127.0.0.1:0", folder / "data"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": str(folder), "MINIO_ROOT_USER": KEYS.access_key, "MINIO_ROOT_PASSWORD": KEYS.secret_key,
                     "MINIO_CI_CD": "1", "MINIO_BROWSER": "off", "MINIO_UPDATE": "off", **env})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url + "/minio/health/ready", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise AssertionError((folder / "minio.log").read_text()[-2000:])

    def wipe(self):
        s3 = Aws(self.url, self._home).s3(KEYS)
        s3.meta.events.register("before-sign.s3.DeleteBucket", _force)
        for bucket in s3.list_buckets()["Buckets"]:
            s3.delete_bucket(Bucket=bucket["Name"])

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=20)


def _force(request, **_):
    """MinIO's own way to delete a bucket with all that is in it."""
    request.headers["x-minio-force-delete"] = "true"


ALL = {kind.name: kind for kind in (SignetUpstream, Versitygw, Minio)}


def is_built(name):
    """Whether a store's program is there, which takes minutes to build."""
    return golang.installed({"versitygw": VERSITYGW, "minio": MINIO}[name], name).exists()


def flags(url, folder, keys=KEYS):
    """Of `signet serve`, for the objects of all buckets."""
    file = folder / "upstream.keys"
    file.write_text(f"[default]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n")
    file.chmod(0o600)
    return ["--upstream", f"s3={url}", "--upstream-credentials", file]


def gateway(url, folder, *more):
    """A Signet with the bootstrap accounts in front of what is at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    return Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, *templates.FLAGS, *flags(url, folder), *more], folder).start()


@contextlib.contextmanager
def authorizing_server(folder, token, *flags):
    """A dev server that others may ask with that token who may do what."""
    (folder / "token").write_text(token + "\n")
    (folder / "token").chmod(0o600)
    (folder / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    with Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json", "--authorizer-token", folder / "token", *flags],
                folder).start() as server:
        yield server
