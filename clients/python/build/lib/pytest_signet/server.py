"""The process `signet serve --dev`, its state and its clock. Needs the standard library only."""
import base64
import dataclasses
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import queue
import re
import shutil
import struct
import subprocess
import threading
import urllib.request

READY = re.compile(r"listening on (https?://\S+)")
START_SECONDS = 30
STOP_SECONDS = 20


class SignetNotFound(Exception):
    """There is no program `signet` to run."""


@dataclasses.dataclass(frozen=True)
class Credentials:
    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    @staticmethod
    def of(answer):
        """From the Credentials of an STS answer."""
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])


def default_bootstrap():
    """One account with an administrator."""
    return {"accounts": [{"id": "123456789012", "users": [{
        "name": "admin",
        "policies": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "access_keys": [{"access_key_id": "ADMINKEY000000000001", "secret_access_key": "secret of the administrator"}]}]}]}


def find_program():
    """SIGNET_BINARY, or `signet` on the path."""
    program = os.environ.get("SIGNET_BINARY") or shutil.which("signet")
    if program is None or not os.access(program, os.X_OK):
        raise SignetNotFound(f"no program at {program}" if program else
                             "there is no `signet` on the path: install it (`./run install` in its repository), or name the "
                             "program in SIGNET_BINARY")
    return program


def totp(seed, unix_time):
    """The six digits that an MFA device with this base32 seed shows at this time (RFC 6238)."""
    key = base64.b32decode(seed.upper() + "=" * (-len(seed) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(unix_time) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Clock:
    """The wall clock of the server: sessions, MFA codes and signatures follow it."""

    def __init__(self, server):
        self._server = server

    def now(self):
        """Seconds since 1970."""
        text = self._server.call("/_signet/clock", method="GET")["now"]
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

    def shift(self, seconds):
        """Later by seconds or a timedelta; shifts add up."""
        if isinstance(seconds, datetime.timedelta):
            seconds = seconds.total_seconds()
        self._server.call("/_signet/clock", {"shift_seconds": seconds})

    def set(self, moment):
        """To a datetime with a time zone."""
        text = moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._server.call("/_signet/clock", {"set": text})

    def reset(self):
        """The machine's time again."""
        self._server.call("/_signet/clock", {"reset": True})


class Server:
    """`signet serve --dev` with a bootstrap file: a path, or its content as a dict."""

    def __init__(self, bootstrap, folder, arguments=()):
        self.folder = pathlib.Path(folder)
        self.arguments = list(arguments)
        if isinstance(bootstrap, dict):
            self.bootstrap_file = self.folder / "bootstrap.json"
            self.bootstrap_file.write_text(json.dumps(bootstrap), encoding="utf-8")
        else:
            self.bootstrap_file = pathlib.Path(bootstrap)
        self.url = None
        self.clock = Clock(self)
        self._process = None

    @property
    def accounts(self):
        """The accounts of the bootstrap file, as it has them."""
        return json.loads(self.bootstrap_file.read_text(encoding="utf-8"))["accounts"]

    def credentials(self, user, account=None):
        """The access key that the bootstrap file gives a user (of the first account, if none is named)."""
        accounts = [each for each in self.accounts if account in (None, each["id"])][:1]
        users = [each for each in (accounts[0].get("users", []) if accounts else []) if each["name"] == user]
        keys = [key for each in users for key in each.get("access_keys", []) if key.get("access_key_id")]
        if not keys:
            raise KeyError(f"{self.bootstrap_file} gives no user {user} an access key")
        return Credentials(keys[0]["access_key_id"], keys[0]["secret_access_key"])

    def start(self):
        command = [find_program(), "serve", "--dev", "--quiet", "--listen", "127.0.0.1:0", "--bootstrap", str(self.bootstrap_file),
                   *self.arguments]
        with open(self.folder / "signet.log", "wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        lines = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        try:
            self.url = lines.get(timeout=START_SECONDS)
        except queue.Empty:
            self._process.kill()
        if not self.url:
            self._process.wait()
            raise RuntimeError("signet did not start:\n" + (self.folder / "signet.log").read_text(errors="replace")[-2000:])

    def _read(self, lines):
        """Passes on the address, then reads on so that the server never waits for its output; "" if it ended before."""
        for line in self._process.stdout:
            match = READY.search(line)
            if match:
                lines.put(match.group(1))
        lines.put("")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def reset(self):
        """The state of the bootstrap file, and the machine's time."""
        self.call("/_signet/reset")

    def call(self, path, value=None, method="POST"):
        """An endpoint of --dev; returns its JSON."""
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.url + path, data=body, method=method, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")
